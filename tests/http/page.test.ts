import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeHome } from "../reconcilers/fake-home.ts";
import { ask, type Served, serveHome, TOKEN } from "./serving-kit.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/http.md"), "utf8");
const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = ""]) => block.trim().split("\n"));
const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

let home: FakeHome;
let served: Served;

beforeAll(async () => {
  home = new FakeHome();
  await home.start();
  served = await serveHome(home);
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await home.stop();
});

/** What the curl command asks, with this home's ports and token. @throws where it uses an option that this does not know */
function requestOf(command: string): { readonly url: string; readonly init: RequestInit } {
  const words = [...command.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
  const headers: Record<string, string> = {};
  let [url, method, body] = ["", "GET", undefined as string | undefined];
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const next = (): string => words[(at += 1)] ?? "";
    if (word === "-H") {
      const [name = "", value = ""] = next().replace("$TOKEN", TOKEN).split(": ");
      headers[name] = value;
    } else if (word === "-X") method = next();
    else if (word === "--json") [method, body, headers["content-type"]] = ["POST", next(), "application/json"];
    else if (word.startsWith("http://"))
      url = word.replace("http://127.0.0.1:8099", served.api).replace("http://127.0.0.1:9090", served.metrics);
    else throw new Error(`an option of curl that this test does not know: ${word}`);
  }
  return { url, init: { method, headers, ...(body === undefined ? {} : { body }) } };
}

describe("docs/http.md", () => {
  it.each(commands)("%s", async (command) => {
    const { url, init } = requestOf(command);
    const { status, json, text } = await ask(url, init);
    const reads = init.method === "GET";
    // Nothing waits for approval and nothing was changed in this home: that is said, and is no mistake of the request.
    const isRefused = /\/(?:approve|undo|adopt|forget)$/.test(url) && status === 409;
    expect(isRefused || status === (reads ? 200 : 202), `${String(status)} ${text}`).toBe(true);
    expect(["BadRequest", "BadJson", "NotJson", "NotFound"]).not.toContain(json["reason"]);
  });

  it("has the command that the README shows", () => {
    const shown = [...readme.matchAll(/^curl .*$/gm)].map(([command]) => command);
    expect(shown).toHaveLength(1);
    expect(shown.filter((command) => !commands.includes(command))).toEqual([]);
  });

  it("shows each path at least once", () => {
    const shown = commands.map((command) => new URL(requestOf(command).url).pathname.replace("/cameras/front", "/cameras/{camera}"));
    expect(new Set(shown)).toEqual(new Set(served.serving.routes.map(({ path }) => path)));
  });

  it("names every metric and every reason", async () => {
    const metrics = (await ask(`${served.metrics}/metrics`, { headers: {} })).text;
    const names = [...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name).filter((name) => name.startsWith("camera_"));
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
    const problems = readFileSync(join(import.meta.dirname, "../../src/http/problem.ts"), "utf8");
    const reasons = [...problems.matchAll(/^ {2}(\w+): \{\s+status:/gm)].map(([, reason = ""]) => reason);
    expect(reasons.length).toBeGreaterThan(10);
    expect(reasons.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
  });
});
