import { parseIp, parseMac } from "../../domain/addresses.ts";
import type { Device } from "../../domain/camera.ts";
import { topicName } from "../../domain/mqtt-topics.ts";
import { isPlain, readJson } from "../../domain/plain.ts";
import { unknownName } from "../../domain/unknown-camera.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { Action } from "../../ports/actions.ts";

/** A command as its topic names it. */
export interface CommandName {
  /** The last level of the topic, as it came; at most 64 signs. */
  readonly command: string;
  /** The camera's level of the topic, as it came; at most 64 signs. */
  readonly camera?: string;
}

export type CommandReading =
  | { readonly kind: "action"; readonly name: CommandName; readonly action: Action }
  | { readonly kind: "refused"; readonly name: CommandName; readonly reason: ReasonCode; readonly message: string };

/** A command needs no more; the longest is a document's name. */
const LONGEST = 4096;

/** What each command may say in its JSON. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  "cmd/resync": ["camera"],
  "cmd/forget": ["camera"],
  "cmd/approve": ["id"],
  "cmd/undo": ["target", "to"],
  "+/cmd/resync": [],
  "+/cmd/reconnect": ["force"],
  "+/cmd/adopt": ["mac", "address", "replace"],
};

/** By name alone: nothing of a camera that is gone has a topic of its own any more. */
const FORGET_NEEDS = 'forget needs the camera that is gone for good: {"camera": "front"}';

type Arguments = ReadonlyMap<string, string>;

/**
 * Reads a command: `cmd/VERB`, or `CAMERA/cmd/VERB` with the camera's `topicName`. The payload is `PRESS` as a button sends it, nothing, or a JSON object.
 * Nothing alone is not enough for what writes: that is also what clears a retained message.
 * @param levels of the topic, below the base
 */
export function readCommand(levels: readonly string[], payload: Uint8Array, devices: readonly Device[]): CommandReading {
  const [segment, verb] = levels.length === 2 ? [undefined, levels[1]] : [levels[0], levels[2]];
  const name: CommandName = { command: (verb ?? "").slice(0, 64), ...(segment === undefined ? {} : { camera: segment.slice(0, 64) }) };
  const refused = (reason: ReasonCode, message: string): CommandReading => ({ kind: "refused", name, reason, message });
  const form = segment === undefined ? `cmd/${name.command}` : `+/cmd/${name.command}`;
  const keys = Object.hasOwn(KEYS, form) ? KEYS[form] : undefined;
  if (keys === undefined) return refused("CommandMalformed", `there is no such command; there is ${Object.keys(KEYS).join(", ")}`);
  const given = readArguments(name.command, payload, keys);
  if (typeof given === "string") return refused("CommandMalformed", given);
  if (form === "cmd/forget" && !given.has("camera")) return refused("CommandMalformed", FORGET_NEEDS);
  if (segment === undefined) return { kind: "action", name, action: homeAction(name.command, given) };
  const device = devices.find(({ id }) => topicName(id) === segment);
  if (device === undefined) {
    const topics = devices.map(({ id }) => topicName(id));
    return refused("CameraUnknown", unknownName(name.camera ?? "", topics));
  }
  const camera = device.id;
  if (name.command === "resync") return { kind: "action", name, action: { verb: "resync", camera } };
  const force = given.get("force") === "true" ? { force: true as const } : {};
  if (name.command === "reconnect") return { kind: "action", name, action: { verb: "reconnect", camera, ...force } };
  const [mac, address] = [parseMac(given.get("mac") ?? ""), parseIp(given.get("address") ?? "")];
  const replace = given.get("replace") === "true" ? { replace: true as const } : {};
  const isOne = given.size === 1 || (given.size === 2 && given.has("replace"));
  if (mac !== undefined && isOne) return { kind: "action", name, action: { verb: "adopt", camera, mac, ...replace } };
  if (address !== undefined && given.size === 1) return { kind: "action", name, action: { verb: "adopt", camera, address } };
  const wanted =
    'adopt needs the device\'s MAC address: {"mac": "0c:79:55:4b:d4:2a"}, or where none is seen its address: {"address": "10.9.0.9"}';
  return refused("CommandMalformed", wanted);
}

function homeAction(command: string, given: Arguments): Action {
  const [camera, id, target, to] = ["camera", "id", "target", "to"].map((key) => given.get(key));
  if (command === "forget") return { verb: "forget", camera: camera ?? "" };
  if (command === "resync") return { verb: "resync", ...(camera === undefined ? {} : { camera }) };
  if (command === "approve") return { verb: "approve", ...(id === undefined ? {} : { id }) };
  return { verb: "undo", ...(target === undefined ? {} : { target }), ...(to === undefined ? {} : { to: Number(to) }) };
}

/** @returns the arguments, or what is wrong with them */
function readArguments(command: string, payload: Uint8Array, keys: readonly string[]): Arguments | string {
  if (payload.length > LONGEST) return `the message has ${String(payload.length)} bytes; a command has at most ${String(LONGEST)}`;
  const text = new TextDecoder().decode(payload).trim();
  if (text.toUpperCase() === "PRESS") return new Map();
  const sorts = keys.length === 0 ? "PRESS" : `PRESS, or a JSON object with ${keys.join(" and ")}`;
  if (text === "") return command === "approve" || command === "undo" ? `an empty message does nothing here: send ${sorts}` : new Map();
  const json = readJson(text);
  if (!isPlain(json)) return `the message must be ${sorts}`;
  const given = new Map<string, string>();
  for (const [key, value] of Object.entries(json)) {
    if (!keys.includes(key)) return `${JSON.stringify(key.slice(0, 64))} is not known here: the message must be ${sorts}`;
    if (!(FITS[key]?.is ?? isText)(value)) return `${key} must be ${FITS[key]?.words ?? "text"}`;
    given.set(key, String(value));
  }
  return given;
}

/** What may stand behind the keys that take something else than text. */
const FITS: Readonly<Record<string, { readonly is: (value: unknown) => boolean; readonly words: string }>> = {
  to: { is: isCount, words: "the number of a kept text" },
  replace: { is: isSwitch, words: "true or false" },
  force: { is: isSwitch, words: "true or false" },
};

function isSwitch(value: unknown): boolean {
  return typeof value === "boolean";
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.length > 0 && value.length <= 512;
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
