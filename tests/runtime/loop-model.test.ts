import fc from "fast-check";
import { expect, test } from "vitest";
import { milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import { Stalled, Waiting } from "../../src/runtime/outcome.ts";
import { BACKOFF, loopWorld } from "./loop-world.ts";

/** How a pass goes: how long it takes and what it ends with. */
interface Plan {
  readonly takes: number;
  readonly ends: "idle" | "requeue" | "wait" | "stall" | "fail";
  readonly after: number;
}

/** The law of one key, written down as plainly as possible; keys do not touch one another while every pass finds a place. */
class KeyModel {
  readonly starts: number[] = [];
  state = "unknown";
  #due = Infinity;
  #running: { readonly end: number; readonly plan: Plan } | undefined;
  #dirty = Infinity;
  #attempts = 0;
  readonly #plans: readonly Plan[];

  constructor(plans: readonly Plan[]) {
    this.#plans = plans;
  }

  enqueue(now: number, after: number): void {
    if (this.#running !== undefined) this.#dirty = Math.min(this.#dirty, now + after);
    else {
      this.#due = Math.min(this.#due, now + after);
      this.state = "queued";
    }
    this.advance(now);
  }

  forget(): void {
    this.#due = Infinity;
    this.#dirty = Infinity;
    this.#running = undefined;
    this.#attempts = 0;
    this.state = "unknown";
  }

  advance(to: number): void {
    for (;;) {
      if (this.#running !== undefined && this.#running.end <= to) this.#end(this.#running.end, this.#running.plan);
      else if (this.#running === undefined && this.#due <= to) this.#start(this.#due);
      else return;
    }
  }

  #start(at: number): void {
    const plan = this.#plans[this.starts.length % this.#plans.length];
    if (plan === undefined) return;
    this.starts.push(at);
    this.#due = Infinity;
    this.#running = { end: at + plan.takes, plan };
    this.state = "running";
  }

  #end(at: number, plan: Plan): void {
    this.#running = undefined;
    this.#attempts = plan.ends === "fail" ? this.#attempts + 1 : 0;
    const backoff = Math.min(BACKOFF.max, BACKOFF.initial * BACKOFF.factor ** (this.#attempts - 1));
    const delays = { idle: Infinity, stall: Infinity, requeue: plan.after, wait: plan.after, fail: backoff };
    const states = { idle: "idle", stall: "stalled", requeue: "waiting", wait: "waiting", fail: "backing-off" };
    this.state = this.#dirty < Infinity ? "queued" : states[plan.ends];
    this.#due = Math.min(at + delays[plan.ends], Math.max(at, this.#dirty));
    this.#dirty = Infinity;
  }
}

const KEYS = ["a", "b", "c"] as const;
const plan = fc.record<Plan>({
  takes: fc.integer({ min: 1, max: 20_000 }),
  ends: fc.constantFrom("idle", "requeue", "wait", "stall", "fail"),
  after: fc.integer({ min: 1, max: 60_000 }),
});
const key = fc.constantFrom(...KEYS);
const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("enqueue" as const), key, after: fc.constantFrom(0, 0, 0, 7, 5000, 90_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), key }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("advance" as const), span: fc.integer({ min: 1, max: 60_000 }) }) },
);

test("a loop runs passes exactly when the model says, and shows the model's states", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(plan, { minLength: 1, maxLength: 5 }), fc.array(command, { maxLength: 40 }), async (plans, commands) => {
      const models = new Map(KEYS.map((name) => [name as string, new KeyModel(plans)]));
      const counts = new Map<string, number>();
      const world = loopWorld(
        async (name, signal, clock) => {
          const count = counts.get(name) ?? 0;
          counts.set(name, count + 1);
          const mine = plans[count % plans.length];
          if (mine === undefined) return {};
          await clock.wait("pass", milliseconds(mine.takes), signal);
          if (mine.ends === "requeue") return { requeueAfter: milliseconds(mine.after) };
          if (mine.ends === "wait") throw new Waiting("Searching", milliseconds(mine.after), "asking");
          if (mine.ends === "stall") throw new Stalled("LoginRefused", "wrong");
          if (mine.ends === "fail") throw new Error("no");
          return {};
        },
        { concurrency: KEYS.length },
      );
      const run = world.running();
      await world.clock.settle();
      for (const action of commands) {
        if (action.kind === "advance") await world.clock.advance(milliseconds(action.span));
        else if (action.kind === "forget") world.loop.forget(action.key);
        else world.loop.enqueue(action.key, milliseconds(action.after));
        const now = world.clock.monotonic();
        if (action.kind === "enqueue") {
          // The loop takes a signal up on the next turn; a command in the same turn may still come before it.
          await world.clock.settle();
          models.get(action.key)?.enqueue(now, action.after);
        } else if (action.kind === "forget") models.get(action.key)?.forget();
        else for (const model of models.values()) model.advance(now);
      }
      await world.clock.advance(minutes(2));
      for (const model of models.values()) model.advance(world.clock.monotonic());
      for (const [name, model] of models) {
        expect(world.starts(name)).toEqual(model.starts);
        expect(world.state(name)?.state ?? "unknown").toBe(model.state);
      }
      expect(world.peak.oneKey).toBeLessThanOrEqual(1);
      world.stop.abort();
      await run;
      expect(world.clock.pending()).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("with fewer places than keys, passes never exceed the places and every key that was enqueued gets its turn", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ name: fc.integer({ min: 0, max: 30 }), takes: fc.integer({ min: 1, max: 5000 }) }), {
        minLength: 1,
        maxLength: 60,
      }),
      async (concurrency, signals) => {
        const takes = new Map(signals.map((signal) => [`k${signal.name}`, signal.takes]));
        const world = loopWorld(
          async (name, signal, clock) => {
            await clock.wait("pass", milliseconds(takes.get(name) ?? 1), signal);
            return {};
          },
          { concurrency },
        );
        const run = world.running();
        for (const signal of signals) {
          world.loop.enqueue(`k${signal.name}`);
          await world.clock.advance(milliseconds(signal.takes / 3));
        }
        const settled = world.loop.settled(new AbortController().signal);
        await world.clock.advance(seconds(600));
        await settled;
        expect(world.peak.all).toBeLessThanOrEqual(concurrency);
        expect(world.peak.oneKey).toBe(1);
        for (const name of takes.keys()) expect(world.starts(name).length).toBeGreaterThan(0);
        expect(world.loop.busy()).toBe(false);
        world.stop.abort();
        await run;
      },
    ),
    { numRuns: 100 },
  );
});
