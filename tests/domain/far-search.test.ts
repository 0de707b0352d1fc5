import { describe, expect, it } from "vitest";
import { parseNetwork, type IpAddress, type Network } from "../../src/domain/addresses.ts";
import { farAddresses, farRanges, hostsOf, rotated } from "../../src/domain/far-search.ts";

const net = (text: string): Network => parseNetwork(text) ?? expect.unreachable();
const ips = (...texts: string[]): IpAddress[] => texts as IpAddress[];
const home = net("192.168.1.0/24");

describe("what is asked address by address", () => {
  it("is no address of an attached network, and at most ten", () => {
    const former = ips("192.168.1.7", ...Array.from({ length: 20 }, (_unused, index) => `10.9.0.${String(index)}`));
    expect(farAddresses(former, [home])).toEqual(former.slice(1, 11));
  });

  it("is no network that is attached, whichever of the two is larger", () => {
    const ranges = [net("10.9.0.0/24"), net("192.168.1.0/25"), net("192.168.1.128/25")];
    expect(farRanges(ranges, [], [home])).toEqual([net("10.9.0.0/24")]);
    expect(farRanges([net("192.168.1.0/24")], [], [net("192.168.0.0/16")])).toEqual([]);
  });

  it("is of a large network only where the devices were, each part once", () => {
    const former = ips("10.9.3.7", "10.9.3.8", "10.10.0.1");
    expect(farRanges([net("10.9.0.0/16")], former, [home])).toEqual([net("10.9.3.0/24")]);
    expect(farRanges([net("10.9.0.0/16")], [], [home])).toEqual([]);
  });

  it("is every host of a network, going on where the last walk ended", () => {
    expect(hostsOf(net("10.9.0.8/30"))).toEqual(["10.9.0.9", "10.9.0.10"]);
    const hosts = ips("10.9.0.1", "10.9.0.2", "10.9.0.3");
    expect(rotated(hosts, "10.9.0.1" as IpAddress)).toEqual(["10.9.0.2", "10.9.0.3", "10.9.0.1"]);
    expect(rotated(hosts, "10.9.0.3" as IpAddress)).toEqual(hosts);
    expect(rotated(hosts, undefined)).toEqual(hosts);
  });
});
