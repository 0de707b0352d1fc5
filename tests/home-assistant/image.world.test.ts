import { readFileSync } from "node:fs";
import { copyFile, mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { load as loadYaml } from "js-yaml";
import { describe, expect, onTestFailed, test } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import { expectFrames, expectText, moved } from "../scenarios/scene.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { eventually } from "../world/waiting.ts";
import { FakeFrigate } from "../fakes/fake-frigate/fake-frigate.ts";
import { type FakeSupervisor, INGRESS_TOKEN, startFakeSupervisor } from "../fakes/fake-supervisor.ts";
import { selfInfo } from "../fakes/supervisor-state.ts";
import { startMosquitto } from "../world/mosquitto.ts";
import { run } from "../world/programs.ts";
import { startCore, type Core } from "./core.ts";
import { builtImage, inContainer, type ContainerOptions } from "./container.ts";
import { isGroup } from "./supervisor-rules.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front", realm: "IP Camera(C6F0)" };
const root = join(import.meta.dirname, "..", "..");
const image = builtImage();
const healthCheck = image.config.Healthcheck.Test.slice(1);
/** Slug of the app Frigate. */
const FRIGATE = "ccab4aaf_frigate";
/** The Supervisor's addresses of the host and of itself, on its own network. */
const HOST = "172.30.32.1";
const SUPERVISOR = "172.30.32.2";
const start = [...image.config.Entrypoint, ...image.config.Cmd];

interface Started extends AsyncDisposable {
  readonly lines: readonly string[];
  signal(name: "SIGTERM" | "SIGSTOP" | "SIGCONT"): void;
  ended(): Promise<{ readonly exitCode?: number | undefined }>;
}

function startContainer(options: ContainerOptions): Started {
  const running = inContainer(image, start, options);
  const lines: string[] = [];
  const note = (bytes: unknown): void => void lines.push(...String(bytes).split("\n"));
  running.stdout.on("data", note);
  running.stderr.on("data", note);
  onTestFailed(() => void process.stdout.write(`the container said:\n${lines.join("\n")}\n`));
  return {
    lines,
    signal: (name) => void running.kill(name),
    ended: async () => running,
    [Symbol.asyncDispose]: async () => {
      running.kill("SIGKILL");
      await running;
    },
  };
}

interface Supervised {
  readonly document: string;
  readonly options: ContainerOptions;
  readonly core: Core;
  readonly supervisor: FakeSupervisor;
}

/**
 * Home Assistant with the apps Frigate and Mosquitto, and what the Supervisor gives our app: the form's defaults with an option of another release, the
 * folders that it mounts, its token, and names of the other apps.
 */
async function supervised(home: Home, owned: AsyncDisposableStack): Promise<Supervised> {
  const folder = join(home.lan.folder, "supervisor");
  const frigate = join(folder, "app_configs", FRIGATE);
  await mkdir(frigate, { recursive: true });
  await mkdir(join(folder, "data"));
  const document = join(frigate, "config.yml");
  await copyFile(home.document, document);
  const config = loadYaml(readFileSync(join(root, "config.yaml"), "utf8"));
  await writeFile(
    join(folder, "data", "options.json"),
    JSON.stringify({ ...(isGroup(config) && isGroup(config["options"]) ? config["options"] : {}), poll_seconds: 5 }, undefined, 2),
  );
  await writeFile(join(folder, "hosts"), `127.0.0.1 localhost ${FRIGATE.replace("_", "-")} core-mosquitto\n`);
  await run("ip", ["-batch", "-"], { input: [HOST, SUPERVISOR].map((address) => `address add ${address}/32 dev lo`).join("\n") });
  const running = new FakeFrigate({ version: "0.17.2", text: await readFile(document, "utf8"), port: 5000 });
  await running.start();
  owned.defer(() => running.stop());
  const broker = owned.use(await startMosquitto({ folder: join(home.lan.folder, "mosquitto") }));
  const { owner = "", shepherd = "" } = broker.users;
  const offered = { port: broker.port, ssl: false, protocol: "3.1.1", addon: "core_mosquitto" };
  const state = {
    mqtt: { ...offered, host: "core-mosquitto", username: "shepherd", password: shepherd },
    apps: [{ slug: FRIGATE, name: "Frigate", version: "0.17.2", state: "started" as const, info: { boot: "auto", watchdog: false } }],
    self: { ip_address: HOST },
    ingressFrom: SUPERVISOR,
  };
  const supervisor = owned.use(await startFakeSupervisor({ host: SUPERVISOR, state }));
  const { authority, coreToken, token } = supervisor;
  const core = owned.use(
    await startCore({
      folder: join(home.lan.folder, "home-assistant"),
      broker: { port: broker.port, username: "owner", password: owner },
      supervisor: { authority, token: coreToken },
    }),
  );
  supervisor.state.core = { url: core.url, token: core.token };
  const folders = { "/data": join(folder, "data"), "/app_configs": join(folder, "app_configs"), "/etc/hosts": join(folder, "hosts") };
  // Of our own are the Supervisor's port, and a shorter wait for cameras that move, too.
  const env = { TZ: "Europe/Berlin", SUPERVISOR: authority, SUPERVISOR_TOKEN: token, CAMERA_SHEPHERD_LIMITS__RESTART_QUIET: "2s" };
  return { document, options: { folders, shared: join(folder, "shm"), env }, core, supervisor };
}

/** The lines of an example in `DOCS.md`. */
function shownIn(name: string): readonly string[] {
  const page = readFileSync(join(root, "DOCS.md"), "utf8");
  const block = new RegExp(`<!-- ${name}:begin -->\\s*\`\`\`text\\n([\\s\\S]*?)\`\`\`\\s*<!-- ${name}:end -->`).exec(page)?.[1];
  if (block === undefined) throw new Error(`DOCS.md has no example called ${name}`);
  return block.split("\n");
}

/** Lines without what differs from one run to the next: times, spans, ids of devices, what was said in one breath, and spaces at both ends. */
function told(lines: readonly string[]): readonly string[] {
  const plain = lines.map((line) =>
    line
      .replaceAll(/\d\d:\d\d:\d\d|[0-9a-f-]{36}|\d+(?:\.\d+)? m?s\b/g, "…")
      .trim()
      .replace(/^…\s+network\s+noticing:/, "noticing"),
  );
  return plain.filter((line) => line !== "");
}

/** Waits until Home Assistant has the camera there: its entities, by the broker, and the app's page, through ingress. */
async function expectShown(core: Core, supervisor: FakeSupervisor, address: IpAddress): Promise<void> {
  const shows = async (entity: string, state: string): Promise<boolean> => (await core.client().state(entity))?.state === state;
  await eventually(`the address ${address}`, () => shows("sensor.front_address", address), 30_000, 100);
  await eventually("the connection", () => shows("binary_sensor.front_connectivity", "on"), 10_000, 100);
  const session = { cookie: `ingress_session=${supervisor.state.ingressSession}` };
  const page = async (): Promise<string> => (await fetch(`${core.url}/api/hassio_ingress/${INGRESS_TOKEN}/`, { headers: session })).text();
  await eventually("the page", async () => /1 camera, all well/.test(await page()) && (await page()).includes(address), 10_000, 200);
  // Who is on the host's network, and not the Supervisor, is shown nothing.
  expect((await fetch(`http://${HOST}:${String(selfInfo(supervisor.state, INGRESS_TOKEN)["ingress_port"])}/`)).status).toBe(403);
}

/** Waits until a person was told of the first change, and Frigate was restarted as an app, so that it comes back. */
async function expectTold(core: Core, supervisor: FakeSupervisor): Promise<void> {
  const told = (): Promise<readonly { readonly title: string; readonly message: string }[]> =>
    core.client().command("persistent_notification/get");
  await eventually("the notification", async () => (await told()).length > 0, 10_000, 100);
  const [first, ...others] = await told();
  expect(others).toEqual([]);
  expect(first?.title).toBe("A configuration was changed for the first time");
  expect(first?.message).toContain("Undo on the page Camera Shepherd takes it back.");
  expect(first?.message).not.toContain("canary");
  const restarts = (): readonly unknown[] => supervisor.requests.filter(({ path }) => path.endsWith("/restart"));
  await eventually("the restart of Frigate", () => restarts().length > 0, 15_000, 100);
  expect(restarts()).toMatchObject([{ method: "POST", path: `/addons/${FRIGATE}/restart`, status: 200 }]);
}

describe("the image, started as the Supervisor starts it", () => {
  test("with a real Home Assistant and its apps: finds them, learns, is healthy, heals a move and shows it there, is unhealthy where it hangs, and stops on SIGTERM with code 0", async () => {
    await using owned = new AsyncDisposableStack();
    const home = owned.use(await startHome({ cameras: [front] }));
    const { document, options, core, supervisor } = await supervised(home, owned);
    const before = await readFile(document, "utf8");
    const healthy = async (): Promise<number | undefined> => (await inContainer(image, healthCheck, options)).exitCode;
    expect(await healthy()).toBe(1);

    await using container = startContainer(options);
    await eventually("front to be learned", () => container.lines.some((line) => /front\s+learned at/.test(line)), 45_000, 100);
    expect(await healthy()).toBe(0);
    await expectShown(core, supervisor, home.lan.at(20));

    const camera = home.camera("front");
    await camera.moveByDhcp(home.lan.at(60));
    await expectText(document, moved(before, [[home.lan.at(20), home.lan.at(60)]]));
    await expectFrames(home.go2rtc, "front", home.lan.at(60));
    await eventually("the heal to be told", () => container.lines.some((line) => /front\s+healed:/.test(line)));
    await expectShown(core, supervisor, home.lan.at(60));
    await expectTold(core, supervisor);

    // One that hangs touches nothing any more; a minute later its heartbeat is too old.
    container.signal("SIGSTOP");
    const heartbeat = join(options.shared, "camera-shepherd.heartbeat");
    const past = Date.now() / 1000 - 61;
    await utimes(heartbeat, past, past);
    expect(await healthy()).toBe(1);
    container.signal("SIGCONT");
    await eventually("the heartbeat to go on", async () => (await healthy()) === 0, 15_000, 500);

    const asked = performance.now();
    container.signal("SIGTERM");
    expect((await container.ended()).exitCode).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    const isOff = async (): Promise<boolean> => (await core.client().state("binary_sensor.camera_shepherd_running"))?.state === "off";
    await eventually("Home Assistant to show that it has ended", isOff, 10_000, 100);
    expect(core.log.complaints(0, ["camera_shepherd", "front"])).toEqual([]);
    expect(await healthy()).toBe(1);
    expect(container.lines.join("\n")).not.toContain("canary");
    const said = container.lines.filter((line) => line.includes("poll_seconds"));
    expect(said).toEqual([expect.stringMatching(/^ {2}\/data\/options\.json:\d+: poll_seconds: unknown key$/)]);
    for (const name of ["learned", "healed"]) {
      const shown = told(shownIn(name)).filter((line) => !told(container.lines).includes(line));
      expect(shown, `DOCS.md shows under ${name} what was not said`).toEqual([]);
    }
  });
});

describe("the image, started as deploy/compose.yaml starts it", () => {
  test("has all that it needs of the host's network and of the machine", async () => {
    await using home = await startHome({ cameras: [front] });
    const compose = loadYaml(readFileSync(join(root, "deploy/compose.yaml"), "utf8")) as {
      readonly services: Readonly<Record<string, { readonly cap_add: readonly string[] }>>;
    };
    const folder = join(home.lan.folder, "compose");
    for (const name of ["config", "data"]) await mkdir(join(folder, name), { recursive: true });
    await copyFile(home.document, join(folder, "config", "config.yml"));
    const checked = await inContainer(image, ["camera-shepherd", "check", "--json"], {
      folders: { "/config": join(folder, "config"), "/data": join(folder, "data") },
      shared: join(folder, "shm"),
      capabilities: compose.services["camera-shepherd"]?.cap_add ?? [],
    });
    expect(checked).toMatchObject({ exitCode: 0, stderr: "" });
    const { items } = JSON.parse(String(checked.stdout)) as {
      readonly items: readonly { readonly part: string; readonly state: string; readonly found: string }[];
    };
    const stateOf = (part: string): string | undefined => items.find((item) => item.part === part)?.state;
    const wanted = ["data folder", "iproute2", "arp-scan", "noticing dhcp", "noticing neighbours", "noticing ws_discovery", "layer 2"];
    expect(wanted.filter((part) => stateOf(part) !== "ok")).toEqual([]);
    expect(items.find(({ part }) => part === "document frigate")?.found).toContain("/config/config.yml");
  });
});
