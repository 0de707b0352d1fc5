import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { describe, expect, it } from "vitest";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { movedWebhooks } from "../../../src/adapters/webhook/moved-webhook.ts";
import { Secret } from "../../../src/config/secret.ts";
import { instant, seconds } from "../../../src/domain/duration.ts";
import type { MovedHook } from "../../../src/ports/moved-hook.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { listening } from "../../listening.ts";
import { at, FRONT, id } from "../../reconcilers/fake-home.ts";

const signal = new AbortController().signal;
const SAID = {
  id: "front-0",
  camera: id("front"),
  name: "Front door",
  mac: FRONT.mac,
  from: at(20),
  to: at(77),
  at: instant(0),
  evidence: 7,
};
const MOVE = { ...SAID, unapproved: [] };

interface Call {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A program that is told, and answers with the status; `undefined`: never. */
async function listener(status: number | undefined): Promise<{ readonly calls: Call[]; readonly host: string }> {
  const calls: Call[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      calls.push({ method: request.method, url: request.url, headers: request.headers, body });
      if (status !== undefined) response.writeHead(status, { location: "/elsewhere" }).end("x".repeat(100_000));
    });
  });
  return { calls, host: `127.0.0.1:${await listening(server)}` };
}

function hook(url: string, method: "GET" | "POST" | "PUT" = "POST", clock = createSystemClock()): MovedHook {
  const headers = { authorization: new Secret("Bearer canary-token") };
  const [made] = movedWebhooks([{ url: new Secret(url), method, headers }], clock);
  if (made === undefined) throw new Error("no hook was made");
  return made;
}

describe("a webhook", () => {
  it("is told the move as JSON, with its own headers", async () => {
    const { calls, host } = await listener(204);
    await hook(`http://user:canary-password@${host}/api/webhook/canary-path?x=canary-query`).call(MOVE, signal);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ method: "POST", url: "/api/webhook/canary-path?x=canary-query" });
    expect(calls[0]?.headers).toMatchObject({ authorization: "Bearer canary-token", "content-type": "application/json" });
    expect(JSON.parse(calls[0]?.body ?? "")).toEqual({ ...SAID, at: "1970-01-01T00:00:00.000Z" });
  });

  it("is told which changes wait for approval, where any does", async () => {
    const { calls, host } = await listener(204);
    await hook(`http://${host}/`).call({ ...MOVE, unapproved: ["1a2b3c4d"] }, signal);
    expect(JSON.parse(calls[0]?.body ?? "")).toEqual({ ...SAID, at: "1970-01-01T00:00:00.000Z", unapproved: ["1a2b3c4d"] });
  });

  it("is told nothing but that by GET, and by PUT as by POST", async () => {
    const { calls, host } = await listener(200);
    await hook(`http://${host}/a`, "GET").call(MOVE, signal);
    await hook(`http://${host}/b`, "PUT").call(MOVE, signal);
    expect(calls.map(({ method, body }) => [method, body === ""])).toEqual([
      ["GET", true],
      ["PUT", false],
    ]);
  });

  it.each([
    [302, "answered 302, a redirect: name the address that it leads to"],
    [404, "answered 404"],
    [500, "answered 500"],
  ])("that answers %i was not told, and no redirect is followed", async (status, message) => {
    const { calls, host } = await listener(status);
    expect(await failureOf(hook(`http://${host}/canary`).call(MOVE, signal))).toMatchObject({ name: "MovedHookError", message });
    expect(calls).toHaveLength(1);
  });

  it("that is not there, or never answers, was not told; nothing that may be secret is said", async () => {
    const gone = await failureOf(hook("http://user:canary@127.0.0.1:9/canary").call(MOVE, signal));
    expect(gone).toMatchObject({ name: "MovedHookError", message: "cannot be reached (ECONNREFUSED)" });
    expect(gone).not.toHaveProperty("cause");
    const { calls, host } = await listener(undefined);
    const clock = new FakeClock();
    const silent = failureOf(hook(`http://${host}/`, "POST", clock as never).call(MOVE, signal));
    while (calls.length === 0) await new Promise((go) => setTimeout(go, 1));
    await clock.advance(seconds(10));
    expect(await silent).toMatchObject({ name: "MovedHookError", message: "did not answer within 10 s" });
  });

  it("ends with the signal's reason", async () => {
    const { host } = await listener(undefined);
    const stop = new AbortController();
    const call = failureOf(hook(`http://${host}/`).call(MOVE, stop.signal));
    stop.abort(new Error("over"));
    expect(await call).toMatchObject({ message: "over" });
  });

  it("is called by its host alone, each differently", () => {
    const urls = ["http://u:canary@ha.lan:8123/api/webhook/canary", "http://ha.lan:8123/?canary", "https://x.example/canary"];
    const hooks = movedWebhooks(
      urls.map((url) => ({ url: new Secret(url), method: "POST", headers: {} }) as const),
      createSystemClock(),
    );
    expect(hooks.map(({ name, place }) => [name, place])).toEqual([
      ["ha.lan:8123", "ha.lan:8123"],
      ["ha.lan:8123-2", "ha.lan:8123"],
      ["x.example", "x.example"],
    ]);
  });
});
