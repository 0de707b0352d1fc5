import {
  type IpAddress,
  isLocallyAdministered,
  type MacAddress,
  type Network,
  networkContains,
  numberToIp,
  parseNetwork,
} from "./addresses.ts";

/** An address of this machine on a network that it is directly on. */
export interface OwnNetwork {
  readonly name: string;
  readonly mac: MacAddress;
  readonly network: Network;
}

/** How this machine stands to its cameras. */
export type Reach =
  /** Each is on a network of this machine: its MAC address can be seen. */
  | { readonly kind: "all" }
  /** These are behind a router. */
  | { readonly kind: "some"; readonly beyond: readonly IpAddress[] }
  /** None is; `why` where the networks show it. */
  | { readonly kind: "none"; readonly why: "docker-desktop" | "container" | "routed" };

/** Docker Desktop's virtual machine (docs.docker.com, "Networking features in Docker Desktop": 192.168.65.0/24 unless changed). */
const DOCKER_DESKTOP = networkIn("192.168.65.0/24");
/** The pools that Docker takes its bridge networks from (`default-address-pools` of dockerd), and Podman's. */
const CONTAINERS = ["172.16.0.0/12", "192.168.128.0/17", "10.88.0.0/16"].map(networkIn);

/**
 * Compares the networks that this machine is on with where the cameras are. Where there are no cameras it tells only what the networks show by themselves:
 * a container with a network of its own cannot reach Frigate's file either, and so may know of none. Undefined where there is nothing to tell.
 */
export function reachOf(cameras: readonly IpAddress[], own: readonly OwnNetwork[]): Reach | undefined {
  const addresses = [...new Set(cameras)];
  const why = enclosureOf(own);
  if (addresses.length === 0) return why === undefined ? undefined : { kind: "none", why };
  const beyond = addresses.filter((address) => !own.some(({ network }) => networkContains(network, address)));
  if (beyond.length === 0) return { kind: "all" };
  if (beyond.length < addresses.length) return { kind: "some", beyond };
  return { kind: "none", why: why ?? "routed" };
}

/** What the networks show of where this program is shut in; undefined where it is in a house's network. */
function enclosureOf(own: readonly OwnNetwork[]): "docker-desktop" | "container" | undefined {
  if (own.length === 0) return undefined;
  const isContainers = (network: Network): boolean => CONTAINERS.some((pool) => isPartOf(network, pool));
  const isDesktop = (network: Network): boolean => isPartOf(network, DOCKER_DESKTOP);
  // With the host's network, the bridges of the virtual machine are there beside its own wire.
  const isDesktopOnly = own.every(({ network }) => isDesktop(network) || isContainers(network));
  if (isDesktopOnly && own.some(({ network }) => isDesktop(network))) return "docker-desktop";
  // A host has its containers' bridges beside a network of its own; within a container there is one wire, called eth0, whose MAC address was made up.
  // A Raspberry Pi's is called so too, and a FRITZ!Box's 192.168.178.0/24 is in one of the pools.
  const isWired = own.every(({ name, mac }) => /^eth\d+$/.test(name) && isLocallyAdministered(mac));
  return isWired && own.every(({ network }) => isContainers(network)) ? "container" : undefined;
}

function isPartOf(network: Network, pool: Network): boolean {
  return network.prefix >= pool.prefix && networkContains(pool, numberToIp(network.base));
}

function networkIn(text: string): Network {
  const network = parseNetwork(text);
  if (network === undefined) throw new Error(`${text} is no network`);
  return network;
}
