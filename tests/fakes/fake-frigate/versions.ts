import { readFileSync } from "node:fs";

/** What differs between the versions of Frigate as far as this program speaks to them (frigate/api/app.py and auth.py of each tag). */
export interface FrigateTraits {
  /** As `GET /api/version` gives it. */
  readonly version: string;
  /** Its document's JSON schema, as that version serves it. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** `config/raw` is a JSON string; before 0.15 it is the text itself. */
  readonly rawIsJson: boolean;
  /** `config/raw` is for admins alone (0.17.1 on). */
  readonly rawNeedsAdmin: boolean;
  /** Writing is for admins alone (0.16 on). */
  readonly hasRoles: boolean;
  /** `PUT config/set` wants a JSON body, else 422 (0.15 on). */
  readonly setNeedsBody: boolean;
  /** `PUT config/set` takes `config_data` (0.17 on). */
  readonly setTakesData: boolean;
  /** `PUT config/set` with `skip_save`, and `ffmpeg` and `onvif` applied live (0.18 on). */
  readonly setsLive: boolean;
  /** A document that is not valid starts it in safe mode; before 0.17 it ends. */
  readonly hasSafeMode: boolean;
  /** `PUT go2rtc/streams/NAME` (0.17 on). */
  readonly putsStreams: boolean;
}

export const FRIGATE_VERSIONS = ["0.14.1", "0.15.2", "0.16.4", "0.17.2", "0.18.0"] as const;
export type FrigateVersion = (typeof FRIGATE_VERSIONS)[number];

const FOLDER = new URL("../../golden/frigate-schemas/", import.meta.url);

const known = new Map<string, FrigateTraits["schema"]>();

/** The traits of one version. */
export function traitsOf(version: FrigateVersion): FrigateTraits {
  const minor = Number(version.split(".")[1]);
  const file = version === "0.18.0" ? "0.18.0-beta.json" : `${version}.json`;
  const schema = known.get(file) ?? (JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as FrigateTraits["schema"]);
  known.set(file, schema);
  return {
    version: `${version}-fa4e000`,
    schema,
    rawIsJson: minor >= 15,
    rawNeedsAdmin: minor >= 17,
    hasRoles: minor >= 16,
    setNeedsBody: minor >= 15,
    setTakesData: minor >= 17,
    setsLive: minor >= 18,
    hasSafeMode: minor >= 17,
    putsStreams: minor >= 17,
  };
}
