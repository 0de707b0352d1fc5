import { describe, expect, it } from "vitest";
import { hours, minutes } from "../../src/domain/duration.ts";
import type { ScriptedHost } from "../fakes/fake-prober.ts";
import type { Device, Identity } from "../../src/domain/camera.ts";
import { ToldMacs } from "../../src/reconcilers/told-macs.ts";
import { FakeCameraDetails } from "../fakes/fake-camera-details.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { at, BACK, FakeHome, FRONT, frigateText, id, mac, source, type HomeSettings } from "./fake-home.ts";

const WIRED = mac("0c:79:55:4b:d4:77");
/** As a camera shows itself across a router. */
const FAR: ScriptedHost = { noLayer2: true };

async function homeOf(settings: HomeSettings = {}, host: ScriptedHost = FAR): Promise<FakeHome> {
  const home = new FakeHome({ cameras: [FRONT], ...settings });
  for (const camera of settings.cameras ?? [FRONT]) home.place(camera, camera.address, host);
  home.details.interfaces.set(at(20), { kind: "macs", macs: [WIRED] });
  await home.start();
  return home;
}

const recordOf = (home: FakeHome) => home.registry.device(id("front")) ?? expect.unreachable("not learned");
const told = (home: FakeHome) => home.registry.device(id("front"))?.identity.toldMacs;

describe("a camera that no layer 2 shows", () => {
  it("is asked for its MAC addresses once, and not again after a restart", async () => {
    const home = await homeOf();
    await home.pass(hours(2));
    expect(home.details.askedForInterfaces).toEqual([source("front", at(20))]);
    expect(told(home)).toEqual([WIRED]);
    expect(home.registry.device(id("front"))?.identity.macs).toEqual([]);
    await home.stop();
    const next = await homeOf({ registry: home.registry });
    await next.pass(hours(1));
    expect(next.details.askedForInterfaces).toEqual([]);
    await next.stop();
  });

  it("is found by what DHCP tells of the MAC address that it told, and is asked once more there", async () => {
    const home = await homeOf();
    home.moveSilently(FRONT, at(20), at(60), FAR);
    home.details.interfaces.set(at(60), { kind: "macs", macs: [mac("0c:79:55:4b:d4:78")] });
    home.hear({ mac: WIRED }, at(60));
    await home.pass(minutes(2));
    expect(home.text).toContain(`http://${at(60)}/`);
    await home.pass(hours(2));
    expect(home.details.askedForInterfaces).toEqual([source("front", at(20)), source("front", at(60))]);
    expect(told(home)).toEqual(["0c:79:55:4b:d4:78", WIRED]);
    await home.stop();
  });

  it("is never taken for another camera by a MAC address that was only told", async () => {
    const home = await homeOf();
    home.leave(at(20));
    home.stranger(at(60), { mac: WIRED, login: "accepted" });
    home.hear({ mac: WIRED }, at(60));
    await home.pass(minutes(10));
    expect([home.text.includes(at(60)), home.logins]).toEqual([false, []]);
    await home.stop();
  });

  it("is not asked twice after a refusal, and again when its password is corrected", async () => {
    const home = new FakeHome({ cameras: [FRONT] });
    home.place(FRONT, at(20), FAR);
    home.details.interfaces.set(at(20), { kind: "refused" });
    await home.start();
    await home.pass(hours(3));
    expect(home.details.askedForInterfaces).toHaveLength(1);
    expect(home.registry.device(id("front"))?.refusedLogin).toBeUndefined();
    home.document.edit(frigateText([FRONT]).replace("canary-front@", "canary-corrected@"));
    await home.pass(minutes(10));
    expect(home.details.askedForInterfaces).toHaveLength(2);
    await home.stop();
    const next = new FakeHome({ cameras: [FRONT], registry: home.registry });
    next.place(FRONT, at(20), FAR);
    await next.start();
    await next.pass(hours(1));
    expect(next.details.askedForInterfaces).toEqual([]);
    await next.stop();
  });

  it("that does not answer is asked three times at most, five minutes apart", async () => {
    const home = new FakeHome({ cameras: [FRONT] });
    home.place(FRONT, at(20), FAR);
    await home.start();
    await home.pass(minutes(4));
    expect(home.details.askedForInterfaces).toHaveLength(1);
    await home.pass(hours(3));
    expect(home.details.askedForInterfaces).toHaveLength(3);
    await home.stop();
  });
});

describe("no camera is asked for its MAC addresses", () => {
  it("that shows one itself", async () => {
    const home = await homeOf({}, {});
    await home.pass(hours(1));
    expect(home.details.askedForInterfaces).toEqual([]);
    await home.stop();
  });

  it("where no endpoint reference was learned", async () => {
    const vendor = { uid: "reolink:9527000ABCDEF123" } as const;
    const home = new FakeHome({ cameras: [FRONT] });
    home.place(FRONT, at(20));
    const greeting = { kind: "challenge", schemes: ["digest"], realm: "a camera" } as const;
    home.prober.put(at(20), { ...FAR, connect: "open", greeting, vendor });
    await home.start();
    await home.pass(hours(1));
    expect(home.registry.device(id("front"))?.identity.uid).toBe(vendor.uid);
    expect(home.details.askedForInterfaces).toEqual([]);
    await home.stop();
  });

  it.each([
    ["says another endpoint reference", { ...FAR, endpoint: "urn:uuid:other" }],
    ["does not answer on the stream's port", { ...FAR, connect: "timeout" }],
  ] as const)("where the device %s", async (_name, host) => {
    const first = await homeOf();
    await first.stop();
    const record = recordOf(first);
    const { toldMacs: _asked, ...identity } = record.identity;
    first.registry.saveDevice({ ...record, identity });
    const home = new FakeHome({ cameras: [FRONT], registry: first.registry });
    home.place(FRONT, at(20), host);
    await home.start();
    await home.pass(minutes(30));
    expect(home.details.askedForInterfaces).toEqual([]);
    await home.stop();
  });

  it("whose endpoint reference another camera has too", async () => {
    const first = await homeOf();
    await first.stop();
    const record = recordOf(first);
    const { toldMacs: _asked, ...identity } = record.identity;
    first.registry.saveDevice({ ...record, identity });
    first.registry.saveDevice({ ...record, id: id("back"), owners: ["camera:back", "stream:back"], address: at(21), identity });
    const home = await homeOf({ cameras: [FRONT, BACK], registry: first.registry }, { ...FAR, endpoint: "urn:uuid:front" });
    await home.pass(hours(1));
    expect(home.details.askedForInterfaces).toEqual([]);
    await home.stop();
  });
});

/** The reconciler alone: nothing else keeps it from asking. */
async function askedAlone(home: {
  readonly identity?: Identity;
  readonly peers?: readonly Identity[];
  readonly says?: string;
  readonly provedAt?: readonly ReturnType<typeof at>[];
  readonly missing?: boolean;
}): Promise<readonly string[]> {
  const { identity = { macs: [], endpoint: "urn:uuid:front" }, peers = [], provedAt = [at(20)], missing = false } = home;
  const details = new FakeCameraDetails();
  const looks = [...provedAt];
  const device = { id: id("front"), addresses: [at(20)], onvifPorts: [80], loginUrl: source("front", at(20)) } as unknown as Device;
  const reconciler = new ToldMacs({
    fleet: {
      device: () => device,
      macsOf: () => [],
      identityOf: () => identity,
      settled: () => {
        const [address] = looks.length > 1 ? looks.splice(0, 1) : looks;
        return address === undefined ? undefined : { address, hintAt: minutes(0) };
      },
    },
    registry: new FakeRegistry(),
    looking: { peersOf: () => peers },
    searches: { isMissing: () => missing },
    logins: { mayAsk: () => true, noteAsked: () => undefined },
    prober: { endpoint: () => Promise.resolve("says" in home ? home.says : "urn:uuid:front") },
    details,
  });
  await reconciler.reconcile(id("front"), new AbortController().signal);
  return details.askedForInterfaces;
}

describe("the question for MAC addresses by itself", () => {
  it("is asked where all is right", async () => {
    expect(await askedAlone({})).toEqual([source("front", at(20))]);
  });

  it.each([
    ["another endpoint reference is said there now", { says: "urn:uuid:other" }],
    ["none is said there now", { says: undefined as never }],
    ["none was learned", { identity: { macs: [] } }],
    ["it was heard from two addresses", { identity: { macs: [], endpoint: "urn:uuid:front", shared: ["endpoint"] } }],
    ["another camera has the same", { peers: [{ macs: [], endpoint: "URN:UUID:FRONT" }] }],
    ["the camera was not proved in this run", { provedAt: [] }],
    ["the camera is missed", { missing: true }],
    ["the camera moved meanwhile", { provedAt: [at(20), at(60)] }],
  ] as const)("is not asked where %s", async (_name, home) => {
    expect(await askedAlone(home)).toEqual([]);
  });
});
