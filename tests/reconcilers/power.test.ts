import { describe, expect, it } from "vitest";
import type { CameraOption } from "../../src/domain/devices.ts";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakePower } from "../fakes/fake-power.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeRunningFrigate } from "../fakes/fake-running-frigate.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, type HomeCamera, type HomeSettings, mac } from "./fake-home.ts";
import { directText } from "./restart-home.ts";

const SIDE: HomeCamera = { name: "side", mac: mac("0c:79:55:4b:d4:22"), address: at(22) };
const SWITCH = "switch.front_power";

/** A home in which the front camera has a switch. */
function home(power: FakePower | undefined, settings: HomeSettings = {}, option: Partial<CameraOption> = {}): FakeHome {
  const options = [{ id: "front", macs: [], power: SWITCH, ...option }];
  return new FakeHome({ cameras: [FRONT, BACK, SIDE], options, ...settings, ports: power === undefined ? {} : { power } });
}

function switches(state: "on" | "off" | "unavailable" = "on"): FakePower {
  const power = new FakePower();
  power.states.set(SWITCH, state);
  return power;
}

describe("a camera that stays dead", () => {
  it("has its power cut for five seconds after ten minutes, and comes back by it", async () => {
    const power = switches();
    const one = home(power);
    await one.start();
    one.leave(at(20));
    await one.pass(minutes(9));
    expect(power.done).toEqual([]);
    power.onChange = (_name, isOn) => {
      if (isOn) one.place(FRONT, at(20));
    };
    await one.pass(minutes(2.5));
    expect(power.done).toEqual([`off ${SWITCH}`, `on ${SWITCH}`]);
    expect(one.status.changes.filter(({ reason }) => reason === "PowerCycled")).toMatchObject([
      { subject: "power/front", message: expect.stringMatching(/^front has answered nowhere for 10 min.*switch\.front_power$/) as string },
    ]);
    await one.pass(minutes(2));
    expect([one.reason("device/front"), one.reason("power/front")]).toEqual(["Healthy", "Healthy"]);
    await one.pass(minutes(30));
    expect(power.done).toHaveLength(2);
    await one.stop();
  });

  it("has it cut once an hour at most, over restarts of ours too", async () => {
    const registry = new FakeRegistry();
    const power = switches();
    const first = home(power, { registry });
    await first.start();
    first.leave(at(20));
    await first.pass(minutes(14));
    expect(power.done).toHaveLength(2);
    await first.stop();
    const second = home(power, { registry, clock: first.clock });
    second.leave(at(20));
    await second.start();
    await second.pass(minutes(40));
    expect(power.done).toHaveLength(2);
    await second.pass(minutes(25));
    expect(power.done).toHaveLength(4);
    await second.stop();
  });

  it("gets its power back where the program ends in between, and by the next run where that was killed", async () => {
    const registry = new FakeRegistry();
    const power = switches();
    const one = home(power, { registry });
    await one.start();
    one.leave(at(20));
    while (power.done.length === 0) await one.pass(seconds(1));
    expect(power.states.get(SWITCH)).toBe("off");
    await one.stop();
    expect(power.states.get(SWITCH)).toBe("on");

    power.states.set(SWITCH, "off");
    registry.consents.saveFact(`power/${SWITCH}`, `${String(one.clock.now())} off`);
    const next = home(power, { registry, clock: one.clock });
    await next.start(seconds(5));
    expect(power.states.get(SWITCH)).toBe("on");
    expect(power.done.slice(-2)).toEqual([`on ${SWITCH}`, `on ${SWITCH}`]);
    await next.stop();
  });

  it("whose switch cannot be switched on again is said until it can, and tried again and again", async () => {
    const power = switches();
    const one = home(power);
    await one.start();
    one.leave(at(20));
    power.failing.add("on");
    while (power.done.length === 0) await one.pass(seconds(1));
    await one.pass(seconds(20));
    expect(one.status.get("power/front")).toMatchObject({ status: "problem", reason: "PowerStillOff" });
    power.failing.clear();
    await one.pass(seconds(25));
    expect(power.states.get(SWITCH)).toBe("on");
    expect(one.status.get("power/front")?.reason).not.toBe("PowerStillOff");
    await one.stop();
  });

  it("has its button pressed", async () => {
    const power = new FakePower();
    power.states.set("button.front_restart", "on");
    const one = home(power, {}, { power: "button.front_restart" });
    await one.start();
    one.leave(at(20));
    await one.pass(minutes(13));
    expect(power.done).toEqual(["press button.front_restart"]);
    await one.stop();
  });
});

it("a switch that took the word and did not act is switched on again until its state says so", async () => {
  const power = switches();
  const one = home(power);
  await one.start();
  one.leave(at(20));
  power.losing = 3;
  while (power.done.length === 0) await one.pass(seconds(1));
  await one.pass(seconds(15));
  expect([power.states.get(SWITCH), one.reason("power/front")]).toEqual(["off", "PowerStillOff"]);
  await one.pass(minutes(2));
  expect([power.states.get(SWITCH), power.done.filter((done) => done === `on ${SWITCH}`).length]).toEqual(["on", 4]);
  expect(one.reason("power/front")).not.toBe("PowerStillOff");
  await one.stop();
});

describe("no power is cut", () => {
  it("of a camera that Frigate reads itself and gets video of, though it answers none of our questions", async () => {
    const clock = new FakeClock();
    const cameras = [FRONT, BACK, SIDE];
    const target = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: directText(cameras) });
    const frigate = new FakeRunningFrigate({ text: () => target.text, clock });
    const power = switches();
    const options = [{ id: "front", macs: [], power: SWITCH }];
    const one = new FakeHome({ cameras, targets: [target], servers: [], clock, options, ports: { frigates: [frigate], power } });
    for (const { name } of cameras) frigate.counted.set(name, { perSecond: 5, isOn: true });
    await one.start();
    one.leave(at(20));
    await one.pass(minutes(75));
    expect([power.done, one.reason("camera/frigate/front")]).toEqual([[], "Healthy"]);
    frigate.counted.set("front", { perSecond: 0, isOn: true });
    await one.pass(minutes(5));
    expect(power.done).toEqual([`off ${SWITCH}`, `on ${SWITCH}`]);
    await one.stop();
  });

  it("in a home of one or two cameras where the network may be what is away, which is said; one that is away alone has it cut", async () => {
    for (const cameras of [[FRONT], [FRONT, BACK]]) {
      const power = switches();
      const one = home(power, { cameras });
      one.search.routers = [at(1)];
      await one.start();
      for (const { address } of cameras) one.leave(address);
      await one.pass(minutes(13));
      expect([power.done, one.reason("power/front")]).toEqual([[], "PowerWithheld"]);
      if (cameras.length === 1) one.prober.put(at(1), { mac: mac("02:00:00:00:00:99"), gateway: true });
      else one.place(BACK, at(21));
      await one.pass(minutes(7));
      expect(power.done).toEqual([`off ${SWITCH}`, `on ${SWITCH}`]);
      await one.stop();
    }
  });

  it.each([
    ["somebody switched off", "off", "switch.front_power is off: somebody switched it off"],
    ["is not available", "unavailable", "switch.front_power is not available"],
    ["is not there", undefined, "there is no switch.front_power in Home Assistant"],
  ] as const)("by a switch that %s, which is said", async (_what, state, message) => {
    const power = state === undefined ? new FakePower() : switches(state);
    const one = home(power);
    await one.start();
    one.leave(at(20));
    await one.pass(minutes(13));
    expect(power.done).toEqual([]);
    expect(one.status.get("power/front")).toMatchObject({ status: "problem", reason: "PowerRefused" });
    expect(one.status.get("power/front")?.message).toContain(message);
    await one.stop();
  });

  it("while Home Assistant is away; it is cut once that is back", async () => {
    const power = switches();
    const one = home(power);
    await one.start();
    one.leave(at(20));
    power.failing.add("state");
    await one.pass(minutes(20));
    expect([power.done, one.reason("power/front")]).toEqual([[], "PowerRefused"]);
    power.failing.clear();
    await one.pass(minutes(6));
    expect(power.done).toEqual([`off ${SWITCH}`, `on ${SWITCH}`]);
    await one.stop();
  });

  it("of a battery camera, of a disabled one, or of one without a switch", async () => {
    for (const option of [{ battery: true }, { enabled: false }] as const) {
      const power = switches();
      const one = home(power, {}, option);
      await one.start();
      one.leave(at(20));
      one.leave(at(21));
      await one.pass(minutes(13));
      expect(power.done).toEqual([]);
      await one.stop();
    }
  });

  it("where the camera moved, or where most cameras are away together", async () => {
    const power = switches();
    const moved = home(power);
    await moved.start();
    moved.moveSilently(FRONT, at(20), at(77));
    await moved.pass(minutes(13));
    expect([power.done, moved.told("moved").length]).toEqual([[], 1]);
    await moved.stop();
    const dark = home(power);
    await dark.start();
    for (const { address } of [FRONT, BACK, SIDE]) dark.leave(address);
    await dark.pass(minutes(13));
    expect(power.done).toEqual([]);
    await dark.stop();
  });

  it("without Home Assistant, which is said once", async () => {
    const one = home(undefined);
    await one.start();
    expect(one.status.get("power/front")).toMatchObject({
      reason: "PowerRefused",
      message: "switch.front_power cannot power-cycle front: Home Assistant is not spoken to",
    });
    await one.stop();
  });
});
