import { StringDecoder } from "node:string_decoder";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { ProgramMissing } from "../../ports/processes.ts";
import type { Command, Finished, Processes } from "../../ports/processes.ts";

const MOST_STDOUT = 1024 * 1024;
const MOST_STDERR = 64 * 1024;
/** Characters; the rest of a longer line is dropped. */
const LONGEST_LINE = 64 * 1024;
/** Between the request to end and SIGKILL, in milliseconds. */
const KILL_AFTER = 2000;
/** From an abort until a program is given up whose orphaned children still hold its output open. */
const ABANDON_AFTER = KILL_AFTER + 1000;

/** Debian and Alpine keep `ip` and `arp-scan` where the PATH of an ordinary user does not look. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

/** A program is there but could not be started: no permission, too many processes. */
export class ProgramNotStarted extends Error {
  override readonly name = "ProgramNotStarted";
  readonly program: string;
  readonly code: string;
  constructor(program: string, code: string, options?: ErrorOptions) {
    super(`program ${program} could not be started (${code})`, options);
    this.program = program;
    this.code = code;
  }
}

/**
 * Programs of this machine, by execa. Each gets a process group of its own (`killDescendants`), so that its children end with it;
 * children that make a group of their own do not (execa lib/terminate/kill-descendants.js). `follow` gives no `stdout` in its answer.
 */
export function createProcesses(path: string = process.env["PATH"] ?? ""): Processes {
  const searched = [...new Set([...path.split(":").filter((folder) => folder !== ""), ...SYSTEM_FOLDERS])].join(":");
  return {
    async run(command, signal) {
      let stdout: () => string = () => "";
      const ended = await execute(command, searched, signal, (stream) => {
        stdout = gather(stream, MOST_STDOUT);
      });
      return { ...ended, stdout: stdout() };
    },
    async follow(command, onLine, signal) {
      // A reader that fails ends the program, and its error is what the caller gets.
      const failed = new AbortController();
      const flushes: (() => void)[] = [];
      const ended = await execute(command, searched, AbortSignal.any([signal, failed.signal]), (stream) => {
        flushes.push(
          eachLine(stream, (line) => {
            if (signal.aborted || failed.signal.aborted) return;
            try {
              onLine(line);
            } catch (error) {
              failed.abort(error);
            }
          }),
        );
      });
      for (const flush of flushes) flush();
      failed.signal.throwIfAborted();
      return ended;
    },
  };
}

async function execute(command: Command, path: string, signal: AbortSignal, onStdout: (stream: Readable) => void): Promise<Finished> {
  signal.throwIfAborted();
  const subprocess = execa(command.file, command.args, {
    env: { PATH: path, LANG: "C", ...command.env },
    extendEnv: false,
    stdin: command.input === undefined ? "ignore" : "pipe",
    ...(command.input === undefined ? {} : { input: command.input }),
    buffer: false,
    reject: false,
    cancelSignal: signal,
    forceKillAfterDelay: KILL_AFTER,
    killDescendants: true,
  });
  onStdout(subprocess.stdout);
  const stderr = gather(subprocess.stderr, MOST_STDERR);
  let abandon: NodeJS.Timeout | undefined;
  const abort = (): void => {
    abandon = setTimeout(() => {
      subprocess.stdout.destroy();
      subprocess.stderr.destroy();
    }, ABANDON_AFTER);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    const result = await subprocess;
    signal.throwIfAborted();
    if (result.exitCode === undefined && result.signal === undefined) throw notStarted(command.file, result.code, result.cause);
    return { exitCode: result.exitCode, stdout: "", stderr: stderr() };
  } finally {
    signal.removeEventListener("abort", abort);
    clearTimeout(abandon);
  }
}

/** Execa's own error holds the whole command line and is not passed on. */
function notStarted(program: string, code: string | undefined, cause: unknown): Error {
  return code === "ENOENT" ? new ProgramMissing(program, { cause }) : new ProgramNotStarted(program, code ?? "unknown", { cause });
}

/** Reads all of a stream and keeps the first `most` bytes as text. */
function gather(stream: Readable, most: number): () => string {
  const decoder = new StringDecoder("utf8");
  let left = most;
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    if (left <= 0) return;
    text += decoder.write(chunk.subarray(0, left));
    left -= chunk.length;
  });
  return () => text;
}

/** Splits a stream into lines without their ends. @returns what hands over a last line without an end */
function eachLine(stream: Readable, onLine: (line: string) => void): () => void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const cut = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line).slice(0, LONGEST_LINE);
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = (lines.pop() ?? "").slice(0, LONGEST_LINE);
    for (const line of lines) onLine(cut(line));
  });
  return () => {
    if (rest !== "") onLine(cut(rest));
    rest = "";
  };
}
