import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import { StreamServerError } from "../../src/ports/stream-server.ts";
import { readMoves, writeMoves } from "../../src/reconcilers/kept-moves.ts";
import { FakeLease, type SharedLease } from "../fakes/fake-lease.ts";
import { FakeMovedHook } from "../fakes/fake-moved-hook.ts";
import { at, BACK, FakeHome, FRONT, type HomeSettings } from "./fake-home.ts";

const signal = new AbortController().signal;
const moves = (hook: FakeMovedHook): readonly (readonly [string | undefined, string])[] => hook.told.map(({ from, to }) => [from, to]);

/** The same home in the next run of the program; the front camera is where it is now. */
function next(home: FakeHome, hook: FakeMovedHook, place: number, settings: HomeSettings = {}): FakeHome {
  const { registry, servers, clock, document } = home;
  const again = new FakeHome({ registry, servers, clock, targets: [document], ...settings, ports: { hooks: [hook], ...settings.ports } });
  again.moveSilently(FRONT, at(20), at(place));
  return again;
}

/** A home of which the front camera has moved, and no video has come yet. */
async function midway(hook: FakeMovedHook): Promise<FakeHome> {
  const home = new FakeHome({ ports: { hooks: [hook] } });
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(77));
  home.deaf(at(77));
  await home.pass(seconds(3));
  expect([home.told("moved").length, home.told("frames").length, hook.calls]).toEqual([1, 0, 0]);
  await home.stop();
  return home;
}

describe("a call of on_moved and a restart of the program", () => {
  it("in the middle of a move: it is told once, when the camera was proved anew, and never again", async () => {
    const hook = new FakeMovedHook();
    const home = await midway(hook);
    const again = next(home, hook, 77);
    await again.start();
    expect(hook.told).toMatchObject([{ camera: "front", mac: FRONT.mac, from: at(20), to: at(77), evidence: expect.any(Number) }]);
    await again.stop();
    const third = next(again, hook, 77);
    await third.start();
    expect(hook.calls).toBe(1);
    await third.stop();
  });

  it("in the middle of a move, and the camera is somewhere else by now: the move is told as one", async () => {
    const hook = new FakeMovedHook();
    const again = next(await midway(hook), hook, 78);
    await again.start();
    again.hear(FRONT, at(78));
    await again.pass(minutes(1));
    expect(moves(hook)).toEqual([[at(20), at(78)]]);
    await again.stop();
  });

  it("while the call waits to be tried again: it is told by the next run, under the same id", async () => {
    const hook = new FakeMovedHook();
    hook.failing = 1;
    const home = new FakeHome({ ports: { hooks: [hook] } });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(3));
    await home.stop();
    expect([hook.calls, hook.told]).toEqual([1, []]);
    const again = next(home, hook, 77);
    await again.start();
    expect(hook.told).toMatchObject([{ id: `front-${String(hook.told[0]?.at)}`, from: at(20), to: at(77), mac: FRONT.mac }]);
    await again.pass(minutes(30));
    expect(hook.calls).toBe(2);
    await again.stop();
  });

  it("a sync tries once, and the next sync tries again; a dry run tells nobody", async () => {
    const hook = new FakeMovedHook();
    hook.failing = 1;
    const learned = new FakeHome();
    await learned.once();
    const first = next(learned, hook, 77);
    await first.once();
    expect([hook.calls, hook.told]).toEqual([1, []]);
    await next(first, hook, 77, { ports: { dryRun: true } }).once();
    expect(hook.calls).toBe(1);
    await next(first, hook, 77).once();
    expect(moves(hook)).toEqual([[at(20), at(77)]]);
  });

  it("is not told of a move that was taken back before it ended", async () => {
    const hook = new FakeMovedHook();
    const home = new FakeHome({ ports: { hooks: [hook] } });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    home.deaf(at(77));
    await home.pass(minutes(2));
    expect(home.reason("device/front")).toBe("RolledBack");
    await home.stop();
    const again = next(home, hook, 77);
    await again.start();
    await again.pass(minutes(3));
    expect(hook.calls).toBe(0);
    await again.stop();
  });
});

describe("a call of on_moved", () => {
  it("does not wait for a person: it says which change is not approved, and the approval makes no second call", async () => {
    const hook = new FakeMovedHook();
    const home = new FakeHome({ ports: { hooks: [hook], unconfirmed: new Set(["frigate" as TargetName]) } });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(30));
    const [proposal] = home.registry.consents.proposals();
    expect(hook.told).toMatchObject([{ camera: "front", to: at(77), unapproved: [proposal?.id] }]);
    const approved = home.engine.actions.perform({ verb: "approve" }, signal);
    await home.pass(minutes(1));
    expect([(await approved).kind, hook.calls]).toEqual(["accepted", 1]);
    await home.stop();
  });

  it("comes after the documents that are being written: whoever is called may read them", async () => {
    const hook = new FakeMovedHook();
    const home = new FakeHome({ ports: { hooks: [hook] }, servers: [] });
    await home.start();
    const write = home.document.write.bind(home.document);
    home.document.write = async (...args) => {
      await home.clock.wait("a slow disk", seconds(4), args[2]);
      return write(...args);
    };
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(3));
    expect([home.told("unwatched").length, home.document.written.length, hook.calls]).toEqual([1, 0, 0]);
    await home.pass(seconds(4));
    expect([home.document.written.length, hook.calls]).toEqual([1, 1]);
    await home.stop();
  });

  it("is made where every watch of the stream fails, once that was tried for long enough", async () => {
    const hook = new FakeMovedHook();
    const home = new FakeHome({ ports: { hooks: [hook] } });
    home.go2rtc.watch = () => Promise.reject(new StreamServerError("ServerRefused", "serves no RTSP: set rtsp.listen"));
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(minutes(2));
    expect(moves(hook)).toEqual([[at(20), at(77)]]);
    await home.stop();
  });

  it("is not made for an undo, nor for a camera that is held back or parked; a resync that heals it again is told", async () => {
    const hook = new FakeMovedHook();
    const home = new FakeHome({ ports: { hooks: [hook] } });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(minutes(1));
    expect(hook.calls).toBe(1);
    const undone = home.engine.actions.perform({ verb: "undo" }, signal);
    await home.pass(seconds(5));
    expect((await undone).kind).toBe("accepted");
    home.hear(FRONT, at(77));
    home.stranger(at(21));
    await home.pass(minutes(30));
    expect([home.reason("device/front"), home.reason("device/back"), hook.calls]).toEqual(["Undone", "Quarantined", 1]);
    home.place(BACK, at(88));
    await home.engine.actions.perform({ verb: "resync" }, signal);
    await home.pass(minutes(6));
    expect(
      hook.told
        .slice(1)
        .map(({ camera, to }) => `${camera} ${to}`)
        .toSorted(),
    ).toEqual([`back ${at(88)}`, `front ${at(77)}`]);
    await home.stop();
  });

  it("is left to the copy of the program that has the lease, also over a restart", async () => {
    const hook = new FakeMovedHook();
    const home = new FakeHome({ ports: { hooks: [hook] } });
    const shared: SharedLease = { held: undefined };
    const other = new FakeLease(shared, home.clock, "the other");
    await other.take(signal);
    home.document.lease = new FakeLease(shared, home.clock, "this one");
    await home.start(seconds(20));
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(20));
    await home.stop();
    expect([home.told("moved").length, hook.calls]).toEqual([1, 0]);
    await other.release();
    const again = next(home, hook, 77);
    await again.start();
    expect(hook.calls).toBe(0);
    await again.stop();
  });
});

describe("what is kept of moves", () => {
  it("is read as it was written, and whatever else stands there is left out", () => {
    const pending = new Map([["front" as never, { from: at(20), to: at(77), evidence: 7 }]]);
    const move = { camera: "back" as never, name: "Back", mac: BACK.mac, to: at(78), at: 5 as never };
    const waiting = new Map([["ha.lan", [{ move, attempts: 3 }]]]);
    expect(readMoves(writeMoves({ pending, waiting }))).toEqual({ pending, waiting });
    expect(writeMoves({ pending: new Map(), waiting: new Map([["ha.lan", []]]) })).toBe("");
    const nothing = { pending: new Map(), waiting: new Map() };
    for (const text of [undefined, "", "{", "[]", '{"pending":[{"camera":"x","to":"nowhere"}],"hooks":[{"moves":[]}]}'])
      expect(readMoves(text)).toEqual(nothing);
    expect(readMoves('{"hooks":[{"hook":"x","moves":[{"move":{"camera":"a","to":"192.168.1.2"}},3]}]}').waiting.get("x")).toEqual([]);
  });
});
