import { type IpAddress, parseIp } from "../../src/domain/addresses.ts";
import type { StreamName } from "../../src/domain/camera.ts";
import type { Duration } from "../../src/domain/duration.ts";
import { QUARANTINE_SOURCE } from "../../src/domain/stream-source.ts";
import {
  type PointOutcome,
  type Producer,
  type ServerInfo,
  type ServerWay,
  type StreamServer,
  StreamServerError,
  type StreamState,
  type WatchOutcome,
} from "../../src/ports/stream-server.ts";

/** Packets that a living connection gains each time somebody looks. */
const PACKETS_A_LOOK = 30;

interface Connection {
  readonly id: number;
  readonly url: string;
  readonly address: IpAddress;
  packets: number;
}

interface FakeProducer {
  source: string;
  connection: Connection | undefined;
}

interface FakeStream {
  readonly producers: readonly FakeProducer[];
  readonly clients: Set<FakeClient>;
}

export interface FakeStreamServerOptions {
  readonly name?: string;
  readonly place?: string;
  readonly document?: string;
  readonly way?: ServerWay;
  /** What its first file defines; the same is in its memory at the start. */
  readonly streams?: Readonly<Record<string, readonly string[]>>;
  /** Streams of another document of its: in memory, not in the first file. */
  readonly elsewhere?: Readonly<Record<string, readonly string[]>>;
  /** Takes sources in memory and cannot save them. */
  readonly unwritable?: boolean;
  /** Takes no source for a stream, as a go2rtc before 1.9.5 of several, or Frigate 0.16; it can be parked. */
  readonly refuses?: boolean;
}

/** One call that was made on the server. */
export interface FakeCall {
  readonly call: "info" | "list" | "picture" | "patch" | "put" | "watch" | "remove" | "config";
  readonly name?: StreamName;
  readonly sources?: readonly string[];
}

/** A viewer that stays on the stream object that it came to, as real ones do. */
export class FakeClient {
  readonly #received: () => number;
  readonly #leave: () => void;

  constructor(received: () => number, leave: () => void) {
    this.#received = received;
    this.#leave = leave;
  }

  /** Video packets so far; each look at a living connection brings some. */
  packets(): number {
    return this.#received();
  }

  close(): void {
    this.#leave();
  }
}

/**
 * A go2rtc in memory with its habits: PUT makes a new stream and leaves clients of the old one on it, PATCH changes the sources in place, a dead
 * connection goes on being shown, connections dial again by themselves. Cameras deliver where the test says so.
 */
export class FakeStreamServer implements StreamServer {
  readonly name: string;
  readonly place: string;
  readonly document: string | undefined;
  readonly way: ServerWay | undefined;
  readonly calls: FakeCall[] = [];
  /** Addresses at which a camera answers and delivers video. */
  readonly delivering = new Set<IpAddress>();
  #failure: StreamServerError | undefined;
  #gone = false;
  #nextId = 1;
  readonly #unwritable: boolean;
  readonly #refuses: boolean;
  #file: Map<string, readonly string[]>;
  #elsewhere: ReadonlyMap<string, readonly string[]>;
  #memory: Map<StreamName, FakeStream>;
  readonly #all = new Set<FakeStream>();
  readonly #parked = new Set<StreamName>();

  constructor({
    name = "go2rtc",
    streams = {},
    elsewhere = {},
    unwritable = false,
    refuses = false,
    place,
    way,
    document,
  }: FakeStreamServerOptions = {}) {
    this.name = name;
    this.place = place ?? `http://${name}.invalid:1984`;
    this.document = document;
    this.way = way;
    this.#unwritable = unwritable;
    this.#refuses = refuses;
    this.#file = new Map(Object.entries(streams));
    this.#elsewhere = new Map(Object.entries(elsewhere));
    this.#memory = this.#load();
  }

  /** Every call answers with this error until it is taken back. */
  failWith(error: StreamServerError | undefined): void {
    this.#failure = error;
  }

  /** It does not answer any more, or again. */
  setGone(gone: boolean): void {
    this.#gone = gone;
  }

  /** Reads its documents anew; every client is gone. */
  restart(): void {
    this.#all.clear();
    this.#parked.clear();
    this.#memory = this.#load();
  }

  /** Somebody edits its first file. */
  editFile(streams: Readonly<Record<string, readonly string[]>>): void {
    this.#file = new Map(Object.entries(streams));
  }

  /** Somebody edits the other document; it is read at the next restart. */
  editElsewhere(streams: Readonly<Record<string, readonly string[]>>): void {
    this.#elsewhere = new Map(Object.entries(streams));
  }

  /** A viewer comes to a stream. */
  attach(name: StreamName): FakeClient {
    const stream = this.#memory.get(name);
    if (stream === undefined) throw new Error(`no stream ${name}`);
    let received = 0;
    const client: FakeClient = new FakeClient(
      () => (received += this.#look(stream)),
      () => void stream.clients.delete(client),
    );
    stream.clients.add(client);
    this.#look(stream);
    return client;
  }

  /** Addresses that producers with clients dial or are connected to now, those of replaced streams included: who is offered credentials. */
  dialled(): ReadonlySet<IpAddress> {
    const used = [...this.#all].filter((stream) => stream.clients.size > 0);
    const addresses = used.flatMap((stream) => stream.producers.map(({ source }) => addressIn(source)));
    return new Set(addresses.filter((address) => address !== undefined));
  }

  async info(signal: AbortSignal): Promise<ServerInfo> {
    this.#enter({ call: "info" }, signal);
    return { version: "1.9.14", rtspPort: 8554, configPath: "/config/go2rtc.yaml" };
  }

  async list(signal: AbortSignal): Promise<ReadonlyMap<StreamName, StreamState>> {
    this.#enter({ call: "list" }, signal);
    return new Map([...this.#memory].map(([name, stream]) => [name, this.#show(stream)]));
  }

  async point(name: StreamName, sources: readonly string[], signal: AbortSignal, renew = false): Promise<PointOutcome> {
    signal.throwIfAborted();
    if (sources.some((source) => source === "" || /\s|^(?:exec|echo|expr):/.test(source)) || sources.length === 0) {
      throw new StreamServerError("ServerRefused", `go2rtc takes no such source for ${name} over its API`);
    }
    const current = this.#memory.get(name);
    if (sources.length === 1 && sources[0] === QUARANTINE_SOURCE) return this.#park(name, current, signal);
    if (current !== undefined && !renew && !this.#parked.has(name) && this.#holds(current, sources)) {
      this.#enter({ call: "list" }, signal);
      return { calls: [], orphans: false, saved: true };
    }
    const objection = await this.objection(name);
    if (objection !== undefined) throw new StreamServerError("ServerRefused", `${this.place} ${objection}`);
    const calls: ("patch" | "put")[] = [];
    const patched = current === undefined ? undefined : patchSource(current.producers, sources);
    if (current !== undefined && patched !== undefined) {
      this.#enter({ call: "patch", name, sources: [patched] }, signal);
      for (const producer of current.producers) producer.source = patched;
      calls.push("patch");
    }
    this.#enter({ call: "put", name, sources }, signal);
    calls.push("put");
    this.#memory.set(name, this.#stream(sources));
    this.#parked.delete(name);
    if (!this.#unwritable) this.#file.set(name, sources);
    return { calls, orphans: !calls.includes("patch") && (current?.clients.size ?? 0) > 0, saved: !this.#unwritable };
  }

  async objection(name: StreamName): Promise<string | undefined> {
    return this.#refuses ? `takes no source for ${name}: change the document and restart it` : undefined;
  }

  async watch(name: StreamName, enough: number, _within: Duration, signal: AbortSignal): Promise<WatchOutcome> {
    this.#enter({ call: "watch", name }, signal);
    if (!this.#memory.has(name)) return { videoPackets: 0 };
    const client = this.attach(name);
    const seen = client.packets();
    const producer = (await this.list(signal)).get(name)?.producers.find(({ remoteAddress }) => remoteAddress !== undefined);
    client.close();
    const videoPackets = seen === 0 ? 0 : Math.max(seen, enough);
    return producer?.remoteAddress === undefined ? { videoPackets } : { videoPackets, remoteAddress: producer.remoteAddress };
  }

  async picture(name: StreamName, signal: AbortSignal): Promise<Uint8Array | undefined> {
    this.#enter({ call: "picture", name }, signal);
    const stream = this.#memory.get(name);
    if (stream === undefined) return undefined;
    const client = this.attach(name);
    const packets = client.packets();
    client.close();
    return packets === 0 ? undefined : Uint8Array.of(0xff, 0xd8, 0xff, ...new TextEncoder().encode(`${name} ${String(this.calls.length)}`));
  }

  async wouldShadow(name: StreamName, signal: AbortSignal): Promise<boolean> {
    this.#enter({ call: "config" }, signal);
    return !this.#unwritable && !this.#file.has(name);
  }

  async removeShadows(names: readonly StreamName[], signal: AbortSignal): Promise<readonly StreamName[]> {
    this.#enter({ call: "remove" }, signal);
    return names.filter((name) => this.#file.delete(name));
  }

  async configText(signal: AbortSignal): Promise<string | undefined> {
    this.#enter({ call: "config" }, signal);
    const lines = [...this.#file].map(([name, sources]) => `  ${name}:\n${sources.map((source) => `    - ${source}\n`).join("")}`);
    return `streams:\n${lines.join("")}`;
  }

  #park(name: StreamName, current: FakeStream | undefined, signal: AbortSignal): PointOutcome {
    const done = current?.producers.every(({ source, connection }) => connection === undefined && source === QUARANTINE_SOURCE) ?? true;
    if (done || current === undefined) return { calls: [], orphans: false, saved: false };
    this.#enter({ call: "patch", name, sources: [QUARANTINE_SOURCE] }, signal);
    for (const producer of current.producers) producer.source = QUARANTINE_SOURCE;
    this.#parked.add(name);
    return { calls: ["patch"], orphans: false, saved: false };
  }

  #enter(call: FakeCall, signal: AbortSignal): void {
    signal.throwIfAborted();
    this.calls.push(call);
    if (this.#gone) throw new StreamServerError("ServerUnreachable", `go2rtc at ${this.place} does not answer`);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #holds(stream: FakeStream, sources: readonly string[]): boolean {
    const shown = this.#show(stream).producers.map(({ url }) => url);
    const dead = stream.producers.some(({ connection }) => connection !== undefined && !this.delivering.has(connection.address));
    return !dead && shown.length === sources.length && shown.every((url, index) => url === sources[index]);
  }

  #show(stream: FakeStream): StreamState {
    this.#look(stream);
    const producers = stream.producers.map(({ source, connection }): Producer => {
      if (connection === undefined) return { url: source };
      return { id: connection.id, url: connection.url, remoteAddress: connection.address, videoPackets: connection.packets };
    });
    return { producers, consumers: stream.clients.size };
  }

  /** Dials where a client waits and the camera answers, hangs up where the last one left; @returns the packets that came meanwhile. */
  #look(stream: FakeStream): number {
    let packets = 0;
    for (const producer of stream.producers) {
      if (stream.clients.size === 0) producer.connection = undefined;
      else if (producer.connection === undefined || !this.delivering.has(producer.connection.address)) this.#dial(producer);
      if (producer.connection === undefined || !this.delivering.has(producer.connection.address)) continue;
      producer.connection.packets += PACKETS_A_LOOK;
      packets += PACKETS_A_LOOK;
    }
    return packets;
  }

  #dial(producer: FakeProducer): void {
    const address = addressIn(producer.source);
    if (address === undefined || !this.delivering.has(address)) return;
    producer.connection = { id: this.#nextId++, url: producer.source, address, packets: 0 };
  }

  #load(): Map<StreamName, FakeStream> {
    const defined = [...this.#file, ...this.#elsewhere];
    return new Map(defined.map(([name, sources]) => [name as StreamName, this.#stream(sources)]));
  }

  #stream(sources: readonly string[]): FakeStream {
    const stream = { producers: sources.map((source) => ({ source, connection: undefined })), clients: new Set<FakeClient>() };
    this.#all.add(stream);
    return stream;
  }
}

/** PATCH is fit for one source, and for several of which one is connected. */
function patchSource(producers: readonly FakeProducer[], sources: readonly string[]): string | undefined {
  if (producers.length !== sources.length) return undefined;
  const connected = producers.flatMap(({ connection }, index) => (connection === undefined ? [] : [index]));
  if (producers.length > 1 && connected.length !== 1) return undefined;
  return sources[connected[0] ?? 0];
}

function addressIn(source: string): IpAddress | undefined {
  return parseIp(/^[a-z]+:\/\/(?:[^/]*@)?(\d+\.\d+\.\d+\.\d+)/.exec(source)?.[1] ?? "");
}
