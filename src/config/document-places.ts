/** One folder in which a Frigate keeps its configuration, and the names it may have there, the one that Frigate takes first. */
export interface DocumentPlace {
  readonly folder: string;
  readonly files: readonly string[];
  /** What is there, for a person. */
  readonly what: string;
}

/** Frigate 0.15 and later take config.yml where both exist, 0.14 takes config.yaml (frigate/app.py). */
export const FRIGATE_FILES = ["config.yml", "config.yaml"] as const;

/** Slugs of Frigate's Home Assistant apps: blakeblackshear/frigate-hass-addons. */
const APP_SLUGS = ["ccab4aaf_frigate", "ccab4aaf_frigate-fa", "ccab4aaf_frigate-beta", "ccab4aaf_frigate-fa-beta"] as const;

/** Where the Supervisor mounts the folders of all apps: the newer and the older name (home-assistant/supervisor, map all_app_configs). */
export const APP_FOLDERS = ["/app_configs", "/addon_configs"] as const;

/**
 * Where a Frigate's document is looked for when nobody named it, the likeliest first. Relative folders are those of the folder that the
 * program was started in: a compose file's neighbours.
 */
export const DOCUMENT_PLACES: readonly DocumentPlace[] = [
  ...APP_FOLDERS.flatMap((root) =>
    APP_SLUGS.map((slug) => ({ folder: `${root}/${slug}`, files: FRIGATE_FILES, what: `Home Assistant app ${slug}` })),
  ),
  { folder: "/config", files: FRIGATE_FILES, what: "Frigate's volume" },
  ...[
    "./config",
    "./frigate",
    "./frigate/config",
    "../frigate",
    "../frigate/config",
    "/opt/frigate/config",
    "/opt/frigate",
    "/srv/frigate/config",
  ].map((folder) => ({ folder, files: FRIGATE_FILES, what: "Frigate's folder" })),
  ...["/config", ".", "./go2rtc", "./config", "../go2rtc", "/etc/go2rtc", "/opt/go2rtc"].map((folder) => ({
    folder,
    files: ["go2rtc.yaml"],
    what: "stand-alone go2rtc",
  })),
];

export type FoundDocument =
  | { readonly kind: "found"; readonly path: string; readonly what: string; readonly passedOver: readonly PassedOver[] }
  /** Several Frigates' folders: which one runs cannot be told from here, and a person names it under `frigate[].file`. */
  | { readonly kind: "several"; readonly paths: readonly string[] }
  | { readonly kind: "none"; readonly looked: readonly string[] };

/** A document that is there and is not taken. */
export interface PassedOver {
  readonly path: string;
  readonly why: string;
}

/**
 * Finds the document of the Frigate nearby. A stand-alone go2rtc counts only where there is no Frigate, because Frigate's go2rtc keeps a file of
 * that name beside Frigate's own.
 * @param exists whether there is a file at a path
 * @param same whether two paths lead to one folder (the Supervisor mounts one folder under two names)
 */
export async function findDocument(
  exists: (path: string) => Promise<boolean>,
  same: (one: string, other: string) => Promise<boolean> = () => Promise.resolve(false),
): Promise<FoundDocument> {
  const found: { readonly path: string; readonly place: DocumentPlace }[] = [];
  const passedOver: PassedOver[] = [];
  for (const place of DOCUMENT_PLACES) {
    const [first, ...others] = await present(place, exists);
    if (first === undefined || (await isKnown(first, found, same))) continue;
    if (place.what === "stand-alone go2rtc" && found.some((earlier) => earlier.place.what !== place.what)) {
      passedOver.push({ path: first, why: "Frigate's own document goes before it" });
      continue;
    }
    found.push({ path: first, place });
    passedOver.push(...others.map((path) => ({ path, why: `Frigate reads ${first} where both exist` })));
  }
  const [only, ...more] = found;
  if (only === undefined) return { kind: "none", looked: DOCUMENT_PLACES.flatMap(paths) };
  if (more.length > 0) return { kind: "several", paths: found.map(({ path }) => path) };
  return { kind: "found", path: only.path, what: only.place.what, passedOver };
}

function paths(place: DocumentPlace): readonly string[] {
  return place.files.map((file) => `${place.folder}/${file}`);
}

async function present(place: DocumentPlace, exists: (path: string) => Promise<boolean>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths(place)) if (await exists(path)) found.push(path);
  return found;
}

async function isKnown(
  path: string,
  found: readonly { readonly path: string }[],
  same: (one: string, other: string) => Promise<boolean>,
): Promise<boolean> {
  for (const earlier of found) if (await same(earlier.path, path)) return true;
  return false;
}

/** More of them on one line nobody reads. */
const NAMED_FOLDERS = 4;

/** What came of the search, for a person. */
export function foundWords(found: FoundDocument): string {
  if (found.kind === "found") return `${found.path} (${found.what})`;
  if (found.kind === "several") return `there are several: ${found.paths.join(", ")}; which one runs cannot be told from here`;
  const all = [...new Set(DOCUMENT_PLACES.map(({ folder }) => folder))];
  // First those that a person may have made. Home Assistant's apps are found by other means there.
  const isApp = (folder: string): boolean => APP_FOLDERS.some((root) => folder.startsWith(root));
  const isNamed = (folder: string): boolean => folder.startsWith("/") && !isApp(folder);
  const folders = all.toSorted((a, b) => Number(isNamed(b)) - Number(isNamed(a)));
  const more = folders.length - NAMED_FOLDERS;
  return `none was found; looked in ${folders.slice(0, NAMED_FOLDERS).join(", ")} and ${String(more)} other usual folders`;
}
