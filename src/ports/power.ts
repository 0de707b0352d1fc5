/** Switches and buttons of the house that cut or reset a camera's power, by name. */
export interface PowerControl {
  /** For a person: who has them. */
  readonly place: string;
  /** `unavailable`: it is there, and cannot be used now. @throws PowerError; the signal's reason when aborted, as do the others */
  state(name: string, signal: AbortSignal): Promise<"on" | "off" | "unavailable" | "absent">;
  switchOff(name: string, signal: AbortSignal): Promise<void>;
  switchOn(name: string, signal: AbortSignal): Promise<void>;
  press(name: string, signal: AbortSignal): Promise<void>;
}

/** It was not done: the message says why. */
export class PowerError extends Error {
  override readonly name = "PowerError";
}
