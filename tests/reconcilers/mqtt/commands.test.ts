import { expect, onTestFinished, test } from "vitest";
import { minutes, seconds } from "../../../src/domain/duration.ts";
import type { Action, ActionResult, Actions } from "../../../src/ports/actions.ts";
import { createBrokerLink } from "../../../src/reconcilers/mqtt/broker-link.ts";
import { Commands } from "../../../src/reconcilers/mqtt/commands.ts";
import { FakeBroker } from "../../fakes/fake-broker.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeLog } from "../../fakes/fake-log.ts";
import { FakeStatus } from "../../fakes/fake-status.ts";

const ACCEPTED: ActionResult = { kind: "accepted", message: "every camera and document is looked at again" };

async function room(perform: (action: Action) => Promise<ActionResult> = () => Promise.resolve(ACCEPTED), broker = new FakeBroker()) {
  const clock = new FakeClock();
  const status = new FakeStatus();
  const log = new FakeLog();
  const stop = new AbortController();
  const performed: Action[] = [];
  const actions: Actions = {
    verbs: new Set(),
    perform: (action) => {
      performed.push(action);
      return perform(action);
    },
  };
  const commands = new Commands({ base: "base", actions, devices: () => [], clock, status, log });
  const parts = { clients: [commands], statusTopic: "base/status", probes: [], clock, random: () => 0, status, log };
  const link = createBrokerLink({ ...parts, publisher: broker.publisher() });
  const running = Promise.all([link.run(stop.signal), commands.run(stop.signal)]);
  onTestFinished(() => stop.abort());
  await clock.settle();
  const answers = (): readonly unknown[] => broker.said("base/bridge/result").map((text): unknown => JSON.parse(text));
  return { broker, clock, status, log, performed, stop, running, answers };
}

test("a command is carried out and answered, once, and the answer is not kept", async () => {
  const { broker, clock, performed, answers, stop, running } = await room();
  broker.say("base/cmd/resync", "PRESS");
  await clock.settle();
  expect(performed).toEqual([{ verb: "resync", wait: seconds(5) }]);
  expect(answers()).toEqual([{ command: "resync", ok: true, message: "every camera and document is looked at again" }]);
  expect(broker.kept("base/bridge/result")).toBeUndefined();
  stop.abort();
  await clock.settle();
  await expect(running).resolves.toHaveLength(2);
});

test("what was refused, or not understood, says why; credentials never appear", async () => {
  const { broker, clock, performed, answers } = await room(() =>
    Promise.resolve({ kind: "refused", reason: "NothingToUndo", message: "nothing of rtsp://viewer:canary@192.168.1.20/main" }),
  );
  broker.say("base/cmd/undo", "PRESS");
  broker.say("base/cmd/undo", "{");
  broker.say("base/attic/cmd/reconnect", "PRESS");
  await clock.settle();
  expect(performed).toEqual([{ verb: "undo" }]);
  expect(answers()).toEqual(
    expect.arrayContaining([
      { command: "undo", ok: false, reason: "NothingToUndo", message: "nothing of rtsp://***@192.168.1.20/main" },
      { command: "undo", ok: false, reason: "CommandMalformed", message: "the message must be PRESS, or a JSON object with target and to" },
      {
        command: "reconnect",
        camera: "attic",
        ok: false,
        reason: "CameraUnknown",
        message: "no camera is called attic: no document names one",
      },
    ]),
  );
});

test("a defect is answered and logged, and the next command is carried out", async () => {
  const { broker, clock, log, performed, answers } = await room(({ verb }) =>
    verb === "undo" ? Promise.reject(new TypeError("a defect")) : Promise.resolve(ACCEPTED),
  );
  for (let count = 0; count < 6; count += 1) broker.say("base/cmd/undo", "PRESS");
  broker.say("base/cmd/resync", "PRESS");
  await clock.settle();
  expect([performed.length, log.messages("error").length]).toEqual([7, 6]);
  expect(answers()).toContainEqual({
    command: "undo",
    ok: false,
    reason: "InternalError",
    message: "an unexpected error; the log has more",
  });
});

test("a command that the broker kept is never obeyed, is said once, and forgotten when it is gone", async () => {
  const broker = new FakeBroker();
  broker.say("base/cmd/undo", "PRESS", true);
  const { clock, status, performed } = await room(undefined, broker);
  await clock.advance(minutes(1));
  const said = (): number => status.changes.filter(({ reason }) => reason === "CommandRetained").length;
  expect(status.get("mqtt/commands")).toMatchObject({
    reason: "CommandRetained",
    message: "the broker had kept the command base/cmd/undo: it is not obeyed",
  });
  broker.drop();
  await clock.advance(minutes(1));
  expect([said(), performed, broker.attempts]).toEqual([1, [], 2]);
  broker.say("base/cmd/undo", "", true);
  broker.drop();
  await clock.advance(minutes(1));
  // The empty message that clears it undoes nothing either.
  expect([status.get("mqtt/commands"), performed]).toEqual([undefined, []]);
});

test("a thousand commands at once: some are carried out, at most four at a time, the rest is one answer", async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const { broker, clock, performed, answers } = await room(
    () =>
      new Promise((resolve) => {
        waiting.push(() => resolve(ACCEPTED));
        most = Math.max(most, waiting.length);
      }),
  );
  for (let count = 0; count < 1000; count += 1) broker.say("base/cmd/resync", "PRESS");
  await clock.settle();
  expect(performed).toHaveLength(4);
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    next();
    await clock.settle();
  }
  expect([performed.length, most]).toEqual([32, 4]);
  await clock.advance(seconds(1));
  expect(answers()).toHaveLength(33);
  expect(answers()).toContainEqual({
    command: "+",
    ok: false,
    reason: "AskedTooOften",
    message: "968 commands were not carried out: too many at once",
  });
  await clock.advance(seconds(10));
  broker.say("base/cmd/resync", "PRESS");
  await clock.settle();
  expect(performed).toHaveLength(33);
});

test("work under way goes on while the broker is away, and its late answer is not told to the next session", async () => {
  const ends: (() => void)[] = [];
  const { broker, clock, answers, performed } = await room(() => new Promise((resolve) => ends.push(() => resolve(ACCEPTED))));
  broker.say("base/cmd/resync", "PRESS");
  await clock.settle();
  broker.drop();
  for (const end of ends) end();
  await clock.advance(seconds(5));
  expect([answers(), performed.length, broker.connections]).toEqual([[], 1, 1]);
});
