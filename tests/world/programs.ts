import { execa } from "execa";

/** Where a program runs: a named network namespace, or our own where undefined. */
export type Namespace = string | undefined;

/** A program that runs until it is stopped. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Resolves, and never rejects, when the program is gone; the exit code is undefined where a signal ended it. */
  readonly exited: Promise<number | undefined>;
  /** The last lines that it wrote to standard error, for messages. */
  readonly complaints: readonly string[];
  /** For waits: @throws with its last words where it has ended */
  assertRunning(): void;
  /** Writes one line to its standard input; needs `talk` at the start. */
  send(line: string): void;
  /** Sends a signal, where the program still runs. */
  signal(name: "SIGHUP" | "SIGUSR1" | "SIGUSR2" | "SIGKILL" | "SIGSTOP" | "SIGCONT" | "SIGINT"): void;
  /** SIGTERM, after 2 s SIGKILL. May be called twice. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly namespace?: Namespace;
  readonly env?: Readonly<Record<string, string>>;
  /** Called for each line of standard output. */
  readonly onLine?: (line: string) => void;
  /** Called for each line of standard error. */
  readonly onComplaint?: (line: string) => void;
  /** Called for each piece of standard output as it comes; excludes `onLine`. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** Keeps standard input open for `send`. */
  readonly talk?: boolean;
  readonly cwd?: string;
}

const COMPLAINTS_KEPT = 50;

function inNamespace(namespace: Namespace, file: string, args: readonly string[]): [string, string[]] {
  return namespace === undefined ? [file, [...args]] : ["ip", ["netns", "exec", namespace, file, ...args]];
}

/**
 * Runs a program to its end within 30 s.
 * @returns its standard output
 * @throws where it exits with another code than 0
 */
export async function run(
  file: string,
  args: readonly string[],
  options: { readonly namespace?: Namespace; readonly input?: string; readonly timeout?: number } = {},
): Promise<string> {
  const [program, argv] = inNamespace(options.namespace, file, args);
  const finished = await execa(program, argv, { timeout: options.timeout ?? 30_000, input: options.input ?? "" });
  return finished.stdout;
}

/** Starts a program; it is ended with this process at the latest. */
export function start(file: string, args: readonly string[], options: StartOptions = {}): Program {
  const [program, argv] = inNamespace(options.namespace, file, args);
  const child = execa(program, argv, {
    reject: false,
    buffer: false,
    encoding: "buffer",
    stdin: options.talk === true ? "pipe" : "ignore",
    forceKillAfterDelay: 2_000,
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const complaints: string[] = [];
  child.stdin?.on("error", () => undefined);
  if (options.onBytes !== undefined) child.stdout.on("data", options.onBytes);
  else eachLine(child.stdout, options.onLine ?? (() => undefined));
  eachLine(child.stderr, (line) => {
    complaints.push(line);
    if (complaints.length > COMPLAINTS_KEPT) complaints.shift();
    options.onComplaint?.(line);
  });
  const state = { running: true };
  const exited = child.then((result) => {
    state.running = false;
    return result.exitCode;
  });
  const stop = async (): Promise<void> => {
    if (state.running) child.kill("SIGTERM");
    await exited;
  };
  return {
    pid: child.pid ?? 0,
    exited,
    complaints,
    assertRunning: () => {
      if (!state.running) throw new Error(`${file} ended: ${complaints.slice(-5).join("; ")}`);
    },
    send: (line) => void child.stdin?.write(`${line}\n`),
    signal: (name) => void (state.running && child.kill(name)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (piece: string) => {
    const lines = (rest + piece).split("\n");
    rest = (lines.pop() ?? "").slice(-65_536);
    for (const line of lines) onLine(line);
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}
