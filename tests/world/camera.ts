import { randomBytes, randomUUID } from "node:crypto";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import { soundBehaviour, type Behaviour, type RequestRecord } from "./behaviour.ts";
import { crateOnvif, gstreamerServer, ownServers, type CameraServers } from "./camera-servers.ts";
import { dhcpClient } from "./dhcp-client.ts";
import type { Host, Lan } from "./lan.ts";
import { run } from "./programs.ts";
import { epochMilliseconds } from "./waiting.ts";

export interface CameraOptions {
  /** Name of its namespace and its DHCP host name: at most 12 characters of a-z, 0-9 and hyphen. */
  readonly name: string;
  readonly mac: MacAddress;
  /** Its first address, by DHCP; where undefined, one of the router's pool. */
  readonly address?: IpAddress;
  /** Has its address without the router's knowledge: no DHCP client. Needs `address`. */
  readonly static?: boolean;
  readonly user?: string;
  /** Default: made at random. */
  readonly password?: string;
  readonly realm?: string;
  readonly auth?: Behaviour["auth"];
  readonly admitAnyone?: boolean;
  /** Paths of its streams, the first is the main one; default `/main`. */
  readonly paths?: readonly string[];
  /** Default: our own server. */
  readonly server?: "own" | "gstreamer";
  /** Default: our own responder. The crate's device has WS-Discovery always. */
  readonly onvif?: "own" | "crate" | "none";
  /** Whether our own responder answers WS-Discovery and says Hello; default no. */
  readonly discovery?: boolean;
  /** Endpoint reference; default made at random. */
  readonly endpoint?: string;
  readonly rtspPort?: number;
  readonly onvifPort?: number;
}

/** When what happened in a move, epoch ms. */
export interface Move {
  readonly from: IpAddress | undefined;
  readonly to: IpAddress;
  /** The old address stopped to serve; it was gone some milliseconds later. */
  readonly leftAt: number;
  /** The new address was on the interface. */
  readonly arrivedAt: number;
}

export interface MoveOptions {
  /**
   * What becomes of sessions with the old address: `end` (default) with FIN, as by a camera that restarts its services; `hang` without a word,
   * as by one that lost its power or only changed its address.
   */
  readonly sessions?: "end" | "hang";
}

/** A camera of the world: a host with a DHCP client, an RTSP server and an ONVIF device. */
export interface Camera extends AsyncDisposable {
  readonly name: string;
  readonly mac: MacAddress;
  readonly host: Host;
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  readonly endpoint: string;
  readonly rtspPort: number;
  readonly onvifPort: number;
  readonly paths: readonly string[];
  /** Undefined while it is off or between two addresses. */
  readonly address: IpAddress | undefined;
  /** Its stream with credentials, at its present address or `at`. */
  url(at?: IpAddress, path?: string): string;
  /** All requests so far. */
  readonly requests: readonly RequestRecord[];
  /** Those requests that came with a credential or a hash. */
  offers(): readonly RequestRecord[];
  /** Changes how it behaves from now on, with all sessions going on. */
  set(behaviour: Partial<Behaviour>): Promise<void>;
  /** The router gives it another address: its client ends without RELEASE (unless `release`), its servers restart, and it asks anew. */
  moveByDhcp(address: IpAddress, options?: MoveOptions & { readonly release?: boolean }): Promise<Move>;
  /** Another static address, without a DHCP packet; says so by gratuitous ARP only where `announce` (requires arping). */
  moveSilently(address: IpAddress, options?: MoveOptions & { readonly announce?: boolean }): Promise<Move>;
  /** Gone from the wire at once. @returns when, epoch ms */
  powerOff(): Promise<number>;
  /** Back, by DHCP; where `address` is given, the router assigns that. */
  powerOn(address?: IpAddress): Promise<Move>;
  stop(): Promise<void>;
}

/** Starts a camera and waits until it has its address and serves. */
export async function startCamera(lan: Lan, options: CameraOptions): Promise<Camera> {
  await using undo = new AsyncDisposableStack();
  const host = undo.use(await lan.attach(options.name, options.mac));
  const behaviour: Behaviour = {
    ...soundBehaviour,
    user: options.user ?? "viewer",
    password: options.password ?? `canary-${randomBytes(6).toString("hex")}`,
    realm: options.realm ?? "IP Camera",
    auth: options.auth ?? "digest",
    admitAnyone: options.admitAnyone ?? false,
    paths: options.paths ?? ["/main"],
  };
  const [main = "/main"] = behaviour.paths;
  const rtspPort = options.rtspPort ?? 554;
  const onvifPort = options.onvifPort ?? 8000;
  const endpoint = options.endpoint ?? `urn:uuid:${randomUUID()}`;
  const servers = await startServers(host, { ...options, rtspPort, onvifPort, endpoint }, behaviour);
  undo.defer(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
  const client = dhcpClient(host, options.name);
  undo.defer(() => client.end());
  let address: IpAddress | undefined;

  const addressed = async (next: IpAddress): Promise<void> => {
    address = next;
    await Promise.all(servers.map((server) => server.up(next)));
  };
  const down = (silently: boolean): Promise<unknown> => Promise.all(servers.map((server) => server.down(silently)));
  const leave = async (silently: boolean, release: boolean): Promise<number> => {
    await client.end(release);
    const leftAt = epochMilliseconds();
    if (!silently) await down(false);
    await host.flush();
    if (silently) await down(true);
    address = undefined;
    return leftAt;
  };
  const arrive = async (from: IpAddress | undefined, leftAt: number): Promise<Move> => {
    const bound = await client.begin((one) => {
      if (address !== undefined && one.address !== address) addressed(one.address).catch(() => undefined);
    });
    await addressed(bound.address);
    return { from, to: bound.address, leftAt, arrivedAt: bound.at };
  };

  if (options.address !== undefined && options.static === true) {
    await host.addAddress(options.address);
    await addressed(options.address);
  } else {
    if (options.address !== undefined) await lan.router.assign([[options.mac, options.address]]);
    await arrive(undefined, epochMilliseconds());
  }
  const owned = undo.move();
  const stop = (): Promise<void> => owned.disposeAsync();
  return {
    name: options.name,
    mac: options.mac,
    host,
    user: behaviour.user,
    password: behaviour.password,
    realm: behaviour.realm,
    endpoint,
    rtspPort,
    onvifPort,
    paths: behaviour.paths,
    get address() {
      return address;
    },
    url: (at, path) => {
      const port = rtspPort === 554 ? "" : `:${rtspPort}`;
      return `rtsp://${behaviour.user}:${behaviour.password}@${at ?? address ?? "0.0.0.0"}${port}${path ?? main}`;
    },
    get requests() {
      return servers.flatMap((server) => server.requests);
    },
    offers: () => servers.flatMap((server) => server.requests).filter((request) => request.offered !== undefined),
    set: async (change) => {
      await Promise.all(servers.map((server) => server.set(change)));
    },
    moveByDhcp: async (to, how) => {
      await lan.router.assign([[options.mac, to]]);
      const from = address;
      return arrive(from, await leave(how?.sessions === "hang", how?.release ?? false));
    },
    moveSilently: async (to, how) => {
      const from = address;
      const leftAt = await leave(how?.sessions === "hang", false);
      await host.addAddress(to);
      const arrivedAt = epochMilliseconds();
      await addressed(to);
      if (how?.announce === true) await announceByArp(host, to);
      return { from, to, leftAt, arrivedAt };
    },
    powerOff: async () => {
      await host.plugged(false);
      return leave(true, false);
    },
    powerOn: async (to) => {
      if (to !== undefined) await lan.router.assign([[options.mac, to]]);
      await host.plugged(true);
      return arrive(undefined, epochMilliseconds());
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

type Served = CameraOptions & Required<Pick<CameraOptions, "rtspPort" | "onvifPort" | "endpoint">>;

async function startServers(host: Host, options: Served, behaviour: Behaviour): Promise<CameraServers[]> {
  const [main = "/main"] = behaviour.paths;
  const onvif = options.onvif ?? "own";
  const foreign = onvif === "crate" ? [crateOnvif(host, options.onvifPort, main, options.endpoint)] : [];
  if (options.server === "gstreamer") {
    const own = onvif === "own" ? [await ownServers(host, settings(options, options.onvifPort), { ...behaviour, refuse: true })] : [];
    return [await gstreamerServer(host, options.rtspPort, main, behaviour), ...own, ...foreign];
  }
  return [await ownServers(host, settings(options, onvif === "own" ? options.onvifPort : 0), behaviour), ...foreign];
}

/** Two cameras change places as one event: both leave, the router restarts with the other assignments, both ask anew. */
export async function swap(lan: Lan, a: Camera, b: Camera, by: "dhcp" | "silently" = "dhcp"): Promise<readonly [Move, Move]> {
  const [atA, atB] = [a.address, b.address];
  if (atA === undefined || atB === undefined) throw new Error("a camera that is off cannot be swapped");
  if (by === "silently") return Promise.all([a.moveSilently(atB), b.moveSilently(atA)]);
  const left = [await a.powerOff(), await b.powerOff()] as const;
  await lan.router.assign([
    [a.mac, atB],
    [b.mac, atA],
  ]);
  const [arrivedA, arrivedB] = await Promise.all([a.powerOn(), b.powerOn()]);
  return [
    { ...arrivedA, from: atA, leftAt: left[0] },
    { ...arrivedB, from: atB, leftAt: left[1] },
  ];
}

/** Tells the LAN by gratuitous ARP replies that this host has that address now. */
export async function announceByArp(host: Host, address: IpAddress): Promise<void> {
  await run("arping", ["-A", "-c", "2", "-w", "1", "-I", "eth0", address], { namespace: host.namespace });
}

function settings(options: Served, onvifPort: number): Parameters<typeof ownServers>[1] {
  return {
    rtspPort: options.rtspPort,
    onvifPort,
    discovery: options.discovery ?? false,
    endpoint: options.endpoint,
    model: "IPC-1",
  };
}
