import { z } from "zod";
import { DocumentError, type DocumentFormat, type DocumentReading } from "../../domain/document.ts";
import { between, hours, type Instant, instant } from "../../domain/duration.ts";
import { type Plain, plains } from "../../domain/plain.ts";
import { FIELD_MANAGER, timeOf, within } from "./cluster-api.ts";

/** What this program changed last in an object, for people and for itself: which addresses a workload that started before still uses. */
export const LAST_CHANGE = "camera-shepherd.io/last-change";

const MOST_MOVES = 100;
/** Moves of changes that lie further apart are hardly both waiting for one restart. */
const TOGETHER = hours(1);

const Move = z.object({ camera: z.string(), from: z.string(), to: z.string() });
const Change = z.object({ at: z.iso.datetime(), moves: z.array(Move).max(MOST_MOVES) });

export type ChangedCamera = z.infer<typeof Move>;

/** The annotation's text for a change from one text to another, with what earlier changes moved that may not be in use yet. */
export function changeAnnotation(object: Plain, format: DocumentFormat, before: string, after: string, now: Instant): string {
  const earlier = changeOf(object);
  const isNear = earlier !== undefined && between(instant(Date.parse(earlier.at)), now) < TOGETHER;
  const all = new Map<string, ChangedCamera>((isNear ? earlier.moves : []).map((move) => [move.camera, move]));
  for (const { camera, from, to } of movesBetween(format, before, after))
    all.set(camera, { camera, from: all.get(camera)?.from ?? from, to });
  // What was taken back is none.
  const moves = [...all.values()].filter(({ from, to }) => from !== to).slice(-MOST_MOVES);
  return JSON.stringify({ at: new Date(now).toISOString(), moves } satisfies z.infer<typeof Change>);
}

/** Frigate's cameras whose address differs; none where a text cannot be read, which is not written. */
function movesBetween(format: DocumentFormat, before: string, after: string): readonly ChangedCamera[] {
  const [old, fresh] = [placesIn(format, before), placesIn(format, after)];
  if (old.length !== fresh.length) return [];
  return old.flatMap(({ owners, address }, index) => {
    const to = fresh[index]?.address ?? address;
    if (to === address) return [];
    return owners.flatMap((owner) => (owner.startsWith("camera:") ? [{ camera: owner.slice("camera:".length), from: address, to }] : []));
  });
}

function placesIn(format: DocumentFormat, text: string): DocumentReading["occurrences"] {
  try {
    return format.read(text).occurrences;
  } catch (error) {
    if (error instanceof DocumentError) return [];
    throw error;
  }
}

/** What stands in the annotation; nothing where this program changed nothing. */
export function noted(object: Plain): { readonly changed: readonly ChangedCamera[]; readonly notedAt: Instant | undefined } {
  const change = changeOf(object);
  return change === undefined ? { changed: [], notedAt: undefined } : { changed: change.moves, notedAt: instant(Date.parse(change.at)) };
}

/**
 * When this program last changed the text under the key, by the API server's own clock; undefined where somebody else changed it since, who is then in
 * charge of bringing it into use (`metadata.managedFields`: a value belongs to whoever changed it last).
 */
export function changedAt(object: Plain, key: string): Instant | undefined {
  const ours = plains(within(object, "metadata")["managedFields"]).find(
    (entry) => entry["manager"] === FIELD_MANAGER && `f:${key}` in within(entry, "fieldsV1", "f:data"),
  );
  return timeOf(ours?.["time"]);
}

function changeOf(object: Plain): z.infer<typeof Change> | undefined {
  try {
    return Change.parse(JSON.parse(String(within(object, "metadata", "annotations")[LAST_CHANGE])));
  } catch {
    return undefined;
  }
}
