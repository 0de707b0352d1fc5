import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { ConfiguredStream, Device, DeviceId, StreamName } from "../domain/camera.ts";
import { milliseconds } from "../domain/duration.ts";
import type { HostName } from "../domain/host-name.ts";
import type { Tell } from "../domain/notice.ts";
import { QUARANTINE_SOURCE, sourceAt } from "../domain/stream-source.ts";
import type { Clock } from "../ports/clock.ts";
import type { QuarantineRecord, Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import { type StreamServer, StreamServerError, type StreamState } from "../ports/stream-server.ts";
import type { Fleet } from "./fleet.ts";
import type { ServedStream } from "./live-streams.ts";
import { streamOn } from "./server-streams.ts";
import { heldAt, type UntoldStreams } from "./untold-streams.ts";

export interface PointingPorts {
  readonly fleet: Fleet;
  readonly servers: readonly StreamServer[];
  readonly registry: Registry;
  readonly clock: Clock;
  readonly status: Status;
  readonly tell: Tell;
  /** Runs what tells go2rtc of a device, while it is on record what go2rtc may write into a document of its own. */
  readonly whileTold: <T>(device: DeviceId, tell: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly dryRun: boolean;
  /** True where another copy of the program looks after the device: then go2rtc is told nothing. */
  readonly standsBack: (device: Device) => boolean;
  /** True while the device is to be reached by this name, which is to be replaced by its address some day. */
  readonly keepsName: (device: DeviceId, name: HostName) => boolean;
  readonly untold: Pick<UntoldStreams, "note" | "right">;
}

export interface PointHow {
  /** Points also where the server shows the right source already: gives new clients a new connection. */
  readonly renew?: boolean;
  /** One stream of one server; all of them where absent. */
  readonly only?: ServedStream;
  /** These are left as they are. */
  readonly spared?: readonly ServedStream[];
}

/** Tells every go2rtc where a device's streams are, parks them where a stranger answers, and puts them back. */
export class Pointing {
  readonly #ports: PointingPorts;

  constructor(ports: PointingPorts) {
    this.#ports = ports;
  }

  /**
   * Points the streams of the device at `to`, on every server that has them. A server that does not answer is no failure here: its
   * watching loop compares its streams with what is wanted when it is back. Sources that may not be sent are left to the document and a restart.
   */
  async point(device: Device, to: IpAddress, hintAt: number, signal: AbortSignal, how: PointHow = {}): Promise<void> {
    if (!this.tells(device)) return;
    await this.#ports.whileTold(device.id, () => this.#pointAll(device, { to, hintAt, ...how }, signal), signal);
  }

  /**
   * A stranger answers at the device's address: every stream that can be put back is pointed at a dead loopback address, so that go2rtc
   * offers no more credentials; what it held is stored first. Others are reported by name.
   */
  async quarantine(device: Device, address: IpAddress, mac: MacAddress | undefined, signal: AbortSignal): Promise<void> {
    const { registry, clock, tell } = this.#ports;
    if (this.#ports.standsBack(device)) return;
    const known = new Set(registry.quarantines().map((record) => `${record.server}/${record.stream}`));
    const parked = new Set<StreamName>();
    const exposed = new Set<StreamName>();
    const servers = this.#ports.dryRun ? [] : await this.#listed(signal);
    const isBlind = !this.#ports.dryRun && servers.length < this.#ports.servers.length;
    for (const stream of singlesFirst(device.streams)) {
      if (!stream.sources.some((source) => source.address !== undefined)) continue;
      if (isBlind || this.sourcesAt(device, stream, address) === undefined) exposed.add(stream.name);
      for (const { server, streams } of servers) {
        const here = streams.has(stream.name) ? this.#streamOn(server, device, stream) : undefined;
        const sources = here === undefined ? undefined : this.sourcesAt(device, here, address);
        if (here !== undefined && sources === undefined) exposed.add(stream.name);
        if (sources === undefined) continue;
        const news = !known.has(`${server.name}/${stream.name}`);
        const { name, place } = server;
        if (news) registry.saveQuarantine({ server: name, place, stream: stream.name, device: device.id, sources, at: clock.now() });
        // Repeated at each look: it is in go2rtc's memory alone, which a restart empties.
        const isParked = await this.#call(server, () => server.point(stream.name, [QUARANTINE_SOURCE], signal), signal);
        if (!isParked) exposed.add(stream.name);
        else if (news) parked.add(stream.name);
      }
    }
    if (parked.size > 0 || (exposed.size > 0 && this.#ports.status.get(`device/${device.id}`)?.reason !== "ExposedNotQuarantined")) {
      tell({ kind: "quarantined", device: device.id, address, mac, streams: [...parked], exposed: [...exposed] });
    }
    this.#showStranger(device, address, mac, [...exposed]);
  }

  /** Forgets what is parked for a device, stream or server that is gone; a server that still has the stream gets its sources back. */
  async releaseUnknown(signal: AbortSignal): Promise<void> {
    const { registry, fleet, servers } = this.#ports;
    for (const record of registry.quarantines()) {
      if (fleet.device(record.device) !== undefined) continue;
      const server = servers.find((candidate) => candidate.name === record.server);
      const putBack = async (): Promise<void> => {
        // What is not parked now has been put right since, by a restart or a person: these sources may be old, those of a restored memory even more so.
        const sources = (await server?.list(signal))?.get(record.stream)?.producers ?? [];
        if (sources.some(({ url }) => url === QUARANTINE_SOURCE)) await server?.point(record.stream, record.sources, signal, true);
      };
      if (server === undefined || (await this.#call(server, putBack, signal))) registry.removeQuarantine(record.server, record.stream);
    }
  }

  /** True while a stream of the device is parked: this one, where it is named. */
  isParked(id: DeviceId, server?: string, stream?: StreamName): boolean {
    const isThis = (record: QuarantineRecord): boolean =>
      record.device === id && (server === undefined || record.server === server) && (stream === undefined || record.stream === stream);
    return this.#ports.registry.quarantines().some(isThis);
  }

  /** The full list of a stream's sources with the device's address replaced; undefined where one of them may not be sent. */
  sourcesAt(device: Device, stream: ConfiguredStream, to: IpAddress): readonly string[] | undefined {
    const known = this.knownAddresses(device);
    const sources = stream.sources.map((source) => {
      if (source.resolved === undefined || source.refusedByApi !== undefined) return undefined;
      if (source.named !== undefined && this.#ports.keepsName(device.id, source.named.host)) return source.named.resolved;
      // It stands for whatever address the camera was proved at.
      if (source.named !== undefined && source.address !== undefined) return sourceAt(source.resolved, source.address, to);
      return source.address !== undefined && known.has(source.address) ? sourceAt(source.resolved, source.address, to) : source.resolved;
    });
    return sources.every((source) => source !== undefined) ? sources : undefined;
  }

  /** Every address at which the device was proved or that it left. */
  knownAddresses(device: Device): ReadonlySet<IpAddress> {
    const record = this.#ports.registry.device(device.id);
    const settled = this.#ports.fleet.settled(device.id);
    return new Set(
      [record?.address, settled?.address, settled?.previous, ...(record?.history ?? [])].filter((address) => address !== undefined),
    );
  }

  /** False where nothing is told of the device: another copy looks after it, or this is a rehearsal. */
  tells(device: Device): boolean {
    return !this.#ports.dryRun && !this.#ports.standsBack(device);
  }

  /** False where the server's stream of this name is another camera's, which is only called the same. */
  isThere(server: StreamServer, device: Device, stream: ConfiguredStream): boolean {
    return this.#streamOn(server, device, stream) !== undefined;
  }

  #streamOn(server: StreamServer, device: Device, stream: ConfiguredStream): ConfiguredStream | undefined {
    const { fleet, servers } = this.#ports;
    return streamOn(stream, server, { documents: fleet.documents, servers, known: this.knownAddresses(device) });
  }

  async #pointAll(device: Device, how: Told, signal: AbortSignal): Promise<void> {
    const pointed = new Set<string>();
    const calls: Promise<void>[] = [];
    const servers = await this.#listed(signal, how.only?.server);
    for (const stream of singlesFirst(device.streams)) {
      if (how.only !== undefined && how.only.stream !== stream.name) continue;
      for (const { server, streams } of servers) {
        if (how.spared?.some((one) => one.server === server.name && one.stream === stream.name) === true) continue;
        const here = streams.has(stream.name) ? this.#streamOn(server, device, stream) : undefined;
        const sources = here === undefined ? undefined : this.sourcesAt(device, here, how.to);
        if (sources === undefined) continue;
        const state = streams.get(stream.name);
        const from = state === undefined ? undefined : heldAt(state, how.to, this.knownAddresses(device));
        const call = this.#pointOne(server, device.id, stream.name, sources, { ...how, from }, signal);
        calls.push(call.then((done) => void (done && pointed.add(`${server.name}/${stream.name}`))));
      }
    }
    await Promise.all(calls);
    this.#release(device, pointed);
  }

  async #pointOne(
    server: StreamServer,
    device: DeviceId,
    stream: StreamName,
    sources: readonly string[],
    how: Told & { readonly from: IpAddress | undefined },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { registry, clock, tell } = this.#ports;
    return this.#call(
      server,
      async () => {
        const isShadow = await this.#wouldShadow(server, stream, signal);
        if (isShadow) registry.addShadow({ server: server.name, place: server.place, stream });
        const renew = how.renew === true || this.isParked(device, server.name, stream);
        const outcome = await server
          .point(stream, sources, signal, renew)
          .catch((error: unknown) => this.#untold(error, server, stream, how));
        if (outcome === undefined) return false;
        this.#ports.untold.right(server.name, stream);
        const { calls } = outcome;
        // Once more: an entry from before may have been removed, and its record with it, while go2rtc was being told.
        if (isShadow && calls.includes("put")) registry.addShadow({ server: server.name, place: server.place, stream });
        const after = milliseconds(clock.monotonic() - how.hintAt);
        if (calls.length > 0) tell({ kind: "stream-pointed", device, server: server.name, stream, to: how.to, calls, after });
        return true;
      },
      signal,
    );
  }

  /** go2rtc may hide its file from us; then nothing of it can be put right later either. */
  async #wouldShadow(server: StreamServer, stream: StreamName, signal: AbortSignal): Promise<boolean> {
    try {
      return await server.wouldShadow(stream, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StreamServerError && error.reason === "ServerRefused") return false;
      throw error;
    }
  }

  async #listed(
    signal: AbortSignal,
    only?: string,
  ): Promise<readonly { readonly server: StreamServer; readonly streams: ReadonlyMap<StreamName, StreamState> }[]> {
    const listed: { readonly server: StreamServer; readonly streams: ReadonlyMap<StreamName, StreamState> }[] = [];
    for (const server of this.#ports.servers.filter(({ name }) => only === undefined || name === only)) {
      await this.#call(server, async () => void listed.push({ server, streams: await server.list(signal) }), signal);
    }
    return listed;
  }

  #showStranger(device: Device, address: IpAddress, mac: MacAddress | undefined, exposed: readonly StreamName[]): void {
    const who = mac === undefined ? "another device" : `another device (${mac})`;
    const subject = `device/${device.id}`;
    // Which device it is a person says: whoever took the address may be anybody.
    const ask = { verb: "replace", camera: device.id } as const;
    if (exposed.length === 0) {
      const message = `${who} answers at ${address}; ${device.title} is searched for and its streams are parked`;
      this.#ports.status.set(subject, "problem", "Quarantined", message, ask);
    } else {
      const message = `${who} answers at ${address}; go2rtc may offer it the password of ${exposed.join(", ")}`;
      this.#ports.status.set(subject, "problem", "ExposedNotQuarantined", message, ask);
    }
  }

  /** go2rtc holds a former address and takes no other: the document and a restart bring the new one. @throws the error where it is something else */
  #untold(
    error: unknown,
    server: StreamServer,
    stream: StreamName,
    { from, to }: Told & { readonly from: IpAddress | undefined },
  ): undefined {
    if (!(error instanceof StreamServerError) || error.reason !== "ServerRefused" || from === undefined) throw error;
    this.#ports.untold.note(server, stream, from, to, this.#ports.clock.monotonic());
  }

  /** @returns false where the server failed, or the call came to nothing */
  async #call(server: StreamServer, call: () => Promise<unknown>, signal: AbortSignal): Promise<boolean> {
    try {
      return (await call()) !== false;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StreamServerError)) throw error;
      this.#ports.status.set(`server/${server.name}`, "problem", error.reason, error.message);
      return false;
    }
  }

  /** What was put back is parked no more, nor is what the device or this program has no more. */
  #release(device: Device, pointed: ReadonlySet<string>): void {
    const { registry, tell, servers } = this.#ports;
    const records = registry.quarantines().filter((record) => record.device === device.id);
    const freed = records.filter((record) => pointed.has(`${record.server}/${record.stream}`));
    const isGone = (record: QuarantineRecord): boolean =>
      !device.streams.some(({ name }) => name === record.stream) || !servers.some(({ name }) => name === record.server);
    for (const record of [...freed, ...records.filter(isGone)]) registry.removeQuarantine(record.server, record.stream);
    if (freed.length > 0) tell({ kind: "released", device: device.id, streams: [...new Set(freed.map((record) => record.stream))] });
  }
}

/** Where and how a device's streams are pointed. */
interface Told extends PointHow {
  readonly to: IpAddress;
  readonly hintAt: number;
}

/** Streams of one source first: their watchers follow at once, and they are the ones that people look at. */
function singlesFirst(streams: readonly ConfiguredStream[]): readonly ConfiguredStream[] {
  return streams.toSorted((left, right) => left.sources.length - right.sources.length);
}
