import { milliseconds, minutes, seconds, type Duration } from "./duration.ts";

/** One poll of one stream's list entry, as far as health is concerned. */
export interface StreamObservation {
  readonly consumers: number;
  readonly producers: readonly { readonly id?: number; readonly remoteAddress?: string; readonly videoPackets?: number }[];
  /** False for a server that counts no packets (go2rtc before 1.9.4 lists receivers as text). */
  readonly countsPackets: boolean;
}

export interface HealthPolicy {
  /** Between two checks that count as failed or passed. */
  readonly interval: Duration;
  /** Failed checks in a row until a repair. */
  readonly failures: number;
  /** After a repair; doubled after each further one. */
  readonly cooldown: Duration;
  readonly maxBackoff: Duration;
  /** Without video packets for this long, with consumers present, the camera is looked at. */
  readonly frozenAfter: Duration;
}

export const DEFAULT_HEALTH: HealthPolicy = {
  interval: seconds(30),
  failures: 3,
  cooldown: seconds(60),
  maxBackoff: minutes(15),
  frozenAfter: seconds(5),
};

export type StreamCondition =
  /** The server does not tell. */
  | { readonly kind: "unknown" }
  /** Nobody watches, so nothing runs: by design, no error. */
  | { readonly kind: "idle" }
  | { readonly kind: "live" }
  | { readonly kind: "frozen"; readonly since: Duration }
  /** Frozen through as many checks as the policy allows. */
  | { readonly kind: "dead"; readonly since: Duration };

export interface HealthState {
  readonly condition: StreamCondition;
  /** Video packets by producer id at the last poll. */
  readonly packets: ReadonlyMap<number, number>;
  readonly polledAt?: Duration;
  /** Since when video is expected or last came. Absent while idle or unknown. */
  readonly progressAt?: Duration;
  /** Mean time between two video packets; absent until it was measured. */
  readonly meanInterval?: Duration;
  readonly reconnects: number;
  readonly looks: number;
  readonly nextLookAt?: Duration;
  readonly checkedAt?: Duration;
  /** Failed checks in a row. */
  readonly failed: number;
  readonly repairs: number;
  readonly nextRepairAt?: Duration;
}

export interface HealthVerdict {
  readonly state: HealthState;
  /** `look`: check the camera without a password and ask its MAC where it is. `repair`: register the same sources again. */
  readonly actions: readonly ("look" | "repair")[];
  /** The server made a new connection to the camera since the last poll. */
  readonly reconnected: boolean;
}

export const UNSEEN: HealthState = { condition: { kind: "unknown" }, packets: new Map(), reconnects: 0, looks: 0, failed: 0, repairs: 0 };

const FIRST_LOOK_PAUSE = seconds(10);
const LOOK_PAUSE_MAX = seconds(30);
/** A stream that lived for so long after the last pause has a fresh start. */
const CALM = seconds(60);
const WINDOW_MIN = milliseconds(250);
const WINDOW_MAX = seconds(3);
/** Weight of the newest poll in the mean. */
const SMOOTHING = 0.3;

/**
 * The health of a stream after one more poll. Only growth of the *video* packets counts as life: go2rtc keeps a dead producer in its list, with its
 * address and frozen counters, and RTCP or audio may still flow (internal/streams/producer.go).
 * @param now a clock that never jumps; polls may come late or be missed
 */
export function nextHealth(state: HealthState, observation: StreamObservation, policy: HealthPolicy, now: Duration): HealthVerdict {
  const packets = countsOf(observation);
  const { grown, fresh } = growth(state.packets, packets);
  const reconnected = fresh && state.packets.size > 0;
  const reconnects = state.reconnects + (reconnected ? 1 : 0);
  const seen: HealthState = { ...state, packets: packets.size > 0 ? packets : state.packets, reconnects, polledAt: now };
  const uncounted = packets.size === 0 && observation.producers.some((producer) => producer.remoteAddress !== undefined);
  if (!observation.countsPackets || (uncounted && observation.consumers > 0)) return rest(seen, { kind: "unknown" }, reconnected);
  if (observation.consumers === 0) return rest(seen, { kind: "idle" }, reconnected);
  const alive = grown > 0 && state.polledAt !== undefined;
  const measured = alive ? { ...seen, ...mean(state, grown, now), progressAt: now } : seen;
  return watched(checked(measured, state, policy, now), alive, policy, now, reconnected);
}

/** How long to wait between two samples of a producer's packets so that a live stream shows growth; for "do frames still flow?". */
export function flowWindow(state: HealthState): Duration {
  const wanted = state.meanInterval === undefined ? WINDOW_MAX : state.meanInterval * 3;
  return milliseconds(Math.min(WINDOW_MAX, Math.max(WINDOW_MIN, wanted)));
}

/** Nothing is expected of the stream: what was held against it is forgotten, the pauses after looks and repairs are not. */
function rest(state: HealthState, condition: StreamCondition, reconnected: boolean): HealthVerdict {
  const { progressAt: _progress, checkedAt: _checked, ...kept } = state;
  return { state: { ...kept, condition, failed: 0 }, actions: [], reconnected };
}

/** Counts one check as passed or failed where one is due: one a poll at most, however late the poll is. */
function checked(state: HealthState, before: HealthState, policy: HealthPolicy, now: Duration): HealthState {
  const begun: HealthState = { ...state, progressAt: state.progressAt ?? now, checkedAt: state.checkedAt ?? now };
  const checkedAt = begun.checkedAt ?? now;
  const progressAt = begun.progressAt ?? now;
  if (now - checkedAt < policy.interval) return progressAt > (before.progressAt ?? now) ? { ...begun, failed: 0 } : begun;
  if (progressAt <= checkedAt) return { ...begun, checkedAt: now, failed: begun.failed + 1 };
  const calm = now - progressAt < policy.frozenAfter && before.failed === 0;
  return { ...begun, checkedAt: now, failed: 0, repairs: calm ? 0 : begun.repairs };
}

/** What follows where somebody watches. Looks are repeated with growing pauses, which a short recovery does not reset; so are repairs. */
function watched(state: HealthState, grown: boolean, policy: HealthPolicy, now: Duration, reconnected: boolean): HealthVerdict {
  const since = state.progressAt ?? now;
  if (now - since < policy.frozenAfter) {
    const calm = state.nextLookAt === undefined || now - state.nextLookAt > CALM;
    const condition: StreamCondition = grown || state.condition.kind === "live" ? { kind: "live" } : { kind: "unknown" };
    return { state: { ...state, condition, looks: calm ? 0 : state.looks }, actions: [], reconnected };
  }
  const dead = state.failed >= policy.failures;
  const look = state.nextLookAt === undefined || now >= state.nextLookAt;
  const repair = dead && state.checkedAt === now && (state.nextRepairAt === undefined || now >= state.nextRepairAt);
  const lookPause = Math.min(LOOK_PAUSE_MAX, FIRST_LOOK_PAUSE * 2 ** state.looks);
  const repairPause = Math.min(policy.maxBackoff, policy.cooldown * 2 ** state.repairs);
  return {
    state: {
      ...state,
      condition: { kind: dead ? "dead" : "frozen", since },
      ...(look ? { looks: state.looks + 1, nextLookAt: milliseconds(now + lookPause) } : {}),
      ...(repair ? { repairs: state.repairs + 1, nextRepairAt: milliseconds(now + repairPause) } : {}),
    },
    actions: [...(look ? (["look"] as const) : []), ...(repair ? (["repair"] as const) : [])],
    reconnected,
  };
}

/** Video packets by connection. A producer without an id or a counter counts for nothing. */
function countsOf(observation: StreamObservation): ReadonlyMap<number, number> {
  const counted = observation.producers.flatMap(({ id, videoPackets }) =>
    id === undefined || videoPackets === undefined ? [] : [[id, videoPackets] as const],
  );
  return new Map(counted);
}

/** How many video packets came since the last poll, and whether a connection is new: another id, or a counter that began anew. */
function growth(
  before: ReadonlyMap<number, number>,
  counts: ReadonlyMap<number, number>,
): { readonly grown: number; readonly fresh: boolean } {
  let grown = 0;
  let fresh = false;
  for (const [id, count] of counts) {
    const known = before.get(id);
    const renewed = known === undefined || count < known;
    fresh ||= renewed;
    grown += renewed ? count : count - known;
  }
  return { grown, fresh };
}

/** The mean time between packets, of the polls between which video was expected all the time. */
function mean(state: HealthState, grown: number, now: Duration): Pick<HealthState, "meanInterval"> {
  if (state.polledAt === undefined || state.progressAt === undefined) return {};
  const latest = (now - state.polledAt) / grown;
  const { meanInterval } = state;
  return { meanInterval: milliseconds(meanInterval === undefined ? latest : meanInterval * (1 - SMOOTHING) + latest * SMOOTHING) };
}
