import type { HealedMove } from "../domain/healed-move.ts";

/** A move as it is told. */
export interface ToldMove extends HealedMove {
  /** The same at each try: who was told already, and could not say so in time, knows it again. */
  readonly id: string;
  /** Ids of changes of documents for this camera that wait for a person's approval. */
  readonly unapproved: readonly string[];
}

/** Somebody outside who wants to know of each move that was verified and healed. */
export interface MovedHook {
  readonly name: string;
  /** Where it is, for a person: without path, query and credentials, which may be secret. */
  readonly place: string;
  /**
   * Tells it once.
   * @throws MovedHookError where it was not told; the signal's reason when aborted
   */
  call(move: ToldMove, signal: AbortSignal): Promise<void>;
}

/** It was not told: the message says why, without what may be secret. */
export class MovedHookError extends Error {
  override readonly name = "MovedHookError";
}
