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
export type Ending = 0 | 1 | 2 | 64 | "stays";

/** A start that goes wrong. */
export interface Bad {
  /** Options as they are written to the file; a text as it stands. */
  readonly options: object | string;
  /** Path of the document, whose bytes must stay; undefined where there is none. */
  readonly document?: string;
  readonly launch?: Launch;
  /** What is wrong and where: said exactly once by each command whose code is not 0. */
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

/** Runs all four commands on a bad start, and expects of each what must hold. */
export async function expectRefused(desk: Desk, bad: Bad): Promise<void> {
  const text = typeof bad.options === "string" ? bad.options : JSON.stringify({ data_dir: desk.data, ...bad.options }, undefined, 2);
  const options = await desk.file("options.yaml", text);
  const before = await stateOf(bad.document);
  for (const command of COMMANDS) {
    const ends = bad.ends[command];
    const args = [command, "--config", options];
    const said = command === "run" ? await runOnce(args, bad, ends) : await runToItsEnd(args, bad, ends);
    expectDecent(said);
    if (ends !== 0) expectOnce(`${command} of ${desk.folder}`, said, bad);
    expect(await stateOf(bad.document)).toEqual(before);
    expectSound(desk.data, ends === 64);
  }
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

async function runToItsEnd(args: readonly string[], bad: Bad, ends: Ending): Promise<string> {
  const { code, output, errors } = await finished(args, bad.launch);
  const said = `${output}\n${errors}`;
  expect({ args, code, ...(code === ends ? {} : { said }) }).toEqual({ args, code: ends });
  return said;
}

/** `run` until it has said what is wrong, and a while longer; it is well and ends when it is told to. */
async function runOnce(args: readonly string[], bad: Bad, ends: Ending): Promise<string> {
  await using program = launched(args, bad.launch);
  const heard = (): boolean => bad.says.test(spoken(program).replaceAll(/\s+/g, " "));
  if (ends === "stays") {
    await eventually(`${bad.says.source} in: ${args.join(" ")}`, () => (program.assertRunning(), heard()), PATIENCE, 20).catch(
      (error: unknown) => {
        throw new Error(spoken(program), { cause: error });
      },
    );
    await pause(LONG ? 12_000 : (bad.heardFor ?? 400));
    program.assertRunning();
    await program.stop();
  }
  const code = await program.exited;
  const said = spoken(program);
  const expected = ends === "stays" ? 0 : ends;
  expect({ args, code, ...(code === expected ? {} : { said }) }).toEqual({ args, code: expected });
  return said;
}

async function stateOf(document: string | undefined): Promise<unknown> {
  if (document === undefined || !existsSync(document)) return "none";
  expect(await leftovers(document)).toEqual([]);
  const { isDirectory } = await stat(document).then((found) => ({ isDirectory: found.isDirectory() }));
  return isDirectory ? "a folder" : fileState(document);
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
