/** A program run by argument array; there is no shell. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to a minimal environment (PATH, LANG=C). Secrets go here or into `input`, never into `args`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface Finished {
  /** Undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  /** At most the first MiB. */
  readonly stdout: string;
  /** At most the first 64 KiB. */
  readonly stderr: string;
}

export interface Processes {
  /**
   * Runs a program to its end; a non-zero exit code is a value.
   * @throws ProgramMissing where there is no such program; the signal's reason when aborted (the program is ended, by force after 2 s)
   */
  run(command: Command, signal: AbortSignal): Promise<Finished>;
  /**
   * Runs a program that talks for as long as it lives, handing over each line of its standard output.
   * @throws as `run`; resolves when the program ends by itself
   */
  follow(command: Command, onLine: (line: string) => void, signal: AbortSignal): Promise<Finished>;
}

/** There is no such program on this machine. */
export class ProgramMissing extends Error {
  override readonly name = "ProgramMissing";
  readonly program: string;
  constructor(program: string, options?: ErrorOptions) {
    super(`program ${program} is not installed`, options);
    this.program = program;
  }
}
