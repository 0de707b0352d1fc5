/** An app that is installed in Home Assistant. */
export interface InstalledApp {
  /** Repository and name, such as `ccab4aaf_frigate-fa`. */
  readonly slug: string;
  readonly isRunning: boolean;
}

/**
 * The variants of Frigate's app: blakeblackshear/frigate-hass-addons has `frigate`, `-fa`, `-beta`, `-fa-beta`, `-oldcpu`, and `-proxy`, which only leads
 * to a Frigate elsewhere. A repository is eight hexadecimal digits of its address, or `local` (home-assistant/supervisor, supervisor/store/utils.py).
 */
const FRIGATE = /^(?:[0-9a-f]{8}|local)_(frigate(?:-(?:fa|beta|oldcpu|dev|edge))*)$/;

/** @param slug repository and name */
export function isFrigateApp(slug: string): boolean {
  return FRIGATE.test(slug);
}

/**
 * What each Frigate among these apps is called in messages: its name without its repository where that tells it from the others.
 * @param known names that were given before: they stay
 */
export function frigateNames(slugs: readonly string[], known: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const short = (slug: string): string => FRIGATE.exec(slug)?.[1] ?? slug;
  const given = new Set(slugs.flatMap((slug) => known.get(slug) ?? []));
  const shared = (slug: string): boolean => given.has(short(slug)) || slugs.some((other) => other !== slug && short(other) === short(slug));
  return new Map(slugs.map((slug) => [slug, known.get(slug) ?? (shared(slug) ? slug.replaceAll("_", "-") : short(slug))]));
}

/** Which Frigates are looked after. */
export interface WantedFrigates {
  /** The known ones in their order, then those that came to run since. */
  readonly slugs: readonly string[];
  /** Those of them that another one took the place of, once that has lasted: none of the known ones runs, and others do. */
  readonly replaced: readonly string[];
}

/**
 * One that is known stays while it is installed: an update, a backup or a person stops it for a while, and its cameras are there all the same. One that is
 * not known counts once it runs: the folders of variants that were only tried are stale.
 * @param known the Frigates that are looked after, in their order
 */
export function wantedFrigates(apps: readonly InstalledApp[], known: readonly string[]): WantedFrigates {
  const frigates = apps.filter(({ slug }) => isFrigateApp(slug));
  const kept = known.filter((slug) => frigates.some((app) => app.slug === slug));
  const running = frigates.flatMap(({ slug, isRunning }) => (isRunning ? [slug] : []));
  const come = running.filter((slug) => !kept.includes(slug)).toSorted();
  return { slugs: [...kept, ...come], replaced: come.length > 0 && come.length === running.length ? kept : [] };
}

/**
 * The Frigates that will run because they start with the machine: where none is known or runs, they are meant, because this program is started before them.
 * @param startsAtBoot whether the app does
 */
export async function startingFrigates(
  apps: readonly InstalledApp[],
  startsAtBoot: (slug: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const frigates = apps
    .map(({ slug }) => slug)
    .filter(isFrigateApp)
    .toSorted();
  const asked = await Promise.all(frigates.map(async (slug) => ({ slug, starts: await startsAtBoot(slug) })));
  return asked.filter(({ starts }) => starts).map(({ slug }) => slug);
}
