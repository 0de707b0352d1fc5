import type { IpAddress } from "../domain/addresses.ts";
import { parseIp } from "../domain/addresses.ts";
import { nearest } from "../domain/nearest.ts";
import { type AdoptionWord, readAdoption, readRehearsal, type Rehearsal } from "./camera-arguments.ts";
import { type ExportWords, type ImportWords, readExport, readImport } from "./list-arguments.ts";

/** Exit codes of every command (64: EX_USAGE of BSD's sysexits.h). */
export const EXIT = { done: 0, later: 1, person: 2, usage: 64 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const COMMANDS = [
  "run",
  "sync",
  "plan",
  "check",
  "approve",
  "undo",
  "resync",
  "reconnect",
  "adopt",
  "forget",
  "export",
  "import",
] as const;
export type CommandName = (typeof COMMANDS)[number];

/** Commands that later releases bring: known by name, so that they are refused plainly and never taken for a typing mistake. */
const LATER_COMMANDS = ["portal", "demo"] as const;

export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** "If this camera were there": the camera as the person wrote it, by id, name or present address. */
export interface Assumption {
  readonly camera: string;
  readonly address: IpAddress;
}

/** What every command takes. */
export interface SharedFlags {
  readonly config?: string;
  readonly json: boolean;
  readonly logLevel?: LogLevel;
}

export type Invocation =
  | ({ readonly kind: "run" } & SharedFlags)
  | ({ readonly kind: "sync"; readonly dryRun: boolean } & SharedFlags)
  | ({ readonly kind: "plan"; readonly assume: readonly Assumption[]; readonly reveal: boolean } & SharedFlags)
  | ({ readonly kind: "check"; readonly rehearse?: Rehearsal } & SharedFlags)
  | ({ readonly kind: "approve"; readonly id?: string } & SharedFlags)
  | ({
      readonly kind: "undo";
      readonly target?: string;
      readonly to?: number;
      readonly list: boolean;
      readonly print: boolean;
      readonly reveal: boolean;
    } & SharedFlags)
  | ({ readonly kind: "resync"; readonly camera?: string } & SharedFlags)
  | ({ readonly kind: "reconnect"; readonly camera: string; readonly force?: true } & SharedFlags)
  | ({ readonly kind: "forget"; readonly camera: string } & SharedFlags)
  | ({ readonly kind: "adopt"; /** Absent: what waits is listed. */ readonly adoption?: AdoptionWord } & SharedFlags)
  | ({ readonly kind: "export" } & ExportWords & SharedFlags)
  | ({ readonly kind: "import" } & ImportWords & SharedFlags)
  | { readonly kind: "help"; readonly command?: CommandName }
  | { readonly kind: "version" }
  /** Bad usage: the message goes to standard error and the program ends with 64. */
  | { readonly kind: "refused"; readonly message: string };

interface Flag {
  readonly name: string;
  /** What its value is called; absent where it takes none. */
  readonly value?: string;
  /** The commands that take it; absent: all. */
  readonly of?: readonly CommandName[];
  readonly repeatable?: true;
}

const FLAGS: readonly Flag[] = [
  { name: "--config", value: "FILE" },
  { name: "--json" },
  { name: "--log-level", value: "LEVEL" },
  { name: "--help" },
  { name: "--version" },
  { name: "--once", of: ["sync"] },
  { name: "--dry-run", of: ["sync", "import"] },
  { name: "--assume", value: "CAMERA=ADDRESS", of: ["plan"], repeatable: true },
  { name: "--reveal", of: ["plan", "undo"] },
  { name: "--rehearse", value: "CAMERA", of: ["check"] },
  { name: "--at", value: "ADDRESS", of: ["check"] },
  { name: "--login", of: ["check"] },
  { name: "--replace", of: ["adopt"] },
  { name: "--to", value: "ID", of: ["undo"] },
  { name: "--list", of: ["undo"] },
  { name: "--print", of: ["undo"] },
  { name: "--format", value: "FORMAT", of: ["export", "import"] },
  { name: "--out", value: "FILE", of: ["export"] },
  { name: "--force", of: ["export", "import", "reconnect"] },
];

/** A word of a command that is no flag. */
interface Positional {
  /** As the help writes it: `FILE`, `CAMERA`. */
  readonly name: string;
  readonly optional?: true;
  /** Takes all the words that are left; only the last of a command can. */
  readonly repeatable?: true;
}

/** The words that each command takes behind its name, in order; most take none. */
const POSITIONALS: Readonly<Partial<Record<CommandName, readonly Positional[]>>> = {
  approve: [{ name: "ID", optional: true }],
  undo: [{ name: "TARGET", optional: true }],
  resync: [{ name: "CAMERA", optional: true }],
  reconnect: [{ name: "CAMERA" }],
  forget: [{ name: "CAMERA" }],
  adopt: [{ name: "CAMERA=MAC|CAMERA=ADDRESS", optional: true }],
  export: [{ name: "reservations" }],
  import: [{ name: "FILE" }],
};

const SHORT: Readonly<Record<string, string>> = { "-h": "--help", "-V": "--version", "-c": "--config" };

interface Words {
  readonly positional: readonly string[];
  readonly flags: ReadonlyMap<string, readonly string[]>;
}

/** Reads the command line without the program's own name. Never throws: what it cannot read is a `refused` with the nearest known word. */
export function parseArguments(argv: readonly string[]): Invocation {
  const words = split(argv);
  if (typeof words === "string") return refused(words);
  const [name, ...rest] = words.positional;
  const command = COMMANDS.find((known) => known === name);
  if (words.flags.has("--version")) return { kind: "version" };
  if (name === "help") return helpOf(rest[0]);
  if (name !== undefined && command === undefined) return refused(unknownCommand(name));
  if (words.flags.has("--help")) return command === undefined ? { kind: "help" } : { kind: "help", command };
  if (command === undefined) return refused(`no command given: one of ${COMMANDS.join(", ")} (camera-shepherd --help)`);
  const unfit = misfitWords(command, rest);
  if (unfit !== undefined) return refused(`${unfit} (camera-shepherd ${command} --help)`);
  const misplaced = FLAGS.find((flag) => words.flags.has(flag.name) && flag.of !== undefined && !flag.of.includes(command));
  if (misplaced !== undefined) return refused(`${misplaced.name} belongs to ${misplaced.of?.join(" and ") ?? ""}, not to ${command}`);
  return complete(command, rest, words.flags);
}

function misfitWords(command: CommandName, words: readonly string[]): string | undefined {
  const positionals = POSITIONALS[command] ?? [];
  const missing = positionals.find((positional, index) => positional.optional !== true && (words[index] ?? "") === "");
  if (missing !== undefined) return `${command} needs ${missing.name}`;
  const further = positionals.at(-1)?.repeatable === true ? undefined : words[positionals.length];
  return further === undefined ? undefined : `${command} takes no ${JSON.stringify(further)}`;
}

function refused(message: string): Invocation {
  return { kind: "refused", message };
}

function helpOf(name: string | undefined): Invocation {
  if (name === undefined) return { kind: "help" };
  const command = COMMANDS.find((known) => known === name);
  return command === undefined ? refused(unknownCommand(name)) : { kind: "help", command };
}

function unknownCommand(name: string): string {
  if (LATER_COMMANDS.some((later) => later === name)) return `${name} comes with a later release; this one has ${COMMANDS.join(", ")}`;
  const near = nearest(name, [...COMMANDS, "help"]);
  return `unknown command ${JSON.stringify(name)}; ${near === undefined ? `one of ${COMMANDS.join(", ")}` : `did you mean ${near}?`}`;
}

/** Tells flags from words; a string is the complaint. */
function split(argv: readonly string[]): Words | string {
  const positional: string[] = [];
  const flags = new Map<string, string[]>();
  const waiting = argv[Symbol.iterator]();
  let onlyWords = false;
  for (const word of waiting) {
    if (onlyWords || !word.startsWith("-") || word === "-") positional.push(word);
    else if (word === "--") onlyWords = true;
    else {
      const at = word.startsWith("--") ? word.indexOf("=") : -1;
      const written = at < 0 ? word : word.slice(0, at);
      const name = Object.hasOwn(SHORT, written) ? (SHORT[written] ?? written) : written;
      const flag = FLAGS.find((known) => known.name === name);
      if (flag === undefined) return unknownFlag(written);
      const next = flag.value !== undefined && at < 0 ? waiting.next() : undefined;
      const value = at >= 0 ? word.slice(at + 1) : next?.done === false ? next.value : undefined;
      const complaint = misfit(flag, value, at >= 0 || next !== undefined, flags);
      if (complaint !== undefined) return complaint;
      flags.set(name, [...(flags.get(name) ?? []), value ?? ""]);
    }
  }
  return { positional, flags };
}

function unknownFlag(written: string): string {
  const near = nearest(
    written,
    FLAGS.map(({ name }) => name),
  );
  return `unknown flag ${written}${near === undefined ? " (camera-shepherd --help)" : `; did you mean ${near}?`}`;
}

function misfit(flag: Flag, value: string | undefined, given: boolean, flags: ReadonlyMap<string, readonly string[]>): string | undefined {
  if (flag.value === undefined && given) return `${flag.name} takes no value`;
  if (flag.value !== undefined && (value === undefined || value === "" || value.startsWith("--")))
    return `${flag.name} needs ${flag.value} behind it`;
  return flag.repeatable !== true && flags.has(flag.name) ? `${flag.name} is given twice` : undefined;
}

/** @param words those behind the command's name, as many as `POSITIONALS` asks for */
function complete(command: CommandName, words: readonly string[], flags: ReadonlyMap<string, readonly string[]>): Invocation {
  const [config] = flags.get("--config") ?? [];
  const [level] = flags.get("--log-level") ?? [];
  const logLevel = LOG_LEVELS.find((known) => known === level);
  if (level !== undefined && logLevel === undefined)
    return refused(`--log-level is one of ${LOG_LEVELS.join(", ")}, not ${JSON.stringify(level)}`);
  const shared: SharedFlags = {
    json: flags.has("--json"),
    ...(config === undefined ? {} : { config }),
    ...(logLevel === undefined ? {} : { logLevel }),
  };
  const [word] = words;
  switch (command) {
    case "run":
      return { kind: command, ...shared };
    case "check": {
      const rehearse = readRehearsal(flags);
      if (typeof rehearse === "string") return refused(rehearse);
      return { kind: command, ...(rehearse === undefined ? {} : { rehearse }), ...shared };
    }
    case "adopt": {
      const adoption = words[0] === undefined ? undefined : readAdoption(words[0], flags.has("--replace"));
      if (adoption === undefined && flags.has("--replace")) return refused("--replace goes with CAMERA=MAC, the new camera's MAC address");
      if (typeof adoption === "string") return refused(adoption);
      return { kind: command, ...(adoption === undefined ? {} : { adoption }), ...shared };
    }
    case "sync":
      return { kind: "sync", dryRun: flags.has("--dry-run"), ...shared };
    case "plan": {
      const assume = (flags.get("--assume") ?? []).map(readAssumption);
      const wrong = assume.find((outcome) => typeof outcome === "string");
      if (wrong !== undefined) return refused(wrong);
      return { kind: "plan", assume: assume.filter((outcome) => typeof outcome !== "string"), reveal: flags.has("--reveal"), ...shared };
    }
    case "export": {
      const read = readExport(words, flags);
      return typeof read === "string" ? refused(read) : { kind: "export", ...read, ...shared };
    }
    case "import": {
      const read = readImport(words, flags);
      return typeof read === "string" ? refused(read) : { kind: "import", ...read, ...shared };
    }
    case "approve":
      return { kind: command, ...(word === undefined ? {} : { id: word }), ...shared };
    case "undo":
      return undo(word, flags, shared);
    case "resync":
      return { kind: command, ...(word === undefined ? {} : { camera: word }), ...shared };
    case "reconnect":
      return { kind: command, camera: word ?? "", ...(flags.has("--force") ? { force: true as const } : {}), ...shared };
    case "forget":
      return { kind: command, camera: word ?? "", ...shared };
  }
}

/** `CAMERA=ADDRESS`; a camera's name may hold `=`, an address cannot. */
function readAssumption(text: string): Assumption | string {
  const at = text.lastIndexOf("=");
  const [camera, written] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()];
  if (at < 0 || camera === "") return `--assume needs CAMERA=ADDRESS, such as front=192.168.1.77, not ${JSON.stringify(text)}`;
  const address = parseIp(written);
  return address === undefined ? `--assume ${text}: ${JSON.stringify(written)} is not an IPv4 address` : { camera, address };
}

function undo(target: string | undefined, flags: ReadonlyMap<string, readonly string[]>, shared: SharedFlags): Invocation {
  const [written] = flags.get("--to") ?? [];
  if (written !== undefined && !/^[1-9]\d{0,14}$/.test(written))
    return refused(`--to is the number of a kept text (camera-shepherd undo --list), not ${JSON.stringify(written)}`);
  const [list, print, reveal] = [flags.has("--list"), flags.has("--print"), flags.has("--reveal")];
  if (list && (print || written !== undefined)) return refused("--list goes neither with --print nor with --to");
  if (reveal && !print) return refused("--reveal goes with --print");
  const chosen = { ...(target === undefined ? {} : { target }), ...(written === undefined ? {} : { to: Number(written) }) };
  return { kind: "undo", ...chosen, list, print, reveal, ...shared };
}
