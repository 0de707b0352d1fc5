import { describe, expect, it } from "vitest";
import { BRIDGE_ENTITIES } from "../../../src/domain/entities/bridge-entities.ts";
import { CAMERA_ENTITIES } from "../../../src/domain/entities/camera-entities.ts";
import { announceBridge, announceCamera, type Naming } from "../../../src/domain/entities/discovery.ts";
import { EVENT_TYPES } from "../../../src/domain/entities/home-event.ts";
import { id, mac } from "../../reconcilers/fake-home.ts";

const NAMING: Naming = {
  base: "camera_shepherd",
  discoveryPrefix: "homeassistant",
  version: "1.2.3",
  supportUrl: "https://example.org/camera-shepherd",
  parts: new Set(["frame-counts", "pictures"]),
};

interface Component {
  readonly platform: string;
  readonly unique_id?: string;
  readonly default_entity_id?: string;
  readonly name?: string | null;
  readonly entity_category?: string;
  readonly device_class?: string;
  readonly options?: readonly string[];
  readonly [key: string]: unknown;
}

interface Payload {
  readonly device: { readonly identifiers: readonly string[]; readonly name: string; readonly [key: string]: unknown };
  readonly origin: object;
  readonly availability: readonly object[];
  readonly components: Readonly<Record<string, Component>>;
  readonly [key: string]: unknown;
}

function announced(camera?: string, naming = NAMING): { readonly topic: string; readonly payload: Payload } {
  const message =
    camera === undefined
      ? announceBridge(naming)
      : announceCamera(naming, { id: id(camera), title: camera, macs: [mac("0c:79:55:4b:d4:20")] });
  const payload: unknown = JSON.parse(message.payload);
  return { topic: message.topic, payload: payload as Payload };
}

describe("what is announced", () => {
  it("a camera is a device of its own, reached through the bridge, without a maker that could replace another integration's", () => {
    const { topic, payload } = announced("front");
    expect(topic).toBe("homeassistant/device/camera_shepherd_front/config");
    expect(payload.device).toEqual({
      identifiers: ["camera_shepherd_front"],
      connections: [["mac", "0c:79:55:4b:d4:20"]],
      name: "front",
      via_device: "camera_shepherd_bridge",
    });
    expect(payload.origin).toEqual({ name: "Camera Shepherd", sw_version: "1.2.3", support_url: "https://example.org/camera-shepherd" });
    expect(announced().payload.device.identifiers).toEqual(["camera_shepherd_bridge"]);
  });

  it("availability is a list everywhere: the will, and the camera's own", () => {
    const { payload } = announced("front");
    expect(payload).toMatchObject({
      availability_mode: "all",
      availability: [
        { topic: "camera_shepherd/status" },
        { topic: "camera_shepherd/front/state", value_template: "{{ value_json.availability }}" },
      ],
    });
    const all = [payload, ...Object.values(payload.components), announced().payload, ...Object.values(announced().payload.components)];
    expect(all.filter((one) => "availability_topic" in one)).toEqual([]);
    // The program is off, and not unavailable, when the broker says that it is gone.
    expect(announced().payload.components["running"]).toMatchObject({
      state_topic: "camera_shepherd/status",
      availability: [{ topic: "camera_shepherd/status", value_template: "online" }],
    });
  });

  it("what says that all is well expires: program and broker may have lost their power together", () => {
    const expiring = (payload: Payload) =>
      Object.entries(payload.components).flatMap(([key, one]) =>
        one["expire_after"] === undefined ? [] : [`${key} ${JSON.stringify(one["expire_after"])}`],
      );
    expect(expiring(announced("front").payload)).toEqual(["connectivity 900", "stream_problem 900"]);
    expect(expiring(announced().payload)).toEqual(["running 900"]);
  });

  it("only keys that Home Assistant takes at the root", () => {
    // core, components/mqtt/schemas.py: an unknown one makes it refuse the whole payload.
    const known = ["device", "origin", "components", "availability", "availability_mode", "qos"];
    for (const { payload } of [announced(), announced("front")]) expect(Object.keys(payload).toSorted()).toEqual(known.toSorted());
  });

  it.each(["front", "Garden gate (north)/2", "bridge", "Überwachung"])(
    "every entity of %s has an id, a name and a class that it may have",
    (camera) => {
      for (const { payload, topic } of [announced(camera), announced()]) {
        expect(topic).toMatch(/^homeassistant\/device\/[a-zA-Z0-9_-]+\/config$/);
        const entities = Object.values(payload.components).filter(({ platform }) => platform !== "device_automation");
        for (const entity of entities) {
          expect(entity.unique_id).toMatch(/^camera_shepherd_[a-zA-Z0-9_-]+-[a-z_]+$/);
          expect(entity.default_entity_id).toMatch(new RegExp(`^${entity.platform}\\.(?!_)(?!.*__)[a-z0-9_]+[a-z0-9]$`));
          expect(entity.name ?? "").not.toContain(payload.device.name);
          // core refuses the category `config` on sensors
          expect(`${entity.platform} ${entity.entity_category ?? ""}`).not.toMatch(/sensor config/);
          expect(entity.options !== undefined).toBe(entity.device_class === "enum");
        }
        expect(new Set(entities.map((entity) => entity.unique_id)).size).toBe(entities.length);
        expect(new Set(entities.map((entity) => entity.name ?? entity.device_class)).size).toBe(entities.length);
      }
    },
  );

  it("no two cameras and no two programs share a device", () => {
    const ids = ["front", "front door", "front_door", "bridge", "cmd"].map((camera) => announced(camera).topic);
    const other = announced("front", { ...NAMING, base: "home/shepherd" });
    const topics = [...ids, announced().topic, other.topic];
    expect(new Set(topics).size).toBe(topics.length);
    expect(other.payload.device).toMatchObject({
      identifiers: ["home_shepherd-7f3f3c08_front"],
      via_device: "home_shepherd-7f3f3c08_bridge",
    });
    expect(other.payload.components["find"]).toMatchObject({ command_topic: "home/shepherd/front/cmd/resync" });
  });

  it("not even where one base goes on as the other one's camera does, or two bases differ in a sign that no id may have", () => {
    const scenes = [
      ["camera_shepherd", "garage_front"],
      ["camera_shepherd_garage", "front"],
      ["a/b", "front"],
      ["a_b", "front"],
      ["a", "b_front"],
    ] as const;
    const all = scenes.map(([base, camera]) => announced(camera, { ...NAMING, base }));
    expect(new Set(all.map(({ topic }) => topic)).size).toBe(scenes.length);
    expect(new Set(all.flatMap(({ payload }) => payload.device.identifiers)).size).toBe(scenes.length);
    expect(new Set(all.map(({ payload }) => payload.components["cause"]?.unique_id)).size).toBe(scenes.length);
    for (const { topic } of all) expect(topic).toMatch(/^homeassistant\/device\/[a-zA-Z0-9_-]+\/config$/);
  });

  it("each event is a device trigger too", () => {
    const { components } = announced("front").payload;
    expect(components["event"]).toMatchObject({ state_topic: "camera_shepherd/front/event", event_types: [...EVENT_TYPES] });
    for (const type of EVENT_TYPES)
      expect(components[`on_${type}`]).toEqual({
        platform: "device_automation",
        automation_type: "trigger",
        topic: "camera_shepherd/front/event",
        type,
        subtype: "camera",
        payload: type,
        value_template: "{{ '' if value_json.again is defined and value_json.again == 'heard' else value_json.event_type }}",
      });
  });

  it("no state is a word that Home Assistant takes for unknown", () => {
    for (const entity of [...CAMERA_ENTITIES, ...BRIDGE_ENTITIES]) expect("options" in entity ? entity.options : []).not.toContain("None");
  });

  it("buttons name the commands, and noisy values are off at first", () => {
    const { components } = announced("front").payload;
    expect(components["reconnect"]).toMatchObject({
      command_topic: "camera_shepherd/front/cmd/reconnect",
      payload_press: '{"force": true}',
    });
    expect(components["find"]).toMatchObject({ command_topic: "camera_shepherd/front/cmd/resync", payload_press: "PRESS" });
    expect(announced().payload.components["approve"]).toMatchObject({ command_topic: "camera_shepherd/cmd/approve" });
    const off = Object.entries(components).flatMap(([key, one]) => (one["enabled_by_default"] === false ? [key] : []));
    expect(off).toEqual(["fps", "bit_rate"]);
  });

  it("what belongs to a part that is off is not announced, and removed where it was", () => {
    const removed = (parts: Naming["parts"]) =>
      Object.entries(announced("front", { ...NAMING, parts }).payload.components).filter(([, one]) => Object.keys(one).length === 1);
    expect(removed(NAMING.parts)).toEqual([]);
    expect(removed(new Set(["pictures"]))).toEqual([["fps", { platform: "sensor" }]]);
    expect(removed(new Set())).toEqual([
      ["fps", { platform: "sensor" }],
      ["picture", { platform: "image" }],
    ]);
  });

  it("keys stay what they are: they are part of ids", () => {
    expect(CAMERA_ENTITIES.map(({ key }) => key)).toEqual([
      "connectivity",
      "stream_problem",
      "cause",
      "address",
      "mac",
      "last_move",
      "clock_drift",
      "fps",
      "bit_rate",
      "reconnect",
      "find",
      "picture",
      "event",
    ]);
    expect(BRIDGE_ENTITIES.map(({ key }) => key)).toEqual([
      "running",
      "layers",
      "last_sync",
      "sync_result",
      "pending",
      "approve",
      "undo",
      "resync",
    ]);
  });
});
