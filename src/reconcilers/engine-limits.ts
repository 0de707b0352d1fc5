import { type Duration, seconds } from "../domain/duration.ts";
import { DEFAULT_GUARDS, type GuardLimits } from "../domain/policy.ts";
import { DEFAULT_POWER, type PowerLimits } from "../domain/power-policy.ts";
import { DEFAULT_RESTARTS, type RestartLimits } from "../domain/restart-policy.ts";

/** The bounds that a person may change. */
export interface EngineLimits {
  readonly guards: GuardLimits;
  /** Longest time that proving an address may take. */
  readonly verify: Duration;
  /** Without frames for so long after a change, the previous text is restored. */
  readonly frames: Duration;
  readonly restarts: RestartLimits;
  readonly power: PowerLimits;
}

export const DEFAULT_LIMITS: EngineLimits = {
  guards: DEFAULT_GUARDS,
  verify: seconds(10),
  frames: seconds(20),
  restarts: DEFAULT_RESTARTS,
  power: DEFAULT_POWER,
};

/** How long a one-shot sync may take: a search, a proof, and frames. */
export const ONE_SYNC = seconds(90);
