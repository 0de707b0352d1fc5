import type { IpAddress } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";
import type { ScanInterface } from "./search.ts";

/** One way of calling a device of an attached network by what it says of itself. Sends no credential. */
export interface IdentityCaller {
  /** What it is called by. */
  readonly by: "endpoint" | "uid";
  /**
   * Calls the device of that endpoint reference or maker's number on an interface's network; one of another maker's is not called.
   * @throws the signal's reason when aborted
   */
  call(on: ScanInterface, identity: string, within: Duration, onAnswer: (from: IpAddress) => void, signal: AbortSignal): Promise<void>;
}
