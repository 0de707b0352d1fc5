import { between, type Duration, hours, type Instant, milliseconds, minutes } from "./duration.ts";

/** How a camera's power may be cycled; options that a person may change. */
export interface PowerLimits {
  /** It answers nowhere for so long. */
  readonly after: Duration;
  /** Between two cycles of one switch; at least an hour. */
  readonly pause: Duration;
}

export const DEFAULT_POWER: PowerLimits = { after: minutes(10), pause: hours(1) };

/** Nothing may have moved for so long. */
const CALM = minutes(2);

export interface PowerQuestion {
  readonly now: Instant;
  /** For how long the camera has answered nowhere; undefined where it answers somewhere, or is not given up yet. */
  readonly goneFor: Duration | undefined;
  readonly flow: "live" | "dead" | "unknown";
  /** Repairs of its streams that did not help. */
  readonly repairs: number;
  /** Addresses at which it was sighted and that are not judged yet. */
  readonly candidates: number;
  /** When the switch was last used for this. */
  readonly lastCycle: Instant | undefined;
  /** When a camera of the home moved last. */
  readonly lastMove: Instant | undefined;
  /** The other cameras of the home that are searched for when they are missing, and whether they hang on the same switch. */
  readonly others: readonly { readonly isGone: boolean; readonly isOnSwitch: boolean }[];
  /** Whether somebody else of our network, such as the gateway, answers just now. It is asked for only where no other camera can tell. */
  readonly isNetworkUp: boolean;
}

/** `after`: when to ask again, at the latest. `isNetwork`: it may be our network that is away; a person should know why nothing is done. */
export type PowerVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: string; readonly after?: Duration; readonly isNetwork?: true };

/**
 * Whether a camera that stays dead may have its power cycled: it has answered nowhere for long enough, repairs did not help, nothing moves, and it is not
 * the whole network that is away.
 */
export function mayCycle(question: PowerQuestion, limits: PowerLimits): PowerVerdict {
  const { now, goneFor, flow, repairs, candidates, lastCycle, lastMove, others } = question;
  if (goneFor === undefined || flow === "live") return { ok: false, why: "it answers" };
  if (goneFor < limits.after) return wait("it may come back by itself", limits.after - goneFor);
  if (flow === "dead" && repairs === 0) return { ok: false, why: "its streams were not repaired yet" };
  if (candidates > 0) return { ok: false, why: "it was sighted elsewhere" };
  const pause = Math.max(limits.pause, hours(1));
  // A clock that was set back must not free it: what lies ahead counts as now.
  const sinceCycle = lastCycle === undefined ? Infinity : Math.max(0, between(lastCycle, now));
  if (sinceCycle < pause) return wait("its power was cycled a while ago", pause - sinceCycle);
  const sinceMove = lastMove === undefined ? Infinity : Math.max(0, between(lastMove, now));
  if (sinceMove < CALM) return wait("a camera is being moved", CALM - sinceMove);
  if (others.some(({ isGone, isOnSwitch }) => isOnSwitch && !isGone))
    return { ok: false, why: "another camera that answers hangs on the same switch" };
  const gone = others.filter(({ isGone, isOnSwitch }) => isGone && !isOnSwitch).length;
  const apart = others.filter(({ isOnSwitch }) => !isOnSwitch).length;
  if (gone * 2 > apart)
    return { ok: false, why: "most other cameras are away, too: that is the network's, not the camera's", isNetwork: true };
  if (apart === 0 && !question.isNetworkUp)
    return {
      ok: false,
      why: "nothing else proves that our own network is up: no gateway answers, and no other camera can tell",
      isNetwork: true,
    };
  return { ok: true };
}

function wait(why: string, after: number): PowerVerdict {
  return { ok: false, why, after: milliseconds(after) };
}
