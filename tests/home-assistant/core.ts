import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { part } from "../parts.ts";
import { start, type Program } from "../world/programs.ts";
import { eventually } from "../world/waiting.ts";
import { connectCore, type CoreClient } from "./core-client.ts";
import { readCoreLog, type CoreLog } from "./core-log.ts";
import { addMqtt, onboard } from "./onboarding.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const IN_ROOT = join(import.meta.dirname, "in-root.sh");

export interface CoreOptions {
  /** For its configuration; made where it is missing. */
  readonly folder: string;
  /** Default 2026.11.0. */
  readonly version?: "2026.11.0" | "2026.2.3";
  readonly broker: { readonly port: number; readonly username: string; readonly password: string };
  /** What a Supervisor puts into Core's environment; undefined: Home Assistant Container. */
  readonly supervisor?: { readonly authority: string; readonly token: string };
  /** More of configuration.yaml. */
  readonly more?: string;
}

/** A real Home Assistant Core, set up, with the MQTT integration on a broker. */
export interface Core extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly log: CoreLog;
  /** Its /config on this machine. */
  readonly config: string;
  /** The client of the Core that runs; another one after a restart. */
  client(): CoreClient;
  /** Ends it, at once as in a power cut where `abruptly`. */
  down(abruptly?: boolean): Promise<void>;
  /** Starts it again with what it has stored, and waits until it runs and has a connection to the broker. */
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** Where it listens by itself; under a Supervisor that is port 80, which a new installation has since 2026.8. */
function urlOf({ supervisor }: CoreOptions): string {
  return supervisor === undefined ? "http://127.0.0.1:8123" : "http://127.0.0.1";
}

const CONFIGURATION = `
homeassistant:
  name: Home
  unit_system: metric
  time_zone: Europe/Berlin
  country: DE
  language: en
  media_dirs:
    local: /config/media
recorder:
history:
logbook:
dhcp:
automation: !include automations.yaml
script: !include scripts.yaml
logger:
  default: info
  logs:
    homeassistant.components.mqtt: debug
`;

/** Starts it; about 7 s. The blueprints and dashboards of this repository lie where a person would have put them. */
export async function startCore(options: CoreOptions): Promise<Core> {
  const { config } = await writeConfiguration(options);
  const root = part("home-assistant", options.version ?? "2026.11.0");
  const url = urlOf(options);
  const { log, onLine } = readCoreLog();
  const environment = [
    "HOME=/root",
    "PATH=/usr/local/bin:/usr/bin:/bin",
    "LANG=C.UTF-8",
    ...(options.supervisor === undefined
      ? []
      : [`SUPERVISOR=${options.supervisor.authority}`, `SUPERVISOR_TOKEN=${options.supervisor.token}`]),
  ];
  const launch = async (): Promise<Program> => {
    const hass = ["/usr/bin/env", "-i", ...environment, "/ha/bin/hass", "-c", "/config", "--skip-pip"];
    const launched = start(IN_ROOT, [root, config, ...hass], { onLine, onComplaint: onLine });
    const answers = (): Promise<boolean> =>
      fetch(`${url}/manifest.json`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually("Home Assistant", () => (launched.assertRunning(), answers()), 60_000, 50).catch((error: unknown) => {
      throw new Error(`Home Assistant did not start:\n${log.tail(30)}`, { cause: error });
    });
    return launched;
  };
  await using undo = new AsyncDisposableStack();
  let program = await launch();
  undo.defer(() => program.stop());
  const { token } = await onboard(url);
  let client = await connectCore(url, token);
  undo.defer(() => client.close());
  await running(client, log);
  await addMqtt((method, path, body) => client.rest(method, path, body), options.broker);
  await hasBroker(client);
  const owned = undo.move();
  const stop = (): Promise<void> => owned.disposeAsync();
  return {
    url,
    token,
    log,
    config,
    client: () => client,
    down: async (abruptly = false) => {
      await client.close();
      if (abruptly) program.signal("SIGKILL");
      await program.stop();
    },
    up: async () => {
      program = await launch();
      client = await eventually("Home Assistant's API", () => connectCore(url, token).catch(() => undefined), 30_000, 100);
      await running(client, log);
      await hasBroker(client);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** @throws where it came up without what its configuration asks for, or its log is not understood */
async function running(client: CoreClient, log: CoreLog): Promise<void> {
  const found = async () => {
    const told = await client.command<{ readonly state: string; readonly recovery_mode: boolean }>("get_config");
    return told.state === "RUNNING" && told;
  };
  const { recovery_mode: isRecovering } = await eventually("Home Assistant to run", found, 60_000, 100);
  if (isRecovering) throw new Error(`Home Assistant came up in recovery mode:\n${log.tail(30)}`);
  // It always warns that it installs nothing by itself.
  if (log.complaints(0, ["Skipping pip installation"]).length === 0) throw new Error(`a log that is not understood:\n${log.tail(5)}`);
}

async function hasBroker(client: CoreClient): Promise<void> {
  const loaded = async (): Promise<boolean> => {
    const entries = await client.command<readonly { readonly state: string }[]>("config_entries/get", { domain: "mqtt" });
    return entries[0]?.state === "loaded";
  };
  await eventually("the MQTT integration", loaded, 30_000, 100);
}

async function writeConfiguration(options: CoreOptions): Promise<{ readonly config: string }> {
  const config = join(options.folder, "config");
  await mkdir(join(config, ".storage"), { recursive: true });
  await mkdir(join(config, "media"));
  await writeFile(join(config, "configuration.yaml"), CONFIGURATION + (options.more ?? ""));
  await writeFile(join(config, "automations.yaml"), "[]\n");
  await writeFile(join(config, "scripts.yaml"), "");
  // As after the pages that follow the owner's account: they would search the network for devices.
  const onboarding = { version: 4, minor_version: 1, key: "onboarding", data: { done: ["core_config", "analytics", "integration"] } };
  await writeFile(join(config, ".storage", "onboarding"), JSON.stringify(onboarding));
  await cp(join(ROOT, "addon", "blueprints"), join(config, "blueprints", "automation", "camera-shepherd"), { recursive: true });
  await cp(join(ROOT, "addon", "dashboards"), join(config, "dashboards"), { recursive: true });
  return { config };
}
