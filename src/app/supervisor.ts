import { HttpSupervisor } from "../adapters/supervisor/http-supervisor.ts";
import type { OptionFiles } from "../config/option-files.ts";
import type { Options } from "../config/options.ts";
import { supervisorAddress } from "../config/supervisor-address.ts";
import { seconds } from "../domain/duration.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Consents } from "../ports/consents.ts";
import type { ServePageParts } from "../http/page/serve-page.ts";
import type { NeighbourSearch, ScanInterface } from "../ports/search.ts";
import type { Status } from "../ports/status.ts";
import { type HostInterface, type Supervisor, SupervisorError } from "../ports/supervisor.ts";
import { backoffDelay, DEFAULT_BACKOFF } from "../runtime/backoff.ts";
import { type AppDocuments, findFrigateApps, type FrigateApp, lookedAfter, mountedFolder, withFrigateApps } from "./frigate-apps.ts";
import { knownFrigates, learnFrigates } from "./known-frigates.ts";
import { WatchedFrigates } from "./watched-frigates.ts";

/** A Supervisor that starts itself is waited for so long at the start of the program; then it goes on with what it has. */
const AT_START = seconds(4);

/** The Supervisor's address on its own network, from which it passes on what a browser asks, also to an app on the host's network. */
const PROXY = "172.30.32.2";

const SUBJECT = "home-assistant/supervisor";

export interface HostParts {
  readonly options: Options;
  readonly files: OptionFiles;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  /** What was known before. */
  readonly memory: Pick<Consents, "fact" | "saveFact">;
}

/** This program as an app of Home Assistant's. */
export interface HostedApp {
  readonly supervisor: Supervisor;
  readonly documents: AppDocuments;
  /** Frigates among the apps that are looked after; undefined where the Supervisor did not tell. */
  readonly frigates: readonly FrigateApp[] | undefined;
  readonly interfaces: readonly HostInterface[];
  /** Where the folders of other apps are mounted; undefined where they are not. */
  readonly folder: string | undefined;
  /** Where our page is to be, and from where alone it is asked for. */
  readonly page: Pick<ServePageParts, "findPlace" | "admitted">;
  /**
   * Resolves when the program must be put together anew, because other Frigates are meant than those that it was made for, or because the Supervisor tells
   * now what it did not; a change counts once it has lasted for two minutes.
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
  const documents = withFrigateApps(options.frigate, told?.frigates, supervisor);
  const asking = (stop: AbortSignal) => ask(() => supervisor.apps(stop), parts.status, stop);
  const watched = new WatchedFrigates({ ...parts, ask: asking, found: told?.frigates, apps: documents.apps });
  return {
    supervisor,
    documents,
    frigates: told?.frigates,
    interfaces: told?.interfaces ?? [],
    folder: await mountedFolder(files, signal),
    page: {
      admitted: PROXY,
      findPlace: async (stop) => (await ask(() => supervisor.self(stop), parts.status, stop))?.ingress,
    },
    changed: (stop) => watched.changed(stop),
  };
}

type Told = Pick<HostedApp, "interfaces"> & { readonly frigates: readonly FrigateApp[] };

async function askAtStart(supervisor: Supervisor, parts: HostParts, signal: AbortSignal): Promise<Told | undefined> {
  const { options, files, clock, random, status, memory } = parts;
  const { frigate } = options;
  const limit = clock.deadline("wait for Home Assistant's Supervisor", AT_START, signal);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [apps, interfaces] = await Promise.all([supervisor.apps(limit), supervisor.interfaces(limit)]);
      const known = knownFrigates(memory);
      const frigates = await findFrigateApps({ supervisor, frigate, files }, apps, known, limit);
      noteAnswer(status);
      if (lookedAfter(frigate, apps, [...known.keys()]).replaced.length === 0) learnFrigates(memory, frigates, apps);
      return { frigates, interfaces };
    } catch (error) {
      signal.throwIfAborted();
      if (limit.aborted) return undefined;
      if (!(error instanceof SupervisorError)) throw error;
      noteTrouble(status, error);
      if (error.reason === "SupervisorRefuses") return undefined;
    }
    try {
      await clock.wait("ask Home Assistant's Supervisor again", backoffDelay(DEFAULT_BACKOFF, attempt, random), limit);
    } catch {
      signal.throwIfAborted();
      return undefined;
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
