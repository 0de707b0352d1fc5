import { z } from "zod";
import { type HostEdit, hostOf } from "../domain/document.ts";
import type { ConfigTarget } from "../ports/config-target.ts";
import type { Registry } from "../ports/registry.ts";

const Written = z.object({
  path: z.array(z.union([z.string(), z.number()])),
  owners: z.array(z.string()),
  from: z.string(),
  to: z.string(),
});
// What stands there was an edit when it was saved.
const Edit = z.custom<HostEdit>((value) => Written.safeParse(value).success);
const Record = z.object({ changes: z.array(z.number()), edits: z.array(Edit) });

/** An undo that waits where people decide. */
export interface ProposedUndo {
  /** The changes that it takes back. */
  readonly changes: readonly number[];
  readonly edits: readonly HostEdit[];
}

/** Undos that became pull requests: each takes effect once the document says what it asked for, also in a later run of the program. One a document. */
export class ProposedUndos {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  note({ place }: ConfigTarget, { changes, edits }: ProposedUndo): void {
    this.#registry.consents.saveFact(nameOf(place), edits.length === 0 ? "" : JSON.stringify({ changes, edits }));
  }

  /** The document was changed by us since, or has what was asked for: it is over. */
  forget({ place }: ConfigTarget): void {
    if ((this.#registry.consents.fact(nameOf(place)) ?? "") !== "") this.#registry.consents.saveFact(nameOf(place), "");
  }

  /** The undo that somebody merged: every place has its earlier host again. */
  merged({ place, format }: ConfigTarget, text: string): ProposedUndo | undefined {
    const saved = this.#registry.consents.fact(nameOf(place)) ?? "";
    if (saved === "") return undefined;
    const { changes, edits } = Record.parse(JSON.parse(saved));
    const reading = format.read(text);
    const there = new Map(reading.occurrences.map((one) => [JSON.stringify(one.path), hostOf(one)]));
    return edits.every(({ path, to }) => there.get(JSON.stringify(path)) === to) ? { changes, edits } : undefined;
  }
}

function nameOf(place: string): string {
  return `undo proposed ${place}`;
}
