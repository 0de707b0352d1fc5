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
