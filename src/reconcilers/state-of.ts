import { FrigateError, type RunningFrigate, type RunningState } from "../ports/running-frigate.ts";

/** What a Frigate runs with; undefined where it does not tell. @throws the signal's reason when aborted */
export async function stateOf(frigate: RunningFrigate, signal: AbortSignal): Promise<RunningState | undefined> {
  try {
    return await frigate.state(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FrigateError) return undefined;
    throw error;
  }
}
