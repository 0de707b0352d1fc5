import type { IpAddress } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";
import type { ScanInterface } from "./search.ts";

/** One question by UDP. */
export interface UdpQuestion<Answer> {
  readonly ports: readonly number[];
  readonly message: Uint8Array;
  /** Is sent with it: some devices answer to the one, some to the other. */
  readonly also?: Uint8Array;
  /** The message is sent again so often until somebody answered: datagrams get lost. */
  readonly again: Duration;
  /** Reads an answer; undefined where it is none to this question. Must not throw. */
  readonly read: (bytes: Uint8Array) => Answer | undefined;
}

/** Questions to devices that speak UDP. Only the address that a packet came from is ever believed, never one that stands in it. */
export interface Datagrams {
  /**
   * Asks one address.
   * @returns undefined where it does not answer within `within`, at once where every port says that nobody listens
   * @throws the signal's reason when aborted
   */
  ask<Answer>(address: IpAddress, question: UdpQuestion<Answer>, within: Duration, signal: AbortSignal): Promise<Answer | undefined>;
  /**
   * Asks every device of an interface's network by broadcast, and tells each answer with where it came from; at most 256.
   * @throws the signal's reason when aborted
   */
  askNetwork<Answer>(
    on: ScanInterface,
    question: UdpQuestion<Answer>,
    within: Duration,
    onAnswer: (answer: Answer, from: IpAddress) => void,
    signal: AbortSignal,
  ): Promise<void>;
}
