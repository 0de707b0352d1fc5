import { afterEach, expect, it } from "vitest";
import type { Device } from "../../../src/domain/camera.ts";
import { minutes, seconds } from "../../../src/domain/duration.ts";
import { StreamServerError } from "../../../src/ports/stream-server.ts";
import { Announced } from "../../../src/reconcilers/mqtt/announced.ts";
import { createBrokerLink } from "../../../src/reconcilers/mqtt/broker-link.ts";
import { type LiveStream, Pictures } from "../../../src/reconcilers/mqtt/pictures.ts";
import { FakeBroker } from "../../fakes/fake-broker.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeLog } from "../../fakes/fake-log.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { FakeStatus } from "../../fakes/fake-status.ts";
import { FakeStreamServer } from "../../fakes/fake-stream-server.ts";
import { at, id, named, source } from "../fake-home.ts";

const FRONT = "camera_shepherd/front/picture";
const BACK = "camera_shepherd/back/picture";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function device(name: string): Device {
  const told = { id: id(name), title: name, owners: [], addresses: [], streamPort: 554, onvifPorts: [], streamPath: "/" };
  return { ...told, streams: [{ name: named(name), sources: [] }], allowBasic: false, configuredMacs: [] };
}

function open() {
  const clock = new FakeClock();
  const broker = new FakeBroker();
  const server = new FakeStreamServer({ streams: { front: [source("front", at(20))], back: [source("back", at(21))] } });
  for (const address of [at(20), at(21)]) server.delivering.add(address);
  const room = { devices: [device("front"), device("back")], live: new Set<string>(), broker, clock, server };
  const pictures = new Pictures({
    naming: { base: "camera_shepherd" },
    announced: new Announced(new FakeRegistry().consents),
    servers: [server],
    devices: () => room.devices,
    liveStream: ({ streams: [first] }): LiveStream | undefined =>
      first !== undefined && room.live.has(first.name) ? { server: "go2rtc", stream: first.name } : undefined,
    clock,
  });
  const parts = { publisher: broker.publisher(), clients: [pictures], statusTopic: "camera_shepherd/status", probes: [], clock };
  const link = createBrokerLink({ ...parts, random: () => 0, status: new FakeStatus(), log: new FakeLog() });
  const stop = new AbortController();
  const running = link.run(stop.signal);
  ends.push(async () => {
    stop.abort();
    await clock.advance(seconds(3));
    await running;
  });
  const asked = (): number => server.calls.filter(({ call }) => call === "picture").length;
  const frames = (name: string): void =>
    pictures.notice({ kind: "frames", device: id(name), stream: named(name), from: at(20), packets: 9, after: seconds(1) });
  const isBack = (stream: string): void => {
    const condition = { subject: `stream/go2rtc/${stream}`, status: "ok", reason: "Healthy", message: "", since: clock.now() } as const;
    pictures.notice({ kind: "condition", condition });
  };
  return { ...room, room, asked, frames, isBack };
}

it("takes a picture of what somebody watches, and then one in fifteen minutes; of what nobody watches none", async () => {
  const { broker, clock, room, asked } = open();
  room.live.add("front");
  await clock.advance(seconds(20));
  expect([broker.said(FRONT).length, broker.said(BACK).length, asked()]).toEqual([1, 0, 1]);
  expect(broker.retained.has(FRONT)).toBe(true);
  await clock.advance(minutes(14));
  expect(asked()).toBe(1);
  await clock.advance(minutes(1));
  expect([broker.said(FRONT).length, asked()]).toEqual([2, 2]);
  room.live.delete("front");
  await clock.advance(minutes(60));
  expect(asked()).toBe(2);
  expect(broker.retained.has(FRONT)).toBe(true);
});

it("takes one after a heal at once, also where nobody watches, and no second one for it", async () => {
  const { broker, clock, frames, asked } = open();
  await clock.advance(seconds(20));
  frames("back");
  await clock.advance(seconds(2));
  expect([broker.said(BACK).length, asked()]).toEqual([1, 1]);
  await clock.advance(minutes(30));
  expect(asked()).toBe(1);
});

it("takes one when a stream is back, but not all the time of one that comes and goes", async () => {
  const { clock, room, asked, isBack } = open();
  room.live.add("front");
  await clock.advance(minutes(5));
  isBack("front");
  isBack("back");
  await clock.advance(seconds(1));
  expect(asked()).toBe(2);
  for (let count = 0; count < 10; count += 1) {
    isBack("front");
    await clock.advance(seconds(2));
  }
  expect(asked()).toBe(2);
  await clock.advance(seconds(20));
  expect(asked()).toBe(3);
});

it("tries again two minutes after one that could not be taken, and keeps the last good one", async () => {
  const { broker, clock, room, server, asked } = open();
  room.live.add("front");
  await clock.advance(minutes(14));
  server.delivering.delete(at(20));
  await clock.advance(minutes(2));
  expect([broker.said(FRONT).length, asked()]).toEqual([1, 2]);
  server.failWith(new StreamServerError("ServerUnreachable", "gone"));
  await clock.advance(minutes(2));
  expect([broker.said(FRONT).length, asked()]).toEqual([1, 3]);
  expect(broker.kept(FRONT)).toContain("front");
  server.failWith(undefined);
  server.delivering.add(at(20));
  await clock.advance(minutes(2));
  expect([broker.said(FRONT).length, asked()]).toEqual([2, 4]);
});

it("gives a broker that may have lost its memory another one, but not in every moment", async () => {
  const { broker, clock, room, asked } = open();
  room.live.add("front");
  await clock.advance(minutes(5));
  for (let count = 0; count < 5; count += 1) {
    broker.drop();
    await clock.advance(seconds(20));
  }
  expect(asked()).toBe(2);
  expect(broker.said(FRONT)).toHaveLength(2);
});

it("does not publish the same picture twice, and forgets a camera that goes", async () => {
  const { broker, clock, room, server, asked } = open();
  server.picture = () => Promise.resolve(Uint8Array.of(0xff, 0xd8, 0xff, 1));
  room.live.add("front");
  await clock.advance(minutes(31));
  expect(broker.said(FRONT)).toHaveLength(1);
  const all = room.devices;
  room.devices = [];
  await clock.advance(seconds(20));
  room.devices = all;
  await clock.advance(seconds(20));
  expect(broker.said(FRONT)).toHaveLength(2);
  expect(asked()).toBe(0);
});
