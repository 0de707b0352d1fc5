import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import type { Duration } from "../../src/domain/duration.ts";
import { Loop } from "../../src/runtime/loop.ts";
import type { LoopOptions } from "../../src/runtime/loop.ts";
import type { Outcome } from "../../src/runtime/outcome.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeLog } from "../fakes/fake-log.ts";
import { FakeStatus } from "../fakes/fake-status.ts";

/** One pass as it really ran. Times are virtual milliseconds. */
export interface SeenPass {
  readonly key: string;
  readonly start: number;
  end: number | undefined;
}

export type Behaviour = (key: string, signal: AbortSignal, clock: FakeClock) => Promise<Outcome>;

export const BACKOFF = { initial: seconds(1), factor: 2, max: minutes(5), jitter: 0.25 } as const;

/** A loop on virtual time that notes each pass, how many ran at once, and whether two of one key ever overlapped. */
export function loopWorld(behaviour: Behaviour, overrides: Partial<LoopOptions<string>> = {}) {
  const clock = new FakeClock();
  const status = new FakeStatus(() => clock.now());
  const log = new FakeLog();
  const passes: SeenPass[] = [];
  const active = new Map<string, number>();
  const peak = { all: 0, oneKey: 0 };
  const loop = new Loop<string>(
    {
      name: "test",
      async reconcile(key, signal) {
        const pass: SeenPass = { key, start: clock.monotonic(), end: undefined };
        passes.push(pass);
        active.set(key, (active.get(key) ?? 0) + 1);
        peak.oneKey = Math.max(peak.oneKey, active.get(key) ?? 0);
        peak.all = Math.max(
          peak.all,
          [...active.values()].reduce((sum, count) => sum + count, 0),
        );
        try {
          return await behaviour(key, signal, clock);
        } finally {
          pass.end = clock.monotonic();
          if (active.get(key) === 1) active.delete(key);
          else active.set(key, (active.get(key) ?? 0) - 1);
        }
      },
    },
    {
      clock,
      status,
      log,
      random: () => 0,
      concurrency: 4,
      backoff: BACKOFF,
      subject: (key) => `device/${key}`,
      limit: 2000,
      ...overrides,
    },
  );
  const stop = new AbortController();
  return {
    clock,
    status,
    log,
    loop,
    passes,
    peak,
    active,
    stop,
    running: () => loop.run(stop.signal),
    starts: (key?: string) => passes.filter((pass) => key === undefined || pass.key === key).map((pass) => pass.start),
    state: (key: string) => loop.keys().find((state) => state.key === key),
  };
}

/** A pass that takes a while and can be aborted. */
export function taking(span: Duration, outcome: Outcome = {}): Behaviour {
  return async (_key, signal, clock) => {
    await clock.wait("pass", span, signal);
    return outcome;
  };
}

export const DAY = hours(24);
