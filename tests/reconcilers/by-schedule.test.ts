import { describe, expect, it } from "vitest";
import { syncExitCode } from "../../src/commands/sync-report.ts";
import type { Condition } from "../../src/domain/condition.ts";
import { type Duration, hours, minutes, seconds } from "../../src/domain/duration.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import { FrigateError } from "../../src/ports/running-frigate.ts";
import { ONE_SYNC } from "../../src/reconcilers/engine-limits.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakePipeline } from "../fakes/fake-pipeline.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeRunningFrigate } from "../fakes/fake-running-frigate.ts";
import { at, FakeHome, FRIGATE, movedText } from "./fake-home.ts";
import { directCameras, directText, restartHome } from "./restart-home.ts";

const CAMERAS = directCameras(2);
const [ONE, TWO] = CAMERAS as [(typeof CAMERAS)[number], (typeof CAMERAS)[number]];

interface Look {
  readonly code: number;
  readonly took: Duration;
  readonly problem: Condition | undefined;
}

/** One `sync` of a new process, as a CronJob starts it. */
async function look(home: FakeHome): Promise<Look> {
  const start = home.clock.monotonic();
  let took = seconds(0);
  const done = home.engine.once(ONE_SYNC, new AbortController().signal).then((isFinished) => {
    took = (home.clock.monotonic() - start) as Duration;
    return isFinished;
  });
  await home.clock.advanceUntilIdle(hours(1));
  const finished = await done;
  const conditions = home.status.all().filter(({ subject }) => !subject.startsWith("device/"));
  const code = syncExitCode({ devices: [], conditions, dryRun: false, finished, took });
  return { code, took, problem: conditions.find(({ status }) => status === "problem") };
}

describe("a restart that a look by schedule begins", () => {
  it.each([45, 70, 170])(
    "is seen to its end where Frigate needs %i s to come back: one look, one restart, nothing to complain of",
    async (span) => {
      const clock = new FakeClock();
      const { home, target } = restartHome({ cameras: CAMERAS, clock });
      const frigate = new FakeRunningFrigate({ text: () => target.text, clock, startsIn: seconds(span) });
      expect(await look(home)).toMatchObject({ code: 0 });
      const next = restartHome({ cameras: CAMERAS, clock, target, frigate, registry: home.registry }).home;
      next.moveSilently(ONE, at(20), at(60));
      const { code, took, problem } = await look(next);
      expect([code, problem, frigate.restarts.length]).toEqual([0, undefined, 1]);
      expect(took).toBeLessThan(seconds(span + 60));
    },
  );

  it("is not waited for without end where Frigate does not come back, which a person must see to", async () => {
    const { home, frigate, again } = restartHome({ cameras: CAMERAS });
    await look(home);
    frigate.isKept = false;
    const next = again().home;
    next.moveSilently(ONE, at(20), at(60));
    const { code, took, problem } = await look(next);
    expect([code, problem?.reason]).toEqual([2, "FrigateNotBack"]);
    expect(took).toBeLessThan(minutes(5));
    await next.clock.advance(minutes(5));
    const later = again().home;
    later.moveSilently(ONE, at(20), at(60));
    expect(await look(later)).toMatchObject({ code: 2, problem: { reason: "FrigateNotBack" } });
    expect(frigate.restarts).toHaveLength(1);
  });

  it("has as much time as the Frigate says that it needs", async () => {
    const clock = new FakeClock();
    const { home, target } = restartHome({ cameras: CAMERAS, clock });
    const slow = new FakeRunningFrigate({ text: () => target.text, clock, startsIn: minutes(5), comesBackWithin: minutes(6) });
    await look(home);
    const next = restartHome({ cameras: CAMERAS, clock, target, frigate: slow, registry: home.registry }).home;
    next.moveSilently(ONE, at(20), at(60));
    expect(await look(next)).toMatchObject({ code: 0, problem: undefined });
  });

  it("ends in safe mode: text and Frigate are back within the same look, and it says so", async () => {
    const { home, frigate, target, again } = restartHome({ cameras: CAMERAS });
    await look(home);
    const before = target.text;
    frigate.accepts = (text) => text === before;
    const next = again().home;
    next.moveSilently(ONE, at(20), at(60));
    expect(await look(next)).toMatchObject({ code: 2, problem: { reason: "RestartRolledBack" } });
    expect([target.text, frigate.restarts.length]).toEqual([before, 2]);
  });
});

describe("a restart that is refused", () => {
  it("is said by every look until it is made, asked for less and less often, and uses up no restart", async () => {
    const { home, frigate, clock, again } = restartHome({ cameras: CAMERAS });
    await look(home);
    frigate.refuses = new FrigateError("FrigateForbids", "this user may not restart it: give it the role admin");
    const tries: number[] = [];
    const restart = frigate.restart.bind(frigate);
    frigate.restart = (signal) => {
      tries.push(clock.monotonic());
      return restart(signal);
    };
    const looks = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn += 1) {
        const next = again().home;
        next.moveSilently(ONE, at(20), at(60));
        const { code, took, problem } = await look(next);
        expect([code, problem?.reason]).toEqual([2, "RestartNeeded"]);
        expect(problem?.message).toContain("this user may not restart it");
        expect(took).toBeLessThan(seconds(40));
        await clock.advance(minutes(5));
      }
    };
    await looks(6);
    expect(tries).toHaveLength(2);
    await looks(42);
    // At once, after 10, 20 and 40 minutes, and then once an hour.
    expect(tries.length).toBeLessThanOrEqual(7);
    expect(tries.length).toBeGreaterThanOrEqual(6);
    frigate.refuses = undefined;
    await clock.advance(hours(1));
    const last = again().home;
    last.moveSilently(ONE, at(20), at(60));
    expect(await look(last)).toMatchObject({ code: 0 });
    expect(frigate.restarts).toHaveLength(1);
    // What was refused then is no reason now.
    const after = again().home;
    after.moveSilently(ONE, at(20), at(60));
    after.moveSilently(TWO, at(21), at(61));
    await clock.advance(minutes(11));
    expect(await look(after)).toMatchObject({ code: 0 });
    expect(frigate.restarts).toHaveLength(2);
  });

  it("or that is left to a person is said by every look", async () => {
    const { home, frigate, clock, again } = restartHome({ cameras: CAMERAS, never: true });
    await look(home);
    for (let turn = 0; turn < 3; turn += 1) {
      const next = again().home;
      next.moveSilently(ONE, at(20), at(60));
      expect(await look(next)).toMatchObject({ code: 2, problem: { reason: "RestartNeeded" } });
      await clock.advance(minutes(5));
    }
    frigate.start();
    const last = again().home;
    last.moveSilently(ONE, at(20), at(60));
    expect(await look(last)).toMatchObject({ code: 0 });
  });
});

describe("a commit that nothing brings into use", () => {
  function gitHome() {
    const clock = new FakeClock();
    const registry = new FakeRegistry();
    const target = new FakeConfigTarget({ name: "frigate", place: "/fake/frigate.yml", format: FRIGATE, text: directText(CAMERAS) });
    const delivered = new FakeConfigTarget({ name: "delivered", format: FRIGATE, text: directText(CAMERAS) });
    const frigate = new FakeRunningFrigate({ text: () => delivered.text, clock });
    const pipeline = new FakePipeline();
    const piped = [{ name: "frigate" as TargetName, pipelines: [pipeline], frigate, delivered }];
    const make = (moved: boolean): FakeHome => {
      const home = new FakeHome({
        cameras: CAMERAS,
        targets: [target],
        servers: [],
        clock,
        registry,
        ports: { frigates: [frigate], piped },
      });
      if (moved) home.moveSilently(ONE, at(20), at(60));
      return home;
    };
    return { make, clock, target, delivered, frigate, pipeline };
  }

  it("is said by a look a quarter of an hour later, with what to do, until it is in use", async () => {
    const { make, clock, target, delivered, frigate, pipeline } = gitHome();
    expect(await look(make(false))).toMatchObject({ code: 0 });
    expect(await look(make(true))).toMatchObject({ code: 0 });
    expect(target.text).toBe(movedText(directText(CAMERAS), at(20), at(60)));
    for (let turn = 0; turn < 2; turn += 1) {
      await clock.advance(minutes(5));
      expect(await look(make(true))).toMatchObject({ code: 0 });
    }
    for (let turn = 0; turn < 3; turn += 1) {
      await clock.advance(minutes(5));
      const { code, took, problem } = await look(make(true));
      expect([code, problem?.reason]).toEqual([2, "PipelineLate"]);
      expect(problem?.message).toContain("look at what Flux or Argo CD says of it");
      expect(took).toBeLessThan(seconds(10));
    }
    expect(pipeline.asked).toBe(6);
    delivered.edit(target.text);
    frigate.start();
    expect(await look(make(true))).toMatchObject({ code: 0 });
    // The next one has its time again, also where a camera is off for good.
    const next = make(true);
    next.leave(at(21));
    await clock.advance(hours(5));
    next.moveSilently(ONE, at(60), at(62));
    await look(next);
    expect(next.reason("target/frigate/pipeline")).toBe("WaitingForPipeline");
  });

  it("is said, too, where who should do that never answers", async () => {
    const { make, clock, pipeline } = gitHome();
    await look(make(false));
    await look(make(true));
    await clock.advance(minutes(20));
    const trigger = pipeline.trigger.bind(pipeline);
    pipeline.trigger = (signal) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    expect(await look(make(true))).toMatchObject({ code: 2, problem: { reason: "PipelineLate" } });
    pipeline.trigger = trigger;
    pipeline.failing = "PipelineUnreachable";
    expect(await look(make(true))).toMatchObject({ code: 2, problem: { reason: "PipelineLate" } });
  });

  it("is said where Frigate has not answered since", async () => {
    const { make, clock, frigate } = gitHome();
    await look(make(false));
    await look(make(true));
    await clock.advance(minutes(20));
    frigate.end();
    expect(await look(make(true))).toMatchObject({ code: 2, problem: { reason: "PipelineLate" } });
  });
});
