import { describe, expect, it } from "vitest";
import { milliseconds, seconds } from "../../src/domain/duration.ts";
import { at, BACK, FakeHome, FRONT, frigateText } from "./fake-home.ts";

const devices = (home: FakeHome): readonly string[] => home.engine.fleet.devices.map(({ id }) => id);

describe("a document that lost cameras", () => {
  it("is believed only when it still reads so after two seconds: half a write makes no camera vanish", async () => {
    const home = new FakeHome();
    const whole = home.text;
    await home.start(seconds(45));
    const half = frigateText([FRONT]);
    const reads: number[] = [];
    const read = home.document.read.bind(home.document);
    home.document.read = (signal) => {
      reads.push(home.clock.monotonic());
      return read(signal);
    };
    home.document.edit(half);
    await home.pass(seconds(10));
    const first = reads[0] ?? 0;
    // The look that met the half: one second later the other half is there.
    expect(home.clock.monotonic() - first).toBeGreaterThanOrEqual(0);
    expect(devices(home)).toEqual(home.clock.monotonic() - first >= 2000 ? ["front"] : ["front", "back"]);
    home.document.edit(whole);
    await home.pass(seconds(15));
    expect(devices(home)).toEqual(["front", "back"]);
    await home.stop();
  });

  it("that is whole again in time is never missed, and nothing is forgotten", async () => {
    const home = new FakeHome();
    const whole = home.text;
    await home.start(seconds(45));
    const read = home.document.read.bind(home.document);
    let halves = 0;
    // Each look meets the half for as long as a slow program needs to write the rest.
    home.document.read = async (signal) => {
      if (halves === 0) {
        home.document.edit(frigateText([FRONT]));
        halves += 1;
        const found = await read(signal);
        home.document.edit(whole);
        return found;
      }
      return read(signal);
    };
    for (let turn = 0; turn < 200; turn += 1) {
      await home.pass(milliseconds(100));
      expect(devices(home)).toEqual(["front", "back"]);
    }
    expect(halves).toBe(1);
    expect(home.told("learned")).toHaveLength(2);
    await home.stop();
  });

  it("that changes all the time is not believed before it rests", async () => {
    const home = new FakeHome();
    await home.start(seconds(45));
    for (let turn = 0; turn < 20; turn += 1) {
      home.document.edit(`${frigateText([FRONT])}# ${String(turn)}\n`);
      await home.pass(seconds(1.5));
      expect(devices(home)).toEqual(["front", "back"]);
    }
    await home.pass(seconds(5));
    expect(devices(home)).toEqual(["front"]);
    home.hear(BACK, at(21));
    await home.stop();
  });
});
