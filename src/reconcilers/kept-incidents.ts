import type { DeviceId } from "../domain/camera.ts";
import { instant, type Instant } from "../domain/duration.ts";
import { type Incident, INCIDENT_EVENTS, type IncidentEvent, type OpenIncident } from "../domain/incident.ts";
import { list, type Plain, plain, plains, readJson } from "../domain/plain.ts";
import { isReason } from "../domain/reasons.ts";
import type { BoardEntry } from "./notice-board.ts";

/** Something that happened, and when. */
export interface KeptNote extends BoardEntry {
  readonly at: Instant;
}

/** What is remembered of incidents over a restart. */
export interface KeptIncidents {
  readonly open: readonly OpenIncident[];
  readonly notes: readonly KeptNote[];
  /** Ids of open incidents that a person took off a board. */
  readonly dismissed: readonly string[];
}

export function writeKept(kept: KeptIncidents): string {
  return JSON.stringify(kept);
}

/** What was written; whatever of it is of another form (an older or newer program's) is left out. */
export function readKept(text: string | undefined): KeptIncidents {
  const { open, notes, dismissed } = plain(readJson(text ?? ""));
  return {
    open: plains(open).flatMap(openOf),
    notes: plains(notes).flatMap(noteOf),
    dismissed: list(dismissed).filter((id) => typeof id === "string"),
  };
}

/** One incident of {@link writeKept}, in a list of one or none. */
export function openOf({ incident, openedAt }: Plain): readonly OpenIncident[] {
  const { id, event, camera, reason, title, message, nextStep } = plain(incident);
  const texts = [id, title, message, nextStep];
  if (!texts.every((one) => typeof one === "string") || !isEvent(event) || !isReason(reason) || typeof openedAt !== "number") return [];
  const [idText = "", titleText = "", messageText = "", step = ""] = texts;
  const { id: cameraId, name } = plain(camera);
  const of = typeof cameraId === "string" && typeof name === "string" ? { camera: { id: cameraId as DeviceId, name } } : {};
  const kept: Incident = { id: idText, event, reason, title: titleText, message: messageText, nextStep: step, ...of };
  return [{ incident: kept, openedAt: instant(openedAt) }];
}

function noteOf({ id, event, title, message, nextStep, verbatim, at }: Plain): readonly KeptNote[] {
  const texts = [id, title, message, nextStep];
  if (!texts.every((one) => typeof one === "string") || !isEvent(event) || typeof at !== "number") return [];
  const [idText = "", titleText = "", messageText = "", step = ""] = texts;
  const shown = typeof verbatim === "string" ? { verbatim } : {};
  return [{ id: idText, event, title: titleText, message: messageText, nextStep: step, at: instant(at), ...shown }];
}

function isEvent(value: unknown): value is IncidentEvent {
  return INCIDENT_EVENTS.some((event) => event === value);
}
