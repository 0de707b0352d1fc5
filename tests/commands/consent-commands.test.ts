import { describe, expect, it } from "vitest";
import { parseArguments } from "../../src/commands/arguments.ts";
import { runApprove } from "../../src/commands/approve-command.ts";
import type { Program } from "../../src/commands/program.ts";
import { resultWords } from "../../src/commands/ask-command.ts";
import { runUndo } from "../../src/commands/undo-command.ts";
import { seconds } from "../../src/domain/duration.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import { at, FakeHome, FRONT } from "../reconcilers/fake-home.ts";

const look = { colour: false };

/** What a command says and ends with where the home's program is stopped. */
async function said(home: FakeHome, words: readonly string[]): Promise<{ readonly code: number; readonly told: string }> {
  const { registry, clock, engine, targets } = home;
  const program = { registry, clock, engine, targets, runLock: { isTaken: () => false } } as unknown as Program;
  const invocation = parseArguments(words);
  let told = "";
  const output = { write: (text: string) => void (told += text), complain: (text: string) => void (told += text) };
  const { signal } = new AbortController();
  if (invocation.kind === "undo") return { code: await runUndo(program, invocation, look, output, signal), told };
  if (invocation.kind === "approve") return { code: await runApprove(program, invocation, look, output, signal), told };
  return expect.unreachable(invocation.kind);
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

it("an undo that is refused because somebody edited the document names the list of kept texts", () => {
  const words = resultWords({ kind: "refused", reason: "EditedMeanwhile", message: "/c.yml was edited since" }, look);
  expect(words).toContain("/c.yml was edited since.\n         → camera-shepherd undo --list lists what was written.\n");
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
