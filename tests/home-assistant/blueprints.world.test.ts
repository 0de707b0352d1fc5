import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLan } from "../world/lan.ts";
import { startMosquitto } from "../world/mosquitto.ts";
import { eventually, pause } from "../world/waiting.ts";
import { announceByHand, BASE, type AnnouncedByHand } from "./announced-by-hand.ts";
import { startCore, type Core } from "./core.ts";

/** How long something that must not happen is waited for. */
const VIGIL = 1500;

interface Notification {
  readonly notification_id: string;
  readonly title: string;
  readonly message: string;
}

const owned = new AsyncDisposableStack();
let core: Core;
let cameras: AnnouncedByHand;

beforeAll(async () => {
  const lan = owned.use(await startLan());
  const broker = owned.use(await startMosquitto({ folder: join(lan.folder, "mosquitto") }));
  const account = { port: broker.port, username: "owner", password: broker.users["owner"] ?? "" };
  core = owned.use(await startCore({ folder: join(lan.folder, "home-assistant"), broker: account }));
  cameras = owned.use(await announceByHand(broker));
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
    const entities = (await core.client().entities()).filter(({ platform }) => platform === "mqtt");
    expect(entities.map(({ entity_id: id, device_id: device }) => `${id} of ${device}`).toSorted()).toEqual([
      `binary_sensor.front_connectivity of ${front?.id}`,
      `button.camera_shepherd_resync of ${bridge?.id}`,
      `event.front_event of ${front?.id}`,
      `image.front_picture of ${front?.id}`,
      `sensor.front_address of ${front?.id}`,
    ]);
    expect(core.log.complaints(0, [BASE, "front"])).toEqual([]);
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
    await cameras.happens({ event_type: "moved", from: "192.168.50.20", to: "192.168.50.77", noticed_by: "dhcp" });
    await cameras.happens({ event_type: "healed", from: "192.168.50.20", to: "192.168.50.77", video: true });
    const [told] = await eventually("the notification", async () => {
      const all = await notifications();
      return all.length > 0 && all;
    });
    expect(told).toMatchObject({
      title: "Front door has moved",
      message: "It was at 192.168.50.20 and is at 192.168.50.77 now. Nothing is left to do.",
    });
    await dismissAll();
    await cameras.says(`${BASE}/status`, "offline");
    await eventually("unavailability", async () => (await core.client().state("event.front_event"))?.state === "unavailable");
    await cameras.says(`${BASE}/status`, "online");
    await eventually("availability", async () => (await core.client().state("event.front_event"))?.state !== "unavailable");
    await pause(VIGIL);
    expect(await notifications()).toEqual([]);
    await stopAutomation("moved");
  });

  test("Another device is at a camera's address: tells which, and which streams are exposed", async () => {
    await automate("impostor", "impostor_seen", { cameras: ["event.front_event"] });
    await cameras.happens({ event_type: "stream_lost", stream: "front", message: "no video" });
    const seen = { event_type: "impostor", address: "192.168.50.20", mac: "0c:79:55:4b:d4:2b", parked: ["front"], exposed: ["front_sub"] };
    await cameras.happens(seen);
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
    const state = (connectivity: string): string => JSON.stringify({ availability: "online", connectivity, address: "192.168.50.20" });
    const titled = (title: string): Promise<Notification> =>
      eventually(title, async () => (await notifications()).find((one) => one.title === title));
    const read = (path: string | undefined): Promise<string> => readFile(join(core.config, path?.slice("/config/".length) ?? ""), "utf8");

    await cameras.says(`${BASE}/front/state`, state("OFF"));
    const offline = await titled("Front door is offline");
    const before = /picture: (\S+)/.exec(offline.message)?.[1];
    expect(await read(before)).toBe("first picture");
    await cameras.says(`${BASE}/front/state`, state("ON"));
    await cameras.says(`${BASE}/front/picture`, Buffer.from("second picture"));
    const online = await titled("Front door is back");
    expect(online.notification_id).toBe(offline.notification_id);
    expect(await read(/Before: (\S+)\. After/.exec(online.message)?.[1])).toBe("first picture");
    expect(await read(/After: (\S+)/.exec(online.message)?.[1])).toBe("second picture");
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
        () => cameras.commands.filter((topic) => topic === `${BASE}/cmd/resync`).length === times,
      );
    await router("binary_sensor.router", "on");
    await router("sensor.router_started", "2026-11-01T08:00:00+00:00");
    const resync = "button.camera_shepherd_resync";
    await automate("router", "resync_after_router_restart", { router: "binary_sensor.router", resync, seconds: 0 });
    await automate("uptime", "resync_after_router_restart", { router: "sensor.router_started", resync, seconds: 0 });
    await router("binary_sensor.router", "off");
    await router("sensor.router_started", "2026-11-01T08:00:31+00:00");
    await pause(VIGIL);
    expect(cameras.commands).toEqual([]);
    await router("binary_sensor.router", "on");
    await pressed(1);
    await router("sensor.router_started", "2026-11-02T09:00:00+00:00");
    await pressed(2);
    await stopAutomation("router");
    await stopAutomation("uptime");
  });

  test("none of them left a warning in the log", () => {
    expect(core.log.complaints(0, [BASE, "front", "automation", "blueprint", "camera-shepherd"])).toEqual([]);
  });
});
