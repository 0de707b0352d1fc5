import type { Condition } from "./condition.ts";
import type { DeviceId } from "./camera.ts";
import { type Duration, type Instant, minutes, seconds } from "./duration.ts";
import { nextStepOf, type Surface } from "./next-step.ts";
import { type ReasonCode, REASONS } from "./reasons.ts";

/** What a person can be told of, by the name that stands in options. */
export const INCIDENT_EVENTS = ["offline", "impostor", "approval", "problem", "first_write", "moved"] as const;

export type IncidentEvent = (typeof INCIDENT_EVENTS)[number];

export interface IncidentCamera {
  readonly id: DeviceId;
  readonly name: string;
}

/** Something that a person should do something about, or know of. Holds no secret. */
export interface Incident {
  /** The same for as long as it lasts, and when it comes again: `camera/front/offline`, `target/frigate/problem`. */
  readonly id: string;
  readonly event: IncidentEvent;
  readonly camera?: IncidentCamera;
  readonly reason: ReasonCode;
  readonly title: string;
  readonly message: string;
  /** Empty where nothing is to be done. */
  readonly nextStep: string;
}

/** What the conditions amount to just now. */
export interface WantedIncident {
  readonly incident: Incident;
  /** It is told of once it has stood for so long. */
  readonly settle: Duration;
  /** False where another incident of the camera says the same: it goes on if it is open, and is not begun. */
  readonly opens: boolean;
}

const IMPOSTOR: readonly ReasonCode[] = ["Quarantined", "ExposedNotQuarantined", "IdentityDiffers", "IdentityShared"];
const OFFLINE: readonly ReasonCode[] = ["CameraUnreachable", "StreamDead", "PortClosed"];
const APPROVAL: readonly ReasonCode[] = [
  "NeedsApproval",
  "AdoptionProposed",
  "AdoptionUnclear",
  "SecondMacProposed",
  "AddressUnproved",
  "ProposalChanged",
];

/** What needs a person is told once it is no passing state. */
const SETTLE = seconds(30);
/** A stream is called dead after three failed checks, and may be repaired by the first repair. */
const SETTLE_DEAD = minutes(2);
/** What heals or waits by itself is told where it did not. */
const SETTLE_WARNING = minutes(5);

/** Conditions that are about telling itself, or that say only what is not available here. */
const LEFT_OUT = new Set(["notify", "layer"]);

/**
 * The one table of incidents: what the conditions amount to. A camera has one incident of each event at most, of its worst condition.
 * @param cameraOf whose condition it is; undefined where it is no camera's
 * @param surface what those who are told can ask by
 */
export function wantedIncidents(
  conditions: readonly Condition[],
  cameraOf: (subject: string) => IncidentCamera | undefined,
  surface: Surface,
): readonly WantedIncident[] {
  const byId = new Map<string, WantedIncident & { readonly isError: boolean }>();
  for (const condition of conditions) {
    const found = incidentOf(condition, cameraOf(condition.subject), surface);
    if (found === undefined) continue;
    const before = byId.get(found.incident.id);
    if (before === undefined || (found.isError && !before.isError)) byId.set(found.incident.id, found);
  }
  const all = [...byId.values()];
  const troubled = new Set(all.flatMap(({ isError, incident }) => (isError && incident.camera !== undefined ? [incident.camera.id] : [])));
  return all.map(({ incident, settle, isError }) => ({
    incident,
    settle,
    opens: isError || incident.camera === undefined || !troubled.has(incident.camera.id),
  }));
}

function incidentOf(
  { subject, status, reason, message, ask }: Condition,
  camera: IncidentCamera | undefined,
  surface: Surface,
): (WantedIncident & { readonly isError: boolean }) | undefined {
  const { title, severity, nextStep } = REASONS[reason];
  const isError = severity === "error";
  const isTold = isError || (status === "problem" && severity === "warning" && (nextStep !== "" || reason === "StreamDead"));
  if (status === "ok" || !isTold || LEFT_OUT.has(subject.split("/")[0] ?? "")) return undefined;
  const event = eventOf(reason);
  const incident: Incident = {
    id: camera === undefined ? `${subject}/${event}` : `camera/${camera.id}/${event}`,
    event,
    ...(camera === undefined ? {} : { camera }),
    reason,
    title: camera === undefined ? title : `${camera.name}: ${title}`,
    message,
    nextStep: nextStepOf(reason, surface, ask),
  };
  return { incident, settle: isError ? SETTLE : reason === "StreamDead" ? SETTLE_DEAD : SETTLE_WARNING, opens: true, isError };
}

function eventOf(reason: ReasonCode): IncidentEvent {
  if (IMPOSTOR.includes(reason)) return "impostor";
  if (OFFLINE.includes(reason)) return "offline";
  return APPROVAL.includes(reason) ? "approval" : "problem";
}

export interface OpenIncident {
  readonly incident: Incident;
  readonly openedAt: Instant;
  /** Monotonic: since when nothing speaks for it any more. */
  readonly goneSince?: Duration;
}

export interface IncidentState {
  /** Since when those that are not open yet have stood (monotonic), by id. */
  readonly waiting: ReadonlyMap<string, Duration>;
  readonly open: ReadonlyMap<string, OpenIncident>;
}

export interface IncidentStep {
  readonly state: IncidentState;
  readonly opened: readonly OpenIncident[];
  readonly closed: readonly OpenIncident[];
}

export const NO_INCIDENTS: IncidentState = { waiting: new Map(), open: new Map() };

/** One that goes and comes back within it was not over. */
const GONE = seconds(10);
const MOST = 1000;

/**
 * The incidents after one more look. Each opens once it has stood for as long as it should, and closes once it is over.
 * @param now monotonic
 */
export function nextIncidents(state: IncidentState, wanted: readonly WantedIncident[], now: Duration, at: Instant): IncidentStep {
  const byId = new Map(wanted.map((one) => [one.incident.id, one] as const));
  const open = new Map<string, OpenIncident>();
  const waiting = new Map<string, Duration>();
  const opened: OpenIncident[] = [];
  const closed: OpenIncident[] = [];
  for (const [id, { incident, openedAt, goneSince = now }] of state.open) {
    const still = byId.get(id);
    if (still !== undefined) open.set(id, { incident: still.incident, openedAt });
    else if (now - goneSince >= GONE) closed.push({ incident, openedAt });
    else open.set(id, { incident, openedAt, goneSince });
  }
  for (const [id, { incident, settle, opens }] of byId) {
    if (open.has(id) || !opens) continue;
    const since = state.waiting.get(id) ?? now;
    if (now - since < settle || open.size >= MOST) waiting.set(id, since);
    else {
      open.set(id, { incident, openedAt: at });
      opened.push({ incident, openedAt: at });
    }
  }
  return { state: { waiting, open }, opened, closed };
}
