import { describe, expect, it } from "vitest";
import { numberToIp, parseIp, parseMac, type IpAddress, type MacAddress } from "../../src/domain/addresses.ts";
import type { DeviceId } from "../../src/domain/camera.ts";
import { candidatesInOrder, noteSighting, routeSighting, withoutCandidate, type Candidate } from "../../src/domain/candidates.ts";
import { instant, minutes } from "../../src/domain/duration.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? expect.unreachable();
const mac = (text: string): MacAddress => parseMac(text) ?? expect.unreachable();
const A = ip("192.168.1.50");
const B = ip("192.168.1.77");
const C = ip("192.168.1.78");
const D = ip("192.168.1.79");
const sighting = (address: IpAddress, layer: Candidate["layer"], at: number): Omit<Candidate, never> => ({
  address,
  layer,
  at: instant(at),
});

describe("the set", () => {
  it("has one candidate an address, made fresh by each sighting, and keeps what DHCP told", () => {
    const first = noteSighting([], { ...sighting(B, "dhcp", 1), hostName: "front" });
    const second = noteSighting(first, sighting(B, "neighbours", 5));
    expect(second).toEqual([{ address: B, layer: "dhcp", at: 5, hostName: "front" }]);
    expect(noteSighting(second, sighting(B, "ask", 2))[0]?.at).toBe(5);
  });

  it("holds sixteen; the oldest makes room", () => {
    let set: readonly Candidate[] = [];
    for (let count = 1; count <= 40; count += 1) set = noteSighting(set, sighting(numberToIp(count), "poke", count));
    expect(set).toHaveLength(16);
    expect(Math.min(...set.map((candidate) => candidate.at))).toBe(25);
  });

  it("loses an address that a verdict was given on", () => {
    expect(withoutCandidate([sighting(A, "dhcp", 1), sighting(B, "dhcp", 1)], A)).toEqual([sighting(B, "dhcp", 1)]);
  });
});

describe("the order", () => {
  it("is DHCP, other sightings, history; each the freshest first; without the current address and without doubles", () => {
    const set = [sighting(A, "poke", 9), sighting(B, "dhcp", 1), sighting(C, "neighbours", 5), sighting(D, "ask", 7)];
    const history = [C, ip("10.0.0.1"), A, ip("10.0.0.1")];
    expect(candidatesInOrder(set, history, A, instant(10)).map((one) => [one.address, one.layer])).toEqual([
      [B, "dhcp"],
      [D, "ask"],
      [C, "neighbours"],
      ["10.0.0.1", "history"],
    ]);
  });

  it("forgets what is older than ten minutes", () => {
    const set = [sighting(B, "dhcp", 0)];
    expect(candidatesInOrder(set, [], A, instant(minutes(10)))).toHaveLength(1);
    expect(candidatesInOrder(set, [], A, instant(minutes(10) + 1))).toEqual([]);
  });

  it("is bounded", () => {
    const history = Array.from({ length: 40 }, (_unused, index) => numberToIp(index + 1));
    expect(candidatesInOrder([], history, undefined, instant(0))).toHaveLength(16);
  });
});

describe("routing", () => {
  const one = { id: "one" as DeviceId, macs: [mac("0c:79:55:4b:d4:2a")], addresses: [A] };
  const two = { id: "two" as DeviceId, macs: [mac("0c:79:55:4b:d4:2b")], addresses: [B, C] };
  const devices = [one, two];

  it("makes a known MAC elsewhere a candidate, and a foreign MAC at a configured address a reason to look again", () => {
    expect(routeSighting({ mac: mac("0c:79:55:4b:d4:2a"), address: B }, devices)).toEqual({
      candidateOf: ["one"],
      confirms: [],
      recheck: ["two"],
    });
    expect(routeSighting({ mac: mac("00:00:00:00:00:01"), address: A }, devices)).toEqual({
      candidateOf: [],
      confirms: [],
      recheck: ["one"],
    });
  });

  it("tells a known MAC at its own address from news", () => {
    expect(routeSighting({ mac: mac("0c:79:55:4b:d4:2a"), address: A }, devices)).toEqual({
      candidateOf: [],
      confirms: ["one"],
      recheck: [],
    });
    expect(routeSighting({ mac: mac("0c:79:55:4b:d4:2b"), address: C }, devices)).toMatchObject({ candidateOf: ["two"], confirms: [] });
  });

  it("goes by endpoint reference or maker's number too; what was not learned of a device tells nothing", () => {
    const said = [
      { ...one, macs: [], endpoint: "urn:uuid:1" },
      { ...two, uid: "reolink:9527000ABCDEF123" as const },
    ];
    expect(routeSighting({ endpoint: "URN:UUID:1", address: D }, said)).toEqual({ candidateOf: ["one"], confirms: [], recheck: [] });
    expect(routeSighting({ endpoint: "urn:uuid:1", address: A }, said)).toEqual({ candidateOf: [], confirms: ["one"], recheck: [] });
    expect(routeSighting({ endpoint: "urn:uuid:2", address: A }, said)).toEqual({ candidateOf: [], confirms: [], recheck: ["one"] });
    expect(routeSighting({ endpoint: "urn:uuid:2", address: B }, said)).toEqual({ candidateOf: [], confirms: [], recheck: [] });
    expect(routeSighting({ uid: "reolink:9527000ABCDEF123", address: D }, said)).toMatchObject({ candidateOf: ["two"] });
  });

  it("ignores strangers elsewhere", () => {
    expect(routeSighting({ mac: mac("00:00:00:00:00:01"), address: D }, devices)).toEqual({ candidateOf: [], confirms: [], recheck: [] });
  });
});
