import type { DeviceId } from "../camera.ts";
import { followMove, type PendingMoves } from "../healed-move.ts";
import type { Notice } from "../notice.ts";

export const EVENT_TYPES = ["moved", "healed", "stream_lost", "stream_back", "impostor"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Something that happened to a camera, as automations are told of it. Holds no secret. */
export interface HomeEvent {
  readonly type: EventType;
  readonly camera: DeviceId;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What is remembered between two notices. */
export interface EventMemory {
  readonly moves: PendingMoves;
  /** Subjects of streams that were said to be lost. */
  readonly lost: ReadonlySet<string>;
}

export const NO_EVENTS: EventMemory = { moves: new Map(), lost: new Set() };

/** So many lost streams are remembered. */
const MOST_LOST = 5000;

/**
 * What a notice means to automations. A camera has healed when video flows after its move, or where no stream of it can be watched; a stream is back
 * only when it was said to be lost.
 * @param cameraOf the camera that a condition's subject belongs to
 */
export function followEvents(
  memory: EventMemory,
  notice: Notice,
  cameraOf: (subject: string) => DeviceId | undefined,
): { readonly memory: EventMemory; readonly event?: HomeEvent } {
  const { pending: moves, healed } = followMove(memory.moves, notice);
  const next = moves === memory.moves ? memory : { ...memory, moves };
  if (healed !== undefined) {
    const { camera, from, to } = healed;
    const details = { from: from ?? null, to, video: notice.kind === "frames" };
    return { memory: next, event: { type: "healed", camera, details } };
  }
  switch (notice.kind) {
    case "moved": {
      const { device: camera, from, to, evidence } = notice;
      return { memory: next, event: { type: "moved", camera, details: { from: from ?? null, to, noticed_by: evidence.layer } } };
    }
    case "quarantined": {
      const { device: camera, address, mac, streams, exposed } = notice;
      return { memory: next, event: { type: "impostor", camera, details: { address, mac: mac ?? null, parked: streams, exposed } } };
    }
    case "condition":
      return followStream(next, notice, cameraOf);
    default:
      return { memory: next };
  }
}

function followStream(
  memory: EventMemory,
  { condition }: Extract<Notice, { kind: "condition" }>,
  cameraOf: (subject: string) => DeviceId | undefined,
): { readonly memory: EventMemory; readonly event?: HomeEvent } {
  const { subject, status, message } = condition;
  const isStream = subject.startsWith("stream/") || subject.startsWith("camera/");
  const isLost = status === "problem";
  if (!isStream || isLost === memory.lost.has(subject) || status === "unknown") return { memory };
  const camera = cameraOf(subject);
  if (camera === undefined) return { memory };
  const others = [...memory.lost].filter((one) => one !== subject);
  const lost = new Set(isLost ? [...others, subject].slice(-MOST_LOST) : others);
  const stream = subject.split("/").slice(2).join("/");
  return {
    memory: { ...memory, lost },
    event: { type: isLost ? "stream_lost" : "stream_back", camera, details: { stream, message } },
  };
}
