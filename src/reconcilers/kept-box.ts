import type { IncidentMessage } from "../domain/incident-message.ts";
import { list, type Plain, plain, plains, readJson } from "../domain/plain.ts";
import { openOf } from "./kept-incidents.ts";

/** What is remembered of one messenger over a restart. */
export interface KeptBox {
  /** In the order in which they came. */
  readonly waiting: readonly IncidentMessage[];
  /** Ids of what it was told is open, and was not told is over. */
  readonly told: ReadonlySet<string>;
}

export function writeBox({ waiting, told }: KeptBox): string {
  return JSON.stringify({ waiting, told: [...told] });
}

/** What was written; whatever of it is of another form (an older or newer program's) is left out. */
export function readBox(text: string | undefined): KeptBox {
  const { waiting, told } = plain(readJson(text ?? ""));
  return {
    waiting: plains(waiting).flatMap(messageOf),
    told: new Set(list(told).filter((id) => typeof id === "string")),
  };
}

function messageOf(fields: Plain): readonly IncidentMessage[] {
  const { state, isUrgent, at } = fields;
  if (state !== "open" && state !== "closed" && state !== "info") return [];
  return openOf({ incident: fields, openedAt: at }).map(({ incident, openedAt }) => ({
    ...incident,
    state,
    isUrgent: isUrgent === true,
    at: openedAt,
  }));
}

/**
 * What of it is still to be told. What is over before the messenger was told of it is told to nobody: neither that it began nor that it is over.
 * @param sending those that are being told just now
 * @param most so many stay; what is only for information makes room first, and then the oldest
 */
export function stillToTell({ waiting, told }: KeptBox, sending: ReadonlySet<IncidentMessage>, most: number): readonly IncidentMessage[] {
  let kept: readonly IncidentMessage[] = [];
  for (const message of waiting) {
    const opened = kept.filter(({ id, state }) => id === message.id && state === "open");
    const untold = opened.find((one) => !sending.has(one));
    if (message.state !== "closed") kept = [...kept, message];
    else if (untold !== undefined) kept = kept.filter((one) => one !== untold);
    else if (opened.length > 0 || told.has(message.id)) kept = [...kept, message];
  }
  const spare = new Set(kept.filter(({ state }) => state === "info").slice(0, Math.max(0, kept.length - most)));
  return kept.filter((message) => !spare.has(message)).slice(-most);
}
