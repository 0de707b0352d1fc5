import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../../src/domain/duration.ts";
import { FakeBroker } from "../../fakes/fake-broker.ts";
import { FakeConfigTarget } from "../../fakes/fake-config-target.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { at, BACK, FRIGATE, frigateText, FRONT } from "../fake-home.ts";
import { BACK_CONFIG, FRONT_CONFIG, openHome as open } from "./announced-home.ts";

const WHOLE = frigateText([FRONT, BACK]);
const HALF = frigateText([FRONT]);

describe("a camera that goes", () => {
  it("is removed with its device and its binding, once the document has been without it for five minutes", async () => {
    const { home, broker } = await open({ tells: true });
    expect(broker.kept("camera_shepherd/back/binding")).toBeDefined();
    home.document.edit(HALF);
    await home.pass(minutes(5));
    expect(broker.kept(BACK_CONFIG)).toBeDefined();
    await home.pass(minutes(1));
    expect(broker.said(BACK_CONFIG).at(-1)).toBe("");
    expect([...broker.retained.keys()].filter((topic) => topic.includes("back"))).toEqual([]);
    expect(broker.kept(FRONT_CONFIG)).toBeDefined();
    expect(broker.kept("camera_shepherd/front/binding")).toBeDefined();
    home.document.edit(WHOLE);
    await home.pass(minutes(2));
    expect(broker.kept(BACK_CONFIG)).toBeDefined();
    expect(broker.kept("camera_shepherd/back/state")).toBeDefined();
    expect(broker.kept("camera_shepherd/back/binding")).toBeDefined();
  });

  it("stays while a half-written document is good YAML, however often that happens", async () => {
    const { home, broker } = await open({ tells: true });
    for (let turn = 0; turn < 5; turn += 1) {
      home.document.edit(HALF);
      await home.pass(minutes(4));
      home.document.edit(WHOLE);
      await home.pass(seconds(30));
    }
    await home.pass(minutes(10));
    const emptied = broker.log.filter(({ payload, retain }) => retain && payload === "");
    expect(emptied).toEqual([]);
    expect(broker.kept(BACK_CONFIG)).toBeDefined();
  });

  it("stays where the shorter document became unreadable meanwhile: the five minutes begin anew", async () => {
    const { home, broker } = await open();
    home.document.edit(HALF);
    await home.pass(minutes(4));
    home.document.edit("cameras: [");
    await home.pass(minutes(20));
    home.document.edit(HALF);
    await home.pass(minutes(4));
    expect(broker.said(BACK_CONFIG)).not.toContain("");
    await home.pass(minutes(2));
    expect(broker.kept(BACK_CONFIG)).toBeUndefined();
  });

  it("is removed also while another camera's change waits for approval", async () => {
    const target = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: WHOLE });
    const { home, broker } = await open({ targets: [target], ports: { unconfirmed: new Set([target.name]) } });
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(minutes(2));
    expect(broker.kept("camera_shepherd/bridge/state")).toContain('"sync_result":"Needs approval"');
    target.edit(HALF);
    await home.pass(minutes(7));
    expect(broker.kept(BACK_CONFIG)).toBeUndefined();
    expect(broker.kept(FRONT_CONFIG)).toBeDefined();
  });

  it("of an earlier run is removed by the next one, five minutes after that began", async () => {
    const registry = new FakeRegistry();
    registry.consents.saveFact("mqtt_topics", JSON.stringify(["homeassistant/device/camera_shepherd_gone/config", FRONT_CONFIG]));
    const broker = new FakeBroker();
    broker.say("homeassistant/device/camera_shepherd_gone/config", "{}", true);
    const { home } = await open({ registry, broker });
    await home.pass(minutes(4));
    expect(broker.kept("homeassistant/device/camera_shepherd_gone/config")).toBe("{}");
    await home.pass(minutes(2));
    expect(broker.kept("homeassistant/device/camera_shepherd_gone/config")).toBeUndefined();
    expect(broker.said(FRONT_CONFIG)).not.toContain("");
    expect(registry.consents.fact("mqtt_topics")).not.toContain("gone");
  });

  it("stays where the document cannot be read, or was half written when the program began", async () => {
    const registry = new FakeRegistry();
    const broker = new FakeBroker();
    await (await open({ registry, broker })).end();
    const target = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: "cameras: [" });
    const { home } = await open({ registry, broker, targets: [target] });
    await home.pass(minutes(10));
    expect(broker.said(BACK_CONFIG)).not.toContain("");
    target.edit(HALF);
    await home.pass(minutes(4));
    target.edit(WHOLE);
    await home.pass(minutes(10));
    expect(broker.said(BACK_CONFIG)).not.toContain("");
    expect(broker.kept(BACK_CONFIG)).toBeDefined();
  });
});

describe("what a person decided", () => {
  it("a camera that was forgotten loses its device at once", async () => {
    const { home, broker, engine } = await open({ tells: true });
    home.document.edit(HALF);
    await home.pass(minutes(1));
    expect(broker.kept(BACK_CONFIG)).toBeDefined();
    await engine.actions.perform({ verb: "forget", camera: "back" }, new AbortController().signal);
    await home.pass(seconds(1));
    expect([...broker.retained.keys()].filter((topic) => topic.includes("back"))).toEqual([]);
    expect(broker.kept(FRONT_CONFIG)).toBeDefined();
    home.document.edit(WHOLE);
    await home.pass(minutes(1));
    expect(broker.kept(BACK_CONFIG)).toBeDefined();
  });

  it("pictures that were switched off go at once, and nothing else does", async () => {
    const registry = new FakeRegistry();
    const broker = new FakeBroker();
    const first = await open({ registry, broker });
    registry.consents.saveFact("mqtt_topics", JSON.stringify(["camera_shepherd/front/picture", FRONT_CONFIG]));
    broker.say("camera_shepherd/front/picture", "a picture", true);
    await first.end();
    await open({ registry, broker });
    expect(broker.kept("camera_shepherd/front/picture")).toBeUndefined();
    expect(broker.kept(FRONT_CONFIG)).toBeDefined();
  });

  it("another base: all that stood under the former one is emptied, its status and its bindings too, once the new one stands", async () => {
    const registry = new FakeRegistry();
    const broker = new FakeBroker();
    await (await open({ registry, broker, tells: true })).end();
    expect(broker.kept("camera_shepherd/status")).toBe("offline");
    const begun = broker.log.length;
    const { home } = await open({ registry, broker, tells: true, naming: { base: "garage/cameras" } });
    await home.pass(minutes(1));
    const left = [...broker.retained.keys()].filter((topic) => /camera_shepherd/.test(topic));
    expect(left).toEqual([]);
    expect([...broker.retained.keys()]).toContain("garage/cameras/status");
    const order = broker.log.slice(begun).map(({ topic, payload }) => `${topic} ${payload === "" ? "emptied" : ""}`);
    const announced = order.findIndex((line) => /^homeassistant\/device\/garage_cameras-[0-9a-f]{8}_front\/config $/.test(line));
    expect(announced).toBeGreaterThan(-1);
    expect(announced).toBeLessThan(order.indexOf(`${FRONT_CONFIG} emptied`));
    expect(registry.consents.fact("mqtt_topics")).not.toContain("camera_shepherd");
  });

  it("another base, because another copy of the program goes on under the former one: what that shows is left alone", async () => {
    const registry = new FakeRegistry();
    const broker = new FakeBroker();
    await (await open({ registry, broker, tells: true })).end();
    broker.say("camera_shepherd/status", "online", true);
    const { home } = await open({ registry, broker, tells: true, naming: { base: "second" } });
    await home.pass(minutes(10));
    expect(broker.log.filter(({ payload }) => payload === "")).toEqual([]);
    expect(broker.kept(FRONT_CONFIG)).toBeDefined();
    expect(registry.consents.fact("mqtt_topics")).not.toContain("camera_shepherd");
  });

  it.each(["home", "home/shed/porch"])(
    "another base, %s, that begins as the former one, or the other way round: the same holds",
    async (base) => {
      for (const word of ["online", "offline"]) {
        const registry = new FakeRegistry();
        const broker = new FakeBroker();
        await (await open({ registry, broker, tells: true, naming: { base: "home/shed" } })).end();
        const kept = [...broker.retained.keys()];
        broker.say("home/shed/status", word, true);
        const { home, end } = await open({ registry, broker, tells: true, naming: { base } });
        await home.pass(minutes(10));
        expect(kept.filter((topic) => broker.kept(topic) === undefined)).toEqual(word === "online" ? [] : kept);
        expect(registry.consents.fact("mqtt_topics")).not.toContain("home/shed/status");
        await end();
      }
    },
  );

  it("another base, where the broker does not tell who lives under the former one: nothing of that is touched", async () => {
    const registry = new FakeRegistry();
    const broker = new FakeBroker();
    await (await open({ registry, broker, tells: true })).end();
    broker.refusesFilter = (topic) => topic === "camera_shepherd/status";
    const { home } = await open({ registry, broker, tells: true, naming: { base: "second" } });
    await home.pass(minutes(10));
    expect(broker.log.filter(({ payload }) => payload === "")).toEqual([]);
    expect(broker.kept(FRONT_CONFIG)).toBeDefined();
    // Whoever gave the former base to another copy has nothing to put right.
    expect(broker.kept("second/bridge/state")).toContain('"sync_result":"In sync"');
  });

  it("another base: an end of the connection in the middle leaves nothing there for good", async () => {
    const registry = new FakeRegistry();
    const broker = new FakeBroker();
    await (await open({ registry, broker, tells: true })).end();
    const { home } = await open({ registry, broker, tells: true, naming: { base: "second" } });
    const emptied = (): readonly string[] => broker.log.flatMap(({ topic, payload }) => (payload === "" ? [topic] : []));
    await home.pass(seconds(30));
    expect(emptied().at(-1)).toBe("camera_shepherd/status");
    expect(emptied().length).toBeGreaterThan(5);
  });

  it("another discovery prefix: the devices under the former one go", async () => {
    const registry = new FakeRegistry();
    const broker = new FakeBroker();
    await (await open({ registry, broker })).end();
    const { home, published } = await open({ registry, broker, naming: { discoveryPrefix: "ha" } });
    await home.pass(minutes(7));
    expect(broker.kept(FRONT_CONFIG)).toBeUndefined();
    expect(broker.kept("ha/device/camera_shepherd_front/config")).toBeDefined();
    // Whichever birth topic Home Assistant was left with.
    for (const topic of ["homeassistant/status", "ha/status"]) {
      const before = broker.log.length;
      broker.say(topic, "online");
      await home.pass(seconds(5));
      expect(published(before).filter((one) => one.startsWith("ha/device/"))).toHaveLength(3);
    }
  });
});
