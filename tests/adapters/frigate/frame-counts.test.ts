import { expect, it } from "vitest";
import { HttpFrigate } from "../../../src/adapters/frigate/running-frigate.ts";
import { readFrames } from "../../../src/adapters/frigate/stats.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";
import { clientAt, frigates, never, VALID } from "./frigates.ts";

const start = frigates();

it("counts the frames of the named cameras, and asks for the configuration only where one has none", async () => {
  const fake = await start({ version: "0.18.0", text: VALID });
  fake.stats = { cameras: { front: { camera_fps: 5, connection_quality: "fair" }, other: { camera_fps: 0 } }, service: { uptime: 90 } };
  const frigate = new HttpFrigate("frigate" as TargetName, clientAt(fake.url));
  const calls = () => fake.calls.filter((call) => JSON.stringify(call).includes("/api/config")).length;
  expect([...(await frigate.frames(new Set(["front", "gone"]), never()))]).toEqual([
    ["front", { perSecond: 5, isOn: true, quality: "fair" }],
  ]);
  expect(calls()).toBe(0);
  fake.stats = { cameras: { front: { camera_fps: 0, connection_quality: "unusable" } }, service: { uptime: 90 } };
  expect((await frigate.frames(new Set(["front"]), never())).get("front")).toMatchObject({ perSecond: 0, isOn: true, quality: "unusable" });
  expect(calls()).toBe(1);
});

it("tells cameras that are off, and the input that detects; nothing in the first minute", () => {
  const input = (path: string, ...roles: string[]) => ({ path, roles });
  const config = {
    cameras: {
      off: { enabled: false, ffmpeg: { inputs: [input("rtsp://*:*@192.0.2.1/x", "detect")] } },
      direct: {
        enabled: true,
        ffmpeg: { inputs: [input("rtsp://127.0.0.1:8554/a", "record"), input("rtsp://*:*@192.0.2.1/x", "detect")] },
      },
      told: { ffmpeg: { inputs: [input("rtsp://127.0.0.1:8554/a", "detect"), input("rtsp://*:*@192.0.2.1/x", "record")] } },
    },
  };
  const names = ["off", "direct", "told", "unknown"];
  const cameras = Object.fromEntries(names.map((name) => [name, { camera_fps: 0 }]));
  expect([...readFrames(new Set(names), { cameras, service: { uptime: 60 } }, config)]).toEqual([
    ["off", { perSecond: 0, isOn: false, isRestreamed: false }],
    ["direct", { perSecond: 0, isOn: true, isRestreamed: false }],
    ["told", { perSecond: 0, isOn: true, isRestreamed: true }],
    ["unknown", { perSecond: 0, isOn: false, isRestreamed: false }],
  ]);
  expect(readFrames(new Set(names), { cameras, service: { uptime: 59 } }, config).size).toBe(0);
  expect(readFrames(new Set(names), { cameras: "none" }, config).size).toBe(0);
});
