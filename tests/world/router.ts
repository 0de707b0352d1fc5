import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { numberToIp, type IpAddress, type MacAddress, type Network } from "../../src/domain/addresses.ts";
import type { Host } from "./lan.ts";
import { run, start, type Program } from "./programs.ts";
import { epochMilliseconds, eventually } from "./waiting.ts";

/** One line that the DHCP server logged. */
export interface DhcpEvent {
  readonly kind: "DISCOVER" | "OFFER" | "REQUEST" | "ACK" | "NAK" | "RELEASE" | "DECLINE" | "INFORM";
  readonly address: IpAddress | undefined;
  readonly mac: MacAddress;
  /** When we read the line, in epoch ms; for exact times there is the capture. */
  readonly at: number;
}

/** Which host gets which address. */
export type Assignments = readonly (readonly [mac: MacAddress, address: IpAddress])[];

/** The household's router: dnsmasq at the network's first address. */
export interface Router extends AsyncDisposable {
  readonly address: IpAddress;
  readonly host: Host;
  /** What the DHCP server did so far; the last 5,000 lines. */
  readonly events: readonly DhcpEvent[];
  /** From now on these hosts get these addresses. Whoever holds one of them by an old lease has lost it, as after a router's reset. */
  assign(assignments: Assignments): Promise<void>;
  /** A router that restarts and forgets all leases; with `assignments`, also with other addresses. */
  restart(assignments?: Assignments): Promise<void>;
  /** A router that restarts, forgets all leases and assignments, and loads this configuration of reservations from now on. */
  loads(configuration: string): Promise<void>;
  /** The server's lease file. */
  readonly leases: string;
  /** Answers every ARP request of the LAN with the router's own MAC address, as an extender or a proxying router does. */
  proxyArp(on: boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface RouterOptions {
  readonly host: Host;
  readonly folder: string;
  readonly network: Network;
  readonly address: IpAddress;
  readonly pool: readonly [IpAddress, IpAddress];
}

const EVENTS_KEPT = 5_000;

/** Starts dnsmasq as the LAN's DHCP server; leases last 120 s, its shortest. */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const hosts = join(options.folder, "dhcp-hosts");
  const leases = join(options.folder, "dhcp-leases");
  await mkdir(hosts, { recursive: true });
  const assigned = new Map<MacAddress, IpAddress>();
  const events: DhcpEvent[] = [];
  const seen = { reads: 0, started: 0 };

  const onLine = (line: string): void => {
    if (line.includes("read ") && line.includes(hosts)) seen.reads += 1;
    if (line.includes("DHCP, IP range")) seen.started += 1;
    const event = parseEvent(line);
    if (event === undefined) return;
    events.push(event);
    if (events.length > EVENTS_KEPT) events.shift();
  };
  let configuration = "/dev/null";
  const launch = async (): Promise<Program> => {
    const before = seen.started;
    const program = start("dnsmasq", [`--conf-file=${configuration}`, ...dnsmasqArguments(options, hosts, leases)], {
      namespace: options.host.namespace,
      onComplaint: onLine,
    });
    await eventually("the router's DHCP server", () => (program.assertRunning(), seen.started > before), 10_000, 5);
    return program;
  };
  const writeHosts = async (): Promise<void> => {
    // Written beside and renamed, so that dnsmasq never reads half a file; dnsmasq ignores names that begin with a dot or end with ~.
    const file = join(hosts, "assigned");
    await writeFile(`${file}~`, [...assigned].map(([mac, address]) => `${mac},${address}\n`).join(""));
    await rename(`${file}~`, file);
  };

  let program = await launch();
  const relaunch = async (): Promise<void> => {
    await program.stop();
    program = await launch();
  };
  const stop = async (): Promise<void> => program.stop();
  // One change at a time: they share the file, and each waits for the server to have read it.
  let changes: Promise<void> = Promise.resolve();
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    const turn = changes.then(change);
    changes = turn.catch(() => undefined);
    return turn;
  };
  const assign = async (assignments: Assignments): Promise<void> => {
    const before = JSON.stringify([...assigned]);
    for (const [mac, address] of assignments) {
      for (const [other, taken] of assigned) if (taken === address && other !== mac) assigned.delete(other);
      assigned.set(mac, address);
    }
    const dropped = await dropLeases(leases, assigned);
    if (!dropped && JSON.stringify([...assigned]) === before) return;
    await writeHosts();
    if (dropped) {
      await relaunch();
      return;
    }
    const read = seen.reads;
    program.signal("SIGHUP");
    await eventually("the router to read its assignments", () => seen.reads > read, 3_000, 2);
  };
  const restart = async (assignments: Assignments | undefined): Promise<void> => {
    if (assignments !== undefined) {
      assigned.clear();
      for (const [mac, address] of assignments) assigned.set(mac, address);
      await writeHosts();
    }
    await program.stop();
    await rm(leases, { force: true });
    program = await launch();
  };
  return {
    address: options.address,
    host: options.host,
    events,
    assign: (assignments) => inTurn(() => assign(assignments)),
    restart: (assignments) => inTurn(() => restart(assignments)),
    loads: (path) => {
      configuration = path;
      return inTurn(() => restart([]));
    },
    leases,
    proxyArp: async (on) => {
      const flag = on ? "1" : "0";
      // proxy_arp alone answers only for other interfaces; the _pvlan form (RFC 3069) answers on the same one. Without a delay of 0 the kernel
      // waits up to 0.8 s first.
      const settings = ["ip_forward", "conf/eth0/proxy_arp", "conf/eth0/proxy_arp_pvlan"];
      for (const setting of settings) await write(options.host, `/proc/sys/net/ipv4/${setting}`, flag);
      await write(options.host, "/proc/sys/net/ipv4/neigh/eth0/proxy_delay", "0");
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function write(host: Host, path: string, text: string): Promise<void> {
  await run("tee", [path], { namespace: host.namespace, input: text });
}

/**
 * Takes out of the lease file what contradicts the assignments: dnsmasq does not give an assigned address away while another host's lease
 * holds it ("not using configured address … because it is leased to …").
 * @returns whether the running server must be restarted for it
 */
async function dropLeases(file: string, assigned: ReadonlyMap<MacAddress, IpAddress>): Promise<boolean> {
  const owners = new Map([...assigned].map(([mac, address]) => [address, mac]));
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  const kept = lines.filter((line) => {
    const [, mac, address] = line.split(" ");
    const owner = owners.get(address as IpAddress);
    return owner === undefined || owner === mac;
  });
  if (kept.length === lines.length) return false;
  await writeFile(file, kept.map((line) => `${line}\n`).join(""));
  return true;
}

function dnsmasqArguments(options: RouterOptions, hosts: string, leases: string): string[] {
  const mask = numberToIp((0xffffffff << (32 - options.network.prefix)) >>> 0);
  return [
    "-k",
    "--no-resolv",
    "--no-hosts",
    "--port=0",
    "--interface=eth0",
    "--bind-interfaces",
    `--dhcp-range=${options.pool[0]},${options.pool[1]},${mask},120s`,
    `--dhcp-option=3,${options.address}`,
    "--dhcp-authoritative",
    "--dhcp-sequential-ip",
    `--dhcp-leasefile=${leases}`,
    `--dhcp-hostsdir=${hosts}`,
    "--no-ping",
    "--log-dhcp",
    "--log-facility=-",
    "--user=root",
    "--group=root",
    "--pid-file",
  ];
}

function parseEvent(line: string): DhcpEvent | undefined {
  const match = /DHCP([A-Z]+)\(\w+\) (?:(\d+\.\d+\.\d+\.\d+) )?((?:[0-9a-f]{2}:){5}[0-9a-f]{2})/.exec(line);
  if (match === null) return undefined;
  return {
    kind: match[1] as DhcpEvent["kind"],
    address: match[2] as IpAddress | undefined,
    mac: match[3] as MacAddress,
    at: epochMilliseconds(),
  };
}
