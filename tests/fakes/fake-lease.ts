import { between, minutes } from "../../src/domain/duration.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { DocumentLease, LeaseHolder, LeaseOutcome } from "../../src/ports/document-lease.ts";

/** What copies of the program see beside one document. */
export interface SharedLease {
  held: { readonly id: string; readonly owner: FakeLease; readonly holder: LeaseHolder; renewed: ReturnType<Clock["now"]> } | undefined;
}

/** A lease in memory; all copies have one clock. */
export class FakeLease implements DocumentLease {
  readonly #shared: SharedLease;
  readonly #clock: Clock;
  readonly #id: string;

  constructor(shared: SharedLease, clock: Clock, id: string) {
    this.#shared = shared;
    this.#clock = clock;
    this.#id = id;
  }

  async take(signal: AbortSignal): Promise<LeaseOutcome> {
    signal.throwIfAborted();
    const now = this.#clock.now();
    const { held } = this.#shared;
    if (held !== undefined && held.id !== this.#id && between(held.renewed, now) < minutes(5))
      return { kind: "theirs", holder: held.holder };
    const isOurs = held?.id === this.#id;
    this.#shared.held = { id: this.#id, owner: this, holder: isOurs ? held.holder : { host: this.#id, pid: 1, since: now }, renewed: now };
    return { kind: "ours" };
  }

  async holder(signal: AbortSignal): Promise<LeaseHolder | undefined> {
    signal.throwIfAborted();
    const { held } = this.#shared;
    return held !== undefined && between(held.renewed, this.#clock.now()) < minutes(5) ? held.holder : undefined;
  }

  async release(): Promise<void> {
    if (this.#shared.held?.owner === this) this.#shared.held = undefined;
  }
}
