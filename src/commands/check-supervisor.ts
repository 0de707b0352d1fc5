import { isFrigateApp } from "../domain/frigate-apps.ts";
import { REASONS } from "../domain/reasons.ts";
import { type Supervisor, SupervisorError } from "../ports/supervisor.ts";
import type { CheckItem, CheckProducer } from "./check.ts";
import { counted } from "./paint.ts";

/** What the program knows of the Home Assistant that it is an app of. */
export interface SupervisorChecked {
  readonly supervisor: Supervisor;
  /** Where the folders of other apps are mounted; absent where they are not. */
  readonly folder?: string | undefined;
  /** Frigates that are looked after, and where the configuration of each is. */
  readonly frigates: readonly { readonly slug: string; readonly file?: string }[] | undefined;
}

/** Home Assistant's Supervisor: whether it answers, the broker that it offers, the Frigates among its apps, and where our page is. Nothing elsewhere. */
export function checkSupervisor(checked: SupervisorChecked | undefined): CheckProducer {
  const part = "Supervisor";
  return {
    part,
    gather: async (signal) => {
      if (checked === undefined) return [];
      const apps = await asked(() => appItems(checked, signal), signal);
      // One that does not answer says so once.
      if (apps.some(({ state }) => state === "absent")) return apps;
      const more = [brokerItems, interfaceItems, pageItems].map((items) => asked(() => items(checked, signal), signal));
      return [...apps, ...(await Promise.all(more)).flat()];
    },
  };
}

async function asked(items: () => Promise<readonly CheckItem[]>, signal: AbortSignal): Promise<readonly CheckItem[]> {
  try {
    return await items();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SupervisorError)) throw error;
    const { severity, nextStep } = REASONS[error.reason];
    return [{ part: "Supervisor", state: severity === "error" ? "act" : "absent", found: error.message, nextStep }];
  }
}

async function appItems({ supervisor, folder, frigates }: SupervisorChecked, signal: AbortSignal): Promise<readonly CheckItem[]> {
  const apps = await supervisor.apps(signal);
  const answers: CheckItem = { part: "Supervisor", state: "ok", found: `answers; ${counted(apps.length, "app")} installed` };
  const found = apps.filter(({ slug }) => isFrigateApp(slug));
  const mounted: CheckItem =
    folder === undefined
      ? { part: "app folders", state: "less", found: "not mounted: Frigate's configuration is read and saved by its API" }
      : { part: "app folders", state: "ok", found: `mounted at ${folder}` };
  const items = found.map(({ slug, isRunning }): CheckItem => {
    const part = `app ${slug}`;
    const own = frigates?.find((one) => one.slug === slug);
    const runs = isRunning ? "runs" : "does not run";
    if (own === undefined) return { part, state: "info", found: `${runs}: it is left alone` };
    return {
      part,
      state: isRunning ? "ok" : "absent",
      ...(isRunning ? {} : { nextStep: REASONS.FrigateStopped.nextStep }),
      found: `${runs}; ${own.file === undefined ? "looked after by its API" : `its configuration is ${own.file}`}`,
    };
  });
  const none: CheckItem = { part: "Frigate app", state: "info", found: "none is installed; name a Frigate elsewhere under frigate.url" };
  return [answers, ...(found.length === 0 ? [none] : [mounted, ...items])];
}

async function brokerItems({ supervisor }: SupervisorChecked, signal: AbortSignal): Promise<readonly CheckItem[]> {
  const part = "MQTT broker";
  const broker = await supervisor.broker(signal);
  if (broker === undefined) return [{ part, state: "info", found: "no app offers one; install Mosquitto, or name yours under mqtt.url" }];
  const login = broker.username === undefined ? "without a login" : `as ${broker.username}`;
  return [{ part, state: "ok", found: `offered by Home Assistant at ${broker.host}:${String(broker.port)}, ${login}` }];
}

async function interfaceItems({ supervisor }: SupervisorChecked, signal: AbortSignal): Promise<readonly CheckItem[]> {
  const all = await supervisor.interfaces(signal);
  const names = all.map(({ name, isUp }) => (isUp ? name : `${name} (not connected)`));
  return names.length === 0 ? [] : [{ part: "Home Assistant's network", state: "info", found: names.join(", ") }];
}

async function pageItems({ supervisor }: SupervisorChecked, signal: AbortSignal): Promise<readonly CheckItem[]> {
  const { ingress } = await supervisor.self(signal);
  const part = "page in Home Assistant";
  if (ingress === undefined) return [{ part, state: "less", found: "Home Assistant gives it no address" }];
  return [{ part, state: "ok", found: `served at ${ingress.host}:${String(ingress.port)}` }];
}
