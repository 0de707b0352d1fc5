import { z } from "zod";
import { type Duration, hours, instant, milliseconds, minutes, between } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import type { Registry } from "../ports/registry.ts";

/** A restart that was refused is asked for again after this, after twice that, and so on. */
const FIRST = minutes(10);
const MOST = hours(1);

const Refusal = z.object({ message: z.string(), count: z.number(), at: z.number() });

/** Why a restart was refused, and for how long it is not asked for again. */
export interface RefusedRestart {
  /** For a person; without secrets. */
  readonly message: string;
  readonly left: Duration;
}

/** Which Frigates refused to be restarted, or who runs them did: over runs of the program, by the Frigate's place. */
export class RefusedRestarts {
  readonly #registry: Pick<Registry, "consents">;
  readonly #clock: Clock;

  constructor(registry: Pick<Registry, "consents">, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  /** What was refused last; undefined where the latest restart was not. */
  of(place: string): RefusedRestart | undefined {
    const known = this.#known(place);
    if (known === undefined) return undefined;
    const pause = Math.min(MOST, FIRST * 2 ** (known.count - 1));
    // A clock that was set back makes it longer by no more than the pause.
    const since = Math.max(0, between(instant(known.at), this.#clock.now()));
    return { message: known.message, left: milliseconds(Math.max(0, pause - since)) };
  }

  note(place: string, message: string): void {
    const count = (this.#known(place)?.count ?? 0) + 1;
    this.#registry.consents.saveFact(factOf(place), JSON.stringify({ message, count, at: this.#clock.now() }));
  }

  /** It was not refused this time. */
  forget(place: string): void {
    if (this.#known(place) !== undefined) this.#registry.consents.saveFact(factOf(place), "");
  }

  #known(place: string): z.infer<typeof Refusal> | undefined {
    const fact = this.#registry.consents.fact(factOf(place)) ?? "";
    return fact === "" ? undefined : Refusal.parse(JSON.parse(fact));
  }
}

const factOf = (place: string): string => `restart refused ${place}`;
