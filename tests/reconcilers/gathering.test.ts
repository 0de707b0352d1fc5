import { expect, it } from "vitest";
import { milliseconds, seconds } from "../../src/domain/duration.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, type HomeCamera, mac, movedText } from "./fake-home.ts";

const SIDE: HomeCamera = { name: "side", mac: mac("0c:79:55:4b:d4:22"), address: at(22) };
const CAMERAS = [FRONT, BACK, SIDE];
const TEXT = frigateText(CAMERAS);

/** A home whose document is costly to change and to read, such as one in a repository. */
function slowHome() {
  const target = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: TEXT });
  Object.assign(target, { pace: { reread: seconds(30), gather: seconds(5) } });
  const read = target.read.bind(target);
  const reads: number[] = [];
  const home = new FakeHome({ cameras: CAMERAS, targets: [target] });
  target.read = (signal) => {
    reads.push(home.clock.monotonic());
    return read(signal);
  };
  return { home, target, reads };
}

it("gathers moves into one change, at the end of the window, and asks the document seldom meanwhile", async () => {
  const { home, target, reads } = slowHome();
  await home.start();
  reads.length = 0;
  const begun = home.clock.monotonic();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(seconds(1));
  home.moveByDhcp(BACK, at(21), at(61));
  await home.pass(milliseconds(3900));
  expect(target.text).toBe(TEXT);
  expect(reads.length).toBeLessThanOrEqual(8);
  home.moveByDhcp(SIDE, at(22), at(62));
  await home.pass(milliseconds(700));
  expect(target.written).toEqual([movedText(movedText(movedText(TEXT, at(20), at(60)), at(21), at(61)), at(22), at(62))]);
  expect(home.clock.monotonic() - begun).toBe(5600);
  await home.stop();
});

it("proves each camera once more within the window", async () => {
  const { home, target } = slowHome();
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(seconds(2));
  const before = home.prober.calls.length;
  await home.pass(seconds(1));
  expect(home.prober.calls.length).toBeGreaterThan(before);
  expect(target.text).toBe(TEXT);
  await home.pass(seconds(3));
  expect(target.written).toEqual([movedText(TEXT, at(20), at(60))]);
  await home.stop();
});

it("writes nothing where the camera came back within the window", async () => {
  const { home, target } = slowHome();
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(seconds(2));
  home.moveByDhcp(FRONT, at(60), at(20));
  await home.pass(seconds(20));
  expect(target.written).toEqual([]);
  await home.stop();
});
