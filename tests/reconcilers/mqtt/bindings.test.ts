import { describe, expect, onTestFinished, test } from "vitest";
import { minutes, seconds } from "../../../src/domain/duration.ts";
import type { Sighting } from "../../../src/domain/sighting.ts";
import { Announced } from "../../../src/reconcilers/mqtt/announced.ts";
import { readBinding } from "../../../src/reconcilers/mqtt/binding-message.ts";
import { createBrokerLink, type LinkClient } from "../../../src/reconcilers/mqtt/broker-link.ts";
import { FollowedBindings } from "../../../src/reconcilers/mqtt/followed-bindings.ts";
import { ToldBindings } from "../../../src/reconcilers/mqtt/told-bindings.ts";
import { FakeBroker } from "../../fakes/fake-broker.ts";
import { at, FakeHome, FRONT } from "../fake-home.ts";

function linked(home: FakeHome, broker: FakeBroker, base: string, clients: readonly LinkClient[]): void {
  const { clock, status, log } = home;
  const stop = new AbortController();
  const parts = { clients, statusTopic: `${base}/status`, probes: [], clock, random: () => 0, status, log };
  const running = createBrokerLink({ ...parts, publisher: broker.publisher() }).run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await clock.settle();
    await running;
  });
}

function telling(home: FakeHome, broker: FakeBroker): ToldBindings {
  const { registry, clock } = home;
  const announced = new Announced(registry.consents);
  const told = new ToldBindings({ base: "one", origin: "installation-one", fleet: home.engine.fleet, registry, announced, clock });
  linked(home, broker, "one", [told]);
  return told;
}

async function room() {
  const broker = new FakeBroker();
  const home = new FakeHome();
  onTestFinished(() => home.stop());
  const told = telling(home, broker);
  await home.start(minutes(2));
  const topic = "one/front/binding";
  return { broker, home, told, topic, bindings: () => broker.log.filter(({ topic: one }) => one.endsWith("/binding")).length };
}

describe("what is told to other copies", () => {
  test("each proved camera: one retained message with address and identity, and nothing more while nothing changes", async () => {
    const { broker, home, topic, bindings } = await room();
    const text = broker.kept(topic) ?? "";
    expect(JSON.parse(text)).toMatchObject({ origin: "installation-one", camera: "front", address: FRONT.address, macs: [FRONT.mac] });
    expect(text).not.toContain("canary");
    expect(bindings()).toBe(2);
    await home.clock.advance(minutes(10));
    expect(bindings()).toBe(2);
  });

  test("a camera that moved: told within seconds, and only that one", async () => {
    const { broker, home, told, topic, bindings } = await room();
    home.moveByDhcp(FRONT, FRONT.address, at(60));
    await home.clock.advance(seconds(10));
    told.notice();
    await home.clock.advance(seconds(2));
    expect(readBinding(Buffer.from(broker.kept(topic) ?? ""))).toMatchObject({ address: at(60), macs: [FRONT.mac] });
    expect(bindings()).toBe(3);
  });

  test("a move that a person undid: nothing, until the camera is proved again", async () => {
    const { broker, home, topic } = await room();
    home.moveByDhcp(FRONT, FRONT.address, at(60));
    await home.clock.advance(minutes(2));
    expect(readBinding(Buffer.from(broker.kept(topic) ?? ""))).toMatchObject({ address: at(60) });
    const undone = home.engine.actions.perform({ verb: "undo" }, new AbortController().signal);
    await home.clock.advance(minutes(2));
    expect(await undone).toMatchObject({ kind: "accepted" });
    expect(broker.kept(topic) ?? "").toBe("");
    const resynced = home.engine.actions.perform({ verb: "resync" }, new AbortController().signal);
    await home.clock.advance(minutes(3));
    expect(await resynced).toMatchObject({ kind: "accepted" });
    expect(readBinding(Buffer.from(broker.kept(topic) ?? ""))).toMatchObject({ address: at(60) });
  });

  test("after a reconnect everything is told anew; each topic is listed before something stands there", async () => {
    const { broker, home, topic } = await room();
    broker.drop();
    await home.clock.advance(seconds(5));
    expect(broker.said(topic).length).toBe(2);
    expect([...new Announced(home.registry.consents).topics].toSorted()).toEqual(["one/back/binding", topic]);
  });
});

describe("what other copies tell", () => {
  test("is a place to look and nothing else: a forged message moves nothing, a true one heals", async () => {
    const broker = new FakeBroker();
    const home = new FakeHome();
    const { clock } = home;
    const followed = new FollowedBindings({ bases: ["two", "one"], origin: "installation-two", clock });
    const heard: Sighting[] = [];
    linked(home, broker, "two", [followed]);
    const forged = {
      origin: "x",
      address: "192.168.1.99",
      macs: ["0c-79-55-4b-d4-20"],
      endpoint: "urn:uuid:1",
      uid: "reolink:95270000ABCDEF",
    };
    broker.say("one/front/binding", JSON.stringify(forged), true);
    await clock.settle();
    const stop = new AbortController();
    let ready = 0;
    const watching = followed.watch(
      (...sightings) => void heard.push(...sightings),
      () => (ready += 1),
      stop.signal,
    );
    const named = heard.map(({ mac, endpoint, uid, address, layer }) => [layer, address, mac ?? endpoint ?? uid]);
    expect(named).toEqual([
      ["mqtt", "192.168.1.99", FRONT.mac],
      ["mqtt", "192.168.1.99", "urn:uuid:1"],
      ["mqtt", "192.168.1.99", "reolink:95270000ABCDEF"],
    ]);
    broker.say("one/front/binding", JSON.stringify({ ...forged, origin: "installation-two" }));
    broker.say("one/front/binding", "not even JSON");
    await clock.settle();
    expect([heard.length, ready]).toEqual([3, 1]);
    for (let count = 0; count < 1000; count += 1) broker.say("one/front/binding", JSON.stringify(forged));
    await clock.settle();
    expect(heard.length).toBeLessThan(3 * 260);
    stop.abort();
    await expect(watching).resolves.toBeUndefined();
  });

  test("a camera that two copies look after is found where the other one saw it", async () => {
    const broker = new FakeBroker();
    const home = new FakeHome();
    const { clock } = home;
    const followed = new FollowedBindings({ bases: ["two", "one"], origin: "installation-two", clock });
    const second = new FakeHome({ clock, ports: { sources: [followed], network: { search: false, interfaces: [], ranges: [] } } });
    const told = telling(home, broker);
    linked(second, broker, "two", [followed]);
    await home.start(minutes(0));
    await second.start(minutes(2));
    second.moveSilently(FRONT, FRONT.address, at(60));
    home.moveByDhcp(FRONT, FRONT.address, at(60));
    await clock.advance(seconds(10));
    told.notice();
    await clock.advance(seconds(10));
    expect(second.told("moved")).toMatchObject([{ device: "front", to: at(60), evidence: { layer: "mqtt" } }]);
  });

  test("are not called active while the broker is away, and are again when it is back", async () => {
    const broker = new FakeBroker();
    const home = new FakeHome();
    const { clock } = home;
    const followed = new FollowedBindings({ bases: ["two", "one"], origin: "installation-two", clock });
    const second = new FakeHome({ clock, ports: { sources: [followed] } });
    onTestFinished(() => second.stop());
    linked(second, broker, "two", [followed]);
    await second.start(minutes(1));
    expect(second.reason("layer/mqtt")).toBe("LayerActive");
    broker.drop();
    await clock.settle();
    expect(second.status.get("layer/mqtt")).toMatchObject({ status: "unknown", reason: "LayerUnavailable" });
    await clock.advance(minutes(1));
    expect(second.status.get("layer/mqtt")).toMatchObject({ status: "ok", reason: "LayerActive" });
  });
});

test.each([
  ["", undefined],
  ["[]", undefined],
  ['{"origin": "x", "address": "192.168.1.9"}', undefined],
  ['{"origin": "x", "address": "255.255.255.255", "macs": ["0c:79:55:4b:d4:20"]}', undefined],
  ['{"address": "192.168.1.9", "macs": ["0c:79:55:4b:d4:20"]}', undefined],
  ['{"origin": "x", "address": "192.168.1.9", "macs": "0c:79:55:4b:d4:20"}', undefined],
  ['{"origin": "x", "address": "192.168.1.9", "macs": [7, "0C:79:55:4B:D4:20"], "uid": "other:95270000ABCDEF"}', [FRONT.mac]],
])("a binding is read as %s", (text, macs) => {
  expect(readBinding(Buffer.from(text))?.macs).toEqual(macs);
});
