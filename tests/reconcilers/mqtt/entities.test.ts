import { describe, expect, it } from "vitest";
import { hours, minutes, seconds } from "../../../src/domain/duration.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { at, FRONT, named } from "../fake-home.ts";
import { BACK_CONFIG, FRONT_CONFIG, FRONT_STATE, openHome as open } from "./announced-home.ts";

const PRESENT = { availability: "online", connectivity: "ON", stream_problem: "OFF", cause: "Healthy", address: "192.168.1.20" };

describe("entities", () => {
  it("announces the bridge before every camera, all retained, and shows what is known", async () => {
    const { broker, published, state } = await open();
    const configs = published().filter((topic) => topic.endsWith("/config"));
    expect(configs.slice(0, 3)).toEqual(["homeassistant/device/camera_shepherd_bridge/config", FRONT_CONFIG, BACK_CONFIG]);
    // Once more, when their MAC addresses were learned.
    expect(configs.slice(3)).toEqual([FRONT_CONFIG, BACK_CONFIG]);
    expect(broker.log.filter(({ topic }) => /config$|state$/.test(topic)).every(({ retain }) => retain)).toBe(true);
    expect(state()).toMatchObject({ ...PRESENT, mac: FRONT.mac, last_move: null, clock_drift: null });
    const right = { sync_result: "In sync", pending: 0, layers: 1, last_sync: expect.stringMatching(/^2026-01-01T00:00:/) };
    expect(state("camera_shepherd/bridge/state")).toMatchObject(right);
  });

  it("publishes nothing while nothing changes but what would expire, each topic once in five minutes", async () => {
    const { home, broker, published } = await open();
    await home.pass(minutes(1));
    const before = broker.log.length;
    await home.pass(minutes(30));
    const counts = Object.groupBy(published(before), (topic) => topic);
    expect(Object.keys(counts).toSorted()).toEqual(["camera_shepherd/back/state", FRONT_STATE, "camera_shepherd/status"]);
    for (const all of Object.values(counts)) expect(all?.length).toBe(6);
  });

  it("a move shows within a second of the heal: address, last move, and the events in order", async () => {
    const { home, broker, state } = await open();
    broker.say("homeassistant/status", "online");
    await home.pass(seconds(5));
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(1));
    expect(state()).toMatchObject({
      ...PRESENT,
      address: "192.168.1.77",
      last_move: expect.stringMatching(/^2026-01-01T00:0\d:\d\d\.\d{3}Z$/),
    });
    await home.pass(seconds(20));
    const events = broker.said("camera_shepherd/front/event").map((text): unknown => JSON.parse(text));
    expect(events).toMatchObject([
      { event_type: "moved", camera: "front", from: "192.168.1.20", to: "192.168.1.77", noticed_by: "dhcp" },
      { event_type: "healed", camera: "front", from: "192.168.1.20", to: "192.168.1.77", video: true },
    ]);
    expect(broker.log.filter(({ topic }) => topic.endsWith("/event")).every(({ retain }) => !retain)).toBe(true);
    const order = broker.log.map(({ topic, payload }) => `${topic} ${String(payload)}`);
    const moved = order.findIndex((line) => line.includes('"event_type":"moved"'));
    expect(order.findIndex((line) => line.startsWith(FRONT_STATE) && line.includes("192.168.1.77"))).toBeLessThan(moved);
  });

  it("a stranger at the camera's address is an impostor", async () => {
    const { home, broker, state } = await open();
    home.stranger(at(20));
    await home.pass(minutes(2));
    const [event] = broker.said("camera_shepherd/front/event").map((text): unknown => JSON.parse(text));
    expect(event).toMatchObject({ event_type: "impostor", address: "192.168.1.20", mac: "00:11:22:33:44:55", parked: ["front"] });
    expect(state()).toMatchObject({ connectivity: "OFF", stream_problem: "ON" });
  });

  it("shows what was measured, and nothing as nothing", async () => {
    const { home, broker, state } = await open();
    home.details.offsets.set(at(20), seconds(-42));
    await home.pass(hours(2));
    const unknown = {
      fps: { why_unknown: expect.stringContaining("go2rtc") },
      bit_rate: { why_unknown: expect.stringContaining("watches") },
    };
    expect(state()).toMatchObject({ clock_drift: -42, fps: null, bit_rate: null, attributes: unknown });
    // A clock that is wrong is no trouble of the stream.
    expect(broker.kept("camera_shepherd/bridge/state")).toContain("ClockOff");
    expect(state()).toMatchObject({ stream_problem: "OFF", cause: "Healthy" });
    expect(broker.said("camera_shepherd/back/state").at(-1)).toContain('"clock_drift":null');
  });

  it("a watched stream that delivers nothing is lost, and back when it does again", async () => {
    const { home, broker, state } = await open();
    broker.say("homeassistant/status", "online");
    home.go2rtc.attach(named("front"));
    await home.pass(minutes(1));
    home.deaf(at(20));
    await home.pass(minutes(5));
    expect(broker.said(FRONT_STATE).some((text) => text.includes('"cause":"StreamDead"'))).toBe(true);
    home.place(FRONT, at(20));
    home.go2rtc.attach(named("front"));
    await home.pass(minutes(5));
    expect(state()).toMatchObject(PRESENT);
    const events = broker.said("camera_shepherd/front/event").map((text): unknown => JSON.parse(text));
    expect(events).toMatchObject([
      { event_type: "stream_lost", stream: "front" },
      { event_type: "stream_back", stream: "front" },
    ]);
  });

  it("a stream that was lost is back also where the program was restarted in between", async () => {
    const registry = new FakeRegistry();
    const first = await open({ registry });
    first.home.go2rtc.attach(named("front"));
    await first.home.pass(minutes(1));
    first.home.deaf(at(20));
    await first.home.pass(minutes(5));
    expect(first.broker.said("camera_shepherd/front/event")).toHaveLength(1);
    await first.end();
    const { home, broker } = await open({ registry });
    home.go2rtc.attach(named("front"));
    await home.pass(minutes(2));
    const events = broker.said("camera_shepherd/front/event").map((text): unknown => JSON.parse(text));
    expect(events).toMatchObject([{ event_type: "stream_back", stream: "front" }]);
  });

  it("says what is wrong, as state and as attributes with the next step", async () => {
    const { home, state } = await open();
    home.leave(at(20));
    await home.pass(minutes(5));
    expect(state()).toMatchObject({
      availability: "online",
      connectivity: "OFF",
      stream_problem: "ON",
      cause: "CameraUnreachable",
      attributes: {
        stream_problem: { cause: "CameraUnreachable", title: "Camera answers nowhere", next_step: expect.stringContaining("power") },
      },
    });
    expect(state("camera_shepherd/bridge/state")).toMatchObject({ sync_result: "Problem" });
  });

  it("announces everything again when Home Assistant is born, and tells it then what it cannot have heard", async () => {
    const { home, broker, published } = await open();
    const { listens } = broker;
    broker.listens = () => false;
    broker.say("homeassistant/status", "offline");
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(20));
    const unheard = broker.said("camera_shepherd/front/event").length;
    const before = broker.log.length;
    broker.listens = listens;
    broker.say("homeassistant/status", "online");
    await home.pass(seconds(5));
    expect(published(before).filter((topic) => topic.startsWith("homeassistant/device"))).toHaveLength(3);
    expect(published(before).slice(-2)).toEqual(["camera_shepherd/front/event", "camera_shepherd/front/event"]);
    const events = broker.said("camera_shepherd/front/event").map((text): unknown => JSON.parse(text));
    expect(events.slice(unheard)).toMatchObject([{ event_type: "moved" }, { event_type: "healed" }]);
    expect(JSON.stringify(events)).not.toContain("again");
    broker.say("homeassistant/status", "online");
    await home.pass(seconds(5));
    expect(broker.said("camera_shepherd/front/event")).toHaveLength(unheard + 2);
  });

  it("what Home Assistant heard is not told again when its MQTT integration is reloaded; another one's goodbye holds nothing back", async () => {
    const { home, broker } = await open();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(20));
    broker.say("homeassistant/status", "online");
    await home.pass(seconds(10));
    const said = (): readonly unknown[] => broker.said("camera_shepherd/front/event").map((text): unknown => JSON.parse(text));
    expect(said()).toMatchObject([{ event_type: "moved" }, { event_type: "healed" }]);
    broker.say("homeassistant/status", "offline");
    home.moveByDhcp(FRONT, at(77), at(78));
    await home.pass(seconds(20));
    expect(said().slice(2)).toMatchObject([{ event_type: "moved", to: at(78) }, { event_type: "healed" }]);
    broker.say("homeassistant/status", "online");
    await home.pass(seconds(10));
    expect(said().slice(4)).toMatchObject([
      { event_type: "moved", to: at(78), again: "heard" },
      { event_type: "healed", again: "heard" },
    ]);
  });

  it("a goodbye right after a birth holds: what is said then is told again at the next one", async () => {
    const { home, broker } = await open();
    broker.say("homeassistant/status", "online");
    await home.pass(seconds(1));
    broker.say("homeassistant/status", "offline");
    await home.pass(seconds(10));
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(20));
    broker.say("homeassistant/status", "online");
    await home.pass(seconds(10));
    const said = broker.said("camera_shepherd/front/event").map((text): unknown => JSON.parse(text));
    expect(said.slice(2)).toMatchObject([
      { event_type: "moved", again: "heard" },
      { event_type: "healed", again: "heard" },
    ]);
  });

  it("a birth while another one is answered is answered, too", async () => {
    const { home, broker, published } = await open();
    broker.say("homeassistant/status", "online");
    await home.pass(seconds(1));
    const before = broker.log.length;
    broker.say("homeassistant/status", "online");
    await home.pass(seconds(10));
    expect(published(before).filter((topic) => topic.startsWith("homeassistant/device"))).toHaveLength(3);
  });

  it("publishes all anew to a broker that lost its memory", async () => {
    const { home, broker, state } = await open();
    broker.retained.clear();
    broker.drop();
    await home.pass(seconds(10));
    expect([...broker.retained.keys()].toSorted()).toEqual([
      "camera_shepherd/back/state",
      "camera_shepherd/bridge/state",
      FRONT_STATE,
      "camera_shepherd/status",
      BACK_CONFIG,
      "homeassistant/device/camera_shepherd_bridge/config",
      FRONT_CONFIG,
    ]);
    expect(state()).toMatchObject(PRESENT);
  });

  it("a resync that is asked for shows", async () => {
    const { home, engine, state } = await open();
    await home.pass(minutes(1));
    await engine.actions.perform({ verb: "resync" }, new AbortController().signal);
    const asked = new Date(home.clock.now()).toISOString();
    await home.pass(seconds(6));
    expect(state("camera_shepherd/bridge/state")).toMatchObject({ last_sync: asked });
  });
});
