import { milliseconds } from "../domain/duration.ts";
import type { Duration } from "../domain/duration.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Status } from "../ports/status.ts";
import { Alarm } from "./alarm.ts";
import { backoffDelay } from "./backoff.ts";
import type { BackoffPolicy } from "./backoff.ts";
import { DueQueue } from "./due-queue.ts";
import { freshEntry, restingAfter } from "./key-state.ts";
import type { KeyEntry, KeyState } from "./key-state.ts";
import { LimitReached } from "./limit-reached.ts";
import type { Reconciler } from "./reconciler.ts";
import { reportPass, resultOf } from "./report.ts";
import type { PassResult } from "./report.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** A pass that asks to be run again at once waits at least so long: other work gets its turn. */
const SHORTEST_REQUEUE = milliseconds(1);

export interface LoopOptions<K> {
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly log: Log;
  /** How many passes run at once, each of another key. */
  readonly concurrency: number;
  readonly backoff: BackoffPolicy;
  /** The subject of a key's condition: `device/front`. */
  readonly subject: (key: K) => string;
  /** How many keys are held at most. */
  readonly limit: number;
}

/** `run` was called a second time. */
export class LoopMisused extends Error {
  override readonly name = "LoopMisused";
}

/**
 * The keyed, level-triggered queue that runs one reconciler. Signals only enqueue a key: any number of them make one pass, one pass of a key
 * runs at a time, and a key that was enqueued while its pass ran is looked at again.
 */
export class Loop<K extends string> {
  readonly #reconciler: Reconciler<K>;
  readonly #options: LoopOptions<K>;
  readonly #entries = new Map<K, KeyEntry>();
  readonly #queue = new DueQueue<K>();
  readonly #passes = new Set<Promise<void>>();
  readonly #alarm = new Alarm();
  #phase: "new" | "running" | "ended" = "new";
  #settling: PromiseWithResolvers<void> | undefined;

  constructor(reconciler: Reconciler<K>, options: LoopOptions<K>) {
    this.#reconciler = reconciler;
    this.#options = options;
  }

  get name(): string {
    return this.#reconciler.name;
  }

  /**
   * Asks for a pass of the key, at once or `after` a while. The earliest time asked for counts; a key that is stalled or backs off is woken.
   * During a pass of the key it means another one right after it; after the loop's end it means nothing.
   * @throws LimitReached where the key is new and the loop is full
   */
  enqueue(key: K, after: Duration = milliseconds(0)): void {
    if (this.#phase === "ended") return;
    const due = milliseconds(this.#options.clock.monotonic() + Math.max(0, after));
    const entry = this.#entries.get(key) ?? this.#admit(key);
    if (due === Infinity) return;
    if (entry.running !== undefined) {
      entry.dirty = milliseconds(Math.min(due, entry.dirty ?? Infinity));
      return;
    }
    entry.resting = "queued";
    if (due >= (this.#queue.dueOf(key) ?? Infinity)) return;
    this.#queue.set(key, due);
    this.#alarm.ring();
  }

  /** Drops the key: a running pass is aborted and its end ignored, its timer and condition are removed. Enqueued again, it begins anew. */
  forget(key: K): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#queue.delete(key);
    this.#options.status.clear(this.#options.subject(key));
    if (entry.running === undefined) this.#entries.delete(key);
    else {
      entry.forgotten = true;
      entry.dirty = undefined;
      entry.running.abort.abort(new DOMException(`${key} was forgotten`, "AbortError"));
    }
    this.#announce();
  }

  /** Every key that was not forgotten, with its state. */
  keys(): readonly KeyState<K>[] {
    const now = this.#options.clock.monotonic();
    const states: KeyState<K>[] = [];
    for (const [key, entry] of this.#entries) {
      const due = this.#queue.dueOf(key) ?? entry.dirty;
      const dueIn = due === undefined ? {} : { dueIn: milliseconds(due - now) };
      if (entry.forgotten) {
        if (entry.dirty !== undefined) states.push({ key, state: "queued", attempts: 0, ...dueIn });
        continue;
      }
      states.push({
        key,
        state: entry.running === undefined ? entry.resting : "running",
        attempts: entry.attempts,
        ...dueIn,
        ...(entry.running === undefined ? {} : { runningFor: milliseconds(now - entry.running.since) }),
        ...(entry.last === undefined ? {} : { last: entry.last }),
      });
    }
    return states;
  }

  /** How the last complete pass of each key ended; keys without one are absent. */
  results(): ReadonlyMap<K, PassResult> {
    const results = new Map<K, PassResult>();
    for (const { key, last } of this.keys()) if (last !== undefined) results.set(key, last);
    return results;
  }

  /** True while a key is queued or runs. A pass that is only planned (requeued, waiting, backing off) does not count. */
  busy(): boolean {
    if (this.#passes.size > 0) return true;
    for (const entry of this.#entries.values()) if (entry.resting === "queued") return true;
    return false;
  }

  /**
   * Resolves when the loop is not `busy` (any more): for running every key once.
   * @throws the signal's reason when aborted, `AbortError` where the loop ended with keys still queued
   */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.busy()) {
      signal.throwIfAborted();
      if (this.#phase === "ended" && this.#passes.size === 0)
        throw new DOMException(`loop ${this.name} ended before it settled`, "AbortError");
      this.#settling ??= Promise.withResolvers();
      await unlessAborted(this.#settling.promise, signal);
    }
  }

  /**
   * Runs passes until the signal aborts; then aborts those that run and resolves once they have ended. May be called once.
   * @throws LoopMisused the second time
   */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#phase !== "new") throw new LoopMisused(`loop ${this.name} was started before`);
    this.#phase = "running";
    try {
      while (!signal.aborted) {
        this.#startDue(signal);
        await this.#alarm.sleep(this.#options.clock, `loop ${this.name}`, this.#untilNext(), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#phase = "ended";
      for (const entry of this.#entries.values()) entry.running?.abort.abort(signal.reason);
      await Promise.all(this.#passes);
      this.#announce();
    }
  }

  #admit(key: K): KeyEntry {
    if (this.#entries.size >= this.#options.limit) throw new LimitReached(`loop ${this.name}`, this.#options.limit);
    const entry = freshEntry();
    this.#entries.set(key, entry);
    return entry;
  }

  #untilNext(): Duration {
    const next = this.#queue.first();
    if (next === undefined || this.#passes.size >= this.#options.concurrency) return milliseconds(Infinity);
    return milliseconds(Math.max(0, next.due - this.#options.clock.monotonic()));
  }

  #startDue(shutdown: AbortSignal): void {
    while (!shutdown.aborted && this.#untilNext() === 0) {
      const next = this.#queue.first();
      const entry = next && this.#entries.get(next.key);
      if (next === undefined || entry === undefined) return;
      this.#queue.delete(next.key);
      entry.resting = "idle";
      entry.running = { abort: new AbortController(), since: this.#options.clock.monotonic() };
      const pass = this.#pass(next.key, entry, entry.running.abort.signal).finally(() => {
        this.#passes.delete(pass);
        this.#announce();
        this.#alarm.ring();
      });
      this.#passes.add(pass);
    }
  }

  async #pass(key: K, entry: KeyEntry, signal: AbortSignal): Promise<void> {
    let result: PassResult;
    try {
      const outcome = await this.#reconciler.reconcile(key, signal);
      result = { kind: "done", requeueAfter: outcome.requeueAfter };
    } catch (error) {
      result = resultOf(error);
    }
    entry.running = undefined;
    if (entry.forgotten) this.#buryOrRevive(key, entry);
    else if (!signal.aborted) this.#conclude(key, entry, result);
  }

  #buryOrRevive(key: K, entry: KeyEntry): void {
    this.#entries.delete(key);
    this.#options.status.clear(this.#options.subject(key));
    if (entry.dirty === undefined || this.#phase === "ended") return;
    const revived = freshEntry();
    revived.resting = "queued";
    this.#entries.set(key, revived);
    this.#queue.set(key, entry.dirty);
  }

  #conclude(key: K, entry: KeyEntry, result: PassResult): void {
    entry.last = result;
    entry.attempts = result.kind === "failed" ? entry.attempts + 1 : 0;
    const next = this.#delayAfter(result, entry.attempts);
    entry.resting = restingAfter(result, next);
    const now = this.#options.clock.monotonic();
    let due = next === undefined ? Infinity : now + next;
    if (entry.dirty !== undefined) {
      due = Math.min(due, entry.dirty);
      entry.resting = "queued";
    }
    entry.dirty = undefined;
    if (due < Infinity) this.#queue.set(key, milliseconds(due));
    entry.shown = reportPass(this.#options.status, this.#options.log, {
      loop: this.name,
      subject: this.#options.subject(key),
      result,
      attempts: entry.attempts,
      retryAfter: next,
      previous: entry.shown,
    });
  }

  #delayAfter(result: PassResult, attempts: number): Duration | undefined {
    if (result.kind === "stalled") return undefined;
    if (result.kind === "failed") return backoffDelay(this.#options.backoff, attempts, this.#options.random);
    const asked = result.kind === "waiting" ? result.after : result.requeueAfter;
    return asked === undefined || asked === Infinity ? undefined : milliseconds(Math.max(SHORTEST_REQUEUE, asked));
  }

  #announce(): void {
    if (this.#settling === undefined || (this.busy() && this.#phase !== "ended")) return;
    this.#settling.resolve();
    this.#settling = undefined;
  }
}
