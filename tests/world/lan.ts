import { mkdtemp, rm } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import {
  formatNetwork,
  ipToNumber,
  numberToIp,
  parseNetwork,
  type IpAddress,
  type MacAddress,
  type Network,
} from "../../src/domain/addresses.ts";
import { run } from "./programs.ts";
import { startRouter, type Router } from "./router.ts";
import { eventually } from "./waiting.ts";

/** The namespace that holds the bridge: the household's switch. */
const SWITCH = "switch";

/** A host of the LAN: a network namespace with one wire into the switch. */
export interface Host extends AsyncDisposable {
  /** Name of its network namespace. */
  readonly namespace: string;
  readonly mac: MacAddress;
  /** Adds an address and says nothing about it on the wire. */
  addAddress(address: IpAddress): Promise<void>;
  /** Removes all addresses and all that its neighbour table holds. */
  flush(): Promise<void>;
  /** Pulls or plugs the wire. */
  plugged(yes: boolean): Promise<void>;
  /** Removes the namespace with everything in it; programs there must have been stopped. */
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Lan extends AsyncDisposable {
  readonly network: Network;
  /** The network's n-th address, such as 50 for 192.168.50.50 of a /24. */
  at(n: number): IpAddress;
  /** The home box: this process's own network namespace. */
  readonly home: { readonly address: IpAddress; readonly mac: MacAddress; readonly interface: string };
  readonly router: Router;
  /** A folder for files of this world, removed with it. */
  readonly folder: string;
  /** A new host `name` (at most 12 characters, unique) with that MAC address on eth0; it has no address yet. */
  attach(name: string, mac: MacAddress): Promise<Host>;
  /** Empties the home box's neighbour table, which believes for half a minute what is no longer true. */
  forgetNeighbours(): Promise<void>;
  stop(): Promise<void>;
}

export interface LanOptions {
  /** Default 192.168.50.0/24. */
  readonly network?: string;
  /** The addresses that the router gives to hosts without an assignment, counted from the network's first; default 100 to 199. */
  readonly pool?: readonly [first: number, last: number];
  /** Which address the home box has; default 2. The router has 1. */
  readonly home?: number;
}

/**
 * Makes a LAN of network namespaces: a switch, a router that gives out addresses, and the home box, which is this process's own
 * namespace. Needs `script/in-world`; nothing here touches the machine's own network.
 */
export async function startLan(options: LanOptions = {}): Promise<Lan> {
  const network = parseNetwork(options.network ?? "192.168.50.0/24");
  if (network === undefined) throw new Error(`no network: ${options.network}`);
  await assertOwnWorld();
  const at = (n: number): IpAddress => numberToIp(network.base + n);
  const homeMac = "02:c5:00:00:00:02" as MacAddress;
  const home = { address: at(options.home ?? 2), mac: homeMac, interface: "eth0" };
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "camera-shepherd-lan-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const hosts: Host[] = [];

  await run("ip", ["netns", "add", SWITCH]);
  undo.defer(() => remove(["netns", "delete", SWITCH]));
  undo.defer(() => remove(["link", "delete", "eth0"]));
  undo.defer(async () => {
    for (const host of hosts.splice(0).toReversed()) await host.remove();
  });
  // No spanning tree, no multicast snooping: a port forwards at once, and WS-Discovery reaches everybody, as on a household switch.
  await run("ip", ["-n", SWITCH, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0", "stp_state", "0", "forward_delay", "0"]);
  await run("ip", ["-n", SWITCH, "link", "set", "br0", "up"]);

  const attach = async (name: string, mac: MacAddress): Promise<Host> => {
    const host = await makeHost(name, mac, network);
    hosts.push(host);
    return host;
  };
  const routerHost = await attach("router", "02:c5:00:00:00:01" as MacAddress);
  await routerHost.addAddress(at(1));
  const router = undo.use(
    await startRouter({
      host: routerHost,
      folder,
      network,
      address: at(1),
      pool: [at(options.pool?.[0] ?? 100), at(options.pool?.[1] ?? 199)],
    }),
  );

  await wire("p-home", ["eth0", "address", homeMac], undefined);
  await run("ip", ["-batch", "-"], {
    input: [
      `address add ${home.address}/${network.prefix} broadcast ${broadcast(network)} dev eth0`,
      "link set eth0 up",
      `route add default via ${at(1)}`,
    ].join("\n"),
  });
  // The kernel tells up to a second late that a new interface runs, and until then no program sees its address.
  await eventually("eth0 to run", () => networkInterfaces()[home.interface] !== undefined);

  const forgetNeighbours = async (): Promise<void> => {
    await run("ip", ["neighbour", "flush", "dev", home.interface]);
  };
  const owned = undo.move();
  const stop = (): Promise<void> => owned.disposeAsync();
  return { network, at, home, router, folder, attach, forgetNeighbours, stop, [Symbol.asyncDispose]: stop };
}

/** Removes what may be gone already. */
async function remove(what: readonly string[]): Promise<void> {
  await run("ip", what).catch(() => undefined);
}

/** The last address of a network, to which broadcasts go. */
function broadcast(network: Network): IpAddress {
  return numberToIp(network.base + 2 ** (32 - network.prefix) - 1);
}

/** Fails where this process shares the network of the machine: a world must never be made there. */
async function assertOwnWorld(): Promise<void> {
  const links = JSON.parse(await run("ip", ["-j", "link", "show"])) as readonly { readonly ifname: string }[];
  const foreign = links.map((link) => link.ifname).filter((name) => name !== "lo");
  if (foreign.length > 0) throw new Error(`not in a world of its own (found ${foreign.join(", ")}): run it with script/in-world`);
}

/** A pair of interfaces: `port` at the switch, the other end where `namespace` is. */
async function wire(port: string, other: readonly string[], namespace: string | undefined): Promise<void> {
  const place = namespace === undefined ? [] : ["netns", namespace];
  await run("ip", ["link", "add", ...other, ...place, "type", "veth", "peer", "name", port, "netns", SWITCH]);
  await run("ip", ["-n", SWITCH, "-batch", "-"], { input: `link set ${port} master br0\nlink set ${port} up` });
}

async function makeHost(name: string, mac: MacAddress, network: Network): Promise<Host> {
  if (!/^[a-z0-9-]{1,12}$/.test(name)) throw new Error(`not a host's name: ${name}`);
  const port = `p-${name}`;
  await run("ip", ["netns", "add", name]);
  await wire(port, ["eth0", "address", mac], name);
  await run("ip", ["-n", name, "-batch", "-"], { input: "link set lo up\nlink set eth0 up" });
  const removed = { yes: false };
  const vanish = async (): Promise<void> => {
    if (removed.yes) return;
    removed.yes = true;
    await remove(["netns", "delete", name]);
    // The kernel takes a namespace down some time later; the port must be gone now, as the name may be used again at once.
    await remove(["-n", SWITCH, "link", "delete", port]);
  };
  return {
    namespace: name,
    mac,
    addAddress: async (address) => {
      if (ipToNumber(address) === network.base) throw new Error(`${address} is the network ${formatNetwork(network)} itself`);
      const add = `address add ${address}/${network.prefix} broadcast ${broadcast(network)} dev eth0`;
      // Multicast (WS-Discovery) needs a route, and the kernel drops all routes of an interface with its last address.
      await run("ip", ["-n", name, "-batch", "-"], { input: `${add}\nroute replace 239.0.0.0/8 dev eth0` });
    },
    flush: async () => {
      await run("ip", ["-n", name, "-batch", "-"], { input: "address flush dev eth0\nneighbour flush dev eth0" });
    },
    plugged: async (yes) => {
      await run("ip", ["-n", SWITCH, "link", "set", port, yes ? "up" : "down"]);
    },
    remove: vanish,
    [Symbol.asyncDispose]: vanish,
  };
}
