import { assert, describe, expect, it } from "vitest";
import { networkOf, parseNetwork, type MacAddress, type Network } from "../../src/domain/addresses.ts";
import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import { DEFAULT_GUARDS } from "../../src/domain/policy.ts";
import type { Sighting } from "../../src/domain/sighting.ts";
import type { ScanInterface } from "../../src/ports/search.ts";
import { Searches, type SearchesPorts } from "../../src/reconcilers/searches.ts";
import { DEFAULT_BACKOFF } from "../../src/runtime/backoff.ts";
import { Loop } from "../../src/runtime/loop.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeLog } from "../fakes/fake-log.ts";
import { FakeNeighbourSearch, LAN_INTERFACE } from "../fakes/fake-neighbour-search.ts";
import { FakeProber } from "../fakes/fake-prober.ts";
import { FakeStatus } from "../fakes/fake-status.ts";
import { at, FRONT, id, ip } from "./fake-home.ts";

const never = new AbortController().signal;
const MAC = FRONT.mac;
const OTHER = "0c:79:55:4b:d4:99" as MacAddress;
const network = (text: string): Network => parseNetwork(text) ?? expect.unreachable();
const lan = (name: string, address: string, prefix: number, more: Partial<ScanInterface> = {}): ScanInterface => ({
  ...LAN_INTERFACE,
  name,
  address: ip(address),
  network: networkOf(ip(address), prefix),
  ...more,
});

/** The searches in their own loop. */
class Room {
  readonly clock = new FakeClock();
  readonly found = new Map<MacAddress, string[]>();
  readonly search = new FakeNeighbourSearch(this.clock, (mac) => (this.found.get(mac) ?? []).map(ip));
  readonly status = new FakeStatus();
  readonly log = new FakeLog();
  readonly sightings: Sighting[] = [];
  readonly searches: Searches;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(ports: Partial<SearchesPorts> = {}) {
    const { clock, search, status, log } = this;
    this.searches = new Searches({
      search,
      prober: new FakeProber(clock),
      clock,
      random: () => 0.5,
      status,
      log,
      interfaces: [],
      ranges: [],
      enabled: true,
      guards: DEFAULT_GUARDS,
      onSighting: (sighting) => void this.sightings.push(sighting),
      enqueue: (name) => loop.enqueue(name),
      ...ports,
    });
    const subject = (name: string): string => `search/${name}`;
    const loop = new Loop(this.searches, {
      clock,
      random: () => 0.5,
      status,
      log,
      concurrency: 2,
      backoff: DEFAULT_BACKOFF,
      subject,
      limit: 10,
    });
    this.#running = loop.run(this.#stop.signal);
  }

  want(device = "front", macs = [MAC], addresses = [at(20)]): Promise<void> {
    return this.searches.want(id(device), macs, addresses, never);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.clock.advance(seconds(0));
    await this.#running;
    assert.deepEqual(this.clock.pending(), []);
  }

  /** Between one call and the next. */
  gaps(calls: readonly { readonly at: number }[]): readonly number[] {
    return calls.slice(1).map((call, index) => (call.at - (calls[index]?.at ?? 0)) / 1000);
  }
}

describe("a missing camera", () => {
  it("is asked for at once and every ten seconds at most, and swept for at once and then more and more rarely", async () => {
    const room = new Room();
    await room.want();
    await room.clock.advance(hours(3));
    const { asked, poked } = room.search;
    expect(asked[0]?.at).toBe(0);
    expect(poked[0]?.at).toBeLessThan(100);
    expect(Math.min(...room.gaps(asked))).toBeGreaterThanOrEqual(10);
    expect(room.gaps(poked)[0]).toBeGreaterThanOrEqual(300);
    expect(Math.min(...room.gaps(poked).slice(2))).toBeGreaterThanOrEqual(900);
    expect(poked.length).toBeLessThanOrEqual(14);
    expect(asked.length).toBeLessThan(80);
    await room.stop();
  });

  it("is found by what it answers, and searched for no more", async () => {
    const room = new Room();
    await room.want();
    await room.clock.advance(seconds(5));
    room.found.set(MAC, [at(60)]);
    await room.clock.advance(seconds(12));
    expect(room.sightings).toContainEqual(expect.objectContaining({ layer: "ask", mac: MAC, address: at(60) }));
    room.searches.found(id("front"));
    const { length } = room.search.asked;
    await room.clock.advance(hours(1));
    expect(room.search.asked).toHaveLength(length);
    await room.stop();
  });

  it("that comes and goes does not get more than its budget", async () => {
    const room = new Room();
    for (let count = 0; count < 60; count += 1) {
      await room.want();
      await room.clock.advance(seconds(1));
      room.searches.found(id("front"));
      await room.clock.advance(seconds(1));
    }
    expect(Math.min(...room.gaps(room.search.asked))).toBeGreaterThanOrEqual(10);
    expect(room.search.poked.length).toBeLessThanOrEqual(3);
    await room.stop();
  });

  it("shares each sweep with all the others", async () => {
    const room = new Room();
    await room.want("front", [MAC]);
    await room.want("back", [OTHER]);
    await room.clock.advance(minutes(4));
    expect(room.search.poked.length).toBeLessThanOrEqual(2);
    expect(room.search.poked.at(-1)?.wanted).toEqual([MAC, OTHER]);
    await room.stop();
  });

  it("lost later has a sweep of its own at once", async () => {
    const room = new Room();
    await room.want("front", [MAC]);
    await room.clock.advance(minutes(2));
    expect(room.search.poked).toHaveLength(1);
    await room.want("back", [OTHER]);
    await room.clock.advance(seconds(1));
    expect(room.search.poked).toHaveLength(2);
    await room.stop();
  });

  it("is searched for on although the wall clock jumps", async () => {
    const room = new Room();
    await room.want();
    await room.clock.advance(seconds(1));
    room.clock.jump(hours(-48));
    await room.clock.advance(minutes(20));
    expect(room.search.asked.length).toBeGreaterThan(5);
    expect(room.search.poked.length).toBeGreaterThan(1);
    expect(room.searches.missingFor(id("front"))).toBeGreaterThan(minutes(19));
    await room.stop();
  });

  it("that answers and only needs a person is missed and not searched for, until it is gone again", async () => {
    const room = new Room();
    await room.want();
    await room.clock.advance(seconds(5));
    room.searches.rest(id("front"));
    const asked = room.search.asked.length;
    await room.clock.advance(hours(1));
    expect(room.search.asked).toHaveLength(asked);
    expect(room.searches.isMissing(id("front"))).toBe(true);
    await room.want();
    await room.clock.advance(seconds(1));
    expect(room.search.asked).toHaveLength(asked + 1);
    await room.stop();
  });

  it("is missed without being searched for where searching is off, or there is no MAC to look for", async () => {
    const off = new Room({ enabled: false });
    await off.want();
    const nameless = new Room();
    await nameless.want("front", []);
    for (const room of [off, nameless]) {
      await room.clock.advance(hours(1));
      expect(room.search.asked).toEqual([]);
      expect(room.search.poked).toEqual([]);
      expect(room.searches.isMissing(id("front"))).toBe(true);
      await room.stop();
    }
  });
});

describe("where is searched", () => {
  it("on every ordinary interface, each with a budget of its own", async () => {
    const room = new Room();
    room.search.on = [
      lan("eth0", "192.168.1.2", 24),
      lan("wlan0", "192.168.2.2", 24),
      lan("docker0", "172.17.0.1", 16, { avoid: "container" }),
    ];
    await room.want();
    await room.clock.advance(minutes(3));
    const asked = Map.groupBy(room.search.asked, (call) => call.interface);
    expect([...asked.keys()].toSorted()).toEqual(["eth0", "wlan0"]);
    for (const name of ["eth0", "wlan0"]) expect(asked.get(name)?.[0]?.at).toBe(0);
    for (const calls of asked.values()) expect(Math.min(...room.gaps(calls))).toBeGreaterThanOrEqual(10);
    expect(new Set(room.search.poked.map((call) => call.interface))).toEqual(new Set(["eth0", "wlan0"]));
    await room.stop();
  });

  it("only on interfaces that are named, a container's too", async () => {
    const room = new Room({ interfaces: ["docker0"] });
    room.search.on = [lan("eth0", "192.168.1.2", 24), lan("docker0", "172.17.0.1", 24, { avoid: "container" })];
    await room.want();
    await room.clock.advance(minutes(1));
    expect(new Set([...room.search.asked, ...room.search.poked].map((call) => call.interface))).toEqual(new Set(["docker0"]));
    await room.stop();
  });

  it("only in the ranges that are given", async () => {
    const room = new Room({ ranges: [network("10.1.2.0/24"), network("192.168.0.0/16"), network("172.20.0.0/24")] });
    room.search.on = [lan("eth0", "10.1.0.2", 16), lan("wlan0", "192.168.7.2", 24)];
    await room.want();
    await room.clock.advance(minutes(1));
    const networks = new Set(
      [...room.search.asked, ...room.search.poked].map((call) => `${call.interface} ${call.network.prefix} ${call.network.base}`),
    );
    expect(networks).toEqual(new Set([`eth0 24 ${network("10.1.2.0/24").base}`, `wlan0 24 ${network("192.168.7.0/24").base}`]));
    await room.stop();
  });

  it("never as a whole where a network is huge: near where the camera was", async () => {
    const room = new Room();
    room.search.on = [lan("eth0", "10.0.0.2", 8)];
    await room.want("front", [MAC], [ip("10.7.9.20"), ip("10.7.200.1"), ip("192.168.1.9")]);
    await room.clock.advance(minutes(1));
    expect(room.search.poked.map((call) => [call.network.prefix, call.network.base])).toEqual([
      [22, networkOf(ip("10.7.9.20"), 22).base],
      [22, networkOf(ip("10.7.200.1"), 22).base],
    ]);
    expect(new Set(room.search.asked.map((call) => `${call.network.prefix} ${call.network.base}`))).toEqual(
      new Set([`16 ${networkOf(ip("10.7.0.0"), 16).base}`]),
    );
    await room.stop();
  });
});

describe("what is not possible here", () => {
  it("asking: is said once and stays said, and earlier addresses are tried instead", async () => {
    const prober = new FakeProber(new FakeClock());
    prober.neighbour = (address) =>
      Promise.resolve({ found: "mac", mac: address === at(50) ? MAC : OTHER, gateway: false, addressesOfMac: [address] });
    const blind = new Room({ prober });
    blind.search.canAsk = false;
    await blind.want("front", [MAC], [at(20), at(50)]);
    await blind.clock.advance(minutes(30));
    expect(blind.status.changes.filter(({ subject }) => subject === "layer/ask")).toHaveLength(1);
    expect(blind.status.get("layer/ask")).toMatchObject({ status: "unknown", reason: "LayerUnavailable" });
    expect(new Set(blind.sightings.map(({ layer, address }) => `${layer} ${address}`))).toEqual(new Set([`history ${at(50)}`]));
    await blind.stop();
  });

  it("a full neighbour table is logged", async () => {
    const room = new Room();
    room.search.overflows = 7;
    await room.want();
    await room.clock.advance(seconds(5));
    expect(room.log.messages("warn")).toEqual(["the neighbour table overflowed during a sweep"]);
    await room.stop();
  });

  it("a sweep that fails counts: it is not repeated without pause", async () => {
    const room = new Room();
    await room.want();
    room.search.failure = new Error("no buffers");
    await room.clock.advance(minutes(4));
    room.search.failure = undefined;
    await room.clock.advance(minutes(30));
    expect(Math.min(...room.gaps(room.search.asked))).toBeGreaterThanOrEqual(10);
    expect(room.search.poked.length).toBeGreaterThan(0);
    await room.stop();
  });
});

it("a person's own limits hold", async () => {
  const guards = { ...DEFAULT_GUARDS, askPause: minutes(1), sweepPause: minutes(20), sweepPauseMost: minutes(20) };
  const room = new Room({ guards });
  await room.want();
  await room.clock.advance(hours(2));
  expect(Math.min(...room.gaps(room.search.asked))).toBeGreaterThanOrEqual(60);
  expect(Math.min(...room.gaps(room.search.poked))).toBeGreaterThanOrEqual(1200);
  await room.stop();
});
