import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import { BRIDGE_ENTITIES, type BridgeFacts } from "../../src/domain/entities/bridge-entities.ts";
import { CAMERA_ENTITIES, type CameraFacts } from "../../src/domain/entities/camera-entities.ts";
import type { Entity, Part } from "../../src/domain/entities/entity.ts";
import type { CoreClient, CoreEntity, CoreState } from "./core-client.ts";

/** A camera as Home Assistant should show it: it is well, and at that address. */
export interface ShownCamera {
  readonly name: string;
  readonly mac: MacAddress;
  readonly address: IpAddress;
  readonly hasClock: boolean;
  readonly hasMoved: boolean;
}

/** Parts of the program that are on. */
const PARTS: ReadonlySet<Part> = new Set(["pictures"]);
const TIME = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/;
const ANY = /^(?!unavailable$)/;

/** States that the rows of the table have, where they are not just available. A row that is not here may say anything. */
function cameraStates({ mac, address, hasClock, hasMoved }: ShownCamera): Readonly<Record<string, string | RegExp>> {
  return {
    connectivity: "on",
    stream_problem: "off",
    cause: /^(?:Healthy|unknown)$/,
    address,
    mac,
    last_move: hasMoved ? TIME : "unknown",
    clock_drift: hasClock ? /^-?[0-2]$/ : "unknown",
    reconnect: /^(?:unknown|20.*)$/,
    find: /^(?:unknown|20.*)$/,
    event: /^(?:unknown|20.*)$/,
  };
}

function bridgeStates(pending: number): Readonly<Record<string, string | RegExp>> {
  return {
    running: "on",
    layers: /^[1-9]$/,
    last_sync: TIME,
    sync_result: pending === 0 ? "In sync" : "Needs approval",
    pending: String(pending),
    resync: /^(?:unknown|20.*)$/,
    approve: /^(?:unknown|20.*)$/,
    undo: /^(?:unknown|20.*)$/,
  };
}

/**
 * What Home Assistant shows otherwise than it should, one line each: entities of the table that are missing, or in another state, class, category; what
 * nobody announced; devices too many.
 */
export async function differences(core: CoreClient, cameras: readonly ShownCamera[], pending = 0): Promise<readonly string[]> {
  const [states, entities, devices] = await Promise.all([core.states(), core.entities(), core.devices()]);
  const ours = entities.filter(({ platform }) => platform === "mqtt");
  const wrong: string[] = [];
  const wanted = new Set<string>();
  const compare = <Facts>(rows: readonly Entity<Facts>[], stem: string, shown: Readonly<Record<string, string | RegExp>>): void => {
    for (const row of rows) {
      if (row.part !== undefined && !PARTS.has(row.part)) continue;
      const id = `${row.platform}.${stem}_${row.key}`;
      wanted.add(id);
      const entity = ours.find(({ entity_id: one }) => one === id);
      if (entity === undefined) wrong.push(`${id} is missing`);
      else wrong.push(...entityDifferences(row, entity, states.get(id), shown[row.key] ?? ANY));
    }
  };
  compare<BridgeFacts>(BRIDGE_ENTITIES, "camera_shepherd", bridgeStates(pending));
  for (const camera of cameras) compare<CameraFacts>(CAMERA_ENTITIES, camera.name, cameraStates(camera));
  wrong.push(...ours.filter(({ entity_id: id }) => !wanted.has(id)).map(({ entity_id: id }) => `${id} is a ghost`));
  const names = devices.filter(({ identifiers }) => identifiers.some(([domain]) => domain === "mqtt")).map(({ name }) => name ?? "");
  const expected = ["Camera Shepherd", ...cameras.map(({ name }) => name)];
  const sorted = (list: readonly string[]): string => list.toSorted((one, other) => one.localeCompare(other)).join();
  if (sorted(names) !== sorted(expected)) wrong.push(`the devices are ${names.join(", ")}`);
  return wrong;
}

function entityDifferences<Facts>(
  row: Entity<Facts>,
  entity: CoreEntity,
  state: CoreState | undefined,
  shown: string | RegExp,
): readonly string[] {
  const id = entity.entity_id;
  const wrong: string[] = [];
  const check = (what: string, is: unknown, should: unknown): void => {
    if (is !== should) wrong.push(`${id}: ${what} is ${String(is)}, not ${String(should)}`);
  };
  check("category", entity.entity_category, row.category ?? null);
  if (row.name !== undefined) check("name", entity.original_name, row.name);
  if (row.enabled === false) {
    check("disabled", entity.disabled_by, "integration");
    check("state", state?.state, undefined);
    return wrong;
  }
  check("class", state?.attributes["device_class"], "deviceClass" in row ? row.deviceClass : undefined);
  check("unit", state?.attributes["unit_of_measurement"], "unit" in row ? row.unit : undefined);
  const text = state?.state ?? "absent";
  const fits = typeof shown === "string" ? text === shown : shown.test(text);
  if (!fits) wrong.push(`${id} is ${text}, not ${String(shown)}`);
  return wrong;
}
