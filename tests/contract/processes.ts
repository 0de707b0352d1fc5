import { describe, expect, test } from "vitest";
import type { Command, Processes } from "../../src/ports/processes.ts";
import { ProgramMissing } from "../../src/ports/processes.ts";

/** Programs that the contract needs, in the form that the implementation runs. */
export interface ProcessesSubject {
  readonly processes: Processes;
  /** Prints the lines `one` and `two`, `trouble` on standard error, and ends with 3. */
  readonly talks: Command;
  /** Prints `ready`, then nothing for ever. */
  readonly hangs: Command;
  /** Prints one line of 100,000 characters, then `end`. */
  readonly babbles: Command;
  /** Prints 2 MiB and ends with 0. */
  readonly floods: Command;
}

/** What every implementation of processes promises. */
export function processesContract(name: string, create: () => ProcessesSubject): void {
  describe(`${name} as processes`, () => {
    const never = new AbortController().signal;

    test("run gives output and exit code, also another than zero", async () => {
      const { processes, talks } = create();
      const finished = await processes.run(talks, never);
      expect({ ...finished, stdout: finished.stdout.trimEnd(), stderr: finished.stderr.trimEnd() }).toEqual({
        exitCode: 3,
        stdout: "one\ntwo",
        stderr: "trouble",
      });
    });

    test("follow hands over each line, then the exit code", async () => {
      const { processes, talks } = create();
      const lines: string[] = [];
      const finished = await processes.follow(talks, (line) => lines.push(line), never);
      expect(lines).toEqual(["one", "two"]);
      expect(finished).toMatchObject({ exitCode: 3, stdout: "" });
    });

    test("output is bounded, and the program still ends by itself", async () => {
      const { processes, floods } = create();
      const finished = await processes.run(floods, never);
      expect(finished.exitCode).toBe(0);
      expect(finished.stdout).toHaveLength(1024 * 1024);
    });

    test("a line is bounded, and the next one is whole", async () => {
      const { processes, babbles } = create();
      const lines: string[] = [];
      await processes.follow(babbles, (line) => lines.push(line), never);
      expect(lines.map((line) => line.length)).toEqual([64 * 1024, 3]);
    });

    test("a program that is not there is named", async () => {
      const { processes } = create();
      const missing = processes.run({ file: "camera-shepherd-no-such-program", args: [] }, never);
      await expect(missing).rejects.toBeInstanceOf(ProgramMissing);
      await expect(missing).rejects.toMatchObject({ program: "camera-shepherd-no-such-program" });
      const followed = processes.follow({ file: "camera-shepherd-no-such-program", args: [] }, () => {}, never);
      await expect(followed).rejects.toBeInstanceOf(ProgramMissing);
    });

    test("an abort ends the program, with the signal's reason", async () => {
      const { processes, hangs } = create();
      const stop = new AbortController();
      const reason = new Error("enough");
      const following = processes.follow(hangs, () => stop.abort(reason), stop.signal);
      await expect(following).rejects.toBe(reason);
      await expect(processes.run(hangs, stop.signal)).rejects.toBe(reason);
    });

    test("a reader that fails ends the program, with its error", async () => {
      const { processes, hangs } = create();
      const reason = new Error("cannot read that");
      const following = processes.follow(
        hangs,
        () => {
          throw reason;
        },
        never,
      );
      await expect(following).rejects.toBe(reason);
    });
  });
}
