import { afterEach, beforeEach, expect, it } from "vitest";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { milliseconds } from "../../src/domain/duration.ts";
import type { ActionResult } from "../../src/ports/actions.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { FakeHome } from "../reconcilers/fake-home.ts";
import { press, saidOn, servePageOf } from "./page/page-kit.ts";
import { ask, serveHome, TOKEN } from "./serving-kit.ts";

let home: FakeHome;
let signals: AbortSignal[];
const system = createSystemClock();
/** Nobody waits longer than a moment. */
const hasty: Clock = { ...system, deadline: (name, _within, signal) => system.deadline(name, milliseconds(50), signal) };
const actions = {
  verbs: new Set(["resync", "undo"] as const),
  perform: (_action: unknown, signal: AbortSignal): Promise<ActionResult> => {
    signals.push(signal);
    return new Promise(() => undefined);
  },
};

beforeEach(async () => {
  signals = [];
  home = new FakeHome();
  await home.start();
});
afterEach(() => home.stop());

it("what the page was asked for goes on when the page no longer waits, and the page says so", async () => {
  await using page = await servePageOf(home, { actions, clock: hasty });
  expect(saidOn(await press(page, { verb: "undo", target: "frigate" }))).toBe(
    "It takes long, and goes on; load the page again to see what came of it.",
  );
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
});

it("what the API was asked for goes on when the answer does not come in time, and the answer says so", async () => {
  await using served = await serveHome(home, { actions, clock: hasty });
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  const { status, text } = await ask(`${served.api}/api/undo`, { method: "POST", headers, body: "{}" });
  expect([status, text]).toEqual([503, expect.stringContaining("what was begun goes on")]);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
});
