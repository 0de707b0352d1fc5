import { describe, expect, test } from "vitest";
import type { Device } from "../../../src/domain/camera.ts";
import { topicName } from "../../../src/domain/mqtt-topics.ts";
import { readCommand } from "../../../src/reconcilers/mqtt/read-command.ts";
import { id } from "../fake-home.ts";

const device = (name: string): Device => ({
  id: id(name),
  title: name,
  owners: [],
  addresses: [],
  streams: [],
  streamPort: 554,
  onvifPorts: [],
  streamPath: "/",
  allowBasic: false,
  configuredMacs: [],
});
const DEVICES = [device("front"), device("garden/sub#1")];

function read(topic: string, payload: string | Uint8Array = "") {
  return readCommand(topic.split("/"), Buffer.from(payload), DEVICES);
}

const MAC = "0C-79-55-4B-D4-2A";

describe("what is understood", () => {
  test.each([
    ["cmd/resync", "", { verb: "resync" }],
    ["cmd/resync", "PRESS", { verb: "resync" }],
    ["cmd/resync", " press\n", { verb: "resync" }],
    ["cmd/resync", '{"camera": "Front door"}', { verb: "resync", camera: "Front door" }],
    ["cmd/forget", '{"camera": "garden"}', { verb: "forget", camera: "garden" }],
    ["cmd/approve", "PRESS", { verb: "approve" }],
    ["cmd/approve", '{"id": "a1b2"}', { verb: "approve", id: "a1b2" }],
    ["cmd/undo", "{}", { verb: "undo" }],
    ["cmd/undo", '{"target": "frigate", "to": 7}', { verb: "undo", target: "frigate", to: 7 }],
    ["front/cmd/resync", "PRESS", { verb: "resync", camera: "front" }],
    ["front/cmd/reconnect", "", { verb: "reconnect", camera: "front" }],
    ["front/cmd/reconnect", '{"force": true}', { verb: "reconnect", camera: "front", force: true }],
    ["front/cmd/reconnect", '{"force": false}', { verb: "reconnect", camera: "front" }],
    ["front/cmd/adopt", '{"address": "10.9.0.9"}', { verb: "adopt", camera: "front", address: "10.9.0.9" }],
    ["front/cmd/adopt", `{"mac": "${MAC}", "replace": true}`, { verb: "adopt", camera: "front", mac: "0c:79:55:4b:d4:2a", replace: true }],
    ["front/cmd/adopt", `{"mac": "${MAC}", "replace": false}`, { verb: "adopt", camera: "front", mac: "0c:79:55:4b:d4:2a" }],
    ["front/cmd/adopt", `{"mac": "${MAC}"}`, { verb: "adopt", camera: "front", mac: "0c:79:55:4b:d4:2a" }],
    [`${topicName(id("garden/sub#1"))}/cmd/reconnect`, "PRESS", { verb: "reconnect", camera: "garden/sub#1" }],
  ])("%s %s", (topic, payload, action) => {
    expect(read(topic, payload)).toMatchObject({ kind: "action", action });
  });
});

describe("what is not, and why", () => {
  const ADOPT_NEEDS =
    'adopt needs the device\'s MAC address: {"mac": "0c:79:55:4b:d4:2a"}, or where none is seen its address: {"address": "10.9.0.9"}';
  const known =
    "there is no such command; there is cmd/resync, cmd/forget, cmd/approve, cmd/undo, +/cmd/resync, +/cmd/reconnect, +/cmd/adopt";
  test.each([
    ["cmd/reboot", "PRESS", "CommandMalformed", known],
    ["cmd/reconnect", "PRESS", "CommandMalformed", known],
    ["cmd/constructor", "PRESS", "CommandMalformed", known],
    ["front/cmd/undo", "PRESS", "CommandMalformed", known],
    ["back/cmd/reconnect", "PRESS", "CameraUnknown", "no camera is called back. Known: front, garden_sub_1-de77b895"],
    ["frnot/cmd/reconnect", "PRESS", "CameraUnknown", "no camera is called frnot; did you mean front? Known: front, garden_sub_1-de77b895"],
    ["cmd/forget", "", "CommandMalformed", 'forget needs the camera that is gone for good: {"camera": "front"}'],
    ["cmd/forget", "PRESS", "CommandMalformed", 'forget needs the camera that is gone for good: {"camera": "front"}'],
    ["cmd/undo", "", "CommandMalformed", "an empty message does nothing here: send PRESS, or a JSON object with target and to"],
    ["cmd/approve", " ", "CommandMalformed", "an empty message does nothing here: send PRESS, or a JSON object with id"],
    ["cmd/resync", "now", "CommandMalformed", "the message must be PRESS, or a JSON object with camera"],
    ["cmd/resync", '["front"]', "CommandMalformed", "the message must be PRESS, or a JSON object with camera"],
    ["cmd/resync", '{"camera": ', "CommandMalformed", "the message must be PRESS, or a JSON object with camera"],
    ["cmd/resync", '{"camera": 7}', "CommandMalformed", "camera must be text"],
    [
      "cmd/resync",
      '{"cam": "front"}',
      "CommandMalformed",
      '"cam" is not known here: the message must be PRESS, or a JSON object with camera',
    ],
    ["cmd/undo", '{"to": -1}', "CommandMalformed", "to must be the number of a kept text"],
    ["cmd/undo", '{"to": "7"}', "CommandMalformed", "to must be the number of a kept text"],
    [
      "front/cmd/reconnect",
      '{"camera": "back"}',
      "CommandMalformed",
      '"camera" is not known here: the message must be PRESS, or a JSON object with force',
    ],
    ["front/cmd/reconnect", '{"force": "yes"}', "CommandMalformed", "force must be true or false"],
    ["front/cmd/adopt", "PRESS", "CommandMalformed", ADOPT_NEEDS],
    ["front/cmd/adopt", `{"mac": "${MAC}", "address": "10.9.0.9"}`, "CommandMalformed", ADOPT_NEEDS],
    ["front/cmd/adopt", '{"address": "10.9.0.9", "replace": true}', "CommandMalformed", ADOPT_NEEDS],
    ["front/cmd/adopt", '{"replace": true}', "CommandMalformed", ADOPT_NEEDS],
    ["front/cmd/adopt", `{"mac": "${MAC}", "replace": "true"}`, "CommandMalformed", "replace must be true or false"],
    ["front/cmd/adopt", '{"mac": "front"}', "CommandMalformed", ADOPT_NEEDS],
  ])("%s %s", (topic, payload, reason, message) => {
    expect(read(topic, payload)).toMatchObject({ kind: "refused", reason, message });
  });

  test("too long a message, and bytes that are no text", () => {
    expect(read("cmd/resync", "x".repeat(5000))).toMatchObject({ message: "the message has 5000 bytes; a command has at most 4096" });
    expect(read("cmd/resync", Uint8Array.of(0xff, 0xfe, 0))).toMatchObject({ reason: "CommandMalformed" });
    const long = read(`${"x".repeat(200)}/cmd/reconnect`, "PRESS");
    expect(long.name.camera).toHaveLength(64);
  });
});
