import type { IpAddress } from "./addresses.ts";
import { after, between, hours, milliseconds, minutes, seconds, type Duration, type Instant } from "./duration.ts";
import type { LoginReading } from "./readings.ts";
import type { LoginPermission } from "./verification.ts";

/** An answer of a guard. `after`: how long from now it may be asked again; infinite where only a change helps. */
export type May = { readonly ok: true } | { readonly ok: false; readonly after: Duration };

/** The bounds that a person may change, as far as the guards here know them. */
export interface GuardLimits {
  /** Returns to former addresses within an hour that are allowed before a device is frozen. */
  readonly returnsAnHour: number;
  /** After a login that was answered with a no other than 401, and after too many refusals. */
  readonly loginPause: Duration;
  /** Between two sweeps of an interface, where the last one found something. */
  readonly sweepPause: Duration;
  /** Between two sweeps of an interface, however many found nothing. */
  readonly sweepPauseMost: Duration;
  /** Between two questions for one device's MAC. */
  readonly askPause: Duration;
}

export const DEFAULT_GUARDS: GuardLimits = {
  returnsAnHour: 3,
  loginPause: minutes(5),
  sweepPause: minutes(5),
  sweepPauseMost: minutes(15),
  askPause: seconds(10),
};

const NEVER = milliseconds(Number.POSITIVE_INFINITY);
const YES: May = { ok: true };

/** The moves of one device, for the guard against flip-flops. */
export interface SwitchState {
  /** Switches, the oldest first; those of the last two hours suffice. */
  readonly switches: readonly { readonly to: IpAddress; readonly at: Instant }[];
  /** The address before the first of them, where it is known. */
  readonly origin?: IpAddress;
  /** When a person last asked for a resync: nothing before it is held against the device. */
  readonly thawedAt?: Instant;
}

const FLAP_WINDOW = hours(1);
const FREEZE = hours(1);

/**
 * Whether the device may be switched at all. It is frozen for an hour from the first *return* too many within an hour: a switch to an address that it
 * held within the hour before. Moves to addresses that it did not hold are never counted.
 */
export function maySwitch(state: SwitchState, now: Instant, { returnsAnHour }: GuardLimits = DEFAULT_GUARDS): May {
  const returns = returnsOf(state).filter((at) => state.thawedAt === undefined || at > state.thawedAt);
  for (let index = returns.length - 1; index >= returnsAnHour; index -= 1) {
    const last = returns[index];
    const first = returns[index - returnsAnHour];
    if (last === undefined || first === undefined || between(first, last) >= FLAP_WINDOW) continue;
    const thaw = between(now, after(last, FREEZE));
    return thaw > 0 ? { ok: false, after: thaw } : YES;
  }
  return YES;
}

function returnsOf({ switches, origin }: SwitchState): readonly Instant[] {
  const heldUntil = new Map<IpAddress, Instant>();
  const returns: Instant[] = [];
  let holding = origin;
  for (const { to, at } of switches) {
    if (holding !== undefined) heldUntil.set(holding, at);
    const left = heldUntil.get(to);
    if (to !== holding && left !== undefined && between(left, at) < FLAP_WINDOW) returns.push(at);
    holding = to;
  }
  return returns;
}

/** One login that was tried. `urlDigest` names the URL without showing it. */
export interface LoginAttempt {
  readonly urlDigest: string;
  readonly address: IpAddress;
  readonly at: Instant;
  /** `refused`: 401. `failed`: another answer that says no. `unanswered`: the device went away or was not ready. */
  readonly outcome: "accepted" | "refused" | "failed" | "unanswered";
}

/** What an authenticated DESCRIBE means for the guard. */
export function loginOutcome(reading: LoginReading): LoginAttempt["outcome"] {
  if (reading === "accepted") return "accepted";
  if (reading === "unauthorized") return "refused";
  return reading === "no-answer" ? "unanswered" : "failed";
}

/** The latest attempts at one device, the newest last. */
export type LoginState = readonly LoginAttempt[];

export interface LoginQuestion {
  /** Undefined where there is no password to try. */
  readonly urlDigest: string | undefined;
  readonly address: IpAddress;
  /** Video packets of the device grow from this address. */
  readonly framesFlow: boolean;
}

const LOGINS_KEPT = 16;
const UNANSWERED_PAUSE = seconds(15);
const REFUSALS_ALLOWED = 3;

/**
 * Whether a login may be spent on an address: one a verified address; none while packets grow; after a refused one (401) none until the URL or the
 * address changes; after another no, none there for five minutes, after no answer for fifteen seconds; after three refusals within five minutes,
 * whatever the addresses, none until five minutes after the last (cameras lock accounts out).
 */
export function mayLogin(
  state: LoginState,
  question: LoginQuestion,
  now: Instant,
  { loginPause }: GuardLimits = DEFAULT_GUARDS,
):
  | { readonly ok: true; readonly permission: "allowed" }
  | { readonly ok: false; readonly after: Duration; readonly permission: LoginPermission } {
  const { urlDigest, address, framesFlow } = question;
  if (urlDigest === undefined) return { ok: false, after: NEVER, permission: "no-password" };
  if (framesFlow) return { ok: false, after: NEVER, permission: "frames-flow" };
  const last = state.findLast((attempt) => attempt.address === address && attempt.urlDigest === urlDigest);
  if (last?.outcome === "accepted") return { ok: false, after: NEVER, permission: "accepted-before" };
  if (last?.outcome === "refused") return { ok: false, after: NEVER, permission: "backed-off" };
  const recent = state.filter(
    (attempt) => attempt.outcome === "refused" && attempt.urlDigest === urlDigest && between(attempt.at, now) < loginPause,
  );
  const locking = recent.length >= REFUSALS_ALLOWED ? recent.at(-1) : undefined;
  const pause = Math.max(
    last?.outcome === "failed" ? between(now, after(last.at, loginPause)) : 0,
    last?.outcome === "unanswered" ? between(now, after(last.at, UNANSWERED_PAUSE)) : 0,
    locking === undefined ? 0 : between(now, after(locking.at, loginPause)),
  );
  return pause > 0 ? { ok: false, after: milliseconds(pause), permission: "backed-off" } : { ok: true, permission: "allowed" };
}

/** The state after a login was tried: one entry a URL and address, at most sixteen. */
export function noteLogin(state: LoginState, attempt: LoginAttempt): LoginState {
  const others = state.filter((one) => one.address !== attempt.address || one.urlDigest !== attempt.urlDigest);
  return [...others, attempt].slice(-LOGINS_KEPT);
}

/** The broadcast sweeps of one interface. */
export interface SweepState {
  /** When sweeps were begun, the newest last; at most eight. */
  readonly sweeps: readonly Instant[];
  /** Sweeps in a row that found none of the wanted. */
  readonly misses: number;
}

export const NO_SWEEPS: SweepState = { sweeps: [], misses: 0 };

const SWEEPS_KEPT = 8;
const AFTER_LOSS_PAUSE = seconds(10);
const AFTER_LOSS_ALLOWED = 3;

/**
 * Whether an interface may be swept by broadcast: five minutes after the last sweep, up to fifteen where sweeps found nothing. The first one
 * after a new loss goes at once, but ten seconds after the last and with at most three sweeps in five minutes: a camera that comes and goes must not
 * keep the Wi-Fi busy.
 * @param lossAt when the latest of the wanted devices was lost
 */
export function maySweep(
  state: SweepState,
  lossAt: Instant | undefined,
  now: Instant,
  { sweepPause, sweepPauseMost }: GuardLimits = DEFAULT_GUARDS,
): May {
  const last = state.sweeps.at(-1);
  if (last === undefined) return YES;
  const pause = Math.min(Math.max(sweepPause, sweepPauseMost), sweepPause * 2 ** Math.max(0, state.misses - 1));
  const regular = between(now, after(last, milliseconds(pause)));
  if (lossAt === undefined || lossAt <= last) return until(regular);
  const third = state.sweeps.at(-AFTER_LOSS_ALLOWED);
  const budget = third === undefined ? 0 : between(now, after(third, sweepPause));
  return until(milliseconds(Math.min(regular, Math.max(budget, between(now, after(last, AFTER_LOSS_PAUSE))))));
}

export function noteSweep(state: SweepState, at: Instant, found: boolean): SweepState {
  return { sweeps: [...state.sweeps, at].slice(-SWEEPS_KEPT), misses: found ? 0 : state.misses + 1 };
}

/** Whether a device's MAC may be asked for its address: ten seconds after the last time. */
export function mayAsk(lastAt: Instant | undefined, now: Instant, { askPause }: GuardLimits = DEFAULT_GUARDS): May {
  return lastAt === undefined ? YES : until(between(now, after(lastAt, askPause)));
}

function until(span: Duration): May {
  return span > 0 ? { ok: false, after: span } : YES;
}
