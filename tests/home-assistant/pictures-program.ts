import { join } from "node:path";
import { startFakeSupervisor } from "../fakes/fake-supervisor.ts";
import { SLUG } from "../fakes/supervisor-state.ts";
import { ShownApp } from "../fakes/supervisor-store.ts";
import { startHome } from "../world/home.ts";
import { startMosquitto } from "../world/mosquitto.ts";
import { run } from "../world/programs.ts";
import { viewRtsp } from "../world/rtsp-client.ts";
import { eventually, pause } from "../world/waiting.ts";
import { openBrowser } from "./browser.ts";
import { startCore } from "./core.ts";
import { DASHBOARD } from "./our-dashboard.ts";

// What script/pictures runs inside a world: a household with Home Assistant in it, of which pictures are taken into the folder that is named.

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: pictures-program.ts FOLDER");

const NAMES = { front: "Front door", garden: "Garden", garage: "Garage", porch: "Porch" };
const HOST = "172.30.32.1";
const SUPERVISOR = "172.30.32.2";

await using stack = new AsyncDisposableStack();
const say = (text: string): void => void process.stdout.write(`pictures: ${text}\n`);

say("making the home");
const home = stack.use(
  await startHome({
    shepherd: { cameras: Object.entries(NAMES).map(([id, name]) => ({ id, name })) },
  }),
);
await run("ip", ["-batch", "-"], { input: [HOST, SUPERVISOR].map((address) => `address add ${address}/32 dev lo`).join("\n") });
const broker = stack.use(await startMosquitto({ folder: join(home.lan.folder, "mosquitto") }));
const { owner = "", shepherd = "" } = broker.users;
const supervisor = stack.use(await startFakeSupervisor({ host: SUPERVISOR }));
supervisor.state.mqtt = {
  host: "127.0.0.1",
  port: broker.port,
  ssl: false,
  username: "shepherd",
  password: shepherd,
  protocol: "3.1.1",
  addon: "core_mosquitto",
};
const app = new ShownApp();
// As the page tells a person to set it.
supervisor.state.self = { ip_address: HOST, ...app.info(), watchdog: true };
supervisor.state.pages = app;
supervisor.state.ingressFrom = SUPERVISOR;

say("starting Home Assistant");
const core = stack.use(
  await startCore({
    folder: join(home.lan.folder, "home-assistant"),
    broker: { port: broker.port, username: "owner", password: owner },
    supervisor: { authority: supervisor.authority, token: supervisor.coreToken },
    more: DASHBOARD,
  }),
);
supervisor.state.core = { url: core.url, token: core.token };

const end = new AbortController();
stack.defer(() => end.abort());
for (const { name } of home.cameras) void viewRtsp(home.go2rtc.streamUrl(name), end.signal, () => undefined).catch(() => undefined);
const environment = { SUPERVISOR: supervisor.authority, SUPERVISOR_TOKEN: supervisor.token };
const program = home.runShepherd(["run"], { env: environment });
stack.defer(() => program.stop());

const is = async (entity: string, state: string): Promise<void> => {
  const right = async (): Promise<boolean> => (program.assertRunning(), (await core.client().state(entity))?.state === state);
  await eventually(`${entity} to be ${state}`, right, 60_000, 100);
};
for (const { name } of home.cameras) await is(`binary_sensor.${name}_connectivity`, "on");
say("moving a camera");
await home.camera("front").moveByDhcp(home.lan.at(77));
await is("sensor.front_address", home.lan.at(77));
for (const { name } of home.cameras) {
  const taken = async (): Promise<boolean> => (await core.client().state(`image.${name}_picture`))?.state.startsWith("20") === true;
  await eventually(`a picture of ${name}`, taken, 60_000, 200);
}

const device = (await core.client().devices()).find(({ name }) => name === NAMES.front);
const browser = stack.use(await openBrowser(core, { width: 1240, height: 800 }));
const { page } = browser;
const take = async (name: string, path: string, sign: string, height = 800): Promise<void> => {
  say(name);
  await page.setViewportSize({ width: 1240, height: Math.max(800, height) });
  await page.goto(core.url + path, { waitUntil: "domcontentloaded" });
  const found = async (): Promise<boolean> => {
    for (const frame of page.frames())
      if (
        await frame
          .getByText(sign)
          .first()
          .isVisible()
          .catch(() => false)
      )
        return true;
    return false;
  };
  await eventually(`“${sign}” on ${path}`, found, 30_000, 100);
  await pause(2000);
  await page.screenshot({ path: join(folder, `${name}.png`), clip: { x: 0, y: 0, width: 1240, height } });
};
await take("device", `/config/devices/device/${device?.id ?? ""}`, "Stream problem");
await take("dashboard", "/camera-shepherd/cameras", NAMES.porch);
// High enough for the changes that were made, below the cameras.
await take("page", `/app/${SLUG}`, NAMES.porch, 1040);
await take("store", "/config/apps/available", "Keeps your cameras working", 420);
await take("app", `/config/app/${SLUG}/info`, "Watchdog", 700);
await take("configuration", `/config/app/${SLUG}/config`, "Cameras");
