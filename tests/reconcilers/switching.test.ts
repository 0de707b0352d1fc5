import { describe, expect, it } from "vitest";
import { milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import type { DeviceRecord } from "../../src/ports/registry.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, id, movedText, named, source, STRANGER } from "./fake-home.ts";

/** Fails where go2rtc or a document learns of an address before it is on disk. */
class WatchedRegistry extends FakeRegistry {
  onSave: (record: DeviceRecord) => void = () => undefined;

  override saveDevice(record: DeviceRecord): void {
    this.onSave(record);
    super.saveDevice(record);
  }
}

describe("a switch", () => {
  it("is on disk before go2rtc or a document learns of it", async () => {
    const registry = new WatchedRegistry();
    const home = new FakeHome({ registry });
    await home.start();
    const order: string[] = [];
    registry.onSave = (record) => {
      if (record.address === at(60))
        order.push(`saved, told ${home.go2rtc.calls.filter(({ call }) => call === "put").length}, written ${home.document.written.length}`);
    };
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(5));
    expect(order[0]).toBe("saved, told 0, written 0");
    expect(home.registry.device(id("front"))).toMatchObject({ address: at(60), history: [at(20)] });
    expect(home.registry.evidence(id("front"), 1)).toMatchObject([{ candidate: at(60), verdict: "verified", layer: "dhcp" }]);
    await home.stop();
  });

  it("needs no more than a stale or doubled hint allows: an address where nobody answers changes nothing", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    for (let count = 0; count < 5; count += 1) {
      home.hear(FRONT, at(60));
      await home.pass(seconds(3));
    }
    await home.pass(minutes(1));
    expect(home.text).toBe(before);
    expect(home.logins).toEqual([]);
    expect(home.registry.device(id("front"))?.address).toBe(at(20));
    expect(home.registry.evidence(id("front"), 50)).toHaveLength(1);
    await home.stop();
  });

  it("does not follow, nor write down each time, a camera that asks for another address forever", async () => {
    const home = new FakeHome();
    await home.start();
    const before = home.registry.writes.get("evidence front") ?? 0;
    for (let minute = 0; minute < 240; minute += 1) {
      home.hear(FRONT, at(60));
      await home.pass(minutes(1));
    }
    expect(home.registry.device(id("front"))?.address).toBe(at(20));
    expect((home.registry.writes.get("evidence front") ?? 0) - before).toBeLessThanOrEqual(4);
    await home.stop();
  });

  it("is not made where another device took the address between the proof and the decision", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    while (home.logins.length === 0) await home.pass(milliseconds(10));
    expect(home.registry.device(id("front"))?.address).toBe(at(20));
    home.table.entries.set(at(60), BACK.mac);
    await home.pass(seconds(5));
    expect(home.registry.device(id("front"))?.address).toBe(at(20));
    expect([home.text, home.reason("device/front")]).toEqual([before, "AddressContested"]);
    home.table.entries.set(at(60), FRONT.mac);
    await home.pass(seconds(30));
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expect(home.logins).toHaveLength(1);
    await home.stop();
  });

  it("goes to the newer address where a look at an older hint is still under way", async () => {
    const home = new FakeHome();
    await home.start();
    home.leave(at(20));
    home.hear(FRONT, at(60));
    await home.pass(seconds(1));
    home.place(FRONT, at(61));
    home.hear(FRONT, at(61));
    await home.pass(milliseconds(900));
    expect(home.registry.device(id("front"))?.address).toBe(at(61));
    await home.stop();
  });

  it("comes about though forged sightings never stop", async () => {
    const home = new FakeHome();
    await home.start();
    home.moveSilently(FRONT, at(20), at(60));
    for (let count = 0; count < 400; count += 1) {
      home.hear(FRONT, at(100 + (count % 100)));
      if (count % 20 === 0) home.hear(FRONT, at(60));
      await home.pass(milliseconds(500));
    }
    await home.pass(minutes(3));
    expect(home.registry.device(id("front"))?.address).toBe(at(60));
    await home.stop();
  });

  it("is decided on although forged sightings never stop: each look comes to its end", async () => {
    const home = new FakeHome();
    await home.start();
    for (let count = 0; count < 1500; count += 1) {
      home.hear(FRONT, at(100 + (count % 150)));
      await home.pass(milliseconds(200));
    }
    expect(home.registry.evidence(id("front"), 100).length).toBeGreaterThan(5);
    expect(home.registry.device(id("front"))?.address).toBe(at(20));
    await home.stop();
  });

  it("of two cameras that swapped is written as one change", async () => {
    const home = new FakeHome();
    await home.start();
    home.place(BACK, at(20));
    home.place(FRONT, at(21));
    home.hear(FRONT, at(21));
    await home.pass(seconds(1));
    home.hear(BACK, at(20));
    await home.pass(seconds(5));
    const swapped = frigateText([
      { ...FRONT, address: at(21) },
      { ...BACK, address: at(20) },
    ]);
    expect(home.document.written).toEqual([swapped]);
    expect([await home.sources("front"), await home.sources("back")]).toEqual([[source("front", at(21))], [source("back", at(20))]]);
    await home.stop();
  });

  it("of two that swapped without a word comes about too, and neither password goes to the other", async () => {
    const home = new FakeHome();
    await home.start();
    home.place(BACK, at(20));
    home.place(FRONT, at(21));
    await home.pass(minutes(2));
    expect(home.text).toBe(
      frigateText([
        { ...FRONT, address: at(21) },
        { ...BACK, address: at(20) },
      ]),
    );
    expect(home.logins.toSorted()).toEqual([source("back", at(20)), source("front", at(21))]);
    await home.stop();
  });

  it("follows a person who writes the new address into the document", async () => {
    const home = new FakeHome({ ports: { network: { search: false, interfaces: [], ranges: [] } } });
    const before = home.text;
    await home.start();
    home.moveSilently(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    expect(home.text).toBe(before);
    home.document.edit(movedText(before, at(20), at(60)));
    await home.pass(minutes(1));
    expect(home.registry.device(id("front"))?.address).toBe(at(60));
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    expect(home.document.written).toEqual([]);
    await home.stop();
  });

  it("leaves an address in the document alone that was never proved", async () => {
    const text = frigateText([FRONT, BACK]).replace(`http://${at(20)}/`, `http://${at(99)}/`);
    const home = new FakeHome({ targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })] });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(2));
    expect(home.text).toBe(movedText(text, at(20), at(60)));
    expect(home.text).toContain(`http://${at(99)}/`);
    await home.stop();
  });
});

describe("a camera at two addresses", () => {
  it("stays where it is, and is looked at again while the other is fresh", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    home.place(FRONT, at(60));
    home.hear(FRONT, at(60));
    await home.pass(seconds(10));
    expect(home.reason("device/front")).toBe("AddressContested");
    expect(home.registry.evidence(id("front"), 1)).toMatchObject([{ verdict: "kept", reason: "AddressContested" }]);
    home.leave(at(20));
    await home.pass(seconds(10));
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expect(home.logins).toHaveLength(1);
    await home.stop();
  });
});

describe("a flip-flopping camera", () => {
  it("is frozen from the fourth return in an hour, stays so, and is thawed by time", async () => {
    const home = new FakeHome();
    await home.start();
    await home.pass(minutes(300));
    let here = at(20);
    const moves: string[] = [];
    for (let count = 0; count < 8; count += 1) {
      const there = here === at(20) ? at(60) : at(20);
      home.moveByDhcp(FRONT, here, there);
      await home.pass(minutes(2));
      moves.push(home.registry.device(id("front"))?.address === there ? "moved" : "frozen");
      here = there;
    }
    expect(moves.slice(0, 6)).toEqual(["moved", "moved", "moved", "moved", "moved", "frozen"]);
    expect(home.told("frozen").length).toBeGreaterThan(0);
    expect(home.reason("device/front")).toBe("FlipFlop");
    const written = home.document.written.length;
    await home.pass(minutes(30));
    expect(home.document.written).toHaveLength(written);
    await home.pass(minutes(60));
    expect(home.registry.device(id("front"))?.address).toBe(here);
    expect(home.text).toContain(`http://${here}/`);
    await home.stop();
  });

  it("is not one that moves on each time", async () => {
    const home = new FakeHome();
    await home.start();
    for (let host = 60; host < 75; host += 1) {
      home.moveByDhcp(FRONT, host === 60 ? at(20) : at(host - 1), at(host));
      await home.pass(minutes(1));
    }
    expect(home.text).toContain(`http://${at(74)}/`);
    expect(home.told("frozen")).toEqual([]);
    await home.stop();
  });
});

describe("an outage", () => {
  it("at the same address ends with new connections, once", async () => {
    const home = new FakeHome();
    await home.start();
    home.leave(at(20));
    await home.pass(minutes(2));
    expect(home.reason("device/front")).toBe("CameraUnreachable");
    expect(home.told("lost")).toHaveLength(1);
    const puts = (): number => home.go2rtc.calls.filter(({ call, name }) => call === "put" && name === named("front")).length;
    expect(puts()).toBe(0);
    home.place(FRONT, at(20));
    await home.pass(minutes(5));
    expect(puts()).toBe(1);
    expect(home.reason("device/front")).toBe("Healthy");
    expect(home.document.written).toEqual([]);
    await home.stop();
  });

  it("is said once, though nothing may be searched for, and ends the same", async () => {
    const home = new FakeHome({ ports: { network: { search: false, interfaces: [], ranges: [] } } });
    await home.start();
    home.leave(at(20));
    await home.pass(minutes(10));
    expect(home.told("lost")).toHaveLength(1);
    expect(home.reason("device/front")).toBe("CameraUnreachable");
    expect(home.search.asked).toEqual([]);
    home.place(FRONT, at(20));
    await home.pass(minutes(2));
    expect(home.go2rtc.calls.filter(({ call }) => call === "put")).toHaveLength(1);
    await home.stop();
  });

  it("of the port alone does not upset the network: the camera is known to be there", async () => {
    const home = new FakeHome();
    await home.start();
    home.place(FRONT, at(20), { connect: "refused" });
    await home.pass(minutes(60));
    expect(home.reason("device/front")).toBe("PortClosed");
    expect(home.search.poked.length).toBeLessThanOrEqual(1);
    expect(home.search.asked.length).toBeLessThanOrEqual(2);
    expect(home.told("lost")).toHaveLength(1);
    expect(home.registry.evidence(id("front"), 100).length).toBeLessThanOrEqual(2);
    home.place(FRONT, at(20));
    await home.pass(minutes(1));
    expect(home.reason("device/front")).toBe("Healthy");
    home.leave(at(20));
    home.place(FRONT, at(60));
    await home.pass(minutes(1));
    expect(home.text).toContain(at(60));
    await home.stop();
  });
});

describe("a stranger", () => {
  it("at the address of a camera that is elsewhere does not keep it from being found", async () => {
    const home = new FakeHome();
    await home.start();
    home.stranger(at(20));
    home.place(FRONT, at(60));
    await home.pass(minutes(1));
    expect(home.text).toContain(at(60));
    expect(home.logins).toEqual([source("front", at(60))]);
    expect(home.registry.evidence(id("front"), 10).some(({ reason }) => reason === "OtherMac")).toBe(true);
    expect(STRANGER).not.toBe(FRONT.mac);
    await home.stop();
  });
});
