import { expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import type { ChangeNote, ConfigTarget } from "../../src/ports/config-target.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { at, FakeHome, FRIGATE, FRONT, BACK, frigateText, movedText, source } from "./fake-home.ts";

const TEXT = frigateText([FRONT, BACK]);

/** A document of which every change waits for people. */
function proposing() {
  const target = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: TEXT });
  const notes: (ChangeNote | undefined)[] = [];
  const settledWith: string[] = [];
  const write: ConfigTarget["write"] = (_text, _expected, _signal, note) => {
    notes.push(note);
    return Promise.resolve({ kind: "proposed", where: "pull request 1" });
  };
  const settled = (): Promise<void> => {
    settledWith.push(target.text);
    return Promise.resolve();
  };
  Object.assign(target, { write, settled });
  return { target, notes, settledWith };
}

/** A document whose branch takes direct commits until it is protected; then a person merges what was proposed. */
function protectable() {
  const target = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: TEXT });
  const write = target.write.bind(target);
  const state = { isProtected: false, proposed: [] as string[] };
  target.write = (...[text, expected, signal]) => {
    if (!state.isProtected) return write(text, expected, signal);
    state.proposed.push(text);
    return Promise.resolve({ kind: "proposed", where: "pull request 1" });
  };
  const merge = (): void => target.edit(state.proposed.at(-1) ?? "");
  return { target, state, merge };
}

const never = new AbortController().signal;

async function undo(home: FakeHome) {
  const done = home.engine.actions.perform({ verb: "undo" }, never);
  await home.pass(seconds(5));
  return done;
}

it.each([false, true])("an undo that a person merges holds as one that was written, also in the next run: %s", async (again) => {
  const { target, state, merge } = protectable();
  let home = new FakeHome({ targets: [target] });
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(1));
  const healed = movedText(TEXT, at(20), at(60));
  expect(target.text).toBe(healed);
  state.isProtected = true;
  expect(await undo(home)).toMatchObject({ kind: "refused", reason: "PullRequestOpen" });
  expect(state.proposed).toEqual([TEXT]);
  // Nothing changes before it is merged.
  await home.pass(minutes(5));
  expect(target.text).toBe(healed);
  expect(await home.sources("front")).toEqual([source("front", at(60))]);
  if (again) {
    await home.stop();
    home = new FakeHome({ targets: [target], registry: home.registry, servers: home.servers, clock: home.clock });
    home.moveSilently(FRONT, at(20), at(60));
    merge();
    await home.start();
  } else merge();
  await home.pass(minutes(2));
  expect(home.told("undone")).toMatchObject([
    {
      edits: [
        { from: at(60), to: at(20) },
        { from: at(60), to: at(20) },
      ],
    },
  ]);
  expect(await home.sources("front")).toEqual([source("front", at(20))]);
  home.hear(FRONT, at(60));
  await home.pass(minutes(30));
  expect(target.text).toBe(TEXT);
  expect(state.proposed).toEqual([TEXT]);
  expect(home.registry.consents.settledChanges({ name: "frigate" }).map((change) => change.state)).toEqual(["restored"]);
  await home.stop();
});

it("a former address that the program itself writes is no merged undo", async () => {
  const { target, state } = protectable();
  const home = new FakeHome({ targets: [target] });
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(1));
  state.isProtected = true;
  await undo(home);
  state.isProtected = false;
  home.moveByDhcp(FRONT, at(60), at(20));
  await home.pass(minutes(1));
  expect(target.text).toBe(TEXT);
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(1));
  expect(target.text).toBe(movedText(TEXT, at(20), at(60)));
  expect(home.told("undone")).toEqual([]);
  await home.stop();
});

it("nor is one that a person merged because the camera had come back there", async () => {
  const { target, state, merge } = protectable();
  const home = new FakeHome({ targets: [target] });
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(1));
  state.isProtected = true;
  // Nobody merges what the undo proposed.
  await undo(home);
  home.moveByDhcp(FRONT, at(60), at(20));
  await home.pass(minutes(1));
  merge();
  await home.pass(minutes(1));
  expect([target.text === TEXT, home.told("undone")]).toEqual([true, []]);
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(1));
  expect(await home.sources("front")).toEqual([source("front", at(60))]);
  expect(state.proposed.at(-1)).toBe(movedText(TEXT, at(20), at(60)));
  await home.stop();
});

it("a proposal that waits for long is one change, which can be undone once a person merged it", async () => {
  const { target, state, merge } = protectable();
  const home = new FakeHome({ targets: [target] });
  await home.start();
  home.moveByDhcp(BACK, at(21), at(61));
  await home.pass(minutes(1));
  const before = target.text;
  state.isProtected = true;
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(30));
  expect(new Set(state.proposed)).toEqual(new Set([movedText(before, at(20), at(60))]));
  merge();
  await home.pass(minutes(1));
  const kept = home.registry.consents.settledChanges({ name: "frigate" });
  expect(kept.map(({ state: how, after }) => [how, after])).toEqual([
    ["kept", target.text],
    ["kept", before],
  ]);
  state.isProtected = false;
  expect(await undo(home)).toMatchObject({ kind: "accepted" });
  expect(target.text).toBe(before);
  await home.stop();
});

it("a change that waits for people is said so, with what proved it, while go2rtc is healed at once", async () => {
  const { target, notes, settledWith } = proposing();
  const home = new FakeHome({ targets: [target] });
  await home.start();
  expect(settledWith).toContain(TEXT);
  const before = settledWith.length;
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(seconds(10));
  expect(await home.sources("front")).toEqual([source("front", at(60))]);
  expect(target.text).toBe(TEXT);
  expect(home.status.get("target/frigate")).toMatchObject({
    status: "problem",
    reason: "PullRequestOpen",
    message: expect.stringContaining("wait in pull request 1") as string,
  });
  expect(notes[0]).toMatchObject({
    kind: "heal",
    moves: [{ camera: "front", from: at(20), to: at(60), macs: [FRONT.mac], evidence: expect.any(Number) as number }],
  });
  expect(notes[0]?.moves[0]?.proof).toMatch(/^its MAC address, /);
  expect(settledWith).toHaveLength(before);
  // A person merges it.
  target.edit(movedText(TEXT, at(20), at(60)));
  await home.pass(minutes(1));
  expect(home.status.get("target/frigate")).toMatchObject({ status: "ok" });
  expect(settledWith.length).toBeGreaterThan(before);
  await home.stop();
});
