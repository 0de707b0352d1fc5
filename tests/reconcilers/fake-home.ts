import { createHash } from "node:crypto";
import { assert, expect } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { go2rtcDocument } from "../../src/adapters/go2rtc/document.ts";
import { type IpAddress, type MacAddress, parseIp, parseMac } from "../../src/domain/addresses.ts";
import type { DeviceId, StreamName } from "../../src/domain/camera.ts";
import type { CameraOption } from "../../src/domain/devices.ts";
import { type Duration, seconds } from "../../src/domain/duration.ts";
import type { Notice } from "../../src/domain/notice.ts";
import { DEFAULT_HEALTH } from "../../src/domain/stream-health.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import type { StreamServer } from "../../src/ports/stream-server.ts";
import { createEngine, type Engine } from "../../src/reconcilers/engine.ts";
import type { EnginePorts } from "../../src/reconcilers/engine-ports.ts";
import { DEFAULT_LIMITS } from "../../src/reconcilers/engine-limits.ts";
import { FakeCameraDetails } from "../fakes/fake-camera-details.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeLog } from "../fakes/fake-log.ts";
import { FakeNeighbourSearch } from "../fakes/fake-neighbour-search.ts";
import { FakeNeighbourTable } from "../fakes/fake-neighbour-table.ts";
import { FakeProber, type ScriptedHost } from "../fakes/fake-prober.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeSightingSource } from "../fakes/fake-sighting-source.ts";
import { FakeStatus } from "../fakes/fake-status.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";

export const ip = (text: string): IpAddress => parseIp(text) ?? expect.unreachable(text);
export const mac = (text: string): MacAddress => parseMac(text) ?? expect.unreachable(text);
export const id = (text: string): DeviceId => text as DeviceId;
export const named = (text: string): StreamName => text as StreamName;
/** An address of the home's LAN. */
export const at = (host: number): IpAddress => ip(`192.168.1.${host}`);

export interface HomeCamera {
  readonly name: string;
  readonly mac: MacAddress;
  readonly address: IpAddress;
}

export const FRONT: HomeCamera = { name: "front", mac: mac("0c:79:55:4b:d4:20"), address: at(20) };
export const BACK: HomeCamera = { name: "back", mac: mac("0c:79:55:4b:d4:21"), address: at(21) };
export const STRANGER = mac("00:11:22:33:44:55");

/** A source of a camera as the documents have it. */
export const source = (name: string, address: IpAddress, path = "main"): string => `rtsp://viewer:canary-${name}@${address}:554/${path}`;

/** Frigate's document of such cameras, each read through go2rtc. */
export function frigateText(cameras: readonly HomeCamera[]): string {
  const streams = cameras.map(({ name, address }) => `    ${name}:\n      - ${source(name, address)}  # ${name}'s own\n`);
  const own = cameras.map(
    ({ name, address }) =>
      `  ${name}:\n    ffmpeg:\n      inputs:\n        - path: rtsp://127.0.0.1:8554/${name}\n          roles: [detect]\n    webui_url: http://${address}/\n`,
  );
  return `# the home\ngo2rtc:\n  streams:\n${streams.join("")}cameras:\n${own.join("")}`;
}

/** A stand-alone `go2rtc.yaml` of such cameras. */
export function go2rtcText(cameras: readonly HomeCamera[]): string {
  return `# mine\nstreams:\n${cameras.map(({ name, address }) => `  ${name}: ${source(name, address)} # ${name}'s own\n`).join("")}`;
}

export const FRIGATE = frigateDocument({ environment: new Map() });
export const GO2RTC = go2rtcDocument({ environment: new Map() });

export interface HomeSettings {
  readonly cameras?: readonly HomeCamera[];
  /** Where absent: one Frigate document of the cameras. */
  readonly targets?: readonly FakeConfigTarget[];
  /** Where absent: one that has the streams of the cameras from Frigate's document. */
  readonly servers?: readonly StreamServer[];
  readonly registry?: FakeRegistry;
  /** Where absent: one of its own. */
  readonly clock?: FakeClock;
  readonly options?: readonly CameraOption[];
  readonly ports?: Partial<EnginePorts>;
}

/** A home in memory: cameras on a LAN, a go2rtc, documents, and the program on them. Time passes when the test says so. */
export class FakeHome {
  readonly clock: FakeClock;
  readonly prober: FakeProber;
  readonly details = new FakeCameraDetails();
  readonly table = new FakeNeighbourTable();
  readonly search: FakeNeighbourSearch;
  readonly dhcp = new FakeSightingSource("dhcp");
  readonly status: FakeStatus;
  readonly log = new FakeLog();
  readonly registry: FakeRegistry;
  readonly targets: readonly FakeConfigTarget[];
  readonly servers: readonly StreamServer[];
  readonly notices: Notice[] = [];
  readonly engine: Engine;
  readonly #hosts = new Map<IpAddress, MacAddress>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(settings: HomeSettings = {}) {
    const { cameras = [FRONT, BACK], ports = {} } = settings;
    this.clock = settings.clock ?? new FakeClock();
    this.prober = new FakeProber(this.clock);
    this.search = new FakeNeighbourSearch(
      this.clock,
      (wanted) => [...this.#hosts].flatMap(([address, holder]) => (holder === wanted ? [address] : [])),
      () => [...this.#hosts].map(([address, holder]) => ({ address, mac: holder })),
    );
    this.status = new FakeStatus(() => this.clock.now());
    this.registry = settings.registry ?? new FakeRegistry();
    this.targets = settings.targets ?? [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: frigateText(cameras) })];
    const streams = Object.fromEntries(cameras.map(({ name, address }) => [name, [source(name, address)]]));
    this.servers = settings.servers ?? [new FakeStreamServer({ elsewhere: streams })];
    this.engine = createEngine({
      targets: this.targets,
      cameras: settings.options ?? [],
      servers: this.servers,
      sources: [this.dhcp],
      registry: this.registry,
      prober: this.prober,
      details: this.details,
      table: this.table,
      search: this.search,
      clock: this.clock,
      random: () => 0.5,
      status: this.status,
      log: this.log,
      tell: (notice) => void this.notices.push(notice),
      digest: (text) => createHash("sha256").update(text).digest("hex").slice(0, 16),
      interval: seconds(30),
      policy: () => DEFAULT_HEALTH,
      network: { search: true, interfaces: [], ranges: [] },
      dryRun: false,
      unconfirmed: new Set<TargetName>(),
      limits: DEFAULT_LIMITS,
      ...ports,
    });
    for (const camera of cameras) this.place(camera, camera.address);
  }

  /** The first document. */
  get document(): FakeConfigTarget {
    return this.targets[0] ?? expect.unreachable("no document");
  }

  /** The first go2rtc. */
  get go2rtc(): FakeStreamServer {
    return this.server(0);
  }

  server(index: number): FakeStreamServer {
    const server = this.servers[index];
    return server instanceof FakeStreamServer ? server : expect.unreachable("no fake go2rtc");
  }

  get text(): string {
    return this.document.text;
  }

  /** The camera is at the address and works there. */
  place(camera: Pick<HomeCamera, "name" | "mac">, address: IpAddress, host: ScriptedHost = {}): void {
    this.#hosts.set(address, camera.mac);
    this.table.entries.set(address, camera.mac);
    const greeting = { kind: "challenge", schemes: ["digest"], realm: "a camera" } as const;
    this.prober.put(address, {
      mac: camera.mac,
      connect: "open",
      greeting,
      login: "accepted",
      endpoint: `urn:uuid:${camera.name}`,
      ...host,
    });
    this.#deliver(address, true);
  }

  /** A device that is no camera of this home is at the address. */
  stranger(address: IpAddress, host: ScriptedHost = {}): void {
    this.leave(address);
    this.table.entries.set(address, STRANGER);
    this.prober.put(address, { mac: STRANGER, connect: "open", greeting: { kind: "challenge", schemes: ["basic"], realm: "x" }, ...host });
  }

  /** Whoever was at the address is gone. The table still shows it, as the kernel's does. */
  leave(address: IpAddress): void {
    this.#hosts.delete(address);
    this.prober.put(address, undefined);
    this.#deliver(address, false);
  }

  /** The camera leaves one address and takes another, and nobody says so. */
  moveSilently(camera: HomeCamera, from: IpAddress, to: IpAddress, host: ScriptedHost = {}): void {
    this.leave(from);
    this.place(camera, to, host);
  }

  /** The camera asks the router for the address and takes it. */
  moveByDhcp(camera: HomeCamera, from: IpAddress, to: IpAddress, host: ScriptedHost = {}): void {
    this.moveSilently(camera, from, to, host);
    this.hear(camera, to);
  }

  /** The DHCP layer tells that the camera asked for the address. */
  hear(camera: Pick<HomeCamera, "mac">, address: IpAddress): void {
    this.dhcp.tell({ mac: camera.mac, address, at: this.clock.now() });
  }

  /** No frames come from the address, though everything else answers. */
  deaf(address: IpAddress): void {
    this.#deliver(address, false);
  }

  /** Starts the program and lets it learn the cameras. */
  async start(settle: Duration = seconds(45)): Promise<void> {
    this.#running = this.engine.run(this.#stop.signal);
    await this.clock.advance(settle);
  }

  pass(span: Duration): Promise<void> {
    return this.clock.advance(span);
  }

  /** Ends the program; nothing of it may go on, and nothing that it said may hold a password. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.clock.advance(seconds(0));
    await this.#running;
    assert.deepEqual(this.clock.pending(), []);
    const evidence = this.registry.devices().flatMap((record) => this.registry.evidence(record.id, 1000));
    assert.notInclude(JSON.stringify([this.notices, this.status.changes, this.status.all(), this.log.lines, evidence]), "canary");
  }

  /** Runs one sync to its end. */
  async once(within: Duration = seconds(90)): Promise<void> {
    const done = this.engine.once(within, this.#stop.signal);
    await this.clock.advanceUntilIdle(seconds(200));
    await done;
  }

  told<Kind extends Notice["kind"]>(kind: Kind): readonly Extract<Notice, { readonly kind: Kind }>[] {
    return this.notices.filter((notice): notice is Extract<Notice, { readonly kind: Kind }> => notice.kind === kind);
  }

  reason(subject: string): string | undefined {
    return this.status.get(subject)?.reason;
  }

  /** The sources of a stream as the first go2rtc shows them. */
  async sources(name: string, server: StreamServer = this.servers[0] ?? expect.unreachable()): Promise<readonly string[]> {
    const streams = await server.list(new AbortController().signal);
    return streams.get(named(name))?.producers.map(({ url }) => url) ?? [];
  }

  /** Logins that were tried, by the URL that they went to. */
  get logins(): readonly string[] {
    return this.prober.calls.flatMap((call) => (call.proof === "login" ? [call.url] : []));
  }

  #deliver(address: IpAddress, delivers: boolean): void {
    for (const server of this.servers) {
      if (!(server instanceof FakeStreamServer)) continue;
      if (delivers) server.delivering.add(address);
      else server.delivering.delete(address);
    }
  }
}

/** The text with one address replaced wherever it stands whole. */
export function movedText(text: string, from: IpAddress, to: IpAddress): string {
  return text.replaceAll(new RegExp(`(?<![\\d.])${from.replaceAll(".", "\\.")}(?![\\d.])`, "g"), to);
}
