import { readdir, readFile } from "node:fs/promises";
import { networkInterfaces, type NetworkInterfaceInfo } from "node:os";
import {
  isLoopback,
  networkContains,
  networkOf,
  numberToIp,
  parseIp,
  parseMac,
  parseNetwork,
  type IpAddress,
} from "../../domain/addresses.ts";
import type { ScanInterface } from "../../ports/search.ts";

/** Networks of one or two addresses join two ends and hold no household. */
const POINT_TO_POINT = 31;

/** Names that container engines, hypervisors and VPNs give to their interfaces. */
const AVOIDED_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(?:docker|br-|hassio$|podman|lxcbr|lxdbr|incusbr)/, "a container engine's bridge"],
  [/^(?:veth|vnet|lxc)/, "one container's or virtual machine's wire"],
  [/^(?:virbr|vmnet|vboxnet)/, "a hypervisor's network"],
  [/^(?:cni|flannel|cali|cilium|kube|weave|vxlan|nodelocaldns)/, "a cluster's network"],
  [/^(?:tun|tap|utun|wg|tailscale|zt|ipsec|vti|gre|sit|nordlynx)/, "a VPN"],
  [/^(?:ppp|wwan|slip)/, "a point-to-point link"],
  [/^(?:lo\d*$|dummy|ifb)/, "not a network of other machines"],
];

/** What `/sys/class/net/NAME` tells of an interface beyond what Node does. */
export interface LinkFacts {
  readonly bridge: boolean;
  /** A tun or tap device (Documentation/ABI: `tun_flags`). */
  readonly tunnel: boolean;
}

/** The networks that this machine is directly on. */
export class Interfaces {
  /** Every IPv4 address of every interface that has a MAC address, as it is now, without the reasons to avoid it: cheap. */
  attached(): readonly ScanInterface[] {
    return readInterfaces(networkInterfaces());
  }

  /** The attached interfaces whose network holds `address`, the smallest network first; none where it is reached over a router or a tunnel. */
  attachedTo(address: IpAddress): readonly ScanInterface[] {
    return this.attached()
      .filter((one) => one.network.prefix < POINT_TO_POINT && networkContains(one.network, address))
      .toSorted((one, other) => other.network.prefix - one.network.prefix);
  }

  /** Every attached interface with the reason, if any, why it is not searched unless a person names it. */
  async scannable(): Promise<readonly ScanInterface[]> {
    return Promise.all(
      this.attached().map(async (one) => {
        const avoid = reasonToAvoid(one, await readLink(one.name));
        return avoid === undefined ? one : { ...one, avoid };
      }),
    );
  }

  /** The default gateways of the routing table; an address each. */
  async gateways(): Promise<readonly IpAddress[]> {
    try {
      return parseGateways(await readFile("/proc/net/route", "utf8"));
    } catch {
      // No such file: not Linux. Without gateways no MAC is taken for a gateway's.
      return [];
    }
  }
}

/** Reads what `os.networkInterfaces()` gives; loopback, IPv6 and interfaces without a MAC address (tun, WireGuard, PPP) are left out. */
export function readInterfaces(found: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>): ScanInterface[] {
  return Object.entries(found).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap((one) => {
      const address = parseIp(one.address);
      const mac = parseMac(one.mac);
      const network = parseNetwork(one.cidr ?? "");
      if (one.family !== "IPv4" || one.internal || address === undefined || mac === undefined || network === undefined) return [];
      return isLoopback(address) ? [] : [{ name, mac, address, network: networkOf(address, network.prefix) }];
    }),
  );
}

/** Why cameras are not searched on an interface unless a person names it; undefined for an ordinary one. */
export function reasonToAvoid(on: ScanInterface, link: LinkFacts): string | undefined {
  const named = AVOIDED_NAMES.find(([pattern]) => pattern.test(on.name))?.[1];
  if (named !== undefined) return named;
  if (link.tunnel) return "a VPN";
  if (link.bridge) return "a bridge";
  return on.network.prefix >= POINT_TO_POINT ? "a point-to-point link" : undefined;
}

/**
 * Reads `/proc/net/route`: addresses are hexadecimal in the machine's byte order (little-endian everywhere Node runs), flag 0x2 means a gateway
 * (RTF_GATEWAY, include/uapi/linux/route.h).
 * @returns the gateways of the default routes, without repetition
 */
export function parseGateways(text: string): IpAddress[] {
  const gateways = text
    .split("\n", 4096)
    .slice(1)
    .flatMap((line) => {
      const [, destination, gateway, flags, , , , mask] = line.trim().split(/\s+/);
      const isDefault = destination === "00000000" && mask === "00000000" && (Number.parseInt(flags ?? "", 16) & 2) !== 0;
      return isDefault && /^[0-9A-Fa-f]{8}$/.test(gateway ?? "") ? [swapped(gateway ?? "")] : [];
    });
  return [...new Set(gateways)];
}

function swapped(hex: string): IpAddress {
  const octets = hex.match(/../g) ?? [];
  return numberToIp(Number.parseInt(octets.toReversed().join(""), 16));
}

async function readLink(name: string): Promise<LinkFacts> {
  try {
    const files = await readdir(`/sys/class/net/${name}`);
    return { bridge: files.includes("bridge"), tunnel: files.includes("tun_flags") };
  } catch {
    // No sysfs here (another kernel, or a namespace that shows another machine's): its name alone decides.
    return { bridge: false, tunnel: false };
  }
}
