import type { DocumentReading } from "../domain/document.ts";
import { seconds } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import type { Revision, TargetName } from "../ports/config-target.ts";

/** A document that lost cameras is believed only when it still reads so after this long. */
export const SHRUNK_FOR = seconds(2);

/**
 * Keeps a half-written document, which still parses as YAML, from making cameras disappear: a text that lacks cameras or streams of the one before is
 * believed only when it was read twice, at least two seconds apart, with the same bytes.
 */
export class Shrinking {
  readonly #clock: Clock;
  readonly #seen = new Map<TargetName, { readonly revision: Revision; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the names that are missing, while the text is not to be believed; none where it is */
  missing(name: TargetName, before: DocumentReading | undefined, now: DocumentReading, revision: Revision): readonly string[] {
    const gone = before === undefined ? [] : vanished(before, now);
    if (gone.length === 0) {
      this.#seen.delete(name);
      return [];
    }
    const at = this.#clock.monotonic();
    const seen = this.#seen.get(name);
    if (seen?.revision !== revision) this.#seen.set(name, { revision, at });
    else if (at - seen.at >= SHRUNK_FOR) {
      this.#seen.delete(name);
      return [];
    }
    return gone;
  }
}

function vanished(before: DocumentReading, now: DocumentReading): readonly string[] {
  const names = ({ cameras, streams }: DocumentReading): readonly string[] => [...cameras, ...streams].map(({ name }) => name);
  const left = new Set(names(now));
  return [...new Set(names(before).filter((name) => !left.has(name)))];
}
