/** What a person wants to know of a Frigate that is spoken to over HTTP, before it is needed. */
export interface FrigateFacts {
  /** As `0.17.2-85c2210`. */
  readonly version: string;
  /** Of this user there; undefined where the version knows no roles. */
  readonly role: string | undefined;
  readonly safeMode: boolean;
  /** Whether it gives its document's schema, by which a change is checked before it is written. */
  readonly schema: boolean;
}

/** A Frigate as `check` asks it. */
export interface ExaminedFrigate {
  readonly name: string;
  /** Its address without credentials. */
  readonly place: string;
  /** @throws FrigateError; the signal's reason when aborted */
  examine(signal: AbortSignal): Promise<FrigateFacts>;
}
