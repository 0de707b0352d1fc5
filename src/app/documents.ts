import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { FileLease } from "../adapters/file/file-lease.ts";
import { FileTarget } from "../adapters/file/file-target.ts";
import { UnnamedTarget } from "../adapters/file/unnamed-target.ts";
import { FrigateApiTarget } from "../adapters/frigate/api-target.ts";
import { FrigateClient } from "../adapters/frigate/client.ts";
import { frigateDocument } from "../adapters/frigate/document.ts";
import { HttpFrigate } from "../adapters/frigate/running-frigate.ts";
import { go2rtcDocument } from "../adapters/go2rtc/document.ts";
import { namedCameras } from "../domain/host-pins.ts";
import { documentKind } from "../config/document-kind.ts";
import { findDocument } from "../config/document-places.ts";
import { frigateWay } from "../config/frigate-way.ts";
import type { OptionFiles } from "../config/option-files.ts";
import type { Options } from "../config/options.ts";
import { seconds } from "../domain/duration.ts";
import type { CertificatePins } from "../ports/certificate-pins.ts";
import type { Processes } from "../ports/processes.ts";
import { gitTarget } from "./git-document.ts";
import { ChosenPlaces } from "./chosen-places.ts";
import { pipelinesOf } from "./pipelines.ts";
import { clusterDocument, deliveredByCluster } from "./kubernetes.ts";
import type { Clock } from "../ports/clock.ts";
import type { ConfigTarget, TargetName } from "../ports/config-target.ts";
import type { RunningFrigate } from "../ports/running-frigate.ts";
import type { PipedDocument } from "../reconcilers/pipelines.ts";
import { type AppDocuments, isUndescribed } from "./frigate-apps.ts";

/** A Frigate on this machine answers at once. */
const NEAR = seconds(2);

export interface DocumentSettings {
  readonly options: Options;
  readonly files: OptionFiles;
  readonly pins: CertificatePins;
  readonly clock: Clock;
  readonly processes: Processes;
  /** Names this installation among several that look after one document. */
  readonly installation: string;
  readonly dryRun: boolean;
  /** Where a Frigate that nobody named may answer; its own port on this machine where absent. */
  readonly nearest?: string;
  /** What runs among the apps of Home Assistant; absent outside it. */
  readonly apps?: AppDocuments | undefined;
}

/** The documents that are looked after, and the Frigates that are spoken to over HTTP. */
export interface Documents {
  readonly targets: readonly ConfigTarget[];
  /** Those that are written only when a person has approved it. */
  readonly unconfirmed: ReadonlySet<TargetName>;
  readonly frigates: readonly RunningFrigate[];
  /** Those of them that answer over HTTP. */
  readonly examined: readonly HttpFrigate[];
  /** Documents that something else brings into use. */
  readonly piped: readonly PipedDocument[];
  /** What they are spoken to with, by the document's name. */
  readonly clients: readonly { readonly name: TargetName; readonly client: FrigateClient }[];
  /** How each document is reached and why so. */
  readonly ways: ReadonlyMap<TargetName, string>;
  /** Resolves when another way would be chosen now. @throws the signal's reason when aborted */
  changed(signal: AbortSignal): Promise<void>;
}

/** Chooses the way to each document. @throws the signal's reason when aborted */
export async function documentsOf(settings: DocumentSettings, signal: AbortSignal): Promise<Documents> {
  const { options, files, dryRun, apps } = settings;
  const environment = new Map(
    Object.entries(files.environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
  const seen = { environment, cameras: namedCameras(options.cameras) };
  const targets: ConfigTarget[] = [];
  const unconfirmed = new Set<TargetName>();
  const frigates: RunningFrigate[] = [];
  const examined: HttpFrigate[] = [];
  const piped: PipedDocument[] = [];
  const clients: { readonly name: TargetName; readonly client: FrigateClient }[] = [];
  const ways = new Map<TargetName, string>();
  const cluster = { environment: files.environment, clock: settings.clock };
  const places = new ChosenPlaces(cluster);
  const exists = async (path: string): Promise<boolean> => apps?.isStale(path) !== true && (await files.read(path, signal)).kind === "text";
  for (const frigate of options.frigate) {
    const name = frigate.name as TargetName;
    const app = apps?.apps.get(name);
    if (apps?.unknown !== undefined && isUndescribed(frigate)) {
      targets.push(new UnnamedTarget({ name, found: apps.unknown, format: frigateDocument(seen) }));
      continue;
    }
    const way = await frigateWay(
      frigate,
      {
        find: () => findDocument(exists, sameFile),
        // Nobody named it: what asks for a login there is told no password.
        answers: (url) => answers(new FrigateClient({ baseUrl: url, pins: settings.pins, clock: settings.clock }), settings.clock, signal),
        choice: () => places.choose(frigate, signal),
      },
      settings.nearest,
    );
    if (way.kind === "none") continue;
    if (frigate.approve) unconfirmed.add(name);
    const url = way.kind === "api" ? way.url : frigate.url;
    const client = url === undefined ? undefined : clientOf({ ...frigate, url }, settings);
    const http = client === undefined ? undefined : new HttpFrigate(name, client, app?.restart);
    if (client !== undefined && http !== undefined) {
      clients.push({ name, client });
      examined.push(http);
    }
    if (way.kind === "kubernetes" && frigate.kubernetes?.configmap !== undefined) {
      const described = { ...frigate.kubernetes, configmap: frigate.kubernetes.configmap };
      const { target, frigate: rolled = http } = clusterDocument(
        name,
        described,
        frigateDocument(seen),
        settings.installation,
        http,
        cluster,
      );
      ways.set(name, `by the Kubernetes API, as ${target.place}: ${way.why}`);
      targets.push(target);
      if (rolled !== undefined) frigates.push(rolled);
      continue;
    }
    if (http !== undefined) frigates.push(http);
    if (way.kind === "unnamed") {
      targets.push(new UnnamedTarget({ name, found: way.found, format: frigateDocument(seen) }));
      continue;
    }
    if (way.kind === "api") {
      if (client === undefined) continue;
      ways.set(name, `by Frigate's API at ${client.place}: ${app?.why ?? way.why}`);
      targets.push(new FrigateApiTarget({ name, client, format: frigateDocument(seen) }));
      continue;
    }
    if (way.kind !== "file") {
      if (frigate.git === undefined) continue;
      const pipelines = pipelinesOf(frigate, cluster);
      const there = deliveredByCluster(name, frigate.kubernetes, frigateDocument(seen), settings.installation, http, cluster);
      const target = gitTarget(name, frigate.git, {
        pipelines,
        environment,
        processes: settings.processes,
        clock: settings.clock,
        folder: options.data_dir,
        examine: there?.examine,
      });
      ways.set(name, `by commits to ${target.place}: ${way.why}`);
      targets.push(target);
      const shown = client === undefined ? undefined : new FrigateApiTarget({ name, client, format: frigateDocument(seen) });
      piped.push({
        name,
        pipelines,
        ...(http === undefined ? {} : { frigate: there?.frigate ?? http }),
        ...(there === undefined ? {} : { delivered: there.delivered, isRestarted: true }),
        ...(there !== undefined || shown === undefined ? {} : { delivered: shown }),
      });
      continue;
    }
    const path = resolve(way.path);
    ways.set(name, `by the file ${path}: ${app?.why ?? way.why}`);
    const reading = await files.read(path, signal);
    const kind = documentKind(path, reading.kind === "text" ? reading.text : undefined);
    const format = kind === "frigate" ? frigateDocument(seen) : go2rtcDocument(seen);
    const lease = new FileLease({ path, clock: settings.clock, id: () => settings.installation });
    targets.push(new FileTarget({ name, path, format, journal: join(options.data_dir, "unfinished"), lease, dryRun }));
  }
  return { targets, unconfirmed, frigates, examined, piped, clients, ways, changed: (stop) => places.changed(stop) };
}

type FrigateOption = Options["frigate"][number] & { readonly url: string };

function clientOf({ url, username, password, certificate }: FrigateOption, { pins, clock }: DocumentSettings): FrigateClient {
  return new FrigateClient({
    baseUrl: url,
    pins,
    clock,
    ...(username === undefined || password === undefined ? {} : { credentials: { username, password } }),
    ...(certificate === undefined ? {} : { certificate }),
  });
}

async function answers(client: FrigateClient, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const near = clock.deadline("look for Frigate on this machine", NEAR, signal);
  const found = await client.version(near).then(
    () => true,
    () => false,
  );
  signal.throwIfAborted();
  return found;
}

/** Whether two paths lead to one file. */
async function sameFile(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all([stat(one), stat(other)]);
  return left.dev === right.dev && left.ino === right.ino;
}
