import { HttpSupervisor } from "../adapters/supervisor/http-supervisor.ts";
import type { OptionFiles } from "../config/option-files.ts";
import type { Options } from "../config/options.ts";
import { supervisorAddress } from "../config/supervisor-address.ts";
import { type Duration, minutes, seconds } from "../domain/duration.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { ServePageParts } from "../http/page/serve-page.ts";
import type { NeighbourSearch, ScanInterface } from "../ports/search.ts";
import type { Status } from "../ports/status.ts";
import { type HostInterface, type Supervisor, SupervisorError } from "../ports/supervisor.ts";
import { backoffDelay, type BackoffPolicy } from "../runtime/backoff.ts";
import {
  type AppDocuments,
  findFrigateApps,
  type FrigateApp,
  isUndescribed,
  mountedFolder,
  runningFrigates,
  withFrigateApps,
} from "./frigate-apps.ts";

/** A Supervisor that starts itself is waited for so long at the start of the program; then it goes on with what it has. */
const AT_START = seconds(4);
const AGAIN: BackoffPolicy = { initial: seconds(1), factor: 2, max: minutes(5), jitter: 0.25 };
/** The Supervisor logs each question. It is asked often only while the machine may still be starting. */
const SOON = seconds(15);
const SOON_FOR = minutes(10);
const CALM = minutes(5);
/** An app that is updated or restarted is away for so long; only what lasts is a change. */
const LASTS = minutes(2);

/** The Supervisor's address on its own network, from which it passes on what a browser asks, also to an app on the host's network. */
const PROXY = "172.30.32.2";

const SUBJECT = "home-assistant/supervisor";

export interface HostParts {
  readonly options: Options;
  readonly files: OptionFiles;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
}

/** This program as an app of Home Assistant's. */
export interface HostedApp {
  readonly supervisor: Supervisor;
  readonly documents: AppDocuments;
  /** Frigates among the apps; undefined where the Supervisor did not tell. */
  readonly frigates: readonly FrigateApp[] | undefined;
  readonly interfaces: readonly HostInterface[];
  /** Where the folders of other apps are mounted; undefined where they are not. */
  readonly folder: string | undefined;
  /** Where our page is to be, and from where alone it is asked for. */
  readonly page: Pick<ServePageParts, "findPlace" | "admitted">;
  /**
   * Resolves when the program must be put together anew, because other Frigates run than those that it was made for, or because the Supervisor tells now
   * what it did not; a change counts once it has lasted for two minutes.
   * @throws the signal's reason when aborted
   */
  changed(signal: AbortSignal): Promise<void>;
}

/** Asks the Supervisor what it knows; undefined where the program is no app of Home Assistant's. @throws the signal's reason when aborted */
export async function joinSupervisor(parts: HostParts, signal: AbortSignal): Promise<HostedApp | undefined> {
  const { options, files, clock } = parts;
  const address = supervisorAddress(files.environment);
  if (address === undefined) return undefined;
  const supervisor = new HttpSupervisor({ ...address, clock });
  const told = await askAtStart(supervisor, parts, signal);
  return {
    supervisor,
    documents: withFrigateApps(options.frigate, told?.frigates, supervisor),
    frigates: told?.frigates,
    interfaces: told?.interfaces ?? [],
    folder: await mountedFolder(files, signal),
    page: {
      admitted: PROXY,
      findPlace: async (stop) => (await ask(() => supervisor.self(stop), parts.status, stop))?.ingress,
    },
    changed: (stop) => untilChanged(supervisor, told?.frigates, parts, stop),
  };
}

type Told = Pick<HostedApp, "interfaces"> & { readonly frigates: readonly FrigateApp[] };

async function askAtStart(supervisor: Supervisor, parts: HostParts, signal: AbortSignal): Promise<Told | undefined> {
  const { files, clock, random, status } = parts;
  const limit = clock.deadline("wait for Home Assistant's Supervisor", AT_START, signal);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [apps, interfaces] = await Promise.all([supervisor.apps(limit), supervisor.interfaces(limit)]);
      const frigates = await findFrigateApps(supervisor, apps, files, limit);
      noteAnswer(status);
      return { frigates, interfaces };
    } catch (error) {
      signal.throwIfAborted();
      if (limit.aborted) return undefined;
      if (!(error instanceof SupervisorError)) throw error;
      noteTrouble(status, error);
      if (error.reason === "SupervisorRefuses") return undefined;
    }
    try {
      await clock.wait("ask Home Assistant's Supervisor again", backoffDelay(AGAIN, attempt, random), limit);
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }
}

async function untilChanged(
  supervisor: Supervisor,
  found: readonly FrigateApp[] | undefined,
  { options, clock, random, status }: HostParts,
  signal: AbortSignal,
): Promise<void> {
  const isFound = options.frigate.some(isUndescribed);
  const known = found?.map(({ slug }) => slug).toSorted();
  const started = clock.monotonic();
  let failures = found === undefined ? 1 : 0;
  let differsSince: Duration | undefined;
  let isRunning = false;
  for (;;) {
    const mayStart = differsSince !== undefined || (!isRunning && clock.monotonic() - started < SOON_FOR);
    const pause = failures > 0 ? backoffDelay(AGAIN, failures + 1, random) : mayStart && isFound ? SOON : CALM;
    await clock.wait("look which Frigates run", pause, signal);
    const apps = await ask(() => supervisor.apps(signal), status, signal);
    failures = apps === undefined ? failures + 1 : 0;
    if (apps === undefined || !isFound) continue;
    if (known === undefined) return;
    const running = runningFrigates(apps);
    isRunning = running.length > 0;
    if (!isRunning || running.join(" ") === known.join(" ")) differsSince = undefined;
    else if (known.length === 0) return;
    else {
      differsSince ??= clock.monotonic();
      if (clock.monotonic() - differsSince >= LASTS) return;
    }
  }
}

/** What it answers; undefined where it does not, which is said. @throws the signal's reason when aborted */
async function ask<T>(question: () => Promise<T>, status: Status, signal: AbortSignal): Promise<T | undefined> {
  try {
    const answer = await question();
    noteAnswer(status);
    return answer;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SupervisorError)) throw error;
    noteTrouble(status, error);
    return undefined;
  }
}

function noteAnswer(status: Status): void {
  status.set(SUBJECT, "ok", "Healthy", "Home Assistant's Supervisor answers");
}

function noteTrouble(status: Status, { reason, message }: SupervisorError): void {
  status.set(SUBJECT, "problem", reason, message);
}

/** The search, on every interface that Home Assistant's network settings list as well, whatever its name looks like. */
export function withHostInterfaces(search: NeighbourSearch, listed: readonly HostInterface[]): NeighbourSearch {
  const names = new Set(listed.map(({ name }) => name));
  const real = ({ avoid, ...one }: ScanInterface): ScanInterface => (avoid === undefined || names.has(one.name) ? one : { ...one, avoid });
  return {
    interfaces: async (signal) => (await search.interfaces(signal)).map(real),
    gateways: (signal) => search.gateways(signal),
    ask: (on, mac, onSighting, signal) => search.ask(on, mac, onSighting, signal),
    poke: (on, network, wanted, onSighting, signal) => search.poke(on, network, wanted, onSighting, signal),
    census: (on, network, onSighting, signal) => search.census(on, network, onSighting, signal),
  };
}
