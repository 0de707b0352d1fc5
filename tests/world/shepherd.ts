import { execa } from "execa";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { start, type Program } from "./programs.ts";
import { epochMilliseconds } from "./waiting.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** How Camera Shepherd is started: its sources, or the bundle of `npm run build`. */
export type Form = "sources" | "bundle";

/** A line that it wrote, and when it came, epoch ms. */
export interface OutputLine {
  readonly at: number;
  readonly stream: "out" | "error";
  readonly text: string;
}

export interface Shepherd extends Program {
  /** All lines so far, the last 20,000. */
  readonly output: readonly OutputLine[];
}

/** A command of Camera Shepherd that ended. */
export interface Ended {
  readonly code: number | undefined;
  readonly output: string;
  readonly errors: string;
}

export interface ShepherdOptions {
  readonly form?: Form;
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs; the home box where absent. */
  readonly namespace?: string;
  readonly onLine?: (line: OutputLine) => void;
}

const OUTPUT_KEPT = 20_000;

function commandLine(form: Form, args: readonly string[]): string[] {
  const file = form === "bundle" ? join(ROOT, "dist", "camera-shepherd.mjs") : join(ROOT, "src", "main.ts");
  return [file, ...args];
}

/** Starts Camera Shepherd in the home box, such as `runShepherd(["run", "--config", file])`. */
export function runShepherd(args: readonly string[], options: ShepherdOptions = {}): Shepherd {
  const output: OutputLine[] = [];
  const note = (stream: OutputLine["stream"]) => (text: string) => {
    const line = { at: epochMilliseconds(), stream, text };
    output.push(line);
    if (output.length > OUTPUT_KEPT) output.shift();
    options.onLine?.(line);
  };
  const program = start(process.execPath, commandLine(options.form ?? "sources", args), {
    onLine: note("out"),
    onComplaint: note("error"),
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  return { ...program, output };
}

/** Runs a command of Camera Shepherd to its end, within 2 min; any exit code is a value. */
export async function shepherdCommand(args: readonly string[], options: Omit<ShepherdOptions, "onLine"> = {}): Promise<Ended> {
  const finished = await execa(process.execPath, commandLine(options.form ?? "sources", args), {
    reject: false,
    timeout: 120_000,
    stdin: "ignore",
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  return { code: finished.exitCode, output: finished.stdout, errors: finished.stderr };
}

/** Where Camera Shepherd finds its parts; what is not set here is at its default. */
export interface OptionsDocument {
  readonly folder: string;
  readonly frigateFile: string;
  readonly go2rtcUrl: string;
  /** More options, merged over the others at the top level. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Writes an options file for `--config`. @returns its path */
export async function writeOptions(options: OptionsDocument): Promise<string> {
  await mkdir(options.folder, { recursive: true });
  const file = join(options.folder, "options.json");
  const document = {
    data_dir: join(options.folder, "data"),
    frigate: [{ name: "frigate", via: "file", file: options.frigateFile }],
    go2rtc: [{ name: "go2rtc", url: options.go2rtcUrl }],
    ...options.more,
  };
  await writeFile(file, JSON.stringify(document, undefined, 2), { mode: 0o600 });
  return file;
}
