import type { Device, StreamName } from "../domain/camera.ts";
import { seconds } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import { type StreamServer, StreamServerError, type StreamState } from "../ports/stream-server.ts";

/** Video of a living camera comes more often, be it from a slow one. */
const LOOK = seconds(1);
const LOOKS = 3;

/** A stream as one server has it. */
export interface ServedStream {
  readonly server: string;
  readonly stream: StreamName;
}

/**
 * The streams of the device of which somebody is given video just now. Asked of the servers themselves, for up to three seconds: what the watching loop
 * knows is as old as its last look. A server that does not answer, or does not count packets, has none.
 * @throws the signal's reason when aborted
 */
export async function liveStreams(
  device: Device,
  servers: readonly StreamServer[],
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly ServedStream[]> {
  const found = await Promise.all(servers.map((server) => liveOn(server, device, clock, signal)));
  return found.flat();
}

async function liveOn(server: StreamServer, device: Device, clock: Clock, signal: AbortSignal): Promise<readonly ServedStream[]> {
  const before = await watched(server, device, signal);
  const live = new Set<StreamName>();
  for (let look = 0; look < LOOKS && live.size < before.size; look += 1) {
    await clock.wait("do watched streams live", LOOK, signal);
    const now = await watched(server, device, signal);
    for (const [name, packets] of now) if (packets > (before.get(name) ?? Infinity)) live.add(name);
  }
  return [...live].map((stream) => ({ server: server.name, stream }));
}

/** Video packets of each stream that somebody watches. */
async function watched(server: StreamServer, device: Device, signal: AbortSignal): Promise<ReadonlyMap<StreamName, number>> {
  const streams = await server.list(signal).catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof StreamServerError) return new Map<StreamName, StreamState>();
    throw error;
  });
  return new Map(
    device.streams.flatMap(({ name }) => {
      const { consumers = 0, producers = [] } = streams.get(name) ?? {};
      const counts = producers.flatMap(({ videoPackets }) => videoPackets ?? []);
      return consumers === 0 || counts.length === 0 ? [] : [[name, counts.reduce((sum, one) => sum + one, 0)] as const];
    }),
  );
}
