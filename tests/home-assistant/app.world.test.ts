import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { IpAddress } from "../../src/domain/addresses.ts";
import type { DeviceId } from "../../src/domain/camera.ts";
import type { Instant } from "../../src/domain/duration.ts";
import { reasonOf } from "../../src/domain/reasons.ts";
import { openBrowser } from "./browser.ts";
import { startLan } from "../world/lan.ts";
import { startMosquitto } from "../world/mosquitto.ts";
import { eventually, pause } from "../world/waiting.ts";
import { BRIDGE_ENTITIES } from "../../src/domain/entities/bridge-entities.ts";
import { CAMERA_ENTITIES } from "../../src/domain/entities/camera-entities.ts";
import { startFakeSupervisor, INGRESS_TOKEN, type FakeSupervisor } from "../fakes/fake-supervisor.ts";
import { at, FakeHome, FRONT } from "../reconcilers/fake-home.ts";
import { seconds } from "../../src/domain/duration.ts";
import { PROXY, servePageOf } from "../http/page/page-kit.ts";
import { announce, type Announced } from "./announced.ts";
import { startCore, type Core } from "./core.ts";
import type { CoreState } from "./core-client.ts";
import { OWN_SLUG, ownInfo } from "./own-app.ts";
import { sourceAndHandTests, SWITCHES } from "./source-and-hand.ts";
import { DASHBOARD } from "./our-dashboard.ts";

/** How long something that must not happen is waited for. */
const VIGIL = 1500;

interface Notification {
  readonly notification_id: string;
  readonly title: string;
  readonly message: string;
}

const OURS = ["camera_shepherd", "front", "automation", "blueprint", "camera-shepherd"];

const owned = new AsyncDisposableStack();
let core: Core;
let announced: Announced;
let supervisor: FakeSupervisor;

beforeAll(async () => {
  const lan = owned.use(await startLan());
  const broker = owned.use(await startMosquitto({ folder: join(lan.folder, "mosquitto") }));
  const account = { port: broker.port, username: "owner", password: broker.users["owner"] ?? "" };
  supervisor = owned.use(await startFakeSupervisor());
  const { authority, coreToken: token } = supervisor;
  core = owned.use(
    await startCore({
      folder: join(lan.folder, "home-assistant"),
      broker: account,
      supervisor: { authority, token },
      more: DASHBOARD + SWITCHES,
    }),
  );
  supervisor.state.core = { url: core.url, token: core.token };
  announced = owned.use(await announce(broker));
  await eventually("the camera", async () => (await core.client().state("sensor.front_address"))?.state === "192.168.50.20");
});

afterAll(() => owned.disposeAsync());

async function notifications(): Promise<readonly Notification[]> {
  return core.client().command<readonly Notification[]>("persistent_notification/get");
}

async function dismissAll(): Promise<void> {
  await core.client().call("persistent_notification", "dismiss_all");
}

/** Makes an automation of a blueprint, as a person does who fills in its form. */
async function automate(id: string, blueprint: string, input: Readonly<Record<string, unknown>>): Promise<void> {
  const use = { path: `camera-shepherd/${blueprint}.yaml`, input };
  await core.client().rest("POST", `/api/config/automation/config/${id}`, { alias: id, use_blueprint: use });
  await eventually(`${id} to be on`, async () => (await core.client().state(`automation.${id}`))?.state === "on");
}

async function stopAutomation(id: string): Promise<void> {
  await core.client().rest("DELETE", `/api/config/automation/config/${id}`);
  await eventually(`${id} to be gone`, async () => (await core.client().state(`automation.${id}`)) === undefined);
}

describe("Home Assistant Core", () => {
  test("takes a device as it is announced: ids, availability, the way by the bridge, and not a word in its log", async () => {
    const states = await core.client().states();
    expect(states.get("sensor.front_address")?.state).toBe("192.168.50.20");
    expect(states.get("binary_sensor.front_connectivity")?.state).toBe("on");
    expect(states.get("button.camera_shepherd_resync")?.state).toBe("unknown");
    const devices = await core.client().devices();
    const bridge = devices.find(({ name }) => name === "Camera Shepherd");
    const front = devices.find(({ name }) => name === "Front door");
    expect(front?.connections).toEqual([["mac", "0c:79:55:4b:d4:2a"]]);
    expect(front?.via_device_id).toBe(bridge?.id);
    const entities = (await core.client().entities()).filter(({ platform, device_id: device }) => platform === "mqtt" && device !== null);
    const place = entities.map(({ entity_id: id, device_id: device, entity_category: category }) => `${id} ${category} of ${device}`);
    const wanted = [
      ...BRIDGE_ENTITIES.map(({ platform, key, category = null }) => `${platform}.camera_shepherd_${key} ${category} of ${bridge?.id}`),
      ...CAMERA_ENTITIES.map(({ platform, key, category = null }) => `${platform}.front_${key} ${category} of ${front?.id}`),
    ];
    expect(place.toSorted()).toEqual(wanted.toSorted());
    expect(core.log.complaints(0, OURS)).toEqual([]);
  });

  test("has every blueprint of the app, and finds no fault with one", async () => {
    const files = (await readdir(join(core.config, "blueprints", "automation", "camera-shepherd"))).toSorted();
    const known = await core.client().command<Record<string, { error?: string }>>("blueprint/list", { domain: "automation" });
    const ours = Object.entries(known).filter(([path]) => path.startsWith("camera-shepherd/"));
    expect(ours.map(([path]) => path.slice("camera-shepherd/".length)).toSorted()).toEqual(files);
    expect(ours.filter(([, { error }]) => error !== undefined)).toEqual([]);
    expect(files).toHaveLength(4);
  });
});

describe("the blueprint", () => {
  test("A camera has moved: tells of it once, and not again when the entity comes back", async () => {
    await automate("moved", "camera_moved", { cameras: ["event.front_event"] });
    await announced.happens({ event_type: "moved", from: "192.168.50.20", to: "192.168.50.77", noticed_by: "dhcp" });
    await announced.happens({ event_type: "healed", from: "192.168.50.20", to: "192.168.50.77", video: true });
    const [told] = await eventually("the notification", async () => {
      const all = await notifications();
      return all.length > 0 && all;
    });
    expect(told).toMatchObject({
      title: "Front door has moved",
      message: "It was at 192.168.50.20 and is at 192.168.50.77 now. Nothing is left to do.",
    });
    await dismissAll();
    await announced.status("offline");
    await eventually("unavailability", async () => (await core.client().state("event.front_event"))?.state === "unavailable");
    await announced.status("online");
    await eventually("availability", async () => (await core.client().state("event.front_event"))?.state !== "unavailable");
    await pause(VIGIL);
    expect(await notifications()).toEqual([]);
    await stopAutomation("moved");
  });

  test("Another device is at a camera's address: tells which, and which streams are exposed", async () => {
    await automate("impostor", "impostor_seen", { cameras: ["event.front_event"] });
    await announced.happens({ event_type: "stream_lost", stream: "front", message: "no video" });
    const seen = { event_type: "impostor", address: "192.168.50.20", mac: "0c:79:55:4b:d4:2b", parked: ["front"], exposed: ["front_sub"] };
    await announced.happens(seen);
    const [told, ...others] = await eventually("the notification", async () => {
      const all = await notifications();
      return all.length > 0 && all;
    });
    expect(others).toEqual([]);
    expect(told?.title).toBe("Another device is at the address of Front door");
    expect(told?.message).toContain("The device 0c:79:55:4b:d4:2b answers at 192.168.50.20, where Front door used to be.");
    expect(told?.message).toContain("front_sub");
    await dismissAll();
    await stopAutomation("impostor");
  });

  test("A camera is offline for a while: keeps the last good picture, and a new one once the camera is back", async () => {
    const folder = "/config/media/camera-shepherd";
    const input = { connectivity: "binary_sensor.front_connectivity", picture: "image.front_picture", minutes: 0, folder };
    await automate("offline", "camera_offline", input);
    const titled = (title: string): Promise<Notification> =>
      eventually(title, async () => (await notifications()).find((one) => one.title === title));
    const read = (path: string | undefined): Promise<string> => readFile(join(core.config, path?.slice("/config/".length) ?? ""), "utf8");

    await announced.camera({ proved: false });
    const offline = await titled("Front door is offline");
    const before = /picture: (\S+)/.exec(offline.message)?.[1];
    expect(await read(before)).toBe("first picture");
    await announced.camera({ proved: true });
    await announced.picture("second picture");
    const online = await titled("Front door is back");
    expect(online.notification_id).toBe(offline.notification_id);
    expect(await read(/Before: (\S+)\. After/.exec(online.message)?.[1])).toBe("first picture");
    expect(await read(/After: (\S+)/.exec(online.message)?.[1])).toBe("second picture");
    await dismissAll();
    await stopAutomation("offline");

    await automate("offline", "camera_offline", { ...input, live: "camera.live_front", delay: 0 });
    await announced.live("live picture");
    await announced.camera({ proved: false });
    expect(await read(/picture: (\S+)/.exec((await titled("Front door is offline")).message)?.[1])).toBe("second picture");
    await announced.camera({ proved: true });
    expect(await read(/After: (\S+)/.exec((await titled("Front door is back")).message)?.[1])).toBe("live picture");
    await dismissAll();
    await stopAutomation("offline");
  });

  test("Look for the cameras after the router restarted: presses the button when the router is back, or has a later start", async () => {
    const router = async (id: string, state: string): Promise<void> => {
      await core.client().rest("POST", `/api/states/${id}`, { state, attributes: {} });
    };
    const pressed = (times: number): Promise<unknown> =>
      eventually(
        `the button to be pressed ${times} times`,
        () => announced.commands.filter((topic) => topic === `camera_shepherd/cmd/resync`).length === times,
      );
    await router("binary_sensor.router", "on");
    await router("sensor.router_started", "2026-11-01T08:00:00+00:00");
    const resync = "button.camera_shepherd_resync";
    await automate("router", "resync_after_router_restart", { router: "binary_sensor.router", resync, seconds: 0 });
    await automate("uptime", "resync_after_router_restart", { router: "sensor.router_started", resync, seconds: 0 });
    await router("binary_sensor.router", "off");
    await router("sensor.router_started", "2026-11-01T08:00:31+00:00");
    await pause(VIGIL);
    expect(announced.commands).toEqual([]);
    await router("binary_sensor.router", "on");
    await pressed(1);
    await router("sensor.router_started", "2026-11-02T09:00:00+00:00");
    await pressed(2);
    await stopAutomation("router");
    await stopAutomation("uptime");
  });
});

describe("the dashboard", () => {
  test("lists every camera with its address and its trouble, and what waits for a person, without a card that fails", async () => {
    const trouble = {
      subject: "stream/go2rtc/front",
      status: "problem",
      reason: "LoginRefused",
      message: "no video",
      since: 0 as Instant,
    } as const;
    await announced.camera({
      conditions: [trouble],
      history: ["192.168.50.21" as IpAddress],
      lastMove: (Date.now() - 3_600_000) as Instant,
    });
    await announced.bridge({ pending: [{ id: "1", target: "frigate", cameras: ["front" as DeviceId] }] });
    await using browser = await openBrowser(core);
    const { page } = browser;
    await page.goto(`${core.url}/camera-shepherd/cameras`, { waitUntil: "domcontentloaded" });
    const row = page.locator("tr", { hasText: "Front door" });
    await row.waitFor({ timeout: 30_000 });
    expect((await row.locator("td").allInnerTexts()).slice(0, 4)).toEqual(["Front door", "connected", "192.168.50.20", "1 hour ago"]);
    const { title, nextStep } = reasonOf("LoginRefused");
    expect(await row.locator("td").nth(4).innerText()).toBe(`${title} ${nextStep}`);
    await page.getByText("A change of frigate for front").waitFor();
    expect(await page.locator("hui-error-card, hui-warning").count()).toBe(0);
    const approve = page.locator("hui-tile-card", { hasText: "Approve the change" });
    await approve.click();
    await page.getByText("Write the change that waits?").waitFor();
    await page.getByRole("button", { name: "OK", exact: true }).click();
    await eventually("the approval", () => announced.commands.includes("camera_shepherd/cmd/approve"));
    await announced.bridge({ pending: [] });
    await page.getByText("Nothing. Every camera and every document is looked after.").waitFor();
    await approve.waitFor({ state: "hidden" });
  });
});

describe("the app's page", () => {
  test("is reached through Home Assistant by who is logged in there, and by nobody else", async () => {
    const page = createServer((request, response) => {
      const { "x-ingress-path": path, "x-hass-source": source } = request.headers;
      response.setHeader("content-type", "application/json").end(JSON.stringify({ url: request.url, path, source }));
    });
    await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void page.close());
    supervisor.state.self = { ip_address: "127.0.0.1", ingress_port: (page.address() as AddressInfo).port };
    const asked = { endpoint: "/ingress/session", method: "post" };
    const { session } = await core.client().command<{ session: string }>("supervisor/api", asked);
    const path = `/api/hassio_ingress/${INGRESS_TOKEN}`;
    const answer = await fetch(`${core.url}${path}/cameras?x=1`, { headers: { cookie: `ingress_session=${session}` } });
    expect(await answer.json()).toEqual({ url: "/cameras?x=1", path, source: "core.ingress" });
    expect((await fetch(`${core.url}${path}/`)).status).toBe(401);
  });

  test("stands in Home Assistant's own frame, and its buttons work there", async () => {
    const home = new FakeHome();
    await home.start();
    onTestFinished(() => home.stop());
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(90));
    await using served = await servePageOf(home);
    supervisor.state.self = ownInfo(served.port);
    supervisor.state.ingressFrom = PROXY;
    onTestFinished(() => void Object.assign(supervisor.state, { ingressFrom: undefined }));
    await using browser = await openBrowser(core);
    await browser.page.goto(`${core.url}/${OWN_SLUG}`);
    const page = browser.page.frameLocator("iframe");
    await page.getByText("2 cameras, all well").waitFor();
    await page.getByRole("button", { name: "Look at everything again" }).click();
    await page.getByText("every camera and document is looked at again").waitFor();
    await page.getByRole("link", { name: "front" }).click();
    await page.getByRole("heading", { name: "192.168.1.77: It is the camera" }).first().waitFor();
    await page.getByRole("link", { name: "All cameras" }).click();
    await page.getByRole("heading", { name: "back" }).waitFor();
    expect(browser.complaints.filter((one) => /content security|refused/i.test(one))).toEqual([]);
  });
});

sourceAndHandTests(
  () => core,
  () => supervisor,
);

test("devices that a person deletes, as DOCS.md says of an app that was uninstalled, are gone from the broker, too", async () => {
  const [entry] = await core.client().command<readonly { readonly entry_id: string }[]>("config_entries/get", { domain: "mqtt" });
  const ours = async () => (await core.client().devices()).filter(({ name }) => name === "Front door" || name === "Camera Shepherd");
  const devices = await ours();
  expect(devices).toHaveLength(2);
  expect(await announced.configurations()).toHaveLength(2);
  for (const { id } of devices)
    await core.client().command("config/device_registry/remove_config_entry", { device_id: id, config_entry_id: entry?.entry_id });
  await eventually("the devices to be gone", async () => (await ours()).length === 0);
  await eventually("the broker to forget them", async () => (await announced.configurations()).length === 0);
  await announced.again();
  await eventually("the devices", async () => (await ours()).length === 2);
});

// Home Assistant loads the integration anew half a minute after an entity was switched on, by itself: nothing comes after this.
test("what is off at first shows its value, unit and class once a person switches it on, and why where it has none", async () => {
  const off = CAMERA_ENTITIES.flatMap((entity) => (entity.platform === "sensor" && entity.enabled === false ? [entity] : []));
  expect(off.map(({ key }) => key)).toEqual(["fps", "bit_rate"]);
  const ids = off.map(({ key }) => `sensor.front_${key}`);
  const become = async (what: string, wanted: readonly string[]): Promise<readonly (CoreState | undefined)[]> =>
    eventually(what, async () => {
      const states = await core.client().states();
      return ids.every((id, index) => states.get(id)?.state === wanted[index]) && ids.map((id) => states.get(id));
    });
  for (const id of ids) await core.client().command("config/entity_registry/update", { entity_id: id, disabled_by: null });
  await core.client().call("homeassistant", "reload_config_entry", { entity_id: "sensor.front_address" });
  for (const state of await become("what is not known", ["unknown", "unknown"]))
    expect(state?.attributes["why_unknown"]).toEqual(expect.stringMatching(/\.$/));
  await announced.camera({ fps: 9.6, bitRate: 2048 });
  const shown = await become("both values", ["9.6", "2048"]);
  const wanted = off.map(({ unit, deviceClass, stateClass }) => [unit, deviceClass, stateClass, undefined]);
  const attributes = ["unit_of_measurement", "device_class", "state_class", "why_unknown"];
  expect(shown.map((state) => attributes.map((name) => state?.attributes[name]))).toEqual(wanted);
});

test("none of all this left a warning in Home Assistant's log", () => {
  // Core empties a device's topic once for each entity that is deleted, and warns of each time but the first.
  const own = "No device components to cleanup";
  expect(core.log.complaints(0, OURS).filter(({ text }) => !text.includes(own))).toEqual([]);
});
