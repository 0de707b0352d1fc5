import type { MacAddress } from "../addresses.ts";
import type { DeviceId } from "../camera.ts";
import { baseObject, topicName } from "../mqtt-topics.ts";
import { BRIDGE_ENTITIES } from "./bridge-entities.ts";
import { CAMERA_ENTITIES } from "./camera-entities.ts";
import { type Entity, EXPIRES_AFTER_SECONDS, isActive, type Part } from "./entity.ts";

/** How everything is called over MQTT. */
export interface Naming {
  /** First part of every topic of ours. */
  readonly base: string;
  /** First part of the topics that Home Assistant discovers by. */
  readonly discoveryPrefix: string;
  readonly version: string;
  readonly supportUrl: string;
  readonly parts: ReadonlySet<Part>;
}

/** A retained message. */
export interface Announcement {
  readonly topic: string;
  readonly payload: string;
}

/**
 * What was published again is dropped where the entity has it, or a later one, already: by its number, which it keeps over a restart of Home Assistant. An
 * empty text is no event (core, components/mqtt/event.py).
 */
const NEW_EVENT =
  "{{ '' if value_json.again is defined and this.attributes.id is defined and value_json.id <= this.attributes.id else value }}";
/** A trigger remembers nothing: what somebody has heard for certain does not set it off again. */
const NEW_TO_TRIGGERS = "{{ '' if value_json.again is defined and value_json.again == 'heard' else value_json.event_type }}";

type Json = Readonly<Record<string, unknown>>;

/** Topic of the will: `online` or `offline`. */
export function statusTopic(base: string): string {
  return `${base}/status`;
}

/** Where the state of the bridge stands. */
export function bridgeStateTopic({ base }: Pick<Naming, "base">): string {
  return `${base}/bridge/state`;
}

/** Where something of a camera stands. */
export function cameraTopic({ base }: Pick<Naming, "base">, camera: DeviceId, what: "state" | "event" | "picture" | "binding"): string {
  return `${base}/${topicName(camera)}/${what}`;
}

/** Topic at which Home Assistant learns of the camera's device. */
export function cameraConfigTopic(naming: Naming, camera: DeviceId): string {
  return configTopic(naming, cameraObject(naming, camera));
}

/** Announces the program's own device. It goes first: every camera is reached `via` it, and an unknown one would make a ghost. */
export function announceBridge(naming: Naming): Announcement {
  const { base, version } = naming;
  const object = bridgeObject(naming);
  const place: Place = {
    object,
    idStem: slugOf(base),
    state: bridgeStateTopic(naming),
    topic: (what) => `${base}/bridge/${what}`,
    command: (verb) => `${base}/cmd/${verb}`,
    status: statusTopic(base),
  };
  const device = { identifiers: [object], name: "Camera Shepherd", manufacturer: "Camera Shepherd", sw_version: version };
  return announcement(naming, object, device, components(BRIDGE_ENTITIES, naming, place), [{ topic: statusTopic(base) }]);
}

/**
 * Announces a camera's device. It carries neither maker nor model: where Home Assistant joins devices by their MAC address (before 2026.8), the last
 * writer's count, and the camera's own integration knows them better.
 */
export function announceCamera(
  naming: Naming,
  { id, title, macs }: { readonly id: DeviceId; readonly title: string; readonly macs: readonly MacAddress[] },
): Announcement {
  const { base } = naming;
  const object = cameraObject(naming, id);
  const state = cameraTopic(naming, id, "state");
  const place: Place = {
    object,
    idStem: slugOf(topicName(id)),
    state,
    topic: (what) => cameraTopic(naming, id, what),
    command: (verb) => `${base}/${topicName(id)}/cmd/${verb}`,
    status: statusTopic(base),
  };
  const device = {
    identifiers: [object],
    ...(macs.length === 0 ? {} : { connections: macs.map((mac) => ["mac", mac]) }),
    name: title,
    via_device: bridgeObject(naming),
  };
  const availability = [{ topic: statusTopic(base) }, { topic: state, value_template: "{{ value_json.availability }}" }];
  return announcement(naming, object, device, components(CAMERA_ENTITIES, naming, place), availability);
}

/** What the entities of one device stand on. */
interface Place {
  readonly object: string;
  /** What the ids of entities begin with. */
  readonly idStem: string;
  readonly state: string;
  readonly topic: (what: "event" | "picture") => string;
  readonly command: (verb: string) => string;
  readonly status: string;
}

function announcement(naming: Naming, object: string, device: Json, entities: Json, availability: readonly Json[]): Announcement {
  const payload = {
    device,
    origin: { name: "Camera Shepherd", sw_version: naming.version, support_url: naming.supportUrl },
    availability,
    availability_mode: "all",
    qos: 1,
    components: entities,
  };
  return { topic: configTopic(naming, object), payload: JSON.stringify(payload) };
}

/**
 * An entity whose part is off is named with its platform alone: that removes it, if an earlier run announced it, and announces nothing. Leaving it out
 * would leave it there.
 */
function components<Facts>(entities: readonly Entity<Facts>[], { parts }: Naming, place: Place): Json {
  return Object.fromEntries(
    entities.flatMap((entity) => [
      [entity.key, isActive(entity, parts) ? component(entity, place) : { platform: entity.platform }] as const,
      ...(entity.platform === "event" ? entity.types.map((type) => [`on_${type}`, trigger(type, place)] as const) : []),
    ]),
  );
}

function component<Facts>(entity: Entity<Facts>, place: Place): Json {
  const { key, platform, name, category, icon, enabled } = entity;
  return {
    platform,
    unique_id: `${place.object}-${key}`,
    default_entity_id: `${platform}.${place.idStem}_${key}`,
    ...(name === undefined ? {} : { name }),
    ...(category === undefined ? {} : { entity_category: category }),
    ...(icon === undefined ? {} : { icon }),
    ...(enabled === false ? { enabled_by_default: false } : {}),
    ...("deviceClass" in entity && entity.deviceClass !== undefined ? { device_class: entity.deviceClass } : {}),
    ...own(entity, place),
  };
}

function own<Facts>(entity: Entity<Facts>, place: Place): Json {
  switch (entity.platform) {
    case "binary_sensor":
      return {
        ...("value" in entity ? shown(entity.key, entity.attributes !== undefined, place) : presence(place)),
        expire_after: EXPIRES_AFTER_SECONDS,
      };
    case "sensor":
      return {
        ...shown(entity.key, entity.attributes !== undefined, place),
        ...(entity.unit === undefined ? {} : { unit_of_measurement: entity.unit }),
        ...(entity.stateClass === undefined ? {} : { state_class: entity.stateClass }),
        ...(entity.precision === undefined ? {} : { suggested_display_precision: entity.precision }),
        ...(entity.options === undefined ? {} : { options: entity.options }),
      };
    case "button":
      return { command_topic: place.command(entity.command), payload_press: entity.payload ?? "PRESS" };
    case "image":
      return { image_topic: place.topic(entity.topic), content_type: "image/jpeg" };
    case "event":
      return { state_topic: place.topic("event"), event_types: entity.types, value_template: NEW_EVENT };
  }
}

function shown(key: string, hasAttributes: boolean, { state }: Place): Json {
  return {
    state_topic: state,
    value_template: `{{ value_json.${key} }}`,
    ...(hasAttributes ? { json_attributes_topic: state, json_attributes_template: `{{ value_json.attributes.${key} | tojson }}` } : {}),
  };
}

/** It is off, not unavailable, when the program ends: its own availability stands before the device's. Unavailable only once nothing was heard for a quarter of an hour. */
function presence({ status }: Place): Json {
  return {
    state_topic: status,
    payload_on: "online",
    payload_off: "offline",
    availability: [{ topic: status, value_template: "online" }],
  };
}

function trigger(type: string, { topic }: Place): Json {
  return {
    platform: "device_automation",
    automation_type: "trigger",
    topic: topic("event"),
    type,
    subtype: "camera",
    payload: type,
    value_template: NEW_TO_TRIGGERS,
  };
}

/** No camera's topic name is `bridge`. */
function bridgeObject({ base }: Naming): string {
  return `${baseObject(base)}_bridge`;
}

function cameraObject({ base }: Naming, camera: DeviceId): string {
  return `${baseObject(base)}_${topicName(camera)}`;
}

function configTopic({ discoveryPrefix }: Naming, object: string): string {
  return `${discoveryPrefix}/device/${object}/config`;
}

/** Fit for the second half of an entity's id: lower case, one `_` at most in a row. */
function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "");
}
