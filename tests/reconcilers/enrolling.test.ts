import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, id, named } from "./fake-home.ts";

describe("a camera that nothing is known of", () => {
  it("is learned as soon as it answers at its configured address, and never with a login", async () => {
    const home = new FakeHome();
    home.leave(at(20));
    await home.start();
    expect(home.status.get("device/front")).toMatchObject({ status: "problem", reason: "NotLearnedYet" });
    expect(home.search.asked).toEqual([]);
    home.place(FRONT, at(20));
    await home.pass(minutes(1));
    expect(home.registry.device(id("front"))?.identity.macs).toEqual([FRONT.mac]);
    expect(home.reason("device/front")).toBe("Healthy");
    expect(home.logins).toEqual([]);
    await home.stop();
  });

  it("is not learned from a device that is no camera, nor from a gateway", async () => {
    const home = new FakeHome();
    home.place(FRONT, at(20), { greeting: { kind: "no-answer" } });
    home.leave(at(20));
    home.prober.put(at(20), { mac: FRONT.mac, connect: "open", greeting: { kind: "no-answer" } });
    home.prober.put(at(21), {
      mac: BACK.mac,
      gateway: true,
      connect: "open",
      greeting: { kind: "challenge", schemes: ["digest"], realm: "x" },
    });
    await home.start(minutes(2));
    expect(home.registry.devices()).toEqual([]);
    expect(home.reason("device/front")).toBe("IdentityMissing");
    expect(home.reason("device/back")).toBe("MacVoid");
    await home.stop();
  });

  it("is not learned by a MAC that is another configured camera's", async () => {
    const home = new FakeHome();
    await home.start();
    home.prober.put(at(22), { mac: FRONT.mac, connect: "open", greeting: { kind: "challenge", schemes: ["digest"], realm: "a camera" } });
    home.document.edit(frigateText([FRONT, BACK, { name: "gate", mac: FRONT.mac, address: at(22) }]));
    await home.pass(minutes(1));
    expect(home.registry.device(id("gate"))).toBeUndefined();
    expect(home.reason("device/gate")).toBe("DuplicateCamera");
    await home.stop();
  });

  it("but its MAC, given in the options, is found where it is and written from there", async () => {
    const home = new FakeHome({ options: [{ id: "front", macs: [FRONT.mac] }] });
    home.moveSilently(FRONT, at(20), at(60));
    await home.start(minutes(2));
    expect(home.text).toContain(`http://${at(60)}/`);
    expect(home.text).not.toContain(at(20));
    await home.stop();
  });

  it("is learned completely when what was missing shows later, in another run", async () => {
    const home = new FakeHome();
    home.place(FRONT, at(20));
    home.prober.put(at(20), { mac: FRONT.mac, connect: "open", greeting: { kind: "challenge", schemes: ["digest"], realm: "a camera" } });
    await home.start();
    expect(home.registry.device(id("front"))?.identity.endpoint).toBeUndefined();
    await home.stop();
    const next = new FakeHome({ registry: home.registry });
    await next.start();
    expect(next.registry.device(id("front"))?.identity.endpoint).toBe("urn:uuid:front");
    await next.stop();
  });
});

describe("the port of a camera's ONVIF service", () => {
  const asked = (home: FakeHome): readonly (readonly number[])[] => home.prober.endpointPorts.map(({ ports }) => ports.slice(0, 2));

  it("is asked for once a run, remembered, and asked first from then on, also by the next run", async () => {
    const home = new FakeHome({ cameras: [FRONT] });
    home.place(FRONT, at(20), { onvifPort: 10_080 });
    await home.start(minutes(2));
    expect(home.registry.device(id("front"))?.identity.onvifPort).toBe(10_080);
    expect(home.prober.count("onvif-port")).toBe(1);
    home.moveByDhcp(FRONT, at(20), at(60), { onvifPort: 10_080 });
    await home.pass(minutes(1));
    expect(home.registry.device(id("front"))).toMatchObject({ address: at(60), identity: { onvifPort: 10_080, macs: [FRONT.mac] } });
    expect(asked(home).at(-1)).toEqual([10_080, 80]);
    await home.stop();

    const next = new FakeHome({ cameras: [FRONT], registry: home.registry });
    next.leave(at(20));
    next.place(FRONT, at(61), { onvifPort: 10_080 });
    next.hear(FRONT, at(61));
    await next.start();
    next.hear(FRONT, at(61));
    await next.pass(minutes(1));
    expect(asked(next)[0]).toEqual([10_080, 80]);
    await next.stop();
  });

  it("is not asked of a camera that told no endpoint reference", async () => {
    const home = new FakeHome({ cameras: [FRONT] });
    home.prober.put(at(20), {
      mac: FRONT.mac,
      connect: "open",
      login: "accepted",
      greeting: { kind: "challenge", schemes: ["digest"], realm: "x" },
    });
    await home.start(minutes(2));
    expect(home.registry.device(id("front"))?.identity.macs).toEqual([FRONT.mac]);
    expect(home.prober.count("onvif-port")).toBe(0);
    await home.stop();
  });
});

describe("a camera that was learned before this machine's own network was up", () => {
  it("gets its MAC address as soon as one shows, in the same run", async () => {
    const home = new FakeHome();
    const answers = {
      connect: "open",
      endpoint: "urn:uuid:front",
      greeting: { kind: "challenge", schemes: ["digest"], realm: "a camera" },
    } as const;
    home.place(FRONT, at(20));
    home.prober.put(at(20), { ...answers, mac: FRONT.mac, noLayer2: true });
    await home.start();
    expect(home.registry.device(id("front"))?.identity).toMatchObject({ macs: [], endpoint: "urn:uuid:front" });
    home.prober.put(at(20), { ...answers, mac: FRONT.mac });
    await home.pass(minutes(1));
    expect(home.registry.device(id("front"))?.identity.macs).toEqual([FRONT.mac]);
    await home.stop();
  });
});

describe("what is said of the documents", () => {
  it("names a camera with two addresses, and takes it back when it is corrected", async () => {
    const text = frigateText([FRONT]).replace(`http://${at(20)}/`, `http://${at(99)}/`);
    const home = new FakeHome({ cameras: [FRONT], targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })] });
    await home.start();
    expect(home.status.get("cameras/front/AddressesDiffer")).toMatchObject({ status: "unknown", message: expect.stringContaining(at(99)) });
    home.document.edit(frigateText([FRONT]));
    await home.pass(seconds(15));
    expect(home.status.get("cameras/front/AddressesDiffer")).toBeUndefined();
    await home.stop();
  });
});

it("several cameras behind one host are one device that moves as one", async () => {
  const nvr = frigateText([FRONT, { ...BACK, address: at(20) }]);
  const home = new FakeHome({ cameras: [FRONT], targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: nvr })] });
  await home.start();
  expect(home.engine.fleet.devices.map((device) => device.owners)).toEqual([
    ["camera:front", "camera:back", "stream:front", "stream:back"],
  ]);
  home.go2rtc.attach(named("front")).close();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(seconds(10));
  expect(home.document.written).toHaveLength(1);
  expect(home.text).not.toContain(at(20));
  await home.stop();
});
