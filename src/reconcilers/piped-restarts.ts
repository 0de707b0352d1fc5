import { type Duration, formatDuration } from "../domain/duration.ts";
import type { RestartNeed } from "../domain/restart-needs.ts";
import { mayRestart, type RestartLimits } from "../domain/restart-policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { TargetName } from "../ports/config-target.ts";
import type { Registry } from "../ports/registry.ts";
import { FrigateError, type RunningFrigate } from "../ports/running-frigate.ts";
import type { Fleet, ReadDocument } from "./fleet.ts";
import { unsizedGone } from "./needed-restarts.ts";
import { RefusedRestarts } from "./refused-restarts.ts";
import { RestartTimes } from "./restart-times.ts";
import { askedAgainWords, whyWords } from "./restart-words.ts";

export interface PipedRestartsPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly limits: RestartLimits;
  /** Frigates that a person restarts. */
  readonly never: ReadonlySet<TargetName>;
}

/** Since when what was brought there is not in use: monotonic. */
interface Seen {
  readonly needs: string;
  readonly first: Duration;
  readonly last: Duration;
}

/**
 * Restarts a Frigate to which a pipeline has brought its document, and that nobody else restarts for it: what does so, such as a checksum annotation, has
 * the time that is waited for before any restart. The bounds are those of every restart; the text is the repository's, so it is not put back here.
 */
export class PipedRestarts {
  readonly #ports: PipedRestartsPorts;
  readonly #times: RestartTimes;
  readonly #seen = new Map<TargetName, Seen>();
  readonly #near = new Set<TargetName>();
  readonly #refused: RefusedRestarts;

  constructor(ports: PipedRestartsPorts) {
    this.#ports = ports;
    this.#times = new RestartTimes(ports.registry, ports.clock);
    this.#refused = new RefusedRestarts(ports.registry, ports.clock);
  }

  /** True while a restart is near, or was asked for and not seen to end. */
  pending(): boolean {
    return this.#near.size > 0;
  }

  /** It uses what it should, or that cannot be seen. */
  forget(name: TargetName): void {
    this.#seen.delete(name);
    this.#near.delete(name);
  }

  /** Restarts it where that is due. @returns what becomes of it, in words that follow what is wrong */
  async consider(frigate: RunningFrigate, document: ReadDocument, needs: readonly RestartNeed[], signal: AbortSignal): Promise<string> {
    const { fleet, registry, clock, limits, never } = this.#ports;
    const { name, place } = frigate;
    this.#times.review();
    const now = clock.monotonic();
    const { first, last } = this.#note(name, JSON.stringify(needs), now);
    const unsized = unsizedGone(fleet, document);
    const restarts = this.#times.of(place, document.target);
    const question = { firstChange: first, lastChange: last, restarts, unsized, allowed: !never.has(name) };
    const decision = mayRestart(question, now, limits);
    this.#near.delete(name);
    const refused = this.#refused.of(place);
    if (refused !== undefined && refused.left > 0) return askedAgainWords(refused);
    if (decision.kind !== "now") {
      if (decision.kind !== "wait" || decision.why !== "quiet") return whyWords(decision, unsized, limits);
      this.#near.add(name);
      return `it is restarted unless something else does that within ${formatDuration(decision.after)}`;
    }
    const id = registry.beginRestart(document.target, "change", clock.now());
    this.#times.add(place, document.target);
    this.#seen.delete(name);
    try {
      await frigate.restart(signal);
      this.#refused.forget(place);
      this.#near.add(name);
      return "it is being restarted";
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FrigateError)) throw error;
      this.#times.drop(place, document.target);
      this.#refused.note(place, error.message);
      return error.message;
    } finally {
      registry.settleRestart(id, "up");
    }
  }

  #note(name: TargetName, needs: string, now: Duration): Seen {
    const known = this.#seen.get(name);
    const seen = { needs, first: known?.first ?? now, last: known?.needs === needs ? known.last : now };
    this.#seen.set(name, seen);
    return seen;
  }
}
