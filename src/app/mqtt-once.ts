import { milliseconds, seconds } from "../domain/duration.ts";
import { type Publisher, PublisherError } from "../ports/publisher.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Status } from "../ports/status.ts";
import type { FollowedBindings } from "../reconcilers/mqtt/followed-bindings.ts";

/** A broker that is there answers within this. */
const OPEN_WITHIN = seconds(10);
const LOOK_EVERY = milliseconds(100);

export interface HearingParts {
  readonly publisher: Publisher;
  readonly followed: readonly FollowedBindings[];
  readonly clock: Clock;
  readonly status: Status;
  readonly log: Log;
}

/**
 * Takes what a broker has kept of other copies' bindings, for a single sync: connects, listens until nothing more comes, 15 s at most, and closes. Publishes
 * nothing. What goes wrong is one condition, and the sync goes on without it. @throws the signal's reason when aborted
 */
export async function hearBindings({ publisher, followed, clock, status, log }: HearingParts, signal: AbortSignal): Promise<void> {
  for (const one of followed) one.expect();
  const enough = new AbortController();
  const deadline = clock.deadline("hear bindings", OPEN_WITHIN, AbortSignal.any([signal, enough.signal]));
  try {
    const session = await publisher.open(
      {
        subscriptions: [...new Set(followed.flatMap(({ subscriptions }) => subscriptions))],
        onMessage: (message) => {
          for (const one of followed) one.onMessage(message);
        },
        onTooLong: (bytes) => log.warn("a message that is too long was dropped", { bytes }),
      },
      deadline,
    );
    enough.abort();
    try {
      // For the rest of this run: what was heard once stands.
      for (const one of followed) await one.onSession(session, signal);
      const over = new AbortController();
      session.ended.then(
        () => over.abort(),
        () => over.abort(),
      );
      while (!over.signal.aborted && followed.some((one) => one.isComing())) await clock.wait("bindings to come", LOOK_EVERY, signal);
    } finally {
      await session.close();
    }
    const [refused] = session.refusedFilters;
    const count = followed.reduce((sum, one) => sum + one.count, 0);
    if (refused !== undefined) status.set("mqtt", "problem", "BrokerDenies", `${publisher.place} does not let the user read ${refused}`);
    else status.set("mqtt", "ok", "Healthy", `cameras that other copies tell of at ${publisher.place}: ${String(count)}`);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PublisherError) && !deadline.aborted) throw error;
    const [reason, why] = error instanceof PublisherError ? [error.reason, error.message] : (["BrokerUnreachable", ""] as const);
    const words = why === "" ? `${publisher.place} gave no answer within 10 s` : why;
    status.set("mqtt", "problem", reason, `${words}; nothing is known of what other copies of the program see`);
  } finally {
    enough.abort();
    for (const one of followed) one.endHearing();
  }
}
