import type { IpAddress } from "../domain/addresses.ts";
import type { ConfiguredStream, Device, DeviceId, StreamName } from "../domain/camera.ts";
import { type Duration, milliseconds, seconds } from "../domain/duration.ts";
import { flowWindow, type HealthPolicy, type HealthState, nextHealth, UNSEEN } from "../domain/stream-health.ts";
import type { Clock } from "../ports/clock.ts";
import type { NeighbourTable } from "../ports/neighbour-table.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import { type StreamServer, StreamServerError, type StreamState } from "../ports/stream-server.ts";
import type { FlowingFrames } from "../domain/binding.ts";
import { type Outcome, Waiting } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { mayBeSent } from "./document-notes.ts";
import type { Fleet } from "./fleet.ts";
import type { Measured } from "./measured.ts";
import type { Pointing } from "./pointing.ts";
import { heldAt, isAt, type UntoldStreams } from "./untold-streams.ts";

/** One list call this often while somebody watches a stream. */
const WATCHED = seconds(2);
/** And this often while nobody does: it shows when somebody begins. */
const UNWATCHED = seconds(5);

export interface StreamWatchPorts {
  readonly fleet: Fleet;
  readonly servers: readonly StreamServer[];
  readonly pointing: Pointing;
  readonly registry: Registry;
  readonly table: NeighbourTable;
  readonly clock: Clock;
  readonly status: Status;
  readonly measured: Measured;
  readonly untold: Pick<UntoldStreams, "isEmpty" | "note" | "right" | "lost" | "mayTry">;
  readonly policy: (stream: StreamName) => HealthPolicy;
  /** A stream of the device delivers no video: where is the camera? */
  readonly onLook: (device: DeviceId) => void;
  /** A stream of the device went dead, or lives again. */
  readonly onTurn: (device: DeviceId) => void;
}

/** Watches one go2rtc: which streams live, and whether each of its sources is where its camera was proved to be. */
export class StreamWatch implements Reconciler<string> {
  readonly name = "stream";
  readonly #ports: StreamWatchPorts;
  readonly #health = new Map<string, HealthState>();
  /** By server: the streams that had a connection to a camera at the latest list. */
  readonly #connected = new Map<string, ReadonlySet<StreamName>>();

  constructor(ports: StreamWatchPorts) {
    this.#ports = ports;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<Outcome> {
    const { fleet, servers, clock, status, pointing } = this.#ports;
    const server = servers.find((candidate) => candidate.name === name);
    if (server === undefined) return {};
    const streams = await this.#list(server, signal);
    status.set(`server/${name}`, "ok", "Healthy", `${server.place} answers${whyOf(server)}`);
    this.#connected.set(name, connectedOf(streams));
    let watched = false;
    const seen = new Set<string>();
    for (const device of fleet.devices) {
      for (const stream of device.streams) {
        const state = streams.get(stream.name);
        if (state === undefined || !pointing.isThere(server, device, stream)) continue;
        seen.add(`${name}/${stream.name}`);
        watched ||= state.consumers > 0;
        this.#ports.measured.noteBytes(name, stream.name, bytesOf(state), clock.monotonic());
        await this.#judge(server, device, stream.name, state, clock.monotonic(), signal);
        await this.#correct(server, device, stream, state, signal);
      }
    }
    for (const key of [...this.#health.keys()].filter((one) => one.startsWith(`${name}/`) && !seen.has(one))) {
      this.#health.delete(key);
      this.#ports.measured.forgetStream(key);
      status.clear(`stream/${key}`);
    }
    return { requeueAfter: watched ? WATCHED : UNWATCHED };
  }

  /** False where no server had a connection to the device when it was last listed, a few seconds ago at most: there is nothing to sample. */
  mayFlow(device: Device): boolean {
    return this.#ports.servers.some((server) => {
      const connected = this.#connected.get(server.name);
      return connected === undefined || device.streams.some((stream) => connected.has(stream.name));
    });
  }

  /** The first stream of the device that delivers video to somebody. */
  liveStream(device: Device): { readonly server: string; readonly stream: StreamName } | undefined {
    const all = this.#ports.servers.flatMap(({ name: server }) => device.streams.map(({ name: stream }) => ({ server, stream })));
    return all.find(({ server, stream }) => this.#health.get(`${server}/${stream}`)?.condition.kind === "live");
  }

  /** What all streams of the device together deliver, as far as anybody watches them. */
  flowOf(device: Device): "live" | "dead" | "unknown" {
    const kinds = this.#ports.servers.flatMap((server) =>
      device.streams.map(({ name }) => this.#health.get(`${server.name}/${name}`)?.condition.kind),
    );
    if (kinds.includes("live")) return "live";
    return kinds.some(isDead) ? "dead" : "unknown";
  }

  /** Repairs of the device's streams that did not help so far. */
  repairsOf(device: Device): number {
    const names = device.streams.map(({ name }) => name);
    const repairs = this.#ports.servers.flatMap((server) => names.map((name) => this.#health.get(`${server.name}/${name}`)?.repairs ?? 0));
    return Math.max(0, ...repairs);
  }

  /**
   * Begins to look whether frames of the device flow. The returned function ends it: it waits until the window that the stream's usual pace asks
   * for has passed since the beginning, and compares.
   */
  async sampleFlow(device: Device, signal: AbortSignal): Promise<() => Promise<readonly FlowingFrames[]>> {
    const { clock, table } = this.#ports;
    const begun = clock.monotonic();
    const before = await this.#counts(device, signal);
    return async () => {
      if (before.size === 0) return [];
      const window = Math.max(...[...before.values()].map((sample) => sample.window));
      const left = milliseconds(begun + window - clock.monotonic());
      if (left > 0) await clock.wait("do frames still flow", left, signal);
      const later = await this.#counts(device, signal);
      const flowing = new Set<IpAddress>();
      for (const [key, sample] of before) if ((later.get(key)?.packets ?? 0) > sample.packets) flowing.add(sample.address);
      return Promise.all([...flowing].map(async (address) => ({ address, holder: await table.macOf(address) })));
    };
  }

  async #counts(
    device: Device,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, { readonly address: IpAddress; readonly packets: number; readonly window: Duration }>> {
    const samples = new Map<string, { readonly address: IpAddress; readonly packets: number; readonly window: Duration }>();
    for (const server of this.#ports.servers) {
      const streams = await server.list(signal).catch((error: unknown) => {
        signal.throwIfAborted();
        if (error instanceof StreamServerError) return new Map<StreamName, StreamState>();
        throw error;
      });
      for (const { name } of device.streams) {
        const health = this.#health.get(`${server.name}/${name}`) ?? UNSEEN;
        if (health.condition.kind === "frozen" || health.condition.kind === "dead") continue;
        for (const producer of streams.get(name)?.producers ?? []) {
          if (producer.remoteAddress === undefined || producer.videoPackets === undefined) continue;
          samples.set(`${server.name}/${name}/${producer.id ?? producer.url}`, {
            address: producer.remoteAddress,
            packets: producer.videoPackets,
            window: flowWindow(health),
          });
        }
      }
    }
    return samples;
  }

  async #list(server: StreamServer, signal: AbortSignal): Promise<ReadonlyMap<StreamName, StreamState>> {
    try {
      return await server.list(signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#connected.delete(server.name);
      this.#ports.untold.lost(server.name);
      if (!(error instanceof StreamServerError)) throw error;
      throw new Waiting(error.reason, seconds(5), error.message, { cause: error });
    }
  }

  async #judge(
    server: StreamServer,
    device: Device,
    stream: StreamName,
    state: StreamState,
    now: Duration,
    signal: AbortSignal,
  ): Promise<void> {
    const key = `${server.name}/${stream}`;
    const producers = state.producers.map(({ id, remoteAddress, videoPackets }) => ({
      ...(id === undefined ? {} : { id }),
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
      ...(videoPackets === undefined ? {} : { videoPackets }),
    }));
    const countsPackets = state.producers.some((producer) => producer.remoteAddress === undefined || producer.videoPackets !== undefined);
    const verdict = nextHealth(
      this.#health.get(key) ?? UNSEEN,
      { consumers: state.consumers, producers, countsPackets },
      this.#ports.policy(stream),
      now,
    );
    const before = this.#health.get(key)?.condition.kind;
    this.#health.set(key, verdict.state);
    this.#show(key, device, stream, verdict.state);
    const { kind } = verdict.state.condition;
    if (isDead(before) !== isDead(kind) || (kind === "live" && before !== "live")) this.#ports.onTurn(device.id);
    if (verdict.actions.includes("look")) this.#ports.onLook(device.id);
    const settled = this.#ports.fleet.settled(device.id);
    const { pointing } = this.#ports;
    if (verdict.actions.includes("repair") && settled !== undefined && !pointing.isParked(device.id, server.name, stream)) {
      await pointing.point(device, settled.address, now, signal, { renew: true, only: { server: server.name, stream } });
    }
  }

  #show(key: string, device: Device, stream: StreamName, health: HealthState): void {
    const subject = `stream/${key}`;
    const { kind } = health.condition;
    if (isDead(kind)) this.#ports.status.set(subject, "problem", "StreamDead", `stream ${stream} of ${device.title} delivers no video`);
    else if (kind === "live") this.#ports.status.set(subject, "ok", "Healthy", `stream ${stream} delivers video`);
    else if (this.#ports.status.get(subject)?.status === "problem") this.#ports.status.clear(subject);
  }

  /** go2rtc may be back with what an old file told it: a source at a former address of a settled device is pointed again, or waits for a restart. */
  async #correct(server: StreamServer, device: Device, stream: ConfiguredStream, state: StreamState, signal: AbortSignal): Promise<void> {
    const { fleet, pointing, clock, untold } = this.#ports;
    const settled = fleet.settled(device.id);
    if (settled === undefined || pointing.isParked(device.id, server.name, stream.name)) return;
    const { address: to } = settled;
    const from = heldAt(state, to, pointing.knownAddresses(device));
    if (from === undefined) return !untold.isEmpty && isAt(state, to) ? untold.right(server.name, stream.name) : undefined;
    const now = clock.monotonic();
    if (!mayBeSent(stream.sources)) return pointing.tells(device) ? untold.note(server, stream.name, from, to, now) : undefined;
    if (!untold.mayTry(server.name, stream.name, to, now)) return;
    await pointing.point(device, to, now, signal, { only: { server: server.name, stream: stream.name } });
  }
}

function connectedOf(streams: ReadonlyMap<StreamName, StreamState>): ReadonlySet<StreamName> {
  return new Set([...streams].flatMap(([name, { producers }]) => (producers.some((one) => one.remoteAddress !== undefined) ? [name] : [])));
}

function whyOf({ way }: StreamServer): string {
  return way === undefined ? "" : ` (${way.why})`;
}

/** What viewers are given; a stream that nobody watches has no rate. */
function bytesOf({ consumers, producers }: StreamState): number | undefined {
  const counts = consumers === 0 ? [] : producers.flatMap(({ videoBytes }) => videoBytes ?? []);
  return counts.length === 0 ? undefined : counts.reduce((sum, one) => sum + one, 0);
}

function isDead(kind: HealthState["condition"]["kind"] | undefined): boolean {
  return kind === "dead" || kind === "frozen";
}
