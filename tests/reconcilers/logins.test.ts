import { describe, expect, it } from "vitest";
import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import { DEFAULT_GUARDS } from "../../src/domain/policy.ts";
import { DEFAULT_LIMITS } from "../../src/reconcilers/engine-limits.ts";
import { at, BACK, FakeHome, FRONT, frigateText, id, movedText, named, source } from "./fake-home.ts";

const REFUSES = { login: "unauthorized" } as const;

describe("a refused password", () => {
  it("is tried once at the new address, said for as long as it lasts, and writes next to nothing", async () => {
    const home = new FakeHome();
    await home.start();
    const before = home.registry.writes.get("evidence front") ?? 0;
    home.moveByDhcp(FRONT, at(20), at(60), REFUSES);
    await home.pass(hours(2));
    expect(home.logins).toEqual([source("front", at(60))]);
    expect(home.status.get("device/front")).toMatchObject({ status: "problem", reason: "LoginRefused" });
    const changes = home.status.changes.filter(
      ({ subject, since }) => subject === "device/front" && since > home.clock.now() - minutes(100),
    );
    expect(changes.length).toBeLessThanOrEqual(24);
    expect((home.registry.writes.get("evidence front") ?? 0) - before).toBeLessThanOrEqual(12);
    expect(home.text).toBe(frigateText([FRONT, BACK]));
    await home.stop();
  });

  it("is not tried again by the next run either", async () => {
    const home = new FakeHome();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60), REFUSES);
    await home.pass(seconds(30));
    await home.stop();
    for (let run = 0; run < 3; run += 1) {
      const next = new FakeHome({ registry: home.registry });
      next.moveSilently(FRONT, at(20), at(60), REFUSES);
      await next.once();
      expect(next.logins).toEqual([]);
      expect(next.reason("device/front")).toBe("LoginRefused");
    }
  });

  it("of a camera that only the options know is not tried again by the next run", async () => {
    const options = [{ id: "front", macs: [FRONT.mac] }];
    const home = new FakeHome({ options });
    home.moveSilently(FRONT, at(20), at(60), REFUSES);
    await home.once();
    expect(home.logins).toHaveLength(1);
    const next = new FakeHome({ options, registry: home.registry });
    next.moveSilently(FRONT, at(20), at(60), REFUSES);
    await next.once();
    expect(next.logins).toEqual([]);
  });

  it("is tried anew once the document has another one, and the camera is healed", async () => {
    const home = new FakeHome();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60), REFUSES);
    await home.pass(minutes(3));
    home.place(FRONT, at(60));
    const corrected = home.text.replace("canary-front", "canary-new");
    home.document.edit(corrected);
    await home.pass(minutes(2));
    expect(home.text).toBe(movedText(corrected, at(20), at(60)));
    expect(home.logins).toHaveLength(2);
    await home.stop();
  });

  it("is tried at three addresses in five minutes at most, wherever the camera shows up", async () => {
    const home = new FakeHome();
    await home.start();
    home.leave(at(20));
    for (let host = 60; host < 66; host += 1) {
      home.place(FRONT, at(host), REFUSES);
      home.hear(FRONT, at(host));
      await home.pass(seconds(20));
      home.leave(at(host));
    }
    expect(home.logins).toHaveLength(3);
    await home.stop();
  });
});

describe("a login", () => {
  it("that failed otherwise is tried again after the pause that a person sets", async () => {
    const limits = { ...DEFAULT_LIMITS, guards: { ...DEFAULT_GUARDS, loginPause: minutes(20) } };
    const home = new FakeHome({ ports: { limits } });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60), { login: "not-found" });
    await home.pass(minutes(19));
    expect(home.logins).toHaveLength(1);
    expect(home.text).toBe(frigateText([FRONT, BACK]));
    await home.pass(minutes(3));
    expect(home.logins).toHaveLength(2);
    await home.stop();
  });

  it("is not spent while video of the camera arrives from the address", async () => {
    const options = [{ id: "front", macs: [FRONT.mac] }];
    const home = new FakeHome({ options });
    home.go2rtc.attach(named("front"));
    await home.start();
    expect(home.registry.device(id("front"))?.address).toBe(at(20));
    expect(home.logins).toEqual([]);
    await home.stop();
  });

  it("is spent once at an address where the camera comes and goes", async () => {
    const home = new FakeHome();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    for (let count = 0; count < 10; count += 1) {
      await home.pass(minutes(1));
      home.leave(at(60));
      await home.pass(minutes(1));
      home.place(FRONT, at(60));
    }
    await home.pass(minutes(1));
    expect(home.logins).toEqual([source("front", at(60))]);
    await home.stop();
  });
});
