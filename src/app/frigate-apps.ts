import type { RestartWay } from "../adapters/frigate/running-frigate.ts";
import type { OptionFiles } from "../config/option-files.ts";
import { APP_FOLDERS, FRIGATE_FILES } from "../config/document-places.ts";
import type { Options } from "../config/options.ts";
import {
  frigateNames,
  type InstalledApp,
  isFrigateApp,
  startingFrigates,
  type WantedFrigates,
  wantedFrigates,
} from "../domain/frigate-apps.ts";
import { FrigateError } from "../ports/running-frigate.ts";
import { type Supervisor, SupervisorError } from "../ports/supervisor.ts";

type FrigateOption = Options["frigate"][number];
type Files = Pick<OptionFiles, "read">;
type FrigatePlace = Pick<FrigateOption, "via" | "file" | "url" | "git" | "kubernetes">;

/** One Frigate among the apps of this Home Assistant. */
export interface FrigateApp {
  readonly slug: string;
  /** What it is called in messages unless a person gave it a name. */
  readonly name: string;
  readonly hostname: string;
  /** Its configuration, where the folders of other apps are mounted; else its API is used. */
  readonly file?: string;
}

/** What the apps mean for the documents. */
export interface AppDocuments {
  /** The options' Frigates, with those that were found in the place of the one that nobody described. */
  readonly frigate: FrigateOption[];
  /** Of each that is an app, by the Frigate's name: which one, why it was taken, and how it is restarted so that it comes back. */
  readonly apps: ReadonlyMap<string, { readonly slug: string; readonly why: string; readonly restart: RestartWay }>;
  /** Folders of apps, in which no document is looked for: which of them run the Supervisor knows, and the others are stale. */
  readonly isStale: (path: string) => boolean;
  /** Why it is not known which Frigates run. */
  readonly unknown?: string;
}

/**
 * The Frigates that are looked after among installed apps: those that the options name, and, where they leave one undescribed, those that are known or run.
 * @param known those that were looked after before, in their order
 */
export function lookedAfter(
  frigate: readonly FrigateOption[],
  installed: readonly InstalledApp[],
  known: readonly string[],
): WantedFrigates {
  const entryOf = ({ slug }: InstalledApp): FrigateOption | undefined => frigate.find((entry) => isOf(entry, slug));
  const named = installed.filter((app) => isFrigateApp(app.slug) && (entryOf(app)?.via ?? "none") !== "none").map(({ slug }) => slug);
  const { slugs, replaced } = frigate.some(isUndescribed)
    ? wantedFrigates(
        installed.filter((app) => entryOf(app) === undefined),
        known,
      )
    : { slugs: [], replaced: [] };
  return { slugs: [...slugs, ...named.toSorted()], replaced };
}

/** The same at the start of the program, when those that start with the machine may not run yet. @throws SupervisorError; the signal's reason when aborted */
export async function findFrigateApps(
  { supervisor, frigate, files }: { readonly supervisor: Supervisor; readonly frigate: readonly FrigateOption[]; readonly files: Files },
  installed: readonly InstalledApp[],
  known: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<readonly FrigateApp[]> {
  const wanted = lookedAfter(frigate, installed, [...known.keys()]).slugs;
  const free = installed.filter(({ slug }) => !frigate.some((entry) => isOf(entry, slug)));
  const isOpen = frigate.some(isUndescribed) && !free.some(({ slug }) => wanted.includes(slug));
  const starting = isOpen ? await startingFrigates(free, async (slug) => (await supervisor.app(slug, signal)).startsAtBoot) : [];
  const slugs = [...starting, ...wanted];
  const names = frigateNames(slugs, known);
  return Promise.all(
    slugs.map(async (slug) => {
      const { hostname } = await supervisor.app(slug, signal);
      const file = await fileOf(slug, files, signal);
      return { slug, name: names.get(slug) ?? slug, hostname, ...(file === undefined ? {} : { file }) };
    }),
  );
}

/** Where the Supervisor mounted the folders of all apps; undefined where it did not. */
export async function mountedFolder(files: Files, signal: AbortSignal): Promise<string | undefined> {
  // A folder cannot be read as a file, but it is not missing.
  for (const folder of APP_FOLDERS) if ((await files.read(folder, signal)).kind !== "missing") return folder;
  return undefined;
}

/** True for a Frigate of the options that nobody described: it is whichever runs. */
export function isUndescribed({ via, file, url, git, kubernetes }: FrigatePlace): boolean {
  const isElsewhere = via === "auto" && (git !== undefined || kubernetes?.configmap !== undefined);
  return (via === "auto" || via === "file" || via === "api") && file === undefined && url === undefined && !isElsewhere;
}

/**
 * Puts the apps that were found in the place of the first Frigate that the options leave undescribed, each with that one's settings. What a person named
 * goes before what was found.
 * @param found undefined where the Supervisor has not told
 */
export function withFrigateApps(
  frigate: readonly FrigateOption[],
  found: readonly FrigateApp[] | undefined,
  supervisor: Supervisor,
): AppDocuments {
  const apps = new Map<string, { readonly slug: string; readonly why: string; readonly restart: RestartWay }>();
  const named = frigate.filter((entry) => !isUndescribed(entry));
  const taken = new Set(named.map(({ name }) => name));
  const free = (found ?? []).filter((app) => !named.some((entry) => isOf(entry, app.slug)));
  const first = frigate.find(isUndescribed);
  const note = (name: string, app: FrigateApp): void => {
    const why = `it is Home Assistant's app ${app.slug}`;
    apps.set(name, { slug: app.slug, why, restart: (byItself, signal) => restart(supervisor, app, byItself, signal) });
  };
  const entries = frigate.flatMap((entry): readonly FrigateOption[] => {
    const own = found?.find((app) => isOf(entry, app.slug));
    if (own !== undefined && entry.via !== "none") {
      note(entry.name, own);
      const file = entry.via === "auto" || entry.via === "file" ? (entry.file ?? own.file) : entry.file;
      return [{ ...entry, url: entry.url ?? urlOf(own), ...(file === undefined ? {} : { file }) }];
    }
    if (entry !== first || free.length === 0) return [entry];
    return free.map((app, index) => {
      const name = unused(index === 0 && !/^frigate(?:-\d+)?$/.test(entry.name) ? entry.name : app.name, taken);
      taken.add(name);
      note(name, app);
      const url = urlOf(app);
      const isFile = app.file !== undefined && entry.via !== "api";
      return isFile ? { ...entry, name, url, file: app.file } : { ...entry, name, url, via: "api" };
    });
  });
  return {
    frigate: entries,
    apps,
    isStale: (path) => APP_FOLDERS.some((folder) => path.startsWith(`${folder}/`)),
    ...(found === undefined ? { unknown: "Home Assistant's Supervisor, which knows what Frigate runs, does not answer yet" } : {}),
  };
}

/** Port 5000 asks for no login and is reached by apps alone. */
function urlOf({ hostname }: FrigateApp): string {
  return `http://${hostname}:5000`;
}

/** Whether the entry names this app, by its name inside Home Assistant (supervisor/apps/model.py, hostname) or by its folder. */
function isOf({ url, file }: FrigateOption, slug: string): boolean {
  return (
    (url !== undefined && new URL(url).hostname === slug.replaceAll("_", "-")) ||
    APP_FOLDERS.some((folder) => file?.startsWith(`${folder}/${slug}/`) === true)
  );
}

function unused(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count += 1) free = `${name}-${String(count)}`;
  return free;
}

/** Where the configuration of an app is; undefined where the folders of other apps are not mounted, or it has none yet. */
export async function fileOf(slug: string, files: Files, signal: AbortSignal): Promise<string | undefined> {
  for (const folder of APP_FOLDERS) {
    for (const name of FRIGATE_FILES) {
      const path = `${folder}/${slug}/${name}`;
      if ((await files.read(path, signal)).kind !== "missing") return path;
    }
  }
  return undefined;
}

/**
 * Frigate's own restart ends the container, and the Supervisor starts an app again only where its Watchdog is on (supervisor/apps/app.py,
 * watchdog_container): so the app is restarted by Home Assistant, and Frigate asked itself only where Home Assistant is away and the Watchdog on.
 */
async function restart(
  supervisor: Supervisor,
  app: FrigateApp,
  byItself: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await supervisor.restart(app.slug, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SupervisorError)) throw error;
    if (await comesBack(supervisor, app, signal)) return byItself(signal);
    const message = `${error.message}; restart the app ${app.slug} under Settings > Apps, or switch its Watchdog on`;
    throw new FrigateError("FrigateRefused", message, { cause: error });
  }
}

/** Whether its Watchdog is on, now that it counts: a person may have switched it since. Where that is not told, it is taken to be off. */
async function comesBack(supervisor: Supervisor, { slug }: FrigateApp, signal: AbortSignal): Promise<boolean> {
  try {
    return (await supervisor.app(slug, signal)).watchdog;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SupervisorError)) throw error;
    return false;
  }
}
