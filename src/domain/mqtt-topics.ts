import type { DeviceId } from "./camera.ts";

/** What fits a topic, Home Assistant's object ids (letters, digits, hyphen, underscore) and a person's eyes. */
const SAFE = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** Segments beside the cameras' own. */
const TAKEN = new Set(["bridge", "cmd", "status"]);

/**
 * The device's own segment of a topic, which is also fit for an object id of Home Assistant. Ids that a person wrote in the usual way stand for
 * themselves. One with other signs (a stream of go2rtc may be called anything) keeps what fits of it and gets a digest of the whole, so that no two
 * ids meet.
 */
export function topicName(id: DeviceId): string {
  if (SAFE.test(id) && !TAKEN.has(id)) return id;
  const kept = id
    .replace(/[^A-Za-z0-9_-]+/g, "_")
    .replace(/^[_-]+/, "")
    .slice(0, 50);
  return `${kept === "" ? "camera" : kept}-${digest(id)}`;
}

/** The base that the program has where nobody chose another one. */
export const DEFAULT_BASE = "camera_shepherd";

/**
 * The base's part of object ids, and so of devices: two programs at one broker have devices of their own. The usual base stands for itself. Any other one
 * gets a digest of the whole, so that neither what does not fit (`a/b`, `a_b`) nor a camera's name behind it (base `a` with `b_c`, base `a_b` with `c`) makes
 * two of them meet.
 */
export function baseObject(base: string): string {
  return base === DEFAULT_BASE ? base : `${base.replaceAll(/[^A-Za-z0-9_-]+/g, "_")}-${digest(base)}`;
}

/**
 * Where it is tried whether Home Assistant's discovery may be published to. Core subscribes there to topics that end in `config` alone
 * (home-assistant/core, components/mqtt/discovery.py); an empty message to one of those it complains of.
 */
export function probeTopic(discoveryPrefix: string, base: string): string {
  return `${discoveryPrefix}/device/${baseObject(base)}/probe`;
}

/** Whether the filter covers the topic (MQTT 5 §4.7): `+` is one level, `#` at the end is this level and all below. */
export function isCovered(topic: string, filter: string): boolean {
  const levels = topic.split("/");
  const wanted = filter.split("/");
  // What begins with $ is the broker's own and covered by no wildcard at the front.
  if (topic.startsWith("$") && /^[+#]/.test(filter)) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === "#") return true;
    if (index >= levels.length || (level !== "+" && level !== levels[index])) return false;
  }
  return levels.length === wanted.length;
}

/** FNV-1a, 32 bits, over UTF-16 units: tells names apart, and is no protection against anybody. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
