/** What `check` asks Home Assistant. */
export interface HomeAssistantFacts {
  /** For a person: the address. */
  readonly place: string;
  /** @throws an error that says in words why it was not told; the signal's reason when aborted */
  examine(signal: AbortSignal): Promise<HomeAssistantReading>;
}

export interface HomeAssistantReading {
  readonly version: string;
  /** An administrator's token: only that may see the addresses that Home Assistant sees. */
  readonly isAdministrator: boolean;
}

/** Home Assistant refuses the token: only a person puts that right. */
export class HomeAssistantRefuses extends Error {
  override readonly name = "HomeAssistantRefuses";
}
