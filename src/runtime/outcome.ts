import type { Duration } from "../domain/duration.ts";
import type { ReasonCode } from "../domain/reasons.ts";

/** What a pass that went well asks of the loop: to be run again after a while, or only when enqueued. */
export interface Outcome {
  readonly requeueAfter?: Duration;
}

/** Nothing more can be done until a person acts: shown, and not retried until the key is enqueued. */
export class Stalled extends Error {
  override readonly name = "Stalled";
  readonly reason: ReasonCode;
  constructor(reason: ReasonCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Not yet: run again after `after`. Neither a failure nor a reason to back off. */
export class Waiting extends Error {
  override readonly name = "Waiting";
  readonly reason: ReasonCode;
  readonly after: Duration;
  constructor(reason: ReasonCode, after: Duration, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.after = after;
  }
}
