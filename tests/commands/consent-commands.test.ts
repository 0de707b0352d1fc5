import { describe, expect, it } from "vitest";
import { parseArguments } from "../../src/commands/arguments.ts";
import { runApprove } from "../../src/commands/approve-command.ts";
import type { Program } from "../../src/commands/program.ts";
import { resultWords, runAsk } from "../../src/commands/ask-command.ts";
import { runUndo } from "../../src/commands/undo-command.ts";
import { milliseconds, seconds } from "../../src/domain/duration.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeRunLock } from "../fakes/fake-run-lock.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText } from "../reconcilers/fake-home.ts";

const look = { colour: false };

/** What a command says and ends with where the home's program is stopped. */
async function said(home: FakeHome, words: readonly string[]): Promise<{ readonly code: number; readonly told: string }> {
  const { registry, clock, engine, targets, status } = home;
  const program = { registry, clock, engine, targets, status, runLock: new FakeRunLock() } as unknown as Program;
  const invocation = parseArguments(words);
  let told = "";
  const output = { write: (text: string) => void (told += text), complain: (text: string) => void (told += text) };
  const { signal } = new AbortController();
  if (invocation.kind === "undo") return { code: await runUndo(program, invocation, look, output, signal), told };
  if (invocation.kind === "approve") return { code: await runApprove(program, invocation, look, output, signal), told };
  if (invocation.kind === "resync")
    return { code: await runAsk(program, { verb: "resync", camera: "front" }, { json: false, look }, output, signal), told };
  return expect.unreachable(invocation.kind);
}

/** A home whose front camera was healed by a program that runs no more; nothing runs there. */
async function healedAndStopped(): Promise<FakeHome> {
  const home = new FakeHome();
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(seconds(60));
  await home.stop();
  const targets = home.targets.filter((one) => one instanceof FakeConfigTarget);
  const next = new FakeHome({ registry: home.registry, targets, servers: home.servers, clock: home.clock });
  next.moveSilently(FRONT, at(20), at(60));
  return next;
}

describe("undo", () => {
  it.each([["undo"], ["undo", "--list"], ["undo", "--print"]])(
    "says of a document that is not there which is meant: %s",
    async (...words) => {
      const home = new FakeHome();
      expect(await said(home, [...words, "firgate"])).toEqual({
        code: 64,
        told: "No document is called firgate; did you mean frigate? There is frigate.\n",
      });
      expect(await said(home, [...words, "nas"])).toEqual({ code: 64, told: "No document is called nas. There is frigate.\n" });
      await home.stop();
    },
  );

  it("prints nothing of a document that was never changed, and says so", async () => {
    const home = new FakeHome();
    const { code, told } = await said(home, ["undo", "--print"]);
    expect(code).toBe(2);
    expect(told).toContain("changed no document yet");
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(60));
    expect(await said(home, ["undo", "--to", "99", "--print"])).toMatchObject({ code: 2, told: expect.stringContaining("undo --list") });
    await home.stop();
  });
});

describe("a change that was written and is still looked after", () => {
  it("is listed and printed as the one that an undo takes first", async () => {
    const home = new FakeHome();
    await home.start();
    const before = home.text;
    home.moveByDhcp(FRONT, at(20), at(60));
    for (let tenths = 0; home.text === before && tenths < 300; tenths += 1) await home.pass(milliseconds(100));
    const [change] = home.registry.openChanges();
    expect(change).toMatchObject({ state: "begun", after: home.text });
    const listed = await said(home, ["undo", "--list"]);
    expect(listed.code).toBe(0);
    expect(listed.told).toContain(`Text ${change?.id} of frigate, before the change of `);
    expect(listed.told).toContain("(under way)");
    expect(await said(home, ["undo", "--print", "--reveal"])).toEqual({ code: 0, told: before });
    await home.stop();
  });
});

it("a text that is printed without a name is that of the document that an undo would take, and the others are named", async () => {
  const frigate = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: frigateText([FRONT]) });
  const garage = new FakeConfigTarget({ name: "garage", format: FRIGATE, text: frigateText([BACK]) });
  const home = new FakeHome({ targets: [frigate, garage] });
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(seconds(60));
  const before = garage.text;
  home.moveByDhcp(BACK, at(21), at(61));
  await home.pass(seconds(60));
  const { code, told } = await said(home, ["undo", "--print", "--reveal"]);
  expect(code).toBe(0);
  expect(told).toMatch(/^This is text \d+ of garage; name another document for its own: frigate\.\n/);
  expect(told.endsWith(before)).toBe(true);
  expect((await said(home, ["undo", "garage", "--print", "--reveal"])).told).toBe(before);
  const undone = home.engine.actions.perform({ verb: "undo" }, new AbortController().signal);
  await home.pass(seconds(5));
  expect(await undone).toMatchObject({ message: expect.stringContaining("garage") });
  expect((await said(home, ["undo", "--print"])).told).not.toContain("name another document");
  await home.stop();
});

it("a camera that nobody knows is wrong usage, whoever says so", async () => {
  const home = new FakeHome();
  const { registry, clock, engine, targets, status } = home;
  const program = { registry, clock, engine, targets, status, runLock: new FakeRunLock() } as unknown as Program;
  const output = { write: () => undefined, complain: () => undefined };
  const forgotten = runAsk(program, { verb: "forget", camera: "nope" }, { json: false, look }, output, new AbortController().signal);
  await clock.advanceUntilIdle(seconds(200));
  expect(await forgotten).toBe(64);
});

describe("an undo of a document that somebody edited since", () => {
  const refusal = { kind: "refused", reason: "EditedMeanwhile", message: "/c.yml was edited since" } as const;

  it("needs a person, and says how the earlier text is seen", async () => {
    const home = await healedAndStopped();
    home.document.edit(`${home.text}# mine\n`);
    const asked = said(home, ["undo", "frigate"]);
    await home.clock.advanceUntilIdle(seconds(200));
    expect(await asked).toMatchObject({
      code: 2,
      told: expect.stringContaining("→ Put back by hand what you need. camera-shepherd undo frigate --print shows the earlier text.\n"),
    });
  });

  it("of an older text names that one; an approved change is tried again", () => {
    expect(resultWords(refusal, look, { verb: "undo", to: 12 })).toContain(
      "camera-shepherd undo --to 12 --print shows the earlier text.\n",
    );
    expect(resultWords(refusal, look, { verb: "approve" })).not.toContain("→");
  });
});

describe("approve", () => {
  it("names what waits where the id is of nothing that does, and touches nothing", async () => {
    const home = new FakeHome({ ports: { unconfirmed: new Set(["frigate" as TargetName]) } });
    expect(await said(home, ["approve", "00000000"])).toEqual({
      code: 2,
      told: "No change 00000000 waits for approval; none does. It may have been written, or be another one by now.\n",
    });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(60));
    const [proposal] = home.registry.consents.proposals();
    expect(await said(home, ["approve", "00000000"])).toMatchObject({
      code: 2,
      told: expect.stringContaining(`1 change waiting: ${proposal?.id}.`),
    });
    expect(home.document.written).toEqual([]);
    await home.stop();
  });
});

it("a resync where nothing runs says what was healed", async () => {
  const home = await healedAndStopped();
  const undone = said(home, ["undo"]);
  await home.clock.advanceUntilIdle(seconds(200));
  expect(await undone).toMatchObject({ code: 0 });
  const targets = home.targets.filter((one) => one instanceof FakeConfigTarget);
  const next = new FakeHome({ registry: home.registry, targets, servers: home.servers, clock: home.clock });
  next.moveSilently(FRONT, at(20), at(60));
  const asked = said(next, ["resync", "front"]);
  await next.clock.advanceUntilIdle(seconds(200));
  expect(await asked).toMatchObject({
    code: 0,
    told: expect.stringContaining("front is looked at again; front was healed from 192.168.1.20 to 192.168.1.60.\n"),
  });
});

it("a resync where nothing runs says also that the document waits for a person", async () => {
  const home = new FakeHome({ ports: { unconfirmed: new Set(["frigate" as TargetName]) } });
  await home.start();
  await home.pass(seconds(30));
  await home.stop();
  const targets = home.targets.filter((one) => one instanceof FakeConfigTarget);
  const ports = { unconfirmed: new Set(["frigate" as TargetName]) };
  const next = new FakeHome({ registry: home.registry, targets, servers: home.servers, clock: home.clock, ports });
  next.moveSilently(FRONT, at(20), at(60));
  const asked = said(next, ["resync", "front"]);
  await next.clock.advanceUntilIdle(seconds(200));
  const { code, told } = await asked;
  const [proposal] = next.registry.consents.proposals();
  expect(code).toBe(0);
  expect(told).toContain(
    `front was healed from ${at(20)} to ${at(60)}; change ${proposal?.id} of /fake/frigate.yml waits: ${at(20)} → ${at(60)}`,
  );
});
