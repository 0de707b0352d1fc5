import type { Device, DeviceId, StreamName } from "../domain/camera.ts";
import type { Duration } from "../domain/duration.ts";
import { nextRate, steadyCount, type SteadyRate } from "../domain/steady-rate.ts";

/** What was measured of cameras by loops that look at them anyway. In memory alone; nothing is decided by it. */
export class Measured {
  readonly #clocks = new Map<DeviceId, Duration>();
  /** By server and stream. */
  readonly #rates = new Map<string, SteadyRate>();
  /** By device and what is counted. */
  readonly #frames = new Map<DeviceId, Map<string, number>>();

  noteClock(id: DeviceId, offset: Duration): void {
    this.#clocks.set(id, offset);
  }

  /** @param bytes of video; undefined where nothing is connected, or the server does not count */
  noteBytes(server: string, stream: StreamName, bytes: number | undefined, now: Duration): void {
    const key = `${server}/${stream}`;
    if (bytes === undefined) this.#rates.delete(key);
    else this.#rates.set(key, nextRate(this.#rates.get(key), bytes, now));
  }

  /** @param key one camera of one Frigate; @param perSecond undefined where they are not counted now */
  noteFrames(id: DeviceId, key: string, perSecond: number | undefined): void {
    if (perSecond === undefined) return this.forgetFrames(key);
    const known = this.#frames.get(id) ?? new Map<string, number>();
    this.#frames.set(id, known.set(key, steadyCount(known.get(key), perSecond)));
  }

  /** They are not counted any more. */
  forgetFrames(key: string): void {
    for (const known of this.#frames.values()) known.delete(key);
  }

  /** A stream is in no document any more, or its server has it no more. */
  forgetStream(key: string): void {
    this.#rates.delete(key);
  }

  forget(id: DeviceId): void {
    this.#clocks.delete(id);
    this.#frames.delete(id);
  }

  /** What is known of the device now. */
  of(
    { id, streams }: Pick<Device, "id" | "streams">,
    servers: readonly string[],
  ): { readonly clockOffset?: Duration; readonly fps?: number; readonly bitRate?: number } {
    const clockOffset = this.#clocks.get(id);
    const rates = servers.flatMap((server) => streams.flatMap(({ name }) => this.#rates.get(`${server}/${name}`)?.shown ?? []));
    const frames = [...(this.#frames.get(id)?.values() ?? [])];
    return {
      ...(clockOffset === undefined ? {} : { clockOffset }),
      ...(frames.length === 0 ? {} : { fps: Math.max(...frames) }),
      ...(rates.length === 0 ? {} : { bitRate: Math.max(...rates) }),
    };
  }
}
