import { describe, expect, it } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import { namedCameras } from "../../src/domain/host-pins.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeHome, at } from "./fake-home.ts";
import { directCameras, directText, type RestartHome, restartHome, type RestartHomeSettings } from "./restart-home.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeRunningFrigate } from "../fakes/fake-running-frigate.ts";

const RESTART = "target/frigate/restart";
const [ONE, TWO] = directCameras(2) as [ReturnType<typeof directCameras>[number], ReturnType<typeof directCameras>[number]];
const BY_NAME = directText([ONE, TWO]).replace(ONE.address, "cam0.lan");

/** A home whose Frigate reads a camera by a host name that a person asked to have replaced. */
function pinnedHome(more: Partial<RestartHomeSettings> = {}): Pick<RestartHome, "home" | "frigate" | "target"> {
  const cameras = namedCameras([{ id: ONE.name, address: ONE.address, pin_host: true }]);
  const format = frigateDocument({ environment: new Map(), cameras });
  const clock = new FakeClock();
  const target = new FakeConfigTarget({ name: "frigate", format, text: BY_NAME });
  const frigate = new FakeRunningFrigate({ text: () => target.text, clock, live: more.live ?? false, startsIn: seconds(20) });
  const home = new FakeHome({
    cameras: [ONE, TWO],
    targets: [target],
    servers: [],
    clock,
    options: [{ id: ONE.name, macs: [], address: ONE.address, pinHost: true }],
    ports: { frigates: [frigate] },
  });
  return { home, frigate, target };
}

describe("a camera that Frigate reads by a host name, which was replaced", () => {
  it("is left to the name while the camera stays, and put into use by one restart when it moves", async () => {
    const { home, frigate, target } = pinnedHome();
    await home.start();
    expect(target.text).toBe(directText([ONE, TWO]));
    await home.pass(hours(1));
    expect(frigate.restarts).toEqual([]);
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(seconds(15));
    expect(home.status.get(RESTART)).toMatchObject({ status: "problem", reason: "RestartLater" });
    expect(home.status.get(RESTART)?.message).toContain("Frigate uses the host name, which was replaced, for cam0 until it starts anew");
    await home.pass(minutes(2));
    expect(frigate.restarts).toHaveLength(1);
    expect(home.status.get(RESTART)).toMatchObject({ status: "ok", reason: "Healthy" });
    await home.pass(hours(2));
    expect(frigate.restarts).toHaveLength(1);
    await home.stop();
  });

  it("is put into use live where Frigate can", async () => {
    const { home, frigate } = pinnedHome({ live: true });
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(minutes(10));
    expect([frigate.applied, frigate.restarts]).toEqual([["cam0 ffmpeg"], []]);
    await home.stop();
  });

  it("is a person's to put into use where nobody asked for its replacement", async () => {
    const { home, frigate, target } = restartHome({
      cameras: [ONE, TWO],
      target: new FakeConfigTarget({ name: "frigate", format: frigateDocument({ environment: new Map() }), text: BY_NAME }),
    });
    await home.start();
    target.edit(directText([ONE, TWO]));
    await home.pass(minutes(2));
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(hours(1));
    expect(target.text).toBe(directText([{ ...ONE, address: at(60) }, TWO]));
    expect(frigate.restarts).toEqual([]);
    await home.stop();
  });
});
