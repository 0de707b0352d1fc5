import { describe, expect, it } from "vitest";
import type { GreetingReading } from "../../src/domain/readings.ts";
import { instant, minutes, seconds } from "../../src/domain/duration.ts";
import { Adoptions, HOME } from "../../src/reconcilers/adoptions.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeStatus } from "../fakes/fake-status.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, type HomeCamera, type HomeSettings, id, mac, source } from "./fake-home.ts";

const SIDE: HomeCamera = { name: "side", mac: mac("0c:79:55:4b:d4:22"), address: at(22) };
const asks = (realm: string): GreetingReading => ({ kind: "challenge", schemes: ["digest"], realm });

/** A home on its first day: the front camera left its configured address for .60 before anything was learned. */
function firstDay(settings: HomeSettings = {}): FakeHome {
  const home = new FakeHome(settings);
  home.moveSilently(FRONT, at(20), at(60));
  return home;
}

const frontDevice = (home: FakeHome) => home.engine.fleet.device(id("front")) ?? expect.unreachable();

describe("a camera that moved before it was known", () => {
  it("is proposed without a login, and healed after a person confirmed it, with one", async () => {
    const home = firstDay();
    await home.start();
    expect(home.status.get("adopt/front")).toMatchObject({ status: "problem", reason: "AdoptionProposed" });
    expect(home.status.get("adopt/front")?.ask).toEqual({ verb: "adopt", camera: "front", devices: [FRONT.mac] });
    expect(home.engine.adoptions.adoptions).toMatchObject([
      { kind: "proposed", camera: "front", device: { mac: FRONT.mac, address: at(60) } },
    ]);
    expect(home.logins).toEqual([]);
    expect(home.text).toContain(at(20));
    expect(home.engine.adoptions.adopt(frontDevice(home), FRONT.mac)).toEqual({ kind: "adopted", address: at(60) });
    await home.pass(seconds(30));
    expect(home.logins).toEqual([source("front", at(60))]);
    expect(home.text).not.toContain(at(20));
    expect(home.text).toContain(at(60));
    expect(home.status.get("adopt/front")).toBeUndefined();
    expect(home.registry.device(id("front"))?.identity).toMatchObject({ macs: [FRONT.mac], endpoint: "urn:uuid:front" });
    await home.stop();
  });

  it("is told from another that fits as well by what Home Assistant calls it, and by its maker there; not asked again by a login", async () => {
    const known = { list: () => Promise.resolve(new Map([[FRONT.mac, { name: "Front", manufacturer: "Acme", model: "C1" }]])) };
    const home = firstDay({ ports: { known } });
    home.stranger(at(61), { greeting: asks("x"), login: "accepted" });
    await home.start();
    expect(home.reason("adopt/front")).toBe("AdoptionProposed");
    expect(home.status.get("adopt/front")?.message).toContain('Acme C1, called "Front" in Home Assistant');
    expect(home.logins).toEqual([]);
    await home.stop();
  });

  it("is matched all the same while Home Assistant does not answer, or fails", async () => {
    const never = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("away"))));
    for (const list of [never, () => Promise.reject(new Error("away"))]) {
      const home = firstDay({ ports: { known: { list } } });
      await home.start();
      expect(home.reason("adopt/front")).toBe("AdoptionProposed");
      await home.stop();
    }
  });

  it("waits for the slowest that answers where it should be, and is proposed then", async () => {
    const home = firstDay();
    home.stranger(at(20), { connect: "refused", endpoint: "urn:uuid:printer", greeting: { kind: "no-answer" } });
    home.place(BACK, at(21), { delay: seconds(2.9) });
    await home.once();
    expect(home.search.censuses.map((one) => one.at >= seconds(2.9))).toEqual([true]);
    expect(home.registry.device(id("back"))?.identity.macs).toEqual([BACK.mac]);
    expect(home.engine.adoptions.adoptions).toMatchObject([{ kind: "proposed", device: { mac: FRONT.mac } }]);
    await home.stop();
  });

  it("is found within one sweep, and swept for again no sooner than the guard allows", async () => {
    const home = firstDay();
    await home.start(seconds(10));
    expect(home.search.censuses).toHaveLength(1);
    await home.pass(minutes(4));
    expect(home.search.censuses).toHaveLength(1);
    await home.pass(minutes(2));
    expect(home.search.censuses).toHaveLength(2);
    await home.stop();
  });

  it("shares its sweeps with the search for cameras that are lost", async () => {
    const home = firstDay();
    await home.start(seconds(45));
    home.leave(at(21));
    home.go2rtc.delivering.delete(at(21));
    await home.pass(minutes(2));
    const sweeps = [...home.search.censuses, ...home.search.poked].map((one) => one.at).toSorted((one, other) => one - other);
    expect(sweeps.length).toBeGreaterThanOrEqual(2);
    expect(sweeps.slice(1).every((one, index) => one - (sweeps[index] ?? 0) >= seconds(10))).toBe(true);
    await home.stop();
  });

  it("does not wait for one that runs on a battery, which nobody asks", async () => {
    const home = firstDay({ cameras: [FRONT, SIDE], options: [{ id: "side", macs: [], battery: true }] });
    await home.start();
    expect(home.registry.device(id("side"))).toBeUndefined();
    expect(home.engine.adoptions.adoptions.map(({ camera }) => camera)).toEqual(["front"]);
    expect(home.reason("adopt/front")).toBe("AdoptionProposed");
    await home.stop();
  });

  it("is not looked for where searching is switched off", async () => {
    const home = firstDay({ ports: { network: { search: false, interfaces: [], ranges: [] } } });
    await home.start();
    expect(home.search.censuses).toEqual([]);
    expect(home.reason("device/front")).toBe("NotLearnedYet");
    await home.stop();
  });

  it("is never a device that is known as another camera", async () => {
    const home = new FakeHome();
    home.leave(at(20));
    home.place(BACK, at(70));
    await home.start();
    expect(home.registry.device(id("back"))?.identity.macs).toEqual([BACK.mac]);
    expect(home.engine.adoptions.adoptions).toMatchObject([{ kind: "none", camera: "front" }]);
    expect(home.status.get("adopt/front")).toBeUndefined();
    await home.stop();
  });

  it("is not proposed while it is not clear which of two it is; a person says it, and the other follows", async () => {
    const cameras = [FRONT, BACK, SIDE];
    const home = firstDay({ cameras });
    home.moveSilently(SIDE, at(22), at(62));
    await home.start();
    expect(home.reason("adopt/front")).toBe("AdoptionUnclear");
    expect(home.reason("adopt/side")).toBe("AdoptionUnclear");
    expect(home.status.get("adopt/front")?.message).toContain(SIDE.mac);
    home.engine.adoptions.adopt(frontDevice(home), FRONT.mac);
    await home.pass(minutes(1));
    expect(home.text).toContain(at(60));
    expect(home.reason("adopt/front")).toBeUndefined();
    expect(home.status.get("adopt/side")).toMatchObject({ reason: "AdoptionProposed", message: expect.stringContaining(SIDE.mac) });
    expect(home.logins).toEqual([source("front", at(60))]);
    await home.stop();
  });

  it("is not taken for one of another make that got its address", async () => {
    const text = frigateText([FRONT]).replaceAll("/main", "/cam/realmonitor?channel=1");
    const home = new FakeHome({ cameras: [FRONT], targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })] });
    home.deaf(at(20));
    home.prober.put(at(20), { mac: SIDE.mac, connect: "open", greeting: asks("BC Streaming Media") });
    await home.start();
    expect(home.registry.device(id("front"))).toBeUndefined();
    expect(home.status.get("device/front")?.message).toContain("Reolink");
    await home.stop();
  });
});

describe("what a person says", () => {
  it("is refused for a MAC address of another camera", async () => {
    const home = firstDay();
    await home.start();
    expect(home.engine.adoptions.adopt(frontDevice(home), BACK.mac)).toMatchObject({ kind: "taken", by: { id: "back" } });
    expect(home.registry.device(id("front"))).toBeUndefined();
    await home.stop();
  });

  it("is known already the second time", async () => {
    const home = firstDay();
    await home.start();
    home.engine.adoptions.adopt(frontDevice(home), FRONT.mac);
    expect(home.engine.adoptions.adopt(frontDevice(home), FRONT.mac)).toEqual({ kind: "known" });
    await home.stop();
  });

  it("is searched for where nobody has seen that MAC address", async () => {
    const home = new FakeHome();
    home.leave(at(20));
    await home.start();
    expect(home.engine.adoptions.adopt(frontDevice(home), FRONT.mac)).toEqual({ kind: "adopted" });
    await home.pass(minutes(1));
    expect(home.search.asked.map((one) => one.mac)).toContain(FRONT.mac);
    home.place(FRONT, at(60));
    await home.pass(minutes(2));
    expect(home.text).toContain(at(60));
    await home.stop();
  });

  it.each([4, 4.5, 5.5, 6.5])(
    "counts while the device at its address is being learned (%d s), which is not taken for it",
    async (after) => {
      const home = new FakeHome();
      home.leave(at(21));
      await home.start();
      await home.pass(seconds(40));
      const right = mac("0c:79:55:4b:d4:77");
      home.place({ ...BACK, mac: mac("0c:79:55:4b:d4:55") }, at(21), { endpoint: "urn:uuid:another", delay: seconds(1.4) });
      home.place({ ...BACK, mac: right }, at(60), { endpoint: "urn:uuid:the right one" });
      await home.pass(seconds(after));
      expect(home.registry.device(id("back"))).toBeUndefined();
      const said = home.engine.actions.perform({ verb: "adopt", camera: "back", mac: right }, new AbortController().signal);
      await home.pass(minutes(3));
      expect(await said).toMatchObject({ kind: "accepted" });
      expect(home.registry.device(id("back"))?.identity).toMatchObject({ macs: [right], endpoint: "urn:uuid:the right one" });
      expect(home.logins).toEqual([source("back", at(60))]);
      expect(home.text).toContain(at(60));
      await home.stop();
    },
  );

  it("stands alone where what was said before was wrong: the camera there refused the password", async () => {
    const home = firstDay({ cameras: [FRONT, BACK, SIDE] });
    home.moveSilently(SIDE, at(22), at(62), { login: "unauthorized" });
    await home.start();
    home.engine.adoptions.adopt(frontDevice(home), SIDE.mac);
    await home.pass(seconds(30));
    expect(home.reason("device/front")).toBe("LoginRefused");
    home.engine.adoptions.adopt(frontDevice(home), FRONT.mac);
    await home.pass(seconds(60));
    expect(home.registry.device(id("front"))).toMatchObject({ address: at(60), identity: { macs: [FRONT.mac] } });
    expect(home.text).toContain(`viewer:canary-front@${at(60)}`);
    await home.stop();
  });
});

describe("the verb", () => {
  it("answers in words for whoever asked", async () => {
    const home = firstDay();
    await home.start();
    const ask = (camera: string, address: typeof FRONT.mac) =>
      home.engine.actions.perform({ verb: "adopt", camera, mac: address }, new AbortController().signal);
    expect(home.engine.actions.verbs.has("adopt")).toBe(true);
    expect(await ask("frnt", FRONT.mac)).toEqual({
      kind: "refused",
      reason: "CameraUnknown",
      message: "no camera is called frnt; there is front, back",
    });
    expect(await ask("front", BACK.mac)).toMatchObject({
      kind: "refused",
      reason: "DuplicateCamera",
      message: expect.stringContaining("back"),
    });
    expect(await ask("FRONT", FRONT.mac)).toEqual({
      kind: "accepted",
      message: `front is ${FRONT.mac} from now on; it was seen at ${at(60)} and is proved there`,
    });
    expect(await ask("front", FRONT.mac)).toEqual({ kind: "accepted", message: `front is known by ${FRONT.mac} already` });
    await home.pass(seconds(30));
    expect(home.text).toContain(at(60));
    await home.stop();
  });
});

it("those that nothing can prove are asked once the others were learned, or ten seconds went by: it takes seconds", async () => {
  const clock = new FakeClock(instant(0));
  const looks: number[] = [];
  const [absent, slow] = ["front", "back"].map((name) => ({ id: id(name), addresses: [at(20)], streamPort: 554, streamPath: "/" }));
  const ports = {
    fleet: { devices: [absent, slow], settled: () => undefined, macsOf: () => [] },
    registry: new FakeRegistry(),
    searches: { enabled: false },
    second: { proposals: [] },
    unproved: { proposals: [], noticed: () => undefined, look: () => Promise.resolve(void looks.push(clock.monotonic())) },
    clock,
    status: new FakeStatus(),
    enqueue: () => undefined,
  };
  const adoptions = new Adoptions(ports as never);
  const pass = () => adoptions.reconcile(HOME, new AbortController().signal);
  adoptions.absent(id("front"));
  expect(await pass()).toEqual({ requeueAfter: seconds(1) });
  await clock.advance(seconds(9));
  await pass();
  expect(looks).toEqual([]);
  await clock.advance(seconds(1));
  await pass();
  expect(looks).toHaveLength(1);
  adoptions.absent(id("back"));
  await pass();
  expect(looks).toHaveLength(2);
});

it("one sync proposes, and says so at its end", async () => {
  const home = firstDay();
  await home.once();
  expect(home.reason("adopt/front")).toBe("AdoptionProposed");
  expect(home.logins).toEqual([]);
  await home.stop();
});
