import { milliseconds, minutes, seconds } from "../domain/duration.ts";
import { followMove, type HealedMove, type PendingMoves } from "../domain/healed-move.ts";
import type { Notice } from "../domain/notice.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { type MovedHook, MovedHookError } from "../ports/moved-hook.ts";
import type { Status } from "../ports/status.ts";
import { backoffDelay } from "../runtime/backoff.ts";
import { type Outcome, Waiting } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";

/** Moves that wait for one hook; the oldest make room. */
const MOST_WAITING = 100;
/** How often one move is told at most, and for how long. */
const ATTEMPTS = 5;
const AT_MOST = minutes(15);
/** 10, 30, 90, 270 s, a quarter of it left to chance: under seven minutes in all. */
const RETRY = { initial: seconds(10), factor: 3, max: minutes(5), jitter: 0.25 };

export interface MovedHooksPorts {
  readonly hooks: readonly MovedHook[];
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  /** The hook has something to tell. */
  readonly enqueue: (hook: string) => void;
}

interface Waiter {
  readonly move: HealedMove;
  /** Monotonic. */
  readonly since: number;
  attempts: number;
  /** It is not tried before, however many further moves come: monotonic. */
  notBefore: number;
  /** Why it was not told so far. */
  problem: string;
}

/** Tells hooks of healed moves, one after the other. What waits is in memory alone: it is lost when the program ends. */
export class MovedHooks implements Reconciler<string> {
  readonly name = "hook";
  readonly #ports: MovedHooksPorts;
  readonly #waiting = new Map<string, Waiter[]>();
  #pending: PendingMoves = new Map();

  constructor(ports: MovedHooksPorts) {
    this.#ports = ports;
  }

  /** Listens to everything that is told. */
  note(notice: Notice): void {
    const { hooks, fleet, clock, enqueue } = this.#ports;
    if (hooks.length === 0) return;
    const { pending, healed } = followMove(this.#pending, notice);
    this.#pending = pending;
    if (healed === undefined) return;
    const device = fleet.device(healed.camera);
    const [mac] = device === undefined ? [] : fleet.macsOf(device);
    const move: HealedMove = { ...healed, name: device?.title ?? healed.camera, ...(mac === undefined ? {} : { mac }), at: clock.now() };
    for (const { name } of hooks) {
      const waiting = this.#waiting.get(name) ?? [];
      this.#waiting.set(
        name,
        [...waiting, { move, since: clock.monotonic(), attempts: 0, notBefore: 0, problem: "" }].slice(-MOST_WAITING),
      );
      enqueue(name);
    }
  }

  /** Tells the hook of the move that has waited longest; of several failures in a row one condition stands. */
  async reconcile(name: string, signal: AbortSignal): Promise<Outcome> {
    const { hooks, clock, random, status } = this.#ports;
    const hook = hooks.find((candidate) => candidate.name === name);
    const [first, ...rest] = this.#waiting.get(name) ?? [];
    if (hook === undefined || first === undefined) return {};
    const early = first.notBefore - clock.monotonic();
    if (early > 0) throw new Waiting("HookFailed", milliseconds(early), first.problem);
    const done = (): Outcome => {
      this.#waiting.set(
        name,
        (this.#waiting.get(name) ?? rest).filter((waiter) => waiter !== first),
      );
      return (this.#waiting.get(name) ?? []).length > 0 ? { requeueAfter: milliseconds(0) } : {};
    };
    try {
      await hook.call(first.move, signal);
      status.set(`hook/${name}`, "ok", "Healthy", `${hook.place} was told that ${first.move.name} is at ${first.move.to}`);
      return done();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof MovedHookError)) throw error;
      first.attempts += 1;
      const delay = backoffDelay(RETRY, first.attempts, random);
      const isOver = first.attempts >= ATTEMPTS || clock.monotonic() + delay - first.since > AT_MOST;
      const message = `${hook.place} was not told that ${first.move.name} is at ${first.move.to}: it ${error.message}`;
      first.problem = message;
      first.notBefore = clock.monotonic() + delay;
      if (!isOver) throw new Waiting("HookFailed", delay, message, { cause: error });
      const outcome = done();
      status.set(`hook/${name}`, "problem", "HookFailed", `${message}; it was tried ${String(ATTEMPTS)} times, and is given up`);
      return outcome;
    }
  }
}
