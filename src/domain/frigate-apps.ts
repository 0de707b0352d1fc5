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

/** What each Frigate among these apps is called in messages: its name without its repository where that tells it from the others. */
export function frigateNames(slugs: readonly string[]): ReadonlyMap<string, string> {
  const short = (slug: string): string => FRIGATE.exec(slug)?.[1] ?? slug;
  const shared = (slug: string): boolean => slugs.some((other) => other !== slug && short(other) === short(slug));
  return new Map(slugs.map((slug) => [slug, shared(slug) ? slug.replaceAll("_", "-") : short(slug)]));
}

/**
 * The Frigates that are meant: those that run; where none does, those that will, because they start with the machine. This program is started before them.
 * @param startsAtBoot asked only where none runs
 */
export async function meantFrigates(
  apps: readonly InstalledApp[],
  startsAtBoot: (slug: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const frigates = apps.filter(({ slug }) => isFrigateApp(slug)).toSorted((one, other) => (one.slug < other.slug ? -1 : 1));
  const running = frigates.filter(({ isRunning }) => isRunning).map(({ slug }) => slug);
  if (running.length > 0) return running;
  const asked = await Promise.all(frigates.map(async ({ slug }) => ({ slug, starts: await startsAtBoot(slug) })));
  return asked.filter(({ starts }) => starts).map(({ slug }) => slug);
}
