import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import { expectFrames, expectText, listen, LONG, moved, type Listening } from "../scenarios/scene.ts";
import { frigateDocument } from "../world/frigate-document.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { startMosquitto, type Mosquitto } from "../world/mosquitto.ts";
import { firstVideoPacket, viewRtsp } from "../world/rtsp-client.ts";
import { epochMilliseconds, eventually, pause } from "../world/waiting.ts";
import { startCore, type Core } from "./core.ts";
import type { CoreState } from "./core-client.ts";
import { differences, type ShownCamera } from "./shown-home.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, onvif: "none" };
const garden: HomeCamera = { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, onvif: "none", static: true };
const porch: HomeCamera = { name: "porch", mac: "9c:8e:cd:30:5a:91" as MacAddress, onvif: "own" };
/** Core itself notices up to 10 s late that a broker is back, and says so 5 s later. */
const PATIENCE = 45_000;
/** For so long it stays right, ms. */
const STEADY = 800;
const OURS = ["camera_shepherd", "front", "garden", "porch"];

/** A change of a state as Core tells it. */
interface Change {
  readonly at: number;
  readonly entity: string;
  readonly state: CoreState | null;
}

const owned = new AsyncDisposableStack();
const shown = new Map<string, ShownCamera>();
const changes: Change[] = [];
let home: Home;
let broker: Mosquitto;
let core: Core;
let shepherd: Listening;

beforeAll(async () => {
  // Nothing but DHCP notices anything, nobody watches, and the regular look is an hour away: what is found is found because it was asked for.
  const network = { layers: { dhcp: true, neighbours: false, ws_discovery: false } };
  home = owned.use(await startHome({ cameras: [front, garden, porch], shepherd: { network, health: { interval: "1h" } } }));
  broker = owned.use(await startMosquitto({ folder: join(home.lan.folder, "mosquitto") }));
  const account = { port: broker.port, username: "owner", password: broker.users["owner"] ?? "" };
  core = owned.use(await startCore({ folder: join(home.lan.folder, "home-assistant"), broker: account }));
  for (const [index, { name, mac }] of home.cameras.entries()) {
    shown.set(name, { name, mac, address: home.lan.at(20 + index), hasClock: name === "porch", hasMoved: false });
  }
});

afterAll(() => owned.disposeAsync());

/** Starts the program, as a person has set it up who has a broker. */
async function startShepherd(more: Readonly<Record<string, unknown>> = {}): Promise<Listening> {
  const options = JSON.parse(await readFile(home.options, "utf8")) as Readonly<Record<string, unknown>>;
  const mqtt = { url: broker.url, username: "shepherd", password: broker.users["shepherd"] };
  await writeFile(home.options, JSON.stringify({ ...options, mqtt, ...more }));
  return listen(home.options);
}

/** Waits until Home Assistant shows everything as it should be, and goes on so: what the broker had kept is shown first. @returns how long that took, ms */
async function expectRight(pending = 0): Promise<number> {
  const began = performance.now();
  let since: number | undefined;
  let wrong: readonly string[] = ["nothing was asked"];
  const right = async (): Promise<boolean> => {
    wrong = await differences(core.client(), [...shown.values()], pending).catch((error: unknown) => [String(error)]);
    since = wrong.length === 0 ? (since ?? performance.now()) : undefined;
    return since !== undefined && performance.now() - since >= STEADY;
  };
  await eventually("Home Assistant to be right", right, PATIENCE, 100).catch(() => undefined);
  expect(wrong).toEqual([]);
  return (since ?? Infinity) - began;
}

function moves(name: string, address: IpAddress): void {
  const camera = shown.get(name);
  if (camera !== undefined) shown.set(name, { ...camera, address, hasMoved: true });
}

function press(entity: string): Promise<void> {
  return core.client().call("button", "press", { entity_id: entity });
}

async function becomes(entity: string, state: string): Promise<void> {
  await eventually(`${entity} to be ${state}`, async () => (await core.client().state(entity))?.state === state, PATIENCE, 50);
}

async function hearChanges(): Promise<void> {
  await core.client().subscribe("subscribe_events", { event_type: "state_changed" }, (event) => {
    const { data } = event as { readonly data: { readonly entity_id: string; readonly new_state: CoreState | null } };
    changes.push({ at: epochMilliseconds(), entity: data.entity_id, state: data.new_state });
  });
}

/** The time of what the program told, epoch ms. */
function toldAt(kind: string, device: string): number {
  const line = shepherd.shepherd.output.find(
    ({ text }) => text.startsWith("{") && text.includes(`"kind":"${kind}"`) && text.includes(`"${device}"`),
  );
  if (line === undefined) throw new Error(`${kind} of ${device} was not told`);
  return line.at;
}

test("every entity of the table is there: its state, class, category, availability and id", async () => {
  shepherd = await startShepherd();
  owned.defer(() => shepherd[Symbol.asyncDispose]());
  await expectRight();
  const devices = await core.client().devices();
  const program = devices.find(({ name }) => name === "Camera Shepherd");
  for (const { name, mac } of shown.values()) {
    const device = devices.find((one) => one.name === name);
    expect(device).toMatchObject({ connections: [["mac", mac]], via_device_id: program?.id });
  }
  const triggers = await core
    .client()
    .command<readonly { readonly type: string; readonly domain: string }[]>("device_automation/trigger/list", {
      device_id: devices.find(({ name }) => name === "front")?.id,
    });
  const own = triggers.filter(({ domain }) => domain === "mqtt").map(({ type }) => type);
  expect(own.toSorted()).toEqual(["healed", "impostor", "moved", "stream_back", "stream_lost"]);
});

test("a camera that moves changes its address and fires its events within 2 s of the heal", async () => {
  await hearChanges();
  const to = home.lan.at(77);
  await home.camera("front").moveByDhcp(to);
  await shepherd.hears("video of front", ({ kind, device }) => kind === "frames" && device === "front");
  moves("front", to);
  await expectRight();
  const events = (): readonly Change[] => changes.filter(({ entity, state }) => entity === "event.front_event" && state !== null);
  await eventually("both events", () => events().length >= 2);
  expect(events().map(({ state }) => state?.attributes["event_type"])).toEqual(["moved", "healed"]);
  expect(events()[0]?.state?.attributes).toMatchObject({ from: home.lan.at(20), to, noticed_by: "dhcp" });
  const address = changes.find(({ entity, state }) => entity === "sensor.front_address" && state?.state === to);
  const healed = toldAt("frames", "front");
  const after = (at: number | undefined): number => Math.round((at ?? Infinity) - healed);
  const [moved, healing] = events();
  process.stdout.write(`after the heal: address ${after(address?.at)} ms, moved ${after(moved?.at)} ms, healed ${after(healing?.at)} ms\n`);
  for (const at of [address?.at, moved?.at, healing?.at]) expect(after(at)).toBeLessThan(2000);
  // Nobody watches: after a heal the stream that delivered is asked once, and its picture is Home Assistant's.
  const pictured = async (): Promise<boolean> => (await core.client().state("image.front_picture"))?.state.startsWith("20") === true;
  await eventually("the picture after the heal", pictured, 20_000, 100);
  const token = { authorization: `Bearer ${core.token}` };
  const picture = await fetch(`${core.url}/api/image_proxy/image.front_picture`, { headers: token });
  expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
  // SOI: a JPEG begins with it.
  expect([...new Uint8Array(await picture.arrayBuffer()).subarray(0, 2)]).toEqual([0xff, 0xd8]);
});

test.for(LONG ? ["reloaded"] : [])("an event that Home Assistant heard does not come again when its MQTT integration is %s", async () => {
  const before = (await core.client().state("event.front_event"))?.state;
  const account = { username: "owner", password: broker.users["owner"] ?? "" };
  const listener = await connectAsync(broker.url, account);
  const births: string[] = [];
  const again: string[] = [];
  listener.on("message", (topic, payload) => void (topic.endsWith("/event") ? again : births).push(String(payload)));
  // To these two alone: who listens to everything makes the broker's word worth nothing.
  await listener.subscribeAsync(["homeassistant/status", "camera_shepherd/front/event"]);
  await core.client().call("homeassistant", "reload_config_entry", { entity_id: "button.front_find" });
  await eventually("a birth without a goodbye", () => births.length > 0, PATIENCE);
  await pause(5000);
  await listener.endAsync();
  expect(births).toEqual(["online"]);
  expect(again).toEqual([]);
  expect((await core.client().state("event.front_event"))?.state).toBe(before);
  await expectRight();
});

test("a camera that moved without a word is found when “Find now” is pressed, or “Resync”", async () => {
  for (const [button, address] of [
    ["button.garden_find", home.lan.at(91)],
    ["button.camera_shepherd_resync", home.lan.at(92)],
  ] as const) {
    await home.camera("garden").moveSilently(address);
    await press(button);
    await becomes("sensor.garden_address", address);
    moves("garden", address);
    await expectFrames(home.go2rtc, "garden", address);
  }
  await expectRight();
  expect((await core.client().state("sensor.garden_address"))?.state).toBe(home.camera("garden").address);
});

test("“Reconnect” has the next viewer of a camera served by a new connection, whoever watches already; a message that is not forced leaves that alone", async () => {
  const end = new AbortController();
  const watching = viewRtsp(home.go2rtc.streamUrl("porch"), end.signal, () => undefined).catch(() => undefined);
  const connection = async (): Promise<number | undefined> => (await home.go2rtc.streams())["porch"]?.producers?.[0]?.id;
  const first = await eventually("a connection", connection);
  await firstVideoPacket(home.go2rtc.streamUrl("porch"));
  expect(await connection()).toBe(first);
  await core.client().call("mqtt", "publish", { topic: "camera_shepherd/porch/cmd/reconnect", payload: "PRESS" });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  expect(await connection()).toBe(first);
  await press("button.porch_reconnect");
  await eventually("the connection to be given up", async () => (await connection()) !== first, 20_000);
  await firstVideoPacket(home.go2rtc.streamUrl("porch"));
  expect(await connection()).not.toBe(first);
  end.abort();
  await watching;
});

test("our restart: everything is unavailable but “running”, which is off; a change that waits is approved, and undone", async () => {
  await shepherd.shepherd.stop();
  await becomes("binary_sensor.camera_shepherd_running", "off");
  await becomes("sensor.front_address", "unavailable");
  shepherd = await startShepherd({ frigate: [{ name: "frigate", via: "file", file: home.document, approve: true }] });
  process.stdout.write(`right again after our restart: ${Math.round(await expectRight())} ms\n`);

  const before = await home.readDocument();
  const to = home.lan.at(78);
  await home.camera("front").moveByDhcp(to);
  await shepherd.hears("the proposal", ({ kind }) => kind === "proposed");
  const from = shown.get("front")?.address ?? to;
  moves("front", to);
  await expectRight(1);
  expect(await home.readDocument()).toBe(before);
  await press("button.camera_shepherd_approve");
  await expectText(home.document, moved(before, [[from, to]]));
  await expectRight();
  await press("button.camera_shepherd_undo");
  await expectText(home.document, before);
  // A change that was taken back is not made again; the camera is right where the document has it.
  await becomes("sensor.front_cause", "Undone");
  await home.camera("front").moveByDhcp(from);
  moves("front", from);
  await expectRight();
});

test("the broker's restart, Core's, and all three at once without a word end with everything right and nothing too much", async () => {
  await broker.down();
  await becomes("sensor.front_address", "unavailable");
  await broker.restart();
  process.stdout.write(`right again after the broker's restart: ${Math.round(await expectRight())} ms\n`);

  await core.down();
  await core.up();
  process.stdout.write(`right again after Core's restart: ${Math.round(await expectRight())} ms\n`);
  // It still knows which events it has had: one that is told again is none, a later one is.
  const had = await core.client().state("event.front_event");
  const id = Number(had?.attributes["id"]);
  const tell = async (event: object): Promise<void> =>
    core
      .client()
      .call("mqtt", "publish", { topic: "camera_shepherd/front/event", payload: JSON.stringify({ ...event, again: "perhaps" }) });
  await tell({ event_type: "moved", id });
  await tell({ event_type: "impostor", id: id - 1 });
  await pause(500);
  expect(await core.client().state("event.front_event")).toMatchObject({ state: had?.state, attributes: had?.attributes });
  await tell({ event_type: "stream_back", id: id + 1 });
  const shows = async (): Promise<boolean> => (await core.client().state("event.front_event"))?.attributes["event_type"] === "stream_back";
  await eventually("the later event", shows);

  await Promise.all([broker.down(), core.down(true), shepherd.kill()]);
  const [, , again] = await Promise.all([broker.restart(), core.up(), startShepherd()]);
  shepherd = again;
  process.stdout.write(`right again after all three: ${Math.round(await expectRight())} ms\n`);
  expect(await differences(core.client(), [...shown.values()])).toEqual([]);
});

test("half a document takes no device away; a camera that is gone for good loses its own when a person says so", async () => {
  const whole = await home.readDocument();
  const half = whole.slice(0, whole.indexOf("  garden:\n    ffmpeg"));
  const removed: unknown[] = [];
  await core.client().subscribe("subscribe_events", { event_type: "device_registry_updated" }, (event) => {
    const { data } = event as { readonly data: { readonly action: string } };
    if (data.action === "remove") removed.push(data);
  });
  for (const [text, ms] of [
    // Good YAML for longer than a document that lost cameras is doubted, and then a broken one.
    [half, 4000],
    [`${half}\n  : broken`, 1000],
  ] as const) {
    await writeFile(home.document, text);
    await press("button.camera_shepherd_resync");
    await pause(ms);
    await writeFile(home.document, whole);
    await press("button.camera_shepherd_resync");
    await expectRight();
  }
  expect(removed).toEqual([]);
  const left = home.cameras.filter(({ name }) => name !== "garden");
  await writeFile(home.document, frigateDocument(left.map((camera) => ({ camera, sources: [camera.url()] }))));
  await press("button.camera_shepherd_resync");
  shown.delete("garden");
  // The device would go by itself after five minutes; a person who says that the camera is gone for good need not wait.
  const forget = { topic: "camera_shepherd/cmd/forget", payload: JSON.stringify({ camera: "garden" }) };
  await eventually(
    "garden to be forgotten",
    async () => {
      await core.client().call("mqtt", "publish", forget);
      return (await core.client().devices()).every(({ name }) => name !== "garden");
    },
    PATIENCE,
    1000,
  );
  await expectRight();
});

test("none of all this left a warning in Home Assistant's log that names what is ours", () => {
  expect(core.log.complaints(0, OURS)).toEqual([]);
});

test.for(LONG ? (["2026.2.3"] as const) : [])("Home Assistant %s shows the same, and has no complaint either", async (version) => {
  await core.down();
  const account = { port: broker.port, username: "owner", password: broker.users["owner"] ?? "" };
  await using older = await startCore({ folder: join(home.lan.folder, version), version, broker: account });
  const wrong = async (): Promise<readonly string[]> => differences(older.client(), [...shown.values()]);
  await eventually("everything to be right", async () => (await wrong()).length === 0, PATIENCE, 100).catch(() => undefined);
  expect(await wrong()).toEqual([]);
  expect(older.log.complaints(0, OURS)).toEqual([]);
  await older.client().call("button", "press", { entity_id: "button.camera_shepherd_resync" });
  const pressed = async (): Promise<boolean> =>
    (await older.client().state("button.camera_shepherd_resync"))?.state.startsWith("20") === true;
  await eventually("the button to have been pressed", pressed);
});
