import { ProgramMissing } from "../../src/ports/processes.ts";
import type { Command, Finished, Processes } from "../../src/ports/processes.ts";

/** What a scripted program does. It prints its lines, then ends, or hangs until it is aborted. */
export interface Script {
  readonly lines?: readonly string[];
  readonly stderr?: string;
  readonly exitCode?: number;
  readonly hangs?: boolean;
}

export type Answer = Script | ((command: Command) => Script);

/** Programs that are only scripts. One that was not scripted is not installed. Each call is kept in `calls`. */
export class FakeProcesses implements Processes {
  readonly calls: Command[] = [];
  readonly #programs = new Map<string, Answer>();
  readonly #running = new Set<(line: string) => void>();

  /** Installs a program, or replaces what it does. */
  script(file: string, answer: Answer): void {
    this.#programs.set(file, answer);
  }

  /** Removes a program. */
  uninstall(file: string): void {
    this.#programs.delete(file);
  }

  /** Prints a line in every program that hangs under `follow`. */
  print(line: string): void {
    for (const onLine of this.#running) onLine(line);
  }

  async run(command: Command, signal: AbortSignal): Promise<Finished> {
    const lines: string[] = [];
    const finished = await this.#execute(command, (line) => lines.push(line), signal);
    return { ...finished, stdout: lines.join("\n").slice(0, 1024 * 1024) };
  }

  async follow(command: Command, onLine: (line: string) => void, signal: AbortSignal): Promise<Finished> {
    return this.#execute(command, (line) => onLine(line.slice(0, 64 * 1024)), signal);
  }

  async #execute(command: Command, onLine: (line: string) => void, signal: AbortSignal): Promise<Finished> {
    signal.throwIfAborted();
    this.calls.push(command);
    const answer = this.#programs.get(command.file);
    if (answer === undefined) throw new ProgramMissing(command.file);
    const script = typeof answer === "function" ? answer(command) : answer;
    await Promise.resolve();
    for (const line of script.lines ?? []) {
      signal.throwIfAborted();
      onLine(line);
    }
    if (script.hangs === true) await this.#hang(onLine, signal);
    signal.throwIfAborted();
    return { exitCode: script.exitCode ?? 0, stdout: "", stderr: (script.stderr ?? "").slice(0, 64 * 1024) };
  }

  async #hang(onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    const ended = Promise.withResolvers<void>();
    const print = (line: string): void => {
      try {
        onLine(line);
      } catch (error) {
        ended.reject(error);
      }
    };
    const abort = (): void => ended.resolve();
    this.#running.add(print);
    signal.addEventListener("abort", abort, { once: true });
    try {
      if (!signal.aborted) await ended.promise;
    } finally {
      signal.removeEventListener("abort", abort);
      this.#running.delete(print);
    }
  }
}
