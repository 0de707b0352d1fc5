import type { StreamName } from "../../domain/camera.ts";
import { type Duration, milliseconds } from "../../domain/duration.ts";
import type { StreamState } from "../../ports/stream-server.ts";

/** A client that was there for so long watches; a shorter one comes back by itself. */
const LASTING = milliseconds(1500);

/** Remembers since when each client of a stream has been there, by every list that go2rtc gave. */
export class LastingConsumers {
  readonly #since = new Map<StreamName, ReadonlyMap<number, Duration>>();

  note(streams: ReadonlyMap<StreamName, StreamState>, now: Duration): void {
    for (const [name, { consumerIds = [] }] of streams) {
      const known = this.#since.get(name);
      if (consumerIds.length === 0) this.#since.delete(name);
      else this.#since.set(name, new Map(consumerIds.map((id) => [id, known?.get(id) ?? now] as const)));
    }
    for (const name of this.#since.keys()) if (!streams.has(name)) this.#since.delete(name);
  }

  /** Whether somebody has been watching the stream for a while. */
  has(name: StreamName, now: Duration): boolean {
    return [...(this.#since.get(name)?.values() ?? [])].some((since) => now - since >= LASTING);
  }
}
