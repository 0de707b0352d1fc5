import { describe, expect, it } from "vitest";
import { hours, milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import { FrigateError } from "../../src/ports/running-frigate.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeRunningFrigate } from "../fakes/fake-running-frigate.ts";
import { at, FakeHome, FRIGATE, movedText } from "./fake-home.ts";
import { directCameras, directText, mostADay, pausesOf, restartHome } from "./restart-home.ts";

const RESTART = "target/frigate/restart";
const [ONE, TWO] = directCameras(2) as [ReturnType<typeof directCameras>[number], ReturnType<typeof directCameras>[number]];

describe("a camera that Frigate reads directly moves", () => {
  it("and Frigate is restarted once, after twenty quiet seconds, and says so in the end", async () => {
    const { home, frigate, target } = restartHome({ cameras: [ONE, TWO] });
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(seconds(15));
    expect(target.text).toBe(movedText(directText([ONE, TWO]), at(20), at(60)));
    expect(frigate.restarts).toEqual([]);
    expect(home.status.get(RESTART)).toMatchObject({ status: "problem", reason: "RestartLater" });
    await home.pass(seconds(10));
    expect(frigate.restarts).toHaveLength(1);
    expect(home.reason(RESTART)).toBe("Restarting");
    await home.pass(seconds(25));
    expect(home.status.get(RESTART)).toMatchObject({ status: "ok", reason: "Healthy" });
    expect(home.registry.restarts({ name: "frigate" })).toMatchObject([{ kind: "change", state: "up" }]);
    expect(home.registry.restarts({ name: "frigate" })[0]?.texts).toBeUndefined();
    await home.pass(hours(2));
    expect(frigate.restarts).toHaveLength(1);
    await home.stop();
  });

  it("and a Frigate that takes it live is not restarted, nor asked twice", async () => {
    const { home, frigate } = restartHome({ cameras: [ONE, TWO], live: true });
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(minutes(10));
    expect(frigate.applied).toEqual(["cam0 ffmpeg"]);
    expect(frigate.restarts).toEqual([]);
    expect(home.status.changes.map(({ reason }) => reason)).not.toContain("RestartLater");
    await home.stop();
  });

  it("and nothing is restarted where a person does that, until they did", async () => {
    const { home, frigate } = restartHome({ cameras: [ONE, TWO], never: true });
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(hours(2));
    expect(frigate.restarts).toEqual([]);
    expect(home.status.get(RESTART)).toMatchObject({ status: "problem", reason: "RestartNeeded" });
    expect(home.status.get(RESTART)?.message).toContain("left to you");
    frigate.start();
    await home.pass(minutes(2));
    expect(home.status.get(RESTART)?.status).toBe("ok");
    await home.stop();
  });

  it("and what a person changed in the document is put into use by nobody else", async () => {
    const { home, frigate, target } = restartHome({ cameras: [ONE, TWO] });
    await home.start();
    target.edit(`${movedText(target.text, at(21), at(99))}# mine\n`);
    await home.pass(hours(1));
    expect(frigate.restarts).toEqual([]);
    await home.stop();
  });
});

describe("the bounds", () => {
  it("thirty cameras that move within five minutes: one restart within ten minutes, two in all, and all is in use", async () => {
    const cameras = directCameras(30);
    const { home, frigate, target } = restartHome({ cameras });
    await home.start();
    for (const [index, camera] of cameras.entries()) {
      home.moveByDhcp(camera, camera.address, at(100 + index));
      await home.pass(seconds(10));
    }
    await home.pass(minutes(20));
    const moved = cameras.map((camera, index) => ({ ...camera, address: at(100 + index) }));
    expect(target.text).toBe(directText(moved));
    expect(frigate.restarts).toHaveLength(2);
    expect(pausesOf(frigate.restarts).every((pause) => pause >= minutes(10))).toBe(true);
    expect(home.status.get(RESTART)?.status).toBe("ok");
    await home.stop();
  });

  it("a camera that moves every quarter of an hour: four restarts a day", async () => {
    const { home, frigate } = restartHome({ cameras: [ONE, TWO] });
    await home.start();
    for (let count = 0; count < 24; count += 1) {
      home.moveByDhcp(ONE, at(count === 0 ? 20 : 100 + count - 1), at(100 + count));
      await home.pass(minutes(15));
    }
    expect(frigate.restarts).toHaveLength(4);
    expect(home.status.get(RESTART)).toMatchObject({ status: "problem", reason: "RestartLater" });
    expect(home.status.get(RESTART)?.message).toContain("4 times within a day");
    expect(mostADay(frigate.restarts)).toBe(4);
    await home.stop();
  });

  it("the record survives our own restart, and a clock that was set back", async () => {
    const first = restartHome({ cameras: [ONE, TWO] });
    await first.home.start();
    first.home.moveByDhcp(ONE, at(20), at(60));
    await first.home.pass(minutes(1));
    expect(first.frigate.restarts).toHaveLength(1);
    await first.home.stop();
    first.clock.jump(hours(-3));
    const second = first.again({ cameras: [{ ...ONE, address: at(60) }, TWO] });
    await second.home.start();
    second.home.moveByDhcp(TWO, at(21), at(61));
    await second.home.pass(minutes(8));
    expect(second.frigate.restarts).toHaveLength(1);
    await second.home.pass(minutes(5));
    expect(second.frigate.restarts).toHaveLength(2);
    expect(pausesOf(second.frigate.restarts)[0]).toBeGreaterThanOrEqual(minutes(10));
    await second.home.stop();
  });

  it("one Frigate that is named twice, with a document each, has one bound", async () => {
    const clock = new FakeClock();
    const targets = [ONE, TWO].map(
      (camera, index) => new FakeConfigTarget({ name: `half-${String(index)}`, format: FRIGATE, text: directText([camera]) }),
    );
    const frigates = targets.map(
      (target) => new FakeRunningFrigate({ name: target.name, text: () => target.text, clock, startsIn: seconds(20) }),
    );
    const home = new FakeHome({ cameras: [ONE, TWO], targets, servers: [], clock, ports: { frigates, neverRestarted: new Set() } });
    await home.start();
    for (let count = 0; count < 16; count += 1) {
      const [camera, start] = count % 2 === 0 ? [ONE, 20] : [TWO, 21];
      home.moveByDhcp(camera, at(count < 2 ? start : 100 + count - 2), at(100 + count));
      await home.pass(minutes(5));
    }
    const restarts = frigates.flatMap((one) => one.restarts).toSorted((one, other) => one - other);
    expect(restarts).toHaveLength(4);
    expect(pausesOf(restarts).every((pause) => pause >= minutes(10))).toBe(true);
    await home.stop();
  });

  it("never while a camera without size answers nowhere", async () => {
    const { home, frigate } = restartHome({ cameras: [ONE, TWO], unsized: ["cam1"] });
    await home.start();
    home.leave(at(21));
    await home.pass(minutes(5));
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(hours(1));
    expect(frigate.restarts).toEqual([]);
    expect(home.status.get(RESTART)?.message).toContain("cam1");
    home.place(TWO, at(21));
    await home.pass(minutes(20));
    expect(frigate.restarts).toHaveLength(1);
    await home.stop();
  });
});

describe("a restart that goes wrong", () => {
  it("is not repeated before Frigate was seen to answer, and it is said", async () => {
    const first = restartHome({ cameras: [ONE, TWO] });
    await first.home.start();
    first.frigate.isKept = false;
    first.home.moveByDhcp(ONE, at(20), at(60));
    await first.home.pass(minutes(5));
    expect(first.home.status.get(RESTART)).toMatchObject({ status: "problem", reason: "FrigateNotBack" });
    first.home.moveByDhcp(TWO, at(21), at(61));
    await first.home.pass(hours(1));
    await first.home.stop();
    const second = first.again({
      cameras: [
        { ...ONE, address: at(60) },
        { ...TWO, address: at(61) },
      ],
    });
    await second.home.start();
    await second.home.pass(hours(1));
    expect(second.frigate.restarts).toHaveLength(1);
    expect(second.home.reason(RESTART)).toBe("FrigateNotBack");
    second.frigate.start();
    await second.home.pass(minutes(2));
    expect(second.home.status.get(RESTART)?.status).toBe("ok");
    await second.home.stop();
  });

  it("into safe mode: the text before is put back with one more restart, and is not overwritten again until somebody edits it", async () => {
    const { home, frigate, target } = restartHome({ cameras: [ONE, TWO] });
    await home.start();
    const before = target.text;
    const notes: unknown[] = [];
    const write = target.write.bind(target);
    target.write = (text, revision, signal, note?: unknown) => (notes.push(note), write(text, revision, signal));
    frigate.accepts = (text) => !text.includes(at(60));
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(minutes(5));
    expect(target.text).toBe(before);
    expect(frigate.restarts).toHaveLength(2);
    expect(pausesOf(frigate.restarts)[0]).toBeLessThan(minutes(2));
    expect(home.registry.restarts({ name: "frigate" })).toMatchObject([
      { kind: "restoring", state: "up" },
      { kind: "change", state: "safe-mode" },
    ]);
    expect(home.status.get(RESTART)).toMatchObject({ status: "problem", reason: "RestartRolledBack" });
    expect(home.reason("target/frigate")).toBe("RestartRolledBack");
    expect(notes).toMatchObject([
      { kind: "heal", moves: [{ camera: "cam0", from: at(20), to: at(60) }] },
      { kind: "undo", moves: [{ camera: "cam0", from: at(60), to: at(20), macs: [ONE.mac] }] },
    ]);
    expect(home.status.changes.map(({ message }) => message)).toContainEqual(
      expect.stringContaining(`the text before is restored: cam0 ${at(60)} → ${at(20)}`),
    );
    expect(home.registry.consents.settledChanges({ name: "frigate" }).map(({ state }) => state)).toEqual(["restored"]);
    await home.pass(hours(1));
    expect(frigate.restarts).toHaveLength(2);
    expect(target.text).toBe(before);
    frigate.accepts = () => true;
    target.edit(`${before}# corrected\n`);
    await home.pass(minutes(2));
    expect(target.text).toBe(`${movedText(before, at(20), at(60))}# corrected\n`);
    expect(frigate.restarts).toHaveLength(3);
    expect(home.status.get(RESTART)?.status).toBe("ok");
    await home.stop();
  });

  it("into safe mode, and somebody has edited the document since: their text stays", async () => {
    const { home, frigate, target } = restartHome({ cameras: [ONE, TWO] });
    await home.start();
    frigate.accepts = (text) => !text.includes(at(60));
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(seconds(30));
    expect(frigate.restarts).toHaveLength(1);
    target.edit(`${target.text}# theirs\n`);
    const theirs = target.text;
    await home.pass(hours(1));
    expect(target.text).toBe(theirs);
    expect(frigate.restarts).toHaveLength(1);
    expect(home.reason(RESTART)).toBe("FrigateSafeMode");
    await home.stop();
  });

  it("because Frigate forbids it: it says so and is not asked all the time", async () => {
    const { home, frigate } = restartHome({ cameras: [ONE, TWO] });
    await home.start();
    frigate.refuses = new FrigateError("FrigateForbids", "Frigate at http://fake:5000 forbids it to this user");
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(hours(2));
    expect(home.registry.restarts({ name: "frigate" })).toHaveLength(4);
    expect(home.status.get(RESTART)?.reason).toBe("RestartNeeded");
    expect(home.status.get(RESTART)?.message).toContain("forbids it to this user");
    await home.stop();
  });

  it("is made once in a one-shot sync, which waits for it", async () => {
    const { home, frigate, again } = restartHome({ cameras: [ONE, TWO] });
    await home.start();
    await home.stop();
    home.leave(at(20));
    const next = again({ cameras: [ONE, TWO] });
    next.home.moveSilently(ONE, at(20), at(60));
    await next.home.once();
    expect(frigate.restarts).toHaveLength(1);
    expect(next.home.status.get(RESTART)?.status).toBe("ok");
    await next.home.stop();
  });

  it.each([5, 90, 400, 1500])("is waited for by a one-shot sync, though Frigate takes %i ms for each answer", async (answersIn) => {
    const { home, frigate, again } = restartHome({ cameras: [ONE, TWO] });
    await home.start();
    await home.stop();
    frigate.answersIn = milliseconds(answersIn);
    const next = again({ cameras: [ONE, TWO] });
    next.home.moveSilently(ONE, at(20), at(60));
    await next.home.once();
    expect(frigate.restarts).toHaveLength(1);
    expect(next.home.status.get(RESTART)?.status).toBe("ok");
    await next.home.stop();
  });

  it("ends a one-shot sync when its time is up, which is told from one that came to its end", async () => {
    const { home, frigate } = restartHome({ cameras: [ONE, TWO] });
    frigate.answersIn = minutes(5);
    const late = home.engine.once(seconds(90), new AbortController().signal);
    await home.clock.advanceUntilIdle(seconds(200));
    expect(await late).toBe(false);
    expect(home.clock.monotonic()).toBeLessThan(seconds(95));
    const { home: quick } = restartHome({ cameras: [ONE, TWO] });
    const done = quick.engine.once(seconds(90), new AbortController().signal);
    await quick.clock.advanceUntilIdle(seconds(200));
    expect(await done).toBe(true);
  });
});
