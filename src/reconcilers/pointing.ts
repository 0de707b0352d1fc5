import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { ConfiguredStream, Device, DeviceId, StreamName } from "../domain/camera.ts";
import { milliseconds } from "../domain/duration.ts";
import type { Tell } from "../domain/notice.ts";
import { QUARANTINE_SOURCE, sourceAt } from "../domain/stream-source.ts";
import type { Clock } from "../ports/clock.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import { type StreamServer, StreamServerError, type StreamState } from "../ports/stream-server.ts";
import type { Fleet } from "./fleet.ts";

export interface PointingPorts {
  readonly fleet: Fleet;
  readonly servers: readonly StreamServer[];
  readonly registry: Registry;
  readonly clock: Clock;
  readonly status: Status;
  readonly tell: Tell;
  readonly dryRun: boolean;
}

/** What became of one device's streams. */
export interface PointReport {
  readonly pointed: readonly StreamName[];
  /** Streams that cannot be pointed through the API, and why; the document and a restart heal those. */
  readonly left: readonly { readonly stream: StreamName; readonly why: "placeholder" | "refused-by-api" }[];
}

/** Tells every go2rtc where a device's streams are, parks them where a stranger answers, and puts them back. */
export class Pointing {
  readonly #ports: PointingPorts;

  constructor(ports: PointingPorts) {
    this.#ports = ports;
  }

  /**
   * Points all streams of the device at `to`, on every server that has them. A server that does not answer is no failure here: its
   * watching loop compares its streams with what is wanted when it is back.
   * @param renew points also where the server shows the right source already: gives new clients a new connection
   */
  async point(device: Device, to: IpAddress, hintAt: number, signal: AbortSignal, renew = false): Promise<PointReport> {
    const pointed = new Set<StreamName>();
    const left: PointReport["left"][number][] = [];
    const servers = this.#ports.dryRun ? [] : await this.#listed(signal);
    const calls: Promise<void>[] = [];
    for (const stream of singlesFirst(device.streams)) {
      const sources = this.sourcesAt(device, stream, to);
      if (sources === undefined) {
        const why = stream.sources.some((source) => source.refusedByApi !== undefined) ? "refused-by-api" : "placeholder";
        left.push({ stream: stream.name, why });
        continue;
      }
      for (const { server, streams } of servers) {
        if (!streams.has(stream.name)) continue;
        const call = this.#pointOne(server, device.id, stream.name, sources, { to, hintAt, renew }, signal);
        calls.push(call.then((done) => void (done && pointed.add(stream.name))));
      }
    }
    await Promise.all(calls);
    this.#release(device, pointed);
    return { pointed: [...pointed], left };
  }

  /**
   * A stranger answers at the device's address: every stream that can be put back is pointed at a dead loopback address, so that go2rtc
   * offers no more credentials; what it held is stored first. Others are reported by name.
   */
  async quarantine(device: Device, address: IpAddress, mac: MacAddress | undefined, signal: AbortSignal): Promise<void> {
    const { registry, clock, tell } = this.#ports;
    const known = new Set(registry.quarantines().map((record) => `${record.server}/${record.stream}`));
    const parked = new Set<StreamName>();
    const exposed = new Set<StreamName>();
    const servers = this.#ports.dryRun ? [] : await this.#listed(signal);
    for (const stream of singlesFirst(device.streams)) {
      if (!stream.sources.some((source) => source.address !== undefined)) continue;
      const sources = this.sourcesAt(device, stream, address);
      if (sources === undefined) {
        exposed.add(stream.name);
        continue;
      }
      for (const { server, streams } of servers) {
        if (!streams.has(stream.name)) continue;
        const news = !known.has(`${server.name}/${stream.name}`);
        if (news) registry.saveQuarantine({ server: server.name, stream: stream.name, device: device.id, sources, at: clock.now() });
        // Repeated at each look: it is in go2rtc's memory alone, which a restart empties.
        if ((await this.#call(server, () => server.point(stream.name, [QUARANTINE_SOURCE], signal), signal)) && news)
          parked.add(stream.name);
      }
    }
    if (parked.size > 0 || (exposed.size > 0 && this.#ports.status.get(`device/${device.id}`)?.reason !== "ExposedNotQuarantined")) {
      tell({ kind: "quarantined", device: device.id, address, mac, streams: [...parked], exposed: [...exposed] });
    }
    this.#showStranger(device, address, mac, [...exposed]);
  }

  /** After a crash: what is parked for a device that no document names any more gets its sources back. */
  async releaseUnknown(signal: AbortSignal): Promise<void> {
    const { registry, fleet, servers } = this.#ports;
    for (const record of registry.quarantines()) {
      if (fleet.device(record.device) !== undefined) continue;
      const server = servers.find((candidate) => candidate.name === record.server);
      if (server !== undefined) await this.#call(server, () => server.point(record.stream, record.sources, signal, true), signal);
      registry.removeQuarantine(record.server, record.stream);
    }
  }

  /** True while a stream of the device is parked. */
  isParked(id: DeviceId): boolean {
    return this.#ports.registry.quarantines().some((record) => record.device === id);
  }

  /** The full list of a stream's sources with the device's address replaced; undefined where one of them may not be sent. */
  sourcesAt(device: Device, stream: ConfiguredStream, to: IpAddress): readonly string[] | undefined {
    const known = this.knownAddresses(device);
    const sources = stream.sources.map((source) => {
      if (source.resolved === undefined || source.refusedByApi !== undefined) return undefined;
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

  async #pointOne(
    server: StreamServer,
    device: DeviceId,
    stream: StreamName,
    sources: readonly string[],
    how: { readonly to: IpAddress; readonly hintAt: number; readonly renew: boolean },
    signal: AbortSignal,
  ): Promise<boolean> {
    return this.#call(
      server,
      async () => {
        const parked = this.#ports.registry.quarantines().some((record) => record.server === server.name && record.stream === stream);
        if (await this.#wouldShadow(server, stream, signal)) this.#ports.registry.addShadow({ server: server.name, stream });
        const { calls } = await server.point(stream, sources, signal, how.renew || parked);
        const after = milliseconds(this.#ports.clock.monotonic() - how.hintAt);
        if (calls.length > 0) this.#ports.tell({ kind: "stream-pointed", device, server: server.name, stream, to: how.to, calls, after });
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
  ): Promise<readonly { readonly server: StreamServer; readonly streams: ReadonlyMap<StreamName, StreamState> }[]> {
    const listed: { readonly server: StreamServer; readonly streams: ReadonlyMap<StreamName, StreamState> }[] = [];
    for (const server of this.#ports.servers) {
      await this.#call(server, async () => void listed.push({ server, streams: await server.list(signal) }), signal);
    }
    return listed;
  }

  #showStranger(device: Device, address: IpAddress, mac: MacAddress | undefined, exposed: readonly StreamName[]): void {
    const who = mac === undefined ? "another device" : `another device (${mac})`;
    const subject = `device/${device.id}`;
    if (exposed.length === 0) {
      const message = `${who} answers at ${address}; ${device.title} is searched for and its streams are parked`;
      this.#ports.status.set(subject, "problem", "Quarantined", message);
    } else {
      const message = `${who} answers at ${address}; go2rtc may offer it the password of ${exposed.join(", ")}`;
      this.#ports.status.set(subject, "problem", "ExposedNotQuarantined", message);
    }
  }

  async #call(server: StreamServer, call: () => Promise<unknown>, signal: AbortSignal): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StreamServerError)) throw error;
      this.#ports.status.set(`server/${server.name}`, "problem", error.reason, error.message);
      return false;
    }
  }

  #release(device: Device, pointed: ReadonlySet<StreamName>): void {
    const { registry, tell } = this.#ports;
    const freed = registry.quarantines().filter((record) => record.device === device.id && pointed.has(record.stream));
    for (const record of freed) registry.removeQuarantine(record.server, record.stream);
    if (freed.length > 0) tell({ kind: "released", device: device.id, streams: freed.map((record) => record.stream) });
  }
}

/** Streams of one source first: their watchers follow at once, and they are the ones that people look at. */
function singlesFirst(streams: readonly ConfiguredStream[]): readonly ConfiguredStream[] {
  return streams.toSorted((left, right) => left.sources.length - right.sources.length);
}
