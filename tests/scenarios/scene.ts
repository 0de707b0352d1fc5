import { readdir, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, onTestFailed } from "vitest";
import type { IpAddress } from "../../src/domain/addresses.ts";
import type { Camera } from "../world/camera.ts";
import { remoteHost, type Go2rtc } from "../world/go2rtc.ts";
import type { Home } from "../world/home.ts";
import { firstVideoPacket } from "../world/rtsp-client.ts";
import { runShepherd, type Shepherd, type ShepherdOptions } from "../world/shepherd.ts";
import { eventually, pause } from "../world/waiting.ts";

/** Long forms run more rounds, and the waits that have no short form. */
export const LONG = process.env["CAMERA_SHEPHERD_LONG"] !== undefined;

/** How long anything is waited for before a scenario fails: far more than it should ever take. */
export const PATIENCE = 45_000;

/** One line of `run --json`. */
export interface Told {
  readonly kind: string;
  readonly device?: string;
  readonly to?: string;
  readonly from?: string;
  readonly stream?: string;
  readonly streams?: readonly string[];
  readonly exposed?: readonly string[];
  readonly layer?: string;
  readonly message?: string;
  readonly calls?: readonly string[];
  readonly edits?: readonly { readonly from: string; readonly to: string; readonly path: readonly (string | number)[] }[];
  readonly evidence?: {
    readonly candidate: string;
    readonly verdict: string;
    readonly reason: string;
    readonly steps: readonly { readonly proof: string; readonly outcome: string; readonly detail: string }[];
  };
  readonly condition?: {
    readonly subject: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
    readonly ask?: unknown;
  };
}

/** Camera Shepherd at work, heard by what it tells. */
export interface Listening extends AsyncDisposable {
  readonly shepherd: Shepherd;
  /** Everything told so far, in order. */
  told(): readonly Told[];
  /** The first thing told that fits. @throws where nothing does within 45 s, with what was told instead */
  hears(what: string, fits: (told: Told) => boolean, since?: number, within?: number): Promise<Told>;
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>;
}

/** Runs Camera Shepherd with an options file and hears it; within a test, which prints its last words where it fails. */
export function listen(options: string, how: ShepherdOptions & { readonly args?: readonly string[] } = {}): Listening {
  const shepherd = runShepherd(["run", "--json", "--config", options, ...(how.args ?? [])], how);
  onTestFailed(() => void process.stdout.write(`Camera Shepherd told:\n${lastWords(shepherd)}\n`));
  const told = (): readonly Told[] =>
    shepherd.output.flatMap(({ stream, text }) => (stream === "out" && text.startsWith("{") ? [JSON.parse(text) as Told] : []));
  return {
    shepherd,
    told,
    hears: (what, fits, since = 0, within = PATIENCE) => {
      return eventually(what, () => (shepherd.assertRunning(), told().slice(since).find(fits)), within, 50);
    },
    kill: async () => {
      shepherd.signal("SIGKILL");
      await shepherd.exited;
    },
    [Symbol.asyncDispose]: () => shepherd.stop(),
  };
}

/** What it said last, for messages. */
function lastWords(shepherd: Shepherd): string {
  return shepherd.output
    .slice(-30)
    .map(({ stream, text }) => `  ${stream}: ${text.slice(0, 600)}`)
    .join("\n");
}

/** Runs Camera Shepherd until it has learned the cameras of these names. */
export async function begin(
  home: { readonly options: string },
  names: readonly string[],
  how: Parameters<typeof listen>[1] = {},
): Promise<Listening> {
  const heard = listen(home.options, how);
  try {
    for (const name of names) await heard.hears(`${name} to be learned`, (told) => told.kind === "learned" && told.device === name);
    await heard.hears("DHCP to be heard", (told) => told.kind === "layer-up" && told.layer === "dhcp");
    return heard;
  } catch (error) {
    await heard.shepherd.stop();
    throw error;
  }
}

/** Old and new address of each camera that moved. */
export type Moves = readonly (readonly [from: IpAddress, to: IpAddress])[];

/** The text with each address replaced where it stands whole; all at once, so that swapped addresses stay apart. */
export function moved(text: string, moves: Moves): string {
  const to = new Map<string, string>(moves);
  return text.replaceAll(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g, (address) => to.get(address) ?? address);
}

/** Waits until the file holds exactly this text. @throws with the difference */
export async function expectText(path: string, text: string, within = PATIENCE): Promise<void> {
  const right = async (): Promise<boolean> => (await readFile(path, "utf8")) === text;
  await eventually("the document", right, within, 20).catch(() => undefined);
  expect(await readFile(path, "utf8")).toBe(text);
}

/** Where go2rtc has each source of a stream: the host that it is connected to, else that of its URL. */
export async function sourceHosts(go2rtc: Pick<Go2rtc, "streams">, name: string): Promise<readonly (string | undefined)[]> {
  const producers = (await go2rtc.streams())[name]?.producers ?? [];
  return producers.map(({ remote_addr: remote, url }) => remoteHost(remote) ?? /^\w+:\/\/(?:[^@/]*@)?([^:/]+)/.exec(url ?? "")?.[1]);
}

/** Waits until go2rtc reads the stream's first source from this address, and a fresh viewer gets video. */
export async function expectFrames(go2rtc: Go2rtc, name: string, from: IpAddress, within = PATIENCE): Promise<void> {
  const there = async (): Promise<boolean> => {
    const seen = await firstVideoPacket(go2rtc.streamUrl(name), 3_000).catch(() => undefined);
    return seen !== undefined && (await sourceHosts(go2rtc, name))[0] === from;
  };
  try {
    await eventually(`video of ${name} from ${from}`, there, within, 100);
  } catch (error) {
    throw new Error(`go2rtc has ${name} at ${(await sourceHosts(go2rtc, name)).join(", ")}`, { cause: error });
  }
}

/** Waits until one move is healed: the document says exactly what it said with the address replaced, and video flows from there. */
export async function expectHealed(home: Home, before: string, moves: Moves, cameras: readonly Camera[]): Promise<void> {
  await expectText(home.document, moved(before, moves));
  for (const camera of cameras) {
    if (camera.address === undefined) throw new Error(`${camera.name} has no address`);
    await expectFrames(home.go2rtc, camera.name, camera.address);
  }
}

/** A file as it stands: whoever writes it, even with the same bytes, changes this. */
export interface FileState {
  readonly text: string;
  readonly mtime: bigint;
  readonly inode: bigint;
  readonly mode: number;
}

export async function fileState(path: string): Promise<FileState> {
  const { mtimeNs, ino, mode } = await stat(path, { bigint: true });
  return { text: await readFile(path, "utf8"), mtime: mtimeNs, inode: ino, mode: Number(mode) & 0o7777 };
}

/** Files beside a document that are none of the home's own: what an unfinished write left. */
export async function leftovers(path: string): Promise<readonly string[]> {
  return (await readdir(dirname(path))).filter((name) => /tmp|~$|camera-shepherd/.test(name) && !name.endsWith(".camera-shepherd.lease"));
}

/** Reads a document all the time; every text that it ever had. */
export function recordTexts(path: string): AsyncDisposable & { readonly texts: readonly string[] } {
  const texts: string[] = [];
  const end = new AbortController();
  const loop = (async (): Promise<void> => {
    while (!end.signal.aborted) {
      const text = await readFile(path, "utf8").catch(() => "(no such file)");
      if (texts.at(-1) !== text) texts.push(text);
      await pause(2, end.signal);
    }
  })();
  return {
    texts,
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await loop;
    },
  };
}
