import type { Outcome } from "./outcome.ts";

/** One kind of work: looks at the world for a key, compares it with what is wanted and acts on the difference. */
export interface Reconciler<K> {
  /** A word for logs and diagnostics: `binding`, `frigate`. */
  readonly name: string;
  /**
   * One pass. It reads everything anew, so a missed or doubled call does no harm.
   * @param signal aborts when the key is forgotten and at shutdown; what is thrown after that counts as no failure
   * @throws Stalled where only a person helps; Waiting where it is too early; anything else is tried again with backoff
   */
  reconcile(key: K, signal: AbortSignal): Promise<Outcome>;
}
