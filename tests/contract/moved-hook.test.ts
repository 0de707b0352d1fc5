import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { movedWebhooks } from "../../src/adapters/webhook/moved-webhook.ts";
import { Secret } from "../../src/config/secret.ts";
import { instant } from "../../src/domain/duration.ts";
import type { MovedHook } from "../../src/ports/moved-hook.ts";
import { failureOf } from "../fakes/failure-of.ts";
import { FakeMovedHook } from "../fakes/fake-moved-hook.ts";
import { listening } from "../listening.ts";
import { at, id } from "../reconcilers/fake-home.ts";

const MOVE = { id: "front-0", camera: id("front"), name: "front", to: at(77), at: instant(0), unapproved: [] };

interface Told {
  readonly hook: MovedHook;
  readonly moves: () => readonly string[];
  fail(times: number): void;
}

const ways: Readonly<Record<string, () => Promise<Told>>> = {
  "the fake": async () => {
    const hook = new FakeMovedHook();
    return { hook, moves: () => hook.told.map(({ camera }) => camera), fail: (times) => (hook.failing = times) };
  },
  "the webhook": async () => {
    const moves: string[] = [];
    let failing = 0;
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        if (failing === 0) moves.push((JSON.parse(body) as { readonly camera: string }).camera);
        response.writeHead(failing === 0 ? 200 : 500).end();
        failing = Math.max(0, failing - 1);
      });
    });
    const url = new Secret(`http://127.0.0.1:${await listening(server)}/`);
    const [hook] = movedWebhooks([{ url, method: "POST", headers: {} }], createSystemClock());
    return { hook: hook ?? expect.unreachable(), moves: () => moves, fail: (times) => (failing = times) };
  },
};

describe.each(Object.entries(ways))("%s, as a moved hook", (_name, make) => {
  it("is told a move at each call, and says where it is", async () => {
    const { hook, moves } = await make();
    for (let count = 0; count < 3; count += 1) await hook.call(MOVE, new AbortController().signal);
    expect(moves()).toEqual(["front", "front", "front"]);
    expect([hook.name, hook.place].every((text) => text !== "" && !text.includes("/"))).toBe(true);
  });

  it("throws a MovedHookError where it was not told, and can be called again", async () => {
    const { hook, moves, fail } = await make();
    fail(1);
    expect(await failureOf(hook.call(MOVE, new AbortController().signal))).toMatchObject({
      name: "MovedHookError",
      message: "answered 500",
    });
    await hook.call(MOVE, new AbortController().signal);
    expect(moves()).toEqual(["front"]);
  });

  it("throws the signal's reason where it is aborted before", async () => {
    const { hook, moves } = await make();
    expect(await failureOf(hook.call(MOVE, AbortSignal.abort(new Error("over"))))).toMatchObject({ message: "over" });
    expect(moves()).toEqual([]);
  });
});
