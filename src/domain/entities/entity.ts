import type { EventType } from "./home-event.ts";

/** What a state is made of; `null` is unknown in Home Assistant. */
export type EntityValue = string | number | boolean | null;

/** Parts of the program that may be switched off: their entities are not announced then. */
export type Part = "frame-counts" | "pictures";

/**
 * Seconds after which what says that all is well counts no longer. The broker says that the program is gone, unless both were cut off together: a broker
 * that kept its memory serves the last `online` then, until the program is back.
 */
export const EXPIRES_AFTER_SECONDS = 900;

/** What each entity says of itself. */
interface Announced {
  /** Stands in ids for ever: never changed. Lower-case words joined by `_`. */
  readonly key: string;
  /** Never repeats the device's name. `null`: the device's main entity. Absent: the device class's own name, which Home Assistant translates. */
  readonly name?: string | null;
  /** Belongs to a part that may be off. */
  readonly part?: Part;
  readonly category?: "diagnostic" | "config";
  readonly icon?: `mdi:${string}`;
  /** False: a person switches it on first. */
  readonly enabled?: false;
  /** For the documentation. */
  readonly about: string;
}

/** Shows a value that follows from what is known. */
interface Shown<Facts> extends Announced {
  /** Its state; a boolean is ON or OFF. */
  readonly value: (facts: Facts) => EntityValue;
  /** What is shown beside the state. */
  readonly attributes?: (facts: Facts) => Readonly<Record<string, unknown>>;
}

export interface BinarySensor<Facts> extends Shown<Facts> {
  readonly platform: "binary_sensor";
  readonly deviceClass: "connectivity" | "problem";
}

/** On while the program is there, which the broker knows better than the program: read from the topic of the will. */
export interface Presence extends Announced {
  readonly platform: "binary_sensor";
  readonly deviceClass: "running";
}

export interface Sensor<Facts> extends Shown<Facts> {
  readonly platform: "sensor";
  readonly deviceClass?: "timestamp" | "duration" | "data_rate" | "enum";
  readonly unit?: string;
  readonly stateClass?: "measurement";
  readonly precision?: number;
  /** Every state of an `enum`. */
  readonly options?: readonly string[];
}

export interface Button extends Announced {
  readonly platform: "button";
  /** The last segment of its command's topic. */
  readonly command: "resync" | "reconnect" | "approve" | "undo";
  /** What is sent where it is pressed; default `PRESS`. */
  readonly payload?: string;
}

/** Something that happened; each type is a device trigger as well. */
export interface Happening extends Announced {
  readonly platform: "event";
  readonly types: readonly EventType[];
}

/** A JPEG that is published at a topic of the camera's own. */
export interface Picture extends Announced {
  readonly platform: "image";
  readonly topic: "picture";
}

/** One entity of Home Assistant, as the table has it. */
export type Entity<Facts> = BinarySensor<Facts> | Presence | Sensor<Facts> | Button | Happening | Picture;

/** The state of a device's entities, as one object: `KEY: state`, and `attributes: {KEY: …}` for those that have some. */
export function statesOf<Facts>(entities: readonly Entity<Facts>[], facts: Facts): Readonly<Record<string, unknown>> {
  const states: Record<string, unknown> = {};
  const attributes: Record<string, unknown> = {};
  for (const entity of entities) {
    if (!("value" in entity)) continue;
    const value = entity.value(facts);
    states[entity.key] = typeof value === "boolean" ? (value ? "ON" : "OFF") : value;
    if (entity.attributes !== undefined) attributes[entity.key] = entity.attributes(facts);
  }
  return Object.keys(attributes).length === 0 ? states : { ...states, attributes };
}

/** Whether the part that it belongs to is on. */
export function isActive<Facts>({ part }: Entity<Facts>, parts: ReadonlySet<Part>): boolean {
  return part === undefined || parts.has(part);
}
