import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { IpAddress } from "../../src/domain/addresses.ts";
import type { Camera } from "../world/camera.ts";
import { runGo2rtc } from "../world/go2rtc.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { eventually } from "../world/waiting.ts";
import { tablesOf } from "./canary-kit.ts";
import { expectFrames, expectText, leftovers, listen, type Listening, PATIENCE } from "./scene.ts";

/** What Frigate 0.17 keeps in go2rtc's first file where nobody uses HomeKit. */
const HOMEKIT = "homekit: {}\n";

/** A home whose go2rtc has two files, as Frigate 0.17 starts it; what its API is told goes to the first. */
export interface CrashHome extends AsyncDisposable {
  readonly home: Home;
  /** The text of go2rtc's first file. */
  firstFile(): Promise<string>;
}

export async function startCrashHome(cameras: readonly HomeCamera[]): Promise<CrashHome> {
  await using undo = new AsyncDisposableStack();
  const home = undo.use(await startHome({ cameras }));
  await home.go2rtc.stop();
  const firstFile = join(home.lan.folder, "go2rtc_homekit.yml");
  await writeFile(firstFile, HOMEKIT, { mode: 0o600 });
  const go2rtc = undo.use(await runGo2rtc({ file: home.go2rtc.file, firstFile }));
  const owned = undo.move();
  return {
    home: { ...home, go2rtc },
    firstFile: () => readFile(firstFile, "utf8"),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Everything is as it should be: the document, go2rtc's sources, nothing left over anywhere. */
export async function expectWhole({ home, firstFile }: CrashHome, text: string, camera: Camera): Promise<void> {
  if (camera.address === undefined) throw new Error(`${camera.name} has no address`);
  await expectText(home.document, text);
  await expectFrames(home.go2rtc, camera.name, camera.address);
  await eventually("go2rtc's first file to be empty again", async () => (await firstFile()) === HOMEKIT, PATIENCE, 50).catch(
    () => undefined,
  );
  expect(await firstFile()).toBe(HOMEKIT);
  expect(await leftovers(home.document)).toEqual([]);
  const producers = (await home.go2rtc.streams())[camera.name]?.producers ?? [];
  expect(producers.map(({ url }) => url)).not.toContainEqual(expect.stringContaining("quarantine"));
  await eventually("nothing to be parked or removed", () => isEmpty(home, ["quarantine", "shadow"]), PATIENCE, 50);
}

/** Nothing that was begun is open: the last change of the document is settled at the next look at it. */
export async function expectSettled(home: Home): Promise<void> {
  await eventually("every change to be settled", () => tables(home).get("change")?.includes('"begun"') === false, PATIENCE, 200);
  expect(isEmpty(home, ["quarantine", "shadow"])).toBe(true);
}

function isEmpty(home: Home, names: readonly string[]): boolean {
  const all = tables(home);
  return names.every((name) => all.get(name) === "[]");
}

function tables(home: Home): ReadonlyMap<string, string> {
  return tablesOf(join(home.options, "..", "data", "camera-shepherd.db"));
}

/** Starts Camera Shepherd again. The home box forgets its neighbours: in a minute it saw more addresses than others see in a year. */
export async function liveAgain(home: Home): Promise<Listening> {
  await home.lan.forgetNeighbours();
  return listen(home.options);
}

/** Waits until it hears of moves and has every camera at its place. */
export async function expectAtWork(life: Listening, names: readonly string[]): Promise<void> {
  await life.hears("DHCP to be heard", ({ kind, layer }) => kind === "layer-up" && layer === "dhcp");
  for (const name of names) {
    const isWell = (): boolean =>
      life.told().findLast(({ condition }) => condition?.subject === `device/${name}`)?.condition?.status === "ok";
    await life.hears(`${name} to be well`, isWell);
  }
}

/** Waits until the router gave the camera an address, from this event on. */
export async function acknowledged(home: Home, camera: Camera, address: IpAddress, since: number): Promise<void> {
  const { events } = home.lan.router;
  const given = (): boolean =>
    events.some((event) => event.kind === "ACK" && event.mac === camera.mac && event.address === address && event.at >= since);
  await eventually(`${camera.name} to be given ${address}`, given, PATIENCE, 2);
}
