import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { FakeLease, type SharedLease } from "../fakes/fake-lease.ts";
import { at, FakeHome, FRONT, movedText, source } from "./fake-home.ts";

/** A home whose document another copy of the program looks after. */
async function second(): Promise<{ readonly home: FakeHome; readonly other: FakeLease }> {
  const home = new FakeHome();
  const shared: SharedLease = { held: undefined };
  const other = new FakeLease(shared, home.clock, "the other");
  await other.take(new AbortController().signal);
  home.document.lease = new FakeLease(shared, home.clock, "this one");
  return { home, other };
}

describe("two copies of the program", () => {
  it("the one without the lease writes nothing, tells go2rtc nothing, and shows who has it", async () => {
    const { home, other } = await second();
    const before = home.text;
    await home.start(seconds(20));
    home.moveByDhcp(FRONT, at(20), at(60));
    for (let turn = 0; turn < 12; turn += 1) {
      await home.pass(seconds(10));
      await other.take(new AbortController().signal);
    }
    expect(home.text).toBe(before);
    expect(home.told("stream-pointed")).toEqual([]);
    expect(await home.sources("front")).toEqual([source("front", at(20))]);
    expect(home.status.get("target/frigate/lease")).toMatchObject({
      reason: "WrittenElsewhere",
      message: expect.stringContaining("the other"),
    });
    expect(home.told("rolled-back")).toEqual([]);
    const undone = home.engine.actions.perform({ verb: "undo", target: "frigate" }, new AbortController().signal);
    await home.pass(seconds(2));
    expect(await undone).toMatchObject({ kind: "refused", reason: "WrittenElsewhere" });
    await home.stop();
  });

  it("takes over by itself when the other ends, and heals what waits", async () => {
    const { home, other } = await second();
    const before = home.text;
    await home.start(seconds(20));
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(30));
    await other.release();
    await home.pass(minutes(2));
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expect(home.status.get("target/frigate/lease")?.status).toBe("ok");
    await home.stop();
    expect(await other.take(new AbortController().signal)).toEqual({ kind: "ours" });
  });

  it("does not park a stream that the other looks after", async () => {
    const { home } = await second();
    await home.start(seconds(20));
    home.stranger(at(20));
    await home.pass(minutes(1));
    expect(home.told("quarantined")).toEqual([]);
    expect(await home.sources("front")).toEqual([source("front", at(20))]);
    await home.stop();
  });
});
