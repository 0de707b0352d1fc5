import type { IncidentMessage } from "../domain/incident-message.ts";

/** Somebody outside who is told, one message after the other. */
export interface Messenger {
  readonly name: string;
  /** Where it is, for a person: without path, query and credentials, which may be secret. */
  readonly place: string;
  /** Tells it once. @throws NotifyError where it was not told; the signal's reason when aborted */
  tell(message: IncidentMessage, signal: AbortSignal): Promise<void>;
}

/** A note on a board. Both texts are plain: whoever shows them sees to it that they stay so. */
export interface Note {
  readonly title: string;
  readonly message: string;
  readonly nextStep: string;
  /** Shown as it stands, line by line. */
  readonly verbatim?: string;
}

/** What is on the board of ours. */
export interface Shown {
  readonly ids: ReadonlySet<string>;
  /** Another one where the board may have been wiped since: what is missing then was not taken away by a person. Outlives connections and programs. */
  readonly run: string;
}

/** A place where notes hang until they are taken away, by us or by a person. */
export interface Board {
  readonly place: string;
  /** @throws NotifyError; the signal's reason when aborted, as do the others */
  shown(signal: AbortSignal): Promise<Shown>;
  /** Hangs it up, in place of the note of the same id. */
  put(id: string, note: Note, signal: AbortSignal): Promise<void>;
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** It was not told: the message says why, without what may be secret. */
export class NotifyError extends Error {
  override readonly name = "NotifyError";
}
