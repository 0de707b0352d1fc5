import { type Duration, type Instant, instant, milliseconds, minutes } from "../domain/duration.ts";
import type { DocumentRef } from "../domain/remembered-document.ts";
import { restartTimes } from "../domain/restart-policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { Registry } from "../ports/registry.ts";
import type { RunningFrigate } from "../ports/running-frigate.ts";

/** A restarted Frigate answers again within half a minute, on slow machines within two; one that knows better says so. */
const BACK = minutes(3);

/** How long a restarted Frigate is waited for. */
export function backWithin({ comesBackWithin }: Pick<RunningFrigate, "comesBackWithin">): Duration {
  return comesBackWithin ?? BACK;
}

/** @returns undefined where there is none */
export function latestOf(times: Iterable<Duration>): Duration | undefined {
  return [...times].toSorted((one, other) => other - one)[0];
}

/** So many are kept of a Frigate: no limit asks for more. */
const KEPT = 100;
/** The wall clock was set where it runs off the other one by more. */
const SET = minutes(1);

/**
 * When each Frigate was restarted: in this run by the clock that never jumps, over runs by the wall clock. Kept by the Frigate's place, so that another name
 * of it begins no new count; and put right once the wall clock is set (a machine without a battery clock starts in the past), so that the next run counts right.
 */
export class RestartTimes {
  readonly #registry: Registry;
  readonly #clock: Clock;
  readonly #times = new Map<string, Duration[]>();
  /** The wall clock less the other one, as it was when the times on record were last right. */
  #offset: Duration;

  constructor(registry: Registry, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
    this.#offset = this.#offsetNow();
  }

  /** The newest first, monotonic. @param document by which an earlier version kept them */
  of(place: string, document: DocumentRef): readonly Duration[] {
    return this.#known(place, document);
  }

  /** It is being restarted. */
  add(place: string, document: DocumentRef): void {
    const times = this.#known(place, document);
    times.unshift(this.#clock.monotonic());
    times.splice(KEPT);
    this.#save(place);
  }

  /** It was not restarted: the latest one counts for nothing. */
  drop(place: string, document: DocumentRef): void {
    this.#known(place, document).shift();
    this.#registry.consents.saveFact(factOf(place), "[]");
    this.#save(place);
  }

  /** To be called now and then: sees that the wall clock was set. */
  review(): void {
    if (Math.abs(this.#offsetNow() - this.#offset) < SET) return;
    this.#offset = this.#offsetNow();
    for (const place of this.#times.keys()) this.#save(place);
  }

  #known(place: string, document: DocumentRef): Duration[] {
    const before = this.#times.get(place);
    if (before !== undefined) return before;
    const fact = this.#registry.consents.fact(factOf(place));
    const kept = fact === undefined ? [] : (JSON.parse(fact) as readonly number[]).map(instant);
    const named = this.#registry.restarts(document).map(({ at }) => at);
    const recorded: readonly Instant[] = fact === undefined ? named : kept;
    const times = [...restartTimes(recorded, this.#clock.now(), this.#clock.monotonic())];
    this.#times.set(place, times);
    return times;
  }

  #save(place: string): void {
    const wall = (this.#times.get(place) ?? []).map((at) => Math.round(at + this.#offsetNow()));
    if (wall.length > 0) this.#registry.consents.saveFact(factOf(place), JSON.stringify(wall));
  }

  #offsetNow(): Duration {
    return milliseconds(this.#clock.now() - this.#clock.monotonic());
  }
}

const factOf = (place: string): string => `restarts ${place}`;
