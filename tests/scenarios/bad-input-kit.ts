import { existsSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import { eventually, pause } from "../world/waiting.ts";
import { finished, type Launch, launched, spoken } from "./launch-kit.ts";
import { fileState, leftovers, LONG, PATIENCE } from "./scene.ts";

const COMMANDS = ["sync", "check", "plan", "run"] as const;
type Command = (typeof COMMANDS)[number];

/** What a command of a bad start does: its exit code, or that it stays up; and whether it says what is wrong. */
type Ending = 0 | 1 | 2 | 64 | "stays";

/** A start that goes wrong. */
export interface Bad {
  /** Options as they are written to the file; a text as it stands. */
  readonly options: object | string;
  /** Path of the document, whose bytes must stay; undefined where there is none. */
  readonly document?: string;
  readonly launch?: Launch;
  /** What is wrong and where: said exactly once by each command that does not end with 0. */
  readonly says: RegExp;
  /** What a person does next. */
  readonly remedy: RegExp;
  readonly ends: Readonly<Record<Command, Ending>>;
  /** How long `run` is heard after it said what is wrong, in ms: in this time it may say it twice. */
  readonly heardFor?: number;
}

/** A folder of one case. */
export class Desk {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get data(): string {
    return join(this.folder, "data");
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file with this text, its folders included. @returns its path */
  async file(name: string, text: string, mode = 0o600): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, text, { mode });
    return path;
  }
}

/**
 * Runs all four commands on a bad start, and expects of each what must hold whatever it was.
 * @returns how each ended
 */
export async function endingsOf(desk: Desk, bad: Bad): Promise<Bad["ends"]> {
  const text = typeof bad.options === "string" ? bad.options : JSON.stringify({ data_dir: desk.data, ...bad.options }, undefined, 2);
  const options = await desk.file("options.yaml", text);
  const before = await stateOf(bad.document);
  const ends = new Map<Command, Ending>();
  for (const command of COMMANDS) {
    const args = [command, "--config", options];
    const { ended, said } = command === "run" ? await runAWhile(args, bad) : await runToItsEnd(args, bad);
    // With what it said, so that a failure can be understood.
    expect({ command, ended, ...(ended === bad.ends[command] ? {} : { said }) }).toEqual({ command, ended: bad.ends[command] });
    ends.set(command, ended);
    expectDecent(said);
    if (ended !== 0) expectOnce(`${command} of ${desk.folder}`, said, bad);
    expect(await stateOf(bad.document)).toEqual(before);
    expectSound(desk.data, ended === 64);
  }
  return Object.fromEntries(ends) as Bad["ends"];
}

/** A message for people: no stack trace, no credential, no internal error. */
export function expectDecent(said: string): void {
  expect(said).not.toMatch(/^\s+at .*:\d+/m);
  expect(said).not.toMatch(/\b(?:\w*Error:|undefined|\[object)/);
  expect(said).not.toContain("An unexpected error");
  expect(said).not.toContain("canary");
}

function expectOnce(what: string, said: string, { says, remedy }: Bad): void {
  const flat = said.replaceAll(/\s+/g, " ");
  const times = flat.match(new RegExp(says, "g"))?.length ?? 0;
  expect({ what, times, ...(times === 1 ? {} : { said }) }).toEqual({ what, times: 1 });
  expect(flat).toMatch(remedy);
}

interface Heard {
  readonly ended: Ending;
  readonly said: string;
}

async function runToItsEnd(args: readonly string[], bad: Bad): Promise<Heard> {
  const { code, output, errors } = await finished(args, bad.launch);
  return { ended: code as Ending, said: `${output}\n${errors}` };
}

/** `run` until it has said what is wrong, and a while longer; it is well and ends when it is told to. */
async function runAWhile(args: readonly string[], bad: Bad): Promise<Heard> {
  await using program = launched(args, bad.launch);
  const gone = { yes: false };
  const exited = program.exited.finally(() => (gone.yes = true));
  const heard = (): boolean => bad.says.test(spoken(program).replaceAll(/\s+/g, " "));
  await eventually("words", () => gone.yes || heard(), PATIENCE, 20).catch(() => undefined);
  if (!gone.yes) await pause(LONG ? 12_000 : (bad.heardFor ?? 400));
  if (gone.yes) return { ended: (await exited) as Ending, said: spoken(program) };
  await program.stop();
  return { ended: (await exited) === 0 ? "stays" : ((await exited) as Ending), said: spoken(program) };
}

async function stateOf(document: string | undefined): Promise<unknown> {
  if (document === undefined || !existsSync(document)) return "none";
  expect(await leftovers(document)).toEqual([]);
  return (await stat(document)).isDirectory() ? "a folder" : fileState(document);
}

/** No database, or a whole one. */
function expectSound(folder: string, none: boolean): void {
  const path = join(folder, "camera-shepherd.db");
  if (none) expect(existsSync(folder)).toBe(false);
  if (!existsSync(path)) return;
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    expect(database.prepare("PRAGMA quick_check").get()).toEqual({ quick_check: "ok" });
    expect(database.prepare("SELECT count(*) AS migrations FROM migration").get()).not.toEqual({ migrations: 0 });
  } finally {
    database.close();
  }
}
