import type { StreamName } from "../../domain/camera.ts";
import { type Duration, milliseconds, seconds } from "../../domain/duration.ts";
import type { StreamState } from "../../ports/stream-server.ts";
import { videoPackets } from "./producers.ts";

/** A client that was there for so long watches; a shorter one comes back by itself. */
const LASTING = milliseconds(1500);
/**
 * go2rtc dials again a second after each of the first five failures, then after 5 s, 10 s and 60 s (internal/streams/producer.go). With a read time-out
 * of 5 s and dials that take up to 5 s, the first five are over about 25 s after the last packet.
 */
const DIALS_SOON = seconds(25);

interface Seen {
  readonly clients: ReadonlyMap<number, Duration>;
  readonly packets: number;
  readonly grewAt: Duration;
}

/** Remembers since when each client of a stream has been there, and when video last came, by every list that go2rtc gave. */
export class LastingConsumers {
  readonly #seen = new Map<StreamName, Seen>();

  note(streams: ReadonlyMap<StreamName, StreamState>, now: Duration): void {
    for (const [name, state] of streams) {
      const known = this.#seen.get(name);
      const packets = videoPackets(state);
      const clients = new Map((state.consumerIds ?? []).map((id) => [id, known?.clients.get(id) ?? now] as const));
      const stands = known !== undefined && packets === known.packets;
      this.#seen.set(name, { clients, packets, grewAt: stands ? known.grewAt : now });
    }
    for (const name of this.#seen.keys()) if (!streams.has(name)) this.#seen.delete(name);
  }

  /** Whether somebody has been watching the stream for a while whose connection go2rtc will soon try to bring back by itself. */
  has(name: StreamName, now: Duration): boolean {
    const seen = this.#seen.get(name);
    if (seen === undefined || now - seen.grewAt > DIALS_SOON) return false;
    return [...seen.clients.values()].some((since) => now - since >= LASTING);
  }
}
