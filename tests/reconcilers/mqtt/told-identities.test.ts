import { describe, expect, onTestFinished, test } from "vitest";
import { hearBindings } from "../../../src/app/mqtt-once.ts";
import type { OwnerName } from "../../../src/domain/camera.ts";
import { minutes, seconds } from "../../../src/domain/duration.ts";
import { FollowedBindings } from "../../../src/reconcilers/mqtt/followed-bindings.ts";
import { FakeBroker } from "../../fakes/fake-broker.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import type { ScriptedHost } from "../../fakes/fake-prober.ts";
import { at, BACK, FakeHome, FRONT, type HomeCamera, type HomeSettings } from "../fake-home.ts";

const FAR: ScriptedHost = { noLayer2: true };

/** What the program on the cameras' network keeps at the broker of a camera. */
function binding(camera: HomeCamera, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    version: 1,
    origin: "installation-one",
    camera: camera.name,
    names: [`camera:${camera.name}`],
    address: camera.address,
    macs: [camera.mac],
    endpoint: `urn:uuid:${camera.name}`,
    realm: "a camera",
    ...more,
  });
}

/** The program where layer 2 is not visible, without a memory of its own, and what it was told. */
async function pod(broker: FakeBroker, settings: HomeSettings = {}): Promise<FakeHome> {
  const clock = new FakeClock();
  const followed = new FollowedBindings({ bases: ["app"], origin: "installation-two", clock });
  const network = { search: true, interfaces: [], ranges: [] };
  const home = new FakeHome({ ...settings, clock, ports: { sources: [followed], told: followed, network, ...settings.ports } });
  onTestFinished(() => home.stop());
  for (const camera of settings.cameras ?? [FRONT, BACK]) home.place(camera, camera.address, FAR);
  const hearing = hearBindings(
    { publisher: broker.publisher(), followed: [followed], clock, status: home.status, log: home.log },
    new AbortController().signal,
  );
  await clock.advance(seconds(20));
  await hearing;
  return home;
}

function logins(home: FakeHome): readonly string[] {
  return home.prober.calls.flatMap((call) => (call.proof === "login" ? [call.url.replace(/^.*@|:554.*$/g, "")] : []));
}

describe("identities that another copy learned", () => {
  test("a sync without a memory heals a camera that moved, by its own answer; what it said counts as learned", async () => {
    const broker = new FakeBroker();
    broker.say("app/front/binding", binding(FRONT, { address: at(60), told_macs: ["0c:79:55:4b:d4:99"] }), true);
    const home = await pod(broker);
    home.moveSilently(FRONT, FRONT.address, at(60), FAR);
    await home.once();
    expect(home.told("moved")).toMatchObject([{ device: "front", from: FRONT.address, to: at(60), evidence: { layer: "mqtt" } }]);
    expect(home.text).toContain(String(at(60)));
    expect(home.registry.device("front" as never)?.identity).toEqual({
      macs: [],
      toldMacs: [FRONT.mac, "0c:79:55:4b:d4:99"],
      endpoint: "urn:uuid:front",
      realm: "a camera",
    });
    expect([home.reason("mqtt"), home.reason("device/back"), broker.connections]).toEqual(["Healthy", "Learned", 0]);
  });

  test("what answers as somebody else at the told address is not taken, and gets no password", async () => {
    const broker = new FakeBroker();
    broker.say("app/front/binding", binding(FRONT, { address: at(60) }), true);
    const home = await pod(broker);
    home.moveSilently(FRONT, FRONT.address, at(60), { ...FAR, endpoint: "urn:uuid:other" });
    await home.once();
    expect([home.told("moved"), logins(home)]).toEqual([[], []]);
    expect(home.text).toContain(String(FRONT.address));
  });

  test("a camera that answers where the documents have it weighs more than a message: nothing is switched, parked or sent, a person is asked", async () => {
    const broker = new FakeBroker();
    broker.say("app/front/binding", binding(FRONT, { address: at(66), endpoint: "urn:uuid:impostor" }), true);
    const home = await pod(broker);
    home.place({ name: "impostor", mac: FRONT.mac }, at(66), FAR);
    const before = home.text;
    await home.once();
    expect([home.reason("device/front"), home.text === before, home.told("moved"), logins(home)]).toEqual([
      "ToldIdentityDiffers",
      true,
      [],
      [],
    ]);
    expect(await home.sources("front")).toEqual([expect.stringContaining(String(FRONT.address))]);
    expect(home.registry.quarantines()).toEqual([]);
    expect(home.status.get("device/front")?.message).toContain("urn:uuid:impostor");
    // The person's word counts more than the message.
    const said = home.engine.actions.perform(
      { verb: "adopt", camera: "front" as never, address: FRONT.address },
      new AbortController().signal,
    );
    await home.clock.advance(seconds(10));
    expect(await said).toMatchObject({ kind: "accepted" });
  });

  test("two cameras that swapped addresses while nobody looked are healed: each says that it is the other one that is told of", async () => {
    const broker = new FakeBroker();
    broker.say("app/front/binding", binding(FRONT, { address: BACK.address }), true);
    broker.say("app/back/binding", binding(BACK, { address: FRONT.address }), true);
    const home = await pod(broker);
    home.place(FRONT, BACK.address, FAR);
    home.place(BACK, FRONT.address, FAR);
    await home.once();
    const moves = home.told("moved").map(({ device, to }) => `${device} ${to}`);
    expect(moves.toSorted()).toEqual([`back ${FRONT.address}`, `front ${BACK.address}`]);
  });

  test("two messages that give a camera which never moved the name of its neighbour are no swap: nothing is switched or sent", async () => {
    const broker = new FakeBroker();
    broker.say("app/front/binding", binding(FRONT, { address: at(66), endpoint: "urn:uuid:impostor" }), true);
    broker.say("app/back/binding", binding(BACK, { address: FRONT.address, endpoint: "urn:uuid:front" }), true);
    const home = await pod(broker);
    home.place({ name: "impostor", mac: FRONT.mac }, at(66), FAR);
    await home.once();
    expect([home.told("moved"), logins(home), home.registry.devices()]).toEqual([[], [], []]);
    expect([home.reason("device/front"), home.reason("device/back")]).toEqual(["ToldIdentityDiffers", "ToldIdentityDiffers"]);
  });

  test("a camera that took the place of one that left is believed where nobody is at its own", async () => {
    const broker = new FakeBroker();
    broker.say("app/front/binding", binding(FRONT, { address: at(60) }), true);
    broker.say("app/back/binding", binding(BACK, { address: FRONT.address }), true);
    const home = await pod(broker);
    home.leave(BACK.address);
    home.place(BACK, FRONT.address, FAR);
    home.place(FRONT, at(60), FAR);
    await home.once();
    const moves = home.told("moved").map(({ device, to }) => `${device} ${to}`);
    expect(moves.toSorted()).toEqual([`back ${FRONT.address}`, `front ${at(60)}`]);
  });

  test("what two devices say alike is believed of neither, and not kept as learned", async () => {
    const broker = new FakeBroker();
    broker.say("app/front/binding", binding(FRONT, { address: at(66) }), true);
    broker.say("app/other/binding", binding(FRONT, { camera: "other", names: [], address: at(67) }), true);
    const home = await pod(broker, { cameras: [FRONT] });
    home.leave(FRONT.address);
    home.place(FRONT, at(66), FAR);
    home.place(FRONT, at(67), FAR);
    await home.once();
    expect([home.told("moved"), logins(home), home.reason("device/front"), home.registry.devices()]).toEqual([
      [],
      [],
      "IdentityShared",
      [],
    ]);
  });

  test("a camera that nobody knows here and that has another realm than was told: a person's word has it learned", async () => {
    const broker = new FakeBroker();
    broker.say("app/front/binding", binding(FRONT, { endpoint: undefined, realm: "another camera" }), true);
    const home = await pod(broker, { cameras: [FRONT] });
    await home.start(minutes(1));
    expect([home.reason("device/front"), home.registry.devices()]).toEqual(["ToldIdentityDiffers", []]);
    const adopt = { verb: "adopt", camera: "front" as never, address: FRONT.address } as const;
    const said = home.engine.actions.perform(adopt, new AbortController().signal);
    await home.clock.advance(seconds(10));
    expect(await said).toMatchObject({ kind: "accepted" });
    await home.pass(minutes(1));
    expect([home.reason("device/front"), home.registry.devices()]).toMatchObject([
      "Healthy",
      [{ identity: { endpoint: "urn:uuid:front", realm: "a camera" } }],
    ]);
  });

  test("what was learned here is used and never overwritten, whatever is told", async () => {
    const broker = new FakeBroker();
    broker.say(
      "app/front/binding",
      binding(FRONT, { address: at(66), endpoint: "urn:uuid:impostor", uid: "reolink:95270000ABCDEF" }),
      true,
    );
    broker.say("app/back/binding", binding(BACK, { endpoint: "urn:uuid:front" }), true);
    const registry = new FakeRegistry();
    const identity = { macs: [], endpoint: "urn:uuid:front" } as const;
    registry.saveDevice({
      id: "front" as never,
      owners: ["camera:front", "stream:front"],
      identity,
      address: FRONT.address,
      history: [],
      switches: [],
    });
    const home = await pod(broker, { registry });
    home.place({ name: "impostor", mac: FRONT.mac }, at(66), FAR);
    await home.once();
    expect([home.reason("device/front"), home.told("moved")]).toEqual(["Healthy", []]);
    expect(home.registry.device("front" as never)?.identity).toMatchObject(identity);
    expect(home.registry.device("front" as never)?.identity.uid).toBeUndefined();
  });

  test("a camera that says nothing of its own is not followed on a message: that is said", async () => {
    const broker = new FakeBroker();
    broker.say("app/front/binding", binding(FRONT, { address: at(60), endpoint: undefined }), true);
    const home = await pod(broker, { cameras: [FRONT] });
    home.leave(FRONT.address);
    home.place(FRONT, at(60), { ...FAR, endpoint: "" });
    await home.once();
    expect([home.told("moved"), logins(home), home.status.get("device/front")?.status]).toEqual([[], [], "problem"]);
  });

  test("without the broker the sync goes on, with one message", async () => {
    const broker = new FakeBroker();
    broker.isAway = true;
    const home = await pod(broker);
    await home.once();
    expect(home.status.get("mqtt")).toMatchObject({ status: "problem", reason: "BrokerUnreachable" });
    expect(home.reason("device/front")).toBe("Learned");
  });
});

describe("what is kept at the broker", () => {
  test.each([
    ["of another version", "app/front/binding", binding(FRONT, { version: 2 })],
    ["of an earlier one, which does not tell all", "app/front/binding", binding(FRONT, { version: undefined })],
    ["under another camera's topic", "app/back/binding", binding(FRONT)],
    ["our own", "app/front/binding", binding(FRONT, { origin: "installation-two" })],
    ["at another base", "other/front/binding", binding(FRONT)],
    ["too long", "app/front/binding", binding(FRONT, { name: "x".repeat(40_000) })],
    ["with control characters", "app/front/binding", binding(FRONT, { camera: "front\u001b[2J" })],
  ])("%s: nothing is known by it", async (_name, topic, text) => {
    const broker = new FakeBroker();
    broker.say(topic, text, true);
    const clock = new FakeClock();
    const followed = new FollowedBindings({ bases: ["app"], origin: "installation-two", clock });
    const { status, log } = new FakeHome({ clock });
    const hearing = hearBindings({ publisher: broker.publisher(), followed: [followed], clock, status, log }, new AbortController().signal);
    await clock.advance(seconds(5));
    await hearing;
    expect(followed.of({ id: "front" as never, owners: ["camera:front"] })).toBeUndefined();
  });

  test("two thousand messages that all name every camera keep nobody busy, and none of them is believed", async () => {
    const clock = new FakeClock();
    const followed = new FollowedBindings({ bases: ["app"], origin: "installation-two", clock });
    const cameras = Array.from({ length: 30 }, (_, index): HomeCamera => ({
      ...FRONT,
      name: `c${String(index)}`,
      address: at(100 + index),
    }));
    const home = new FakeHome({ clock, cameras, ports: { sources: [followed], told: followed } });
    onTestFinished(() => home.stop());
    for (const { address } of cameras) home.leave(address);
    await home.start(seconds(5));
    await followed.onSession(undefined, new AbortController().signal);
    const names = cameras.map(({ name }) => `camera:${name}`);
    const macs = Array.from({ length: 15 }, (_, index) => `0c:79:55:00:00:${String(10 + index)}`);
    const read = home.registry.device.bind(home.registry);
    let reads = 0;
    home.registry.device = (id) => ((reads += 1), read(id));
    const began = process.cpuUsage().user;
    for (let index = 0; index < 2000; index += 1) {
      const text = binding(FRONT, { camera: `x${String(index)}`, names, macs });
      followed.onMessage({ topic: `app/x${String(index)}/binding`, retained: true, payload: Buffer.from(text) });
    }
    expect(process.cpuUsage().user - began).toBeLessThan(10_000_000);
    // A message is one batch, however much it tells: a few looks at each camera's record.
    expect(reads / (2000 * cameras.length)).toBeLessThanOrEqual(4);
    expect(followed.of({ id: "c1" as never, owners: ["camera:c1"] })).toBeUndefined();
  });

  test("a message that is cleared or replaced is not known any more", async () => {
    const followed = new FollowedBindings({ bases: ["app"], origin: "installation-two", clock: new FakeClock() });
    await followed.onSession(undefined, new AbortController().signal);
    const say = (text: string): void => followed.onMessage({ topic: "app/front/binding", retained: true, payload: Buffer.from(text) });
    const known = (owner: OwnerName) => followed.of({ id: "other" as never, owners: [owner] })?.endpoint;
    say(binding(FRONT));
    expect(known("camera:front")).toBe("urn:uuid:front");
    say(binding(FRONT, { names: ["camera:gate"], endpoint: "urn:uuid:new" }));
    expect([known("camera:front"), known("camera:gate")]).toEqual([undefined, "urn:uuid:new"]);
    say("");
    expect(known("camera:gate")).toBeUndefined();
  });

  test("a running program waits for it before it learns whoever answers, 15 s at most", async () => {
    const clock = new FakeClock();
    const followed = new FollowedBindings({ bases: ["app"], origin: "installation-two", clock });
    const home = new FakeHome({ clock, ports: { sources: [followed], told: followed } });
    onTestFinished(() => home.stop());
    followed.expect();
    await home.start(seconds(10));
    expect(home.registry.devices()).toEqual([]);
    await home.pass(minutes(1));
    expect(home.registry.devices()).toHaveLength(2);
  });
});
