import { parseArgs } from "node:util";
import type { IpAddress } from "../../src/domain/addresses.ts";
import { formatDuration, milliseconds } from "../../src/domain/duration.ts";
import { maskCredentials } from "../../src/domain/mask.ts";
import type { Camera } from "./camera.ts";
import { startHome, type Home } from "./home.ts";
import { epochMilliseconds, eventually, pause } from "./waiting.ts";
import { newClients } from "./watchers.ts";

/** What a person asked the demonstration for. */
interface Wishes {
  readonly moves: number;
  /** From one move to the next, ms. */
  readonly every: number;
  readonly go2rtc: "1.9.14" | "1.9.9";
}

/** One healed move; undefined figures where it was not healed in time. */
interface Healed {
  readonly frames: number | undefined;
  readonly document: number | undefined;
}

const PATIENCE = 60_000;

function print(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** @throws with a message for a person */
function readWishes(argv: readonly string[]): Wishes {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      moves: { type: "string", default: "6" },
      every: { type: "string", default: "30" },
      go2rtc: { type: "string", default: "1.9.14" },
    },
  });
  if (!/^\d{1,6}$/.test(values.moves)) throw new Error(`--moves: not a count: ${values.moves}`);
  if (!/^\d{1,5}$/.test(values.every) || values.every === "0") throw new Error(`--every: not seconds: ${values.every}`);
  if (values.go2rtc !== "1.9.14" && values.go2rtc !== "1.9.9") throw new Error(`--go2rtc: 1.9.14 or 1.9.9, not ${values.go2rtc}`);
  return { moves: Number(values.moves), every: Number(values.every) * 1000, go2rtc: values.go2rtc };
}

function introduce(home: Home): void {
  print(`\n  router   ${home.lan.router.address}  gives out addresses (dnsmasq)`);
  print(`  home box ${home.lan.home.address}  go2rtc ${home.go2rtc.version}, Frigate's document, Camera Shepherd`);
  const notes: Readonly<Record<string, string>> = {
    front: "twin of garden: same model, same password, same realm",
    garden: "twin of front",
    garage: "GStreamer's RTSP server",
    porch: "the crate onvif-server's ONVIF device",
  };
  for (const camera of home.cameras) {
    print(`  ${camera.name.padEnd(8)} ${(camera.address ?? "").padEnd(14)} ${camera.mac}  ${notes[camera.name] ?? ""}`);
  }
  print();
}

/** The lines that differ, with their numbers, as a diff; credentials masked. */
function difference(before: string, after: string): string[] {
  const old = before.split("\n");
  return after.split("\n").flatMap((line, index) => {
    const was = old[index];
    if (was === line) return [];
    return [`${String(index + 1).padStart(4)} - ${maskCredentials(was ?? "").trim()}`, `     + ${maskCredentials(line).trim()}`];
  });
}

/** The document no longer names the old address and is otherwise as long as it was. */
async function corrected(home: Home, before: string, from: IpAddress): Promise<string | undefined> {
  const text = await home.readDocument();
  const named = new RegExp(`(?<![\\d.])${from.replaceAll(".", "\\.")}(?![\\d.])`);
  return text !== before && !named.test(text) && text.split("\n").length === before.split("\n").length ? text : undefined;
}

async function demonstrate(home: Home, camera: Camera, to: IpAddress, title: string, signal: AbortSignal): Promise<Healed> {
  const from = camera.address;
  if (from === undefined) throw new Error(`${camera.name} has no address`);
  const before = await home.readDocument();
  print(`\n── ${title}: the router gives ${camera.name} another address, ${from} → ${to}`);
  const move = await camera.moveByDhcp(to);
  const { requestAt } = await home.capture.acknowledgedAfter(camera.mac, move.leftAt);
  await using viewers = newClients(home.go2rtc, camera.name, to);
  const seen = new AbortController();
  const patience = AbortSignal.any([signal, seen.signal]);
  const [frames, text] = await Promise.all([
    Promise.race([viewers.firstPacket, pause(PATIENCE, patience).then(() => undefined)])
      .catch(() => undefined)
      .finally(() => seen.abort()),
    eventually("the document", () => (signal.aborted ? "" : corrected(home, before, from)), PATIENCE, 10).then(
      (value) => ({ value, at: epochMilliseconds() }),
      () => undefined,
    ),
  ]);
  if (signal.aborted) return { frames: undefined, document: undefined };
  const since = (at: number): string => formatDuration(milliseconds(Math.max(0, at - requestAt)));
  print(`   a new viewer, from outside: ${frames === undefined ? "no frame" : `first frame ${since(frames)} after the DHCPREQUEST`}`);
  if (text === undefined) print("   the document was not corrected");
  else {
    print(`   the document was right ${since(text.at)} after it:`);
    for (const line of difference(before, text.value)) print(`   ${line}`);
  }
  return {
    frames: frames === undefined ? undefined : frames - requestAt,
    document: text === undefined ? undefined : text.at - requestAt,
  };
}

function summary(results: readonly Healed[]): string {
  if (results.length === 0) return "no move was finished";
  const healed = results.filter((one) => one.frames !== undefined && one.document !== undefined).length;
  const figure = (values: readonly (number | undefined)[]): string => {
    const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
    const [median, worst] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
    if (median === undefined || worst === undefined) return "none";
    return `median ${formatDuration(milliseconds(median))}, worst ${formatDuration(milliseconds(worst))}`;
  };
  const frames = figure(results.map((one) => one.frames));
  return `${healed} of ${results.length} moves healed; first frame: ${frames}; document: ${figure(results.map((one) => one.document))}`;
}

/** An address that no camera has or had lately. */
function freeAddress(home: Home, move: number): IpAddress {
  const taken = new Set(home.cameras.map((camera) => camera.address));
  for (let n = 50 + ((move * 7) % 150); ; n = n >= 199 ? 50 : n + 1) {
    const address = home.lan.at(n);
    if (!taken.has(address)) return address;
  }
}

async function show(wishes: Wishes, signal: AbortSignal): Promise<boolean> {
  print("Making a home: a LAN of network namespaces, a router, four cameras, go2rtc …");
  await using home = await startHome({ go2rtc: wishes.go2rtc });
  introduce(home);
  if (signal.aborted) return true;
  print("── Camera Shepherd starts (its own lines stand behind the bar)");
  const shepherd = home.runShepherd(["run"], {
    env: process.stdout.isTTY ? { FORCE_COLOR: "1" } : {},
    onLine: ({ text }) => print(`   │ ${text}`),
  });
  let gone = false;
  const over = new AbortController();
  signal.addEventListener("abort", () => over.abort(), { once: true });
  const watched = shepherd.exited.then((code) => {
    gone = true;
    over.abort();
    return code;
  });
  // Quiet for a while after its first words: it has learned what there is to learn.
  const settled = (): boolean => epochMilliseconds() - (shepherd.output.at(-1)?.at ?? Number.POSITIVE_INFINITY) > 3_000;
  await eventually("Camera Shepherd to settle", () => gone || signal.aborted || settled(), PATIENCE, 100);

  const results: Healed[] = [];
  for (let move = 0; (wishes.moves === 0 || move < wishes.moves) && !signal.aborted && !gone; move += 1) {
    const begun = performance.now();
    const camera = home.cameras[move % home.cameras.length];
    if (camera === undefined) break;
    const title = `move ${move + 1}${wishes.moves === 0 ? "" : ` of ${wishes.moves}`}`;
    const result = await demonstrate(home, camera, freeAddress(home, move), title, signal);
    if (!signal.aborted) results.push(result);
    const last = move + 1 === wishes.moves;
    const rest = last ? 1_000 : Math.max(0, wishes.every - (performance.now() - begun));
    await pause(rest, over.signal);
  }
  const early = gone && !signal.aborted;
  if (early) print(`Camera Shepherd ended by itself with ${await watched}`);
  print("\n── Camera Shepherd stops");
  await shepherd.stop();
  print(`\n${summary(results)}`);
  return !early && results.every((one) => one.frames !== undefined && one.document !== undefined);
}

/** Ctrl-C reaches every program of the world too, so that what was being made fails: that is no error. */
function interrupted(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) throw error;
  print("interrupted");
  return true;
}

async function main(): Promise<void> {
  const end = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => end.abort());
  const wishes = readWishes(process.argv.slice(2));
  process.exitCode = (await show(wishes, end.signal).catch((error: unknown) => interrupted(error, end.signal))) ? 0 : 1;
}

await main().catch((error: unknown) => {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
