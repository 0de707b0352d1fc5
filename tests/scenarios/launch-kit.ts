import { join } from "node:path";
import { execa } from "execa";
import { onTestFailed } from "vitest";
import { start } from "../world/programs.ts";
import type { Ended, OutputLine, Shepherd } from "../world/shepherd.ts";
import { epochMilliseconds, eventually } from "../world/waiting.ts";
import { type Listening, PATIENCE, type Told } from "./scene.ts";

const MAIN = join(import.meta.dirname, "..", "..", "src", "main.ts");
const OUTPUT_KEPT = 20_000;

/** Under which circumstances Camera Shepherd is started. */
export interface Launch {
  /** A program, with its arguments, that starts it: `setpriv`, `unshare`. */
  readonly prefix?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Starts it as a user without these capabilities of the kernel, such as `net_raw`. Root stays root, and may only do less. */
export function without(...capabilities: readonly string[]): readonly string[] {
  return ["setpriv", `--bounding-set=${capabilities.map((name) => `-${name}`).join(",")}`, "--inh-caps=-all", "--"];
}

function commandLine(args: readonly string[], { prefix = [] }: Launch): readonly [file: string, argv: readonly string[]] {
  const [file = "", ...argv] = [...prefix, process.execPath, MAIN, ...args];
  return [file, argv];
}

/** Runs a command of Camera Shepherd to its end, within 2 min; any exit code is a value. */
export async function finished(args: readonly string[], launch: Launch = {}): Promise<Ended> {
  const [file, argv] = commandLine(args, launch);
  const { env, cwd } = launch;
  const where = { ...(env === undefined ? {} : { env }), ...(cwd === undefined ? {} : { cwd }) };
  const ended = await execa(file, argv, { reject: false, timeout: 120_000, stdin: "ignore", ...where });
  return { code: ended.exitCode, output: ended.stdout, errors: ended.stderr };
}

/** Starts Camera Shepherd; it is ended with the returned object. */
export function launched(args: readonly string[], launch: Launch = {}): Shepherd {
  const [file, argv] = commandLine(args, launch);
  const output: OutputLine[] = [];
  const note = (stream: OutputLine["stream"]) => (text: string) => {
    output.push({ at: epochMilliseconds(), stream, text });
    if (output.length > OUTPUT_KEPT) output.shift();
  };
  const { env, cwd } = launch;
  const where = { ...(env === undefined ? {} : { env }), ...(cwd === undefined ? {} : { cwd }) };
  return { ...start(file, argv, { onLine: note("out"), onComplaint: note("error"), ...where }), output };
}

/** All that a program said so far. */
export function spoken(shepherd: Shepherd): string {
  return shepherd.output.map(({ text }) => text).join("\n");
}

/** Runs Camera Shepherd under these circumstances and hears it, as `listen` does; a test that fails prints its last words. */
export function listenTo(args: readonly string[], launch: Launch = {}): Listening {
  const shepherd = launched(["run", "--json", ...args], launch);
  onTestFailed(() => void process.stdout.write(`Camera Shepherd told:\n${spoken(shepherd).split("\n").slice(-30).join("\n")}\n`));
  const told = (): readonly Told[] =>
    shepherd.output.flatMap(({ stream, text }) => (stream === "out" && text.startsWith("{") ? [JSON.parse(text) as Told] : []));
  return {
    shepherd,
    told,
    hears: (what, fits, since = 0, within = PATIENCE) =>
      eventually(what, () => (shepherd.assertRunning(), told().slice(since).find(fits)), within, 50),
    kill: async () => {
      shepherd.signal("SIGKILL");
      await shepherd.exited;
    },
    [Symbol.asyncDispose]: () => shepherd.stop(),
  };
}
