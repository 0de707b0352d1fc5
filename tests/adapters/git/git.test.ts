import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Git } from "../../../src/adapters/git/git.ts";
import type { Command, Finished } from "../../../src/ports/processes.ts";

const CUT_OFF: Finished = { exitCode: undefined, stdout: "", stderr: "" };
const TAKEN: Finished = { exitCode: 0, stdout: "Done", stderr: "" };

function answering(...answers: readonly Finished[]) {
  const folder = mkdtempSync(join(tmpdir(), "camera-shepherd-git-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const calls: Command[] = [];
  const run = (command: Command): Promise<Finished> => Promise.resolve(answers[calls.push(command) - 1] ?? TAKEN);
  const processes = { run, follow: run };
  const git = new Git({ processes, folder, access: {}, author: { name: "n", email: "e" } });
  return { calls, ask: () => git.tryPush(["origin", "a:b"], new AbortController().signal) };
}

it("asks again whether a push would be taken where git was ended without a word", async () => {
  const { calls, ask } = answering(CUT_OFF, CUT_OFF, TAKEN);
  expect(await ask()).toEqual(TAKEN);
  expect(calls.map(({ args }) => args.slice(-5))).toEqual(Array(3).fill(["push", "--porcelain", "--dry-run", "origin", "a:b"]));
});

it.each([
  ["a refusal", { exitCode: 1, stdout: "", stderr: "" }, 1],
  ["an end by a signal that says something", { ...CUT_OFF, stderr: "fatal: no" }, 1],
  ["what is ended each time", CUT_OFF, 3],
] as const)("takes %s at its word", async (_, answer, times) => {
  const { calls, ask } = answering(answer, answer, answer, answer);
  expect(await ask()).toEqual(answer);
  expect(calls).toHaveLength(times);
});
