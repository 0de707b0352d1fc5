import { describe, expect, it } from "vitest";
import { isFresh } from "../../../src/adapters/lan/freshness.ts";
import type { NeighbourEntry, NeighbourState } from "../../../src/adapters/lan/neighbour-table.ts";
import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import { seconds } from "../../../src/domain/duration.ts";

const CAMERA = "0c:79:55:00:00:01" as MacAddress;
const OTHER = "0c:79:55:00:00:02" as MacAddress;

function entry(mac: MacAddress | undefined, state?: NeighbourState, confirmed?: number): NeighbourEntry {
  return {
    address: "192.168.50.50" as IpAddress,
    device: "eth0",
    ...(mac === undefined ? {} : { mac }),
    ...(state === undefined ? {} : { state }),
    ...(confirmed === undefined ? {} : { confirmed: seconds(confirmed) }),
  };
}

describe("isFresh", () => {
  it("never takes an entry that stays as it was, however reachable it is called", () => {
    expect(isFresh(entry(CAMERA, "REACHABLE", 4), entry(CAMERA, "REACHABLE", 5), seconds(1))).toBe(false);
    expect(isFresh(entry(CAMERA), entry(CAMERA), seconds(60))).toBe(false);
    expect(isFresh(entry(CAMERA, "STALE", 40), entry(CAMERA, "DELAY", 41), seconds(1))).toBe(false);
    expect(isFresh(entry(CAMERA, "REACHABLE", 24), entry(CAMERA, "STALE", 31), seconds(7))).toBe(false);
  });

  it("takes one that came, or came back, or changed", () => {
    expect(isFresh(undefined, entry(CAMERA), seconds(0))).toBe(true);
    expect(isFresh(entry(undefined, "FAILED"), entry(CAMERA, "STALE"), seconds(0))).toBe(true);
    expect(isFresh(entry(OTHER, "REACHABLE", 0), entry(CAMERA, "STALE", 61), seconds(0))).toBe(true);
  });

  it("takes one of which the kernel became sure again", () => {
    expect(isFresh(entry(CAMERA, "PROBE", 40), entry(CAMERA, "REACHABLE", 0), seconds(0.2))).toBe(true);
    expect(isFresh(entry(CAMERA, "REACHABLE", 9), entry(CAMERA, "REACHABLE", 0), seconds(0.2))).toBe(true);
  });

  it("trusts an age alone only where rounding cannot deceive", () => {
    // Shown as 1 s, it is up to 2 s old.
    expect(isFresh(entry(CAMERA), entry(CAMERA, "REACHABLE", 1), seconds(1.9))).toBe(false);
    expect(isFresh(entry(CAMERA), entry(CAMERA, "REACHABLE", 1), seconds(2.1))).toBe(true);
    expect(isFresh(entry(CAMERA, "REACHABLE", 0), entry(CAMERA, "REACHABLE", 0), seconds(0.9))).toBe(false);
    expect(isFresh(entry(CAMERA, "REACHABLE", 0), entry(CAMERA, "REACHABLE", 0), seconds(1.1))).toBe(true);
  });

  it("takes no entry without a MAC", () => {
    expect(isFresh(entry(CAMERA), entry(undefined, "FAILED"), seconds(60))).toBe(false);
  });
});
