import type { NetworkInterfaceInfo } from "node:os";
import { describe, expect, it } from "vitest";
import { parseGateways, readInterfaces, reasonToAvoid } from "../../../src/adapters/lan/interfaces.ts";
import { parseNetwork, type IpAddress, type MacAddress } from "../../../src/domain/addresses.ts";
import type { ScanInterface } from "../../../src/ports/search.ts";

const CONTAINERS = "docker0 docker_gwbridge br-0a1b2c3d4e5f hassio podman1 lxdbr0 veth1a2b3c vnet0 virbr0 cni0 flannel.1 cali123".split(
  " ",
);
const TUNNELS = "kube-ipvs0 tun0 tap0 wg0 tailscale0 ppp0 wwan0 lo dummy0 zt5u4y3x2w".split(" ");
const PLAIN = { bridge: false, tunnel: false };

function v4(cidr: string, mac: string, internal = false): NetworkInterfaceInfo {
  return { address: cidr.split("/")[0] ?? "", netmask: "", family: "IPv4", mac, internal, cidr };
}

function on(name: string, cidr = "192.168.50.2/24"): ScanInterface {
  const network = parseNetwork(cidr);
  if (network === undefined) throw new Error(cidr);
  return { name, mac: "02:c5:00:00:00:02" as MacAddress, address: cidr.split("/")[0] as IpAddress, network };
}

describe("readInterfaces", () => {
  it("gives each IPv4 address of an interface with a MAC", () => {
    const found = readInterfaces({
      lo: [v4("127.0.0.1/8", "00:00:00:00:00:00", true)],
      eth0: [
        v4("192.168.50.2/24", "02:c5:00:00:00:02"),
        { address: "fe80::1", netmask: "", family: "IPv6", mac: "02:c5:00:00:00:02", internal: false, cidr: "fe80::1/64", scopeid: 2 },
        v4("10.20.30.40/16", "02:c5:00:00:00:02"),
      ],
      wg0: [v4("10.8.0.2/24", "00:00:00:00:00:00")],
      gone: undefined,
    });
    expect(found).toEqual([
      { name: "eth0", mac: "02:c5:00:00:00:02", address: "192.168.50.2", network: parseNetwork("192.168.50.0/24") },
      { name: "eth0", mac: "02:c5:00:00:00:02", address: "10.20.30.40", network: parseNetwork("10.20.0.0/16") },
    ]);
  });

  it("leaves an address without a prefix out", () => {
    expect(readInterfaces({ eth0: [{ ...v4("192.168.50.2/24", "02:c5:00:00:00:02"), cidr: null }] })).toEqual([]);
  });
});

describe("reasonToAvoid", () => {
  it.each(["eth0", "enp3s0", "end0", "wlan0", "wlp2s0", "eno1.20", "bond0", "vlan20", "usb0", "ens18", "ovs_eth0"])(
    "searches %s",
    (name) => {
      expect(reasonToAvoid(on(name), PLAIN)).toBeUndefined();
    },
  );

  it.each([...CONTAINERS, ...TUNNELS])("avoids %s", (name) => {
    expect(reasonToAvoid(on(name), PLAIN)).toBeTypeOf("string");
  });

  it("avoids bridges, tunnels and two-ended links of any name", () => {
    expect(reasonToAvoid(on("lan"), { bridge: true, tunnel: false })).toBe("a bridge");
    expect(reasonToAvoid(on("corp"), { bridge: false, tunnel: true })).toBe("a VPN");
    expect(reasonToAvoid(on("eth1", "10.0.0.1/31"), PLAIN)).toBe("a point-to-point link");
    expect(reasonToAvoid(on("eth1", "10.0.0.1/32"), PLAIN)).toBe("a point-to-point link");
    expect(reasonToAvoid(on("eth1", "10.0.0.1/30"), PLAIN)).toBeUndefined();
  });
});

describe("parseGateways", () => {
  const header = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";

  it("gives the gateways of default routes once each", () => {
    const text =
      `${header}eth0\t00000000\t0132A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n` +
      "wlan0\t00000000\t0132A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n" +
      "eth0\t0032A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n" +
      "eth0\t0000000A\tFE32A8C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n";
    expect(parseGateways(text)).toEqual(["192.168.50.1"]);
  });

  it.each(["", header, `${header}ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n`, `${header}x\t00000000\tzz\t0003\n`])(
    "finds none in %j",
    (text) => {
      expect(parseGateways(text)).toEqual([]);
    },
  );
});
