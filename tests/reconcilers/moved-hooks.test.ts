import { describe, expect, it } from "vitest";
import { hours, instant, milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import { MovedHooks } from "../../src/reconcilers/moved-hooks.ts";
import { Waiting } from "../../src/runtime/outcome.ts";
import { failureOf } from "../fakes/failure-of.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeMovedHook } from "../fakes/fake-moved-hook.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeStatus } from "../fakes/fake-status.ts";
import { at, BACK, FakeHome, FRONT, id, named } from "./fake-home.ts";

/** What tells these hooks, without a home around it. */
function alone(told: readonly FakeMovedHook[], clock: FakeClock) {
  const enqueued = new Set<string>();
  const ports = {
    hooks: told,
    dryRun: false,
    fleet: { device: () => undefined, documents: [] },
    clock,
    registry: new FakeRegistry(),
    random: () => 0.5,
    status: new FakeStatus(),
    enqueue: (name: string) => void enqueued.add(name),
  };
  const hooks = new MovedHooks(ports as never);
  const move = (name: string): void => {
    const device = id(name);
    hooks.note({ kind: "moved", device, from: at(20), to: at(77) } as never);
    hooks.note({ kind: "frames", device, stream: named("x"), from: at(77), packets: 5, after: milliseconds(1) });
  };
  return { hooks, ports, enqueued, move };
}

describe("on_moved", () => {
  it("is told of a move once it is verified and healed, with what it is known by", async () => {
    const hook = new FakeMovedHook();
    const home = new FakeHome({ ports: { hooks: [hook] } });
    await home.start();
    expect(hook.calls).toBe(0);
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(20));
    expect(hook.told).toEqual([
      {
        id: `front-${String(hook.told[0]?.at)}`,
        camera: "front",
        name: "front",
        mac: FRONT.mac,
        from: at(20),
        to: at(77),
        at: expect.any(Number),
        evidence: expect.any(Number),
        unapproved: [],
      },
    ]);
    expect(home.told("moved")[0]?.evidenceId).toBe(hook.told[0]?.evidence);
    await home.stop();
  });

  it("is not told of one that was taken back", async () => {
    const hook = new FakeMovedHook();
    const home = new FakeHome({ ports: { hooks: [hook] } });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    home.deaf(at(77));
    await home.pass(minutes(3));
    expect(home.told("moved").length).toBeGreaterThan(0);
    expect(hook.calls).toBe(0);
    await home.stop();
  });

  it("is tried again with growing pauses, and a condition names the host", async () => {
    const hook = new FakeMovedHook();
    hook.failing = Infinity;
    const home = new FakeHome({ ports: { hooks: [hook] } });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(5));
    expect(hook.calls).toBe(1);
    expect(home.status.get("hook/ha.lan:8123")).toMatchObject({ status: "problem", reason: "HookFailed" });
    expect(home.status.get("hook/ha.lan:8123")?.message).toBe("ha.lan:8123 was not told that front is at 192.168.1.77: it answered 500");
    await home.pass(minutes(8));
    expect(hook.calls).toBe(5);
    expect(home.status.get("hook/ha.lan:8123")?.message).not.toContain("given up");
    hook.failing = 0;
    home.moveByDhcp(FRONT, at(77), at(78));
    await home.pass(minutes(15));
    expect(hook.told.map(({ from, to }) => [from, to])).toEqual([
      [at(20), at(77)],
      [at(77), at(78)],
    ]);
    expect(home.status.get("hook/ha.lan:8123")).toMatchObject({ status: "ok" });
    await home.stop();
  });

  it("holds a sync up for one try a run: what stands behind a failure waits with it", async () => {
    const [hook, clock] = [new FakeMovedHook(), new FakeClock(instant(0))];
    const { hooks, ports, move } = alone([hook], clock);
    const signal = new AbortController().signal;
    hook.failing = 1;
    move("front");
    move("garden");
    expect(hooks.pending()).toBe(true);
    await expect(hooks.reconcile(hook.name, signal)).rejects.toBeInstanceOf(Waiting);
    expect(hooks.pending()).toBe(false);
    const next = new MovedHooks({ ...ports, registry: ports.registry } as never);
    next.resume();
    expect(next.pending()).toBe(true);
    await next.reconcile(hook.name, signal);
    expect(next.pending()).toBe(true);
    await next.reconcile(hook.name, signal);
    expect([hook.told.length, next.pending()]).toEqual([2, false]);
  });

  it("is given up after a day, but not before five tries, and what came since is told", async () => {
    const [hook, clock] = [new FakeMovedHook(), new FakeClock(instant(0))];
    const { hooks, ports, move } = alone([hook], clock);
    const signal = new AbortController().signal;
    hook.failing = Infinity;
    move("front");
    const tries: Waiting[] = [];
    const pass = async (): Promise<void> => {
      const failure = await failureOf(hooks.reconcile(hook.name, signal));
      if (!(failure instanceof Waiting)) return;
      tries.push(failure);
      await clock.advance(failure.after);
    };
    await pass();
    await clock.advance(hours(30));
    for (let count = 0; count < 3; count += 1) await pass();
    expect(ports.registry.consents.fact("on_moved")).toContain('"attempts":4');
    move("back");
    expect(await hooks.reconcile(hook.name, signal)).toEqual({ requeueAfter: milliseconds(0) });
    expect(ports.status.get("hook/ha.lan:8123")?.message).toBe(
      "ha.lan:8123 was not told that front is at 192.168.1.77: it answered 500; it was tried for a day, and is given up",
    );
    tries.length = 0;
    while (ports.registry.consents.fact("on_moved") !== "") await pass();
    const times = tries.map(({ after }) => Math.round(after / 1000));
    expect([times.slice(0, 6), times.length < 120, times.reduce((sum, one) => sum + one, 0) >= 24 * 3600]).toEqual([
      [9, 26, 79, 236, 709, 788],
      true,
      true,
    ]);
  });

  it("is told by a single sync too, and by no dry run", async () => {
    for (const dryRun of [false, true]) {
      const hook = new FakeMovedHook();
      const learned = new FakeHome();
      await learned.once();
      const home = new FakeHome({ registry: learned.registry, ports: { hooks: [hook], dryRun } });
      home.moveSilently(FRONT, at(20), at(77));
      await home.once();
      expect(home.told("moved").map(({ to }) => to)).toEqual([at(77)]);
      expect(hook.told.map(({ to }) => to)).toEqual(dryRun ? [] : [at(77)]);
    }
  });

  it("is not tried sooner because other cameras move meanwhile", async () => {
    const hook = new FakeMovedHook();
    hook.failing = 1;
    const home = new FakeHome({ ports: { hooks: [hook] } });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(2));
    home.moveByDhcp(BACK, at(21), at(78));
    await home.pass(seconds(2));
    expect([home.told("frames").length, hook.calls, home.reason("hook/ha.lan:8123")]).toEqual([2, 1, "HookFailed"]);
    await home.pass(seconds(15));
    expect(hook.told.map(({ camera }) => camera)).toEqual(["front", "back"]);
    await home.stop();
  });

  it("keeps the newest hundred moves of a hook that is down, and tells each hook for itself", async () => {
    const [down, up] = [new FakeMovedHook("down"), new FakeMovedHook("up")];
    const { hooks, move, enqueued } = alone([down, up], new FakeClock(instant(0)));
    for (let count = 0; count < 150; count += 1) move(`camera-${count}`);
    expect([...enqueued]).toEqual(["down", "up"]);
    for (let count = 0; count < 200; count += 1) await hooks.reconcile("up", new AbortController().signal);
    expect([up.told.length, up.told[0]?.camera, up.told.at(-1)?.camera]).toEqual([100, "camera-50", "camera-149"]);
    expect(down.calls).toBe(0);
  });
});
