import { type DeviceId, nameOf } from "../domain/camera.ts";
import type { CameraOption } from "../domain/devices.ts";
import { nearest } from "../domain/nearest.ts";
import type { Tell } from "../domain/notice.ts";
import { type Action, type ActionResult, refused } from "../ports/actions.ts";
import type { GoneCamera } from "../ports/home-view.ts";
import type { DeviceRecord, Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import { confirmedFact } from "./confirmed-addresses.ts";
import type { Fleet } from "./fleet.ts";
import { failedLoginFact } from "./logins.ts";
import { secondMacFact } from "./second-macs.ts";
import { unprovedFact } from "./unproved.ts";

export interface ForgettingPorts {
  readonly fleet: Fleet;
  readonly cameras: readonly CameraOption[];
  readonly registry: Registry;
  readonly status: Pick<Status, "get">;
  readonly tell: Tell;
}

/**
 * A camera that is gone for good is forgotten because a person says so: what was learned of it, why addresses were accepted or refused for it, what people
 * said of it and what was held back there, and its device in Home Assistant. One that still stands somewhere would be learned anew at the next look, so it is refused.
 */
export function forget(ports: ForgettingPorts, { camera }: Extract<Action, { readonly verb: "forget" }>): ActionResult {
  const { fleet, registry, tell } = ports;
  const unread = unreadDocument(ports);
  if (unread !== undefined) return unread;
  const known = registry.devices();
  const found = recordsCalled(camera, known);
  const [record, ...others] = found;
  if (others.length > 0) return refused("CameraUnknown", `${camera} may be ${found.map(({ id }) => id).join(" or ")}; use the id`);
  // While it is away it is not written down what it is called now.
  const present = record === undefined ? [] : (fleet.device(record.id)?.owners ?? []);
  const owners = new Set<string>(record === undefined ? [`camera:${camera}`, `stream:${camera}`] : [...record.owners, ...present]);
  const places = placesOf(ports, owners, record?.id ?? camera);
  if (places.length > 0) return refused("StillConfigured", `${record?.id ?? camera} still stands in ${places.join(" and in ")}`);
  if (record === undefined) return refused("CameraUnknown", unknownWords(camera, known, fleet));
  dropSaid(registry, record.id);
  registry.forgetDevice(record.id);
  tell({ kind: "forgotten", device: record.id });
  return { kind: "accepted", message: `${record.id} is forgotten` };
}

/** What people said of one camera goes, and what was held back there. */
export function dropSaid({ consents }: Pick<Registry, "consents">, id: DeviceId): void {
  for (const { device, address } of consents.holds()) if (device === id) consents.removeHold(device, address);
  for (const fact of [confirmedFact, failedLoginFact, secondMacFact, unprovedFact].map((name) => name(id)))
    if ((consents.fact(fact) ?? "") !== "") consents.saveFact(fact, "");
}

/** Whether a camera is gone cannot be told while a document cannot be read. */
function unreadDocument({ fleet, status }: ForgettingPorts): ActionResult | undefined {
  for (const { name, place, format } of fleet.targets) {
    if (format.kind === "text") continue;
    const condition = status.get(`target/${name}`);
    const isUnread = !fleet.documents.some(({ target }) => target.name === name);
    if (!isUnread && condition?.reason !== "CamerasVanished") continue;
    const message = `${place} cannot be read just now, so nobody knows whether the camera still stands there`;
    return refused(condition?.reason ?? "Searching", message);
  }
  return undefined;
}

/** By id, else by a name that it had in the documents. */
function recordsCalled(word: string, known: readonly DeviceRecord[]): readonly DeviceRecord[] {
  const exact = known.filter(({ id }) => id === word);
  if (exact.length > 0) return exact;
  const folded = word.toLowerCase();
  return known.filter(({ id, owners }) => id.toLowerCase() === folded || owners.some((owner) => nameOf(owner).toLowerCase() === folded));
}

/** What is remembered of cameras that stand in no document any more. */
export function goneCameras(fleet: Fleet, known: readonly DeviceRecord[]): readonly GoneCamera[] {
  return known
    .filter(({ id, owners }) => fleet.device(id) === undefined && !fleet.isOption(id) && documentsWith(fleet, new Set(owners)).length === 0)
    .map(({ id, identity: { macs }, verifiedAt }) => ({ id, macs, ...(verifiedAt === undefined ? {} : { verifiedAt }) }));
}

function documentsWith(fleet: Fleet, owners: ReadonlySet<string>): Fleet["documents"] {
  return fleet.documents.filter(
    ({ reading }) =>
      reading.cameras.some(({ name }) => owners.has(`camera:${name}`)) || reading.streams.some(({ name }) => owners.has(`stream:${name}`)),
  );
}

/** Where the camera still stands, in words. */
function placesOf({ fleet, cameras }: ForgettingPorts, owners: ReadonlySet<string>, id: string): readonly string[] {
  const documents = documentsWith(fleet, owners);
  const isOption = cameras.some((option) => option.id === id) || fleet.device(id as DeviceId)?.owners.length === 0;
  return [...documents.map(({ target }) => target.place), ...(isOption ? ["the options, under cameras"] : [])];
}

function unknownWords(camera: string, known: readonly DeviceRecord[], fleet: Fleet): string {
  const gone = known.filter(({ id }) => fleet.device(id) === undefined).map(({ id }) => id);
  const near = nearest(camera, gone);
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  const left = gone.length === 0 ? "; every camera that is known still stands somewhere" : `; gone are ${gone.slice(0, 20).join(", ")}`;
  return `no camera is called ${camera}${meant === "" ? left : meant}`;
}
