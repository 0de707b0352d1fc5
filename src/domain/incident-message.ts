import { between, formatDuration, type Instant } from "./duration.ts";
import type { HealedMove } from "./healed-move.ts";
import type { Incident, IncidentEvent, OpenIncident } from "./incident.ts";
import { nextStepOf, type Surface } from "./next-step.ts";
import type { Notice } from "./notice.ts";
import { REASONS } from "./reasons.ts";

/** What is sent to somebody outside: one incident, or several at once. Holds no secret. */
export interface IncidentMessage extends Omit<Incident, "event"> {
  readonly event: IncidentEvent | "several";
  /** `info`: it happened, and nothing stays open. */
  readonly state: "open" | "closed" | "info";
  /** Whether a person should look at once. */
  readonly isUrgent: boolean;
  readonly at: Instant;
  /** Those that are told together. */
  readonly several?: readonly IncidentMessage[];
}

const LINES = 20;

export function openedMessage({ incident, openedAt }: OpenIncident): IncidentMessage {
  return { ...incident, state: "open", isUrgent: REASONS[incident.reason].severity === "error", at: openedAt };
}

export function closedMessage({ incident, openedAt }: OpenIncident, at: Instant): IncidentMessage {
  const message = `It lasted ${formatDuration(between(openedAt, at))}.`;
  return { ...incident, title: `Over: ${incident.title}`, message, nextStep: "", state: "closed", isUrgent: false, at };
}

/** @param waits documents that a change of this camera waits for: there it is not healed yet */
export function movedMessage({ camera, name, from, to, at }: HealedMove, waits: readonly string[] = []): IncidentMessage {
  const move = from === undefined ? `It was found at ${to}.` : `It moved from ${from} to ${to}.`;
  const message = waits.length === 0 ? move : `${move} Its video flows again; the change of ${waits.join(", ")} waits for approval.`;
  const title = `${name}: ${waits.length === 0 ? REASONS.Healed.title : "Camera moved, and a change waits for approval"}`;
  const shared = { id: `camera/${camera}/moved`, event: "moved", camera: { id: camera, name }, reason: "Healed", title } as const;
  return { ...shared, message, nextStep: "", state: "info", isUrgent: false, at };
}

/** The difference itself stays at home: it is not sent. */
export function firstWriteMessage(
  { target, place }: Pick<Extract<Notice, { kind: "first-write" }>, "target" | "place">,
  at: Instant,
  surface: Surface,
): IncidentMessage {
  const { title } = REASONS.FirstWrite;
  const message = `${place} was changed by Camera Shepherd for the first time.`;
  const shared = { id: `target/${target}/first_write`, event: "first_write", reason: "FirstWrite", title } as const;
  return { ...shared, message, nextStep: nextStepOf("FirstWrite", surface, { verb: "undo", target }), state: "info", isUrgent: false, at };
}

/** Several at once, as one: thirty cameras that lost their power are one message. */
export function groupMessages(messages: readonly IncidentMessage[], at: Instant): IncidentMessage {
  const count = (state: IncidentMessage["state"]): number => messages.filter((one) => one.state === state).length;
  const [open, over, info] = [count("open"), count("closed"), count("info")];
  const reasons = new Set(messages.map(({ reason, state }) => `${state} ${reason}`));
  const [first] = messages;
  const same = reasons.size === 1 && first !== undefined ? `${first.state === "closed" ? "over: " : ""}${REASONS[first.reason].title}` : "";
  const counts = [
    ...(open === 0 ? [] : [`${String(open)} new`]),
    ...(over === 0 ? [] : [`${String(over)} over`]),
    ...(info === 0 ? [] : [`${String(info)} for information`]),
  ];
  const lines = messages.slice(0, LINES).map(({ title, message }) => `${title}: ${message}`);
  const more = messages.length > LINES ? [`and ${String(messages.length - LINES)} more`] : [];
  const steps = [...new Set(messages.flatMap(({ nextStep }) => (nextStep === "" ? [] : [nextStep])))];
  return {
    id: "several",
    event: "several",
    reason: messages.find(({ state }) => state === "open")?.reason ?? first?.reason ?? "NothingToDo",
    title:
      same === "" ? `${String(messages.length)} messages: ${counts.join(", ")}` : `${String(messages.length)} cameras or parts: ${same}`,
    message: [...lines, ...more].join("\n"),
    nextStep: steps.slice(0, 3).join(" "),
    state: open > 0 ? "open" : over > 0 ? "closed" : "info",
    isUrgent: messages.some(({ isUrgent }) => isUrgent),
    at,
    several: messages,
  };
}
