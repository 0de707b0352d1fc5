import type { Device, DeviceId, StreamName } from "../../domain/camera.ts";
import { type Duration, milliseconds, minutes, seconds } from "../../domain/duration.ts";
import { cameraTopic, type Naming } from "../../domain/entities/discovery.ts";
import type { Notice } from "../../domain/notice.ts";
import type { Clock } from "../../ports/clock.ts";
import { type StreamServer, StreamServerError } from "../../ports/stream-server.ts";
import type { Watcher } from "../../ports/watcher.ts";
import { Alarm } from "../../runtime/alarm.ts";
import type { Announced } from "./announced.ts";
import type { LinkClient, LinkSession } from "./broker-link.ts";

/** A camera's picture is taken no more often, but once more after a heal. */
const EVERY = minutes(15);
/** After one that could not be taken, and after another connection to the broker, which may have lost the picture. */
const AGAIN = minutes(2);
const LOOK_EVERY = seconds(10);
/** Decoding a picture costs the server up to a second of a core: it has a rest between two. */
const REST = seconds(1);
/** A stream that comes back is asked at once, but one that comes and goes not all the time. */
const BACK_AGAIN = seconds(30);
/** The server waits for a whole picture, which some cameras send every ten seconds. */
const WITHIN = seconds(15);

/** A stream that delivers to somebody now. */
export interface LiveStream {
  readonly server: string;
  readonly stream: StreamName;
}

export interface PicturesParts {
  readonly naming: Pick<Naming, "base">;
  readonly announced: Announced;
  readonly servers: readonly StreamServer[];
  readonly devices: () => readonly Device[];
  /** A stream of the device that somebody watches; its picture costs the camera nothing. */
  readonly liveStream: (device: Device) => LiveStream | undefined;
  readonly clock: Clock;
}

interface Taken {
  /** Monotonic. */
  readonly at: Duration;
  readonly pause: Duration;
  /** Of the picture that was published; absent where none was. */
  readonly digest?: number;
}

/**
 * Publishes the last good picture of each camera, retained: when it is first seen live, seldom from then on, and when it has healed. Only a stream that
 * somebody watches anyway is asked, so that no camera is connected to for it; after a heal, which is rare, any that delivered frames.
 */
export class Pictures implements LinkClient, Watcher {
  readonly subscriptions = [];
  readonly #parts: PicturesParts;
  readonly #taken = new Map<DeviceId, Taken>();
  /** Cameras that have healed, and the stream that delivered. */
  readonly #healed = new Map<DeviceId, StreamName>();
  readonly #alarm = new Alarm();

  constructor(parts: PicturesParts) {
    this.#parts = parts;
  }

  notice(notice: Notice): void {
    if (notice.kind === "frames") this.#healed.set(notice.device, notice.stream);
    else if (notice.kind !== "condition" || notice.condition.status !== "ok" || !this.#isBack(notice.condition.subject)) return;
    this.#alarm.ring();
  }

  /** A stream lives again: the next picture is due, though the camera did not move. */
  #isBack(subject: string): boolean {
    const { servers, devices } = this.#parts;
    const isOf = ({ streams }: Device) => servers.some(({ name }) => streams.some((stream) => subject === `stream/${name}/${stream.name}`));
    const device = subject.startsWith("stream/") ? devices().find(isOf) : undefined;
    const taken = device === undefined ? undefined : this.#taken.get(device.id);
    if (device === undefined || taken === undefined) return false;
    this.#taken.set(device.id, { ...taken, pause: shorter(taken.pause, BACK_AGAIN) });
    return true;
  }

  evidence(): void {
    // A proof is no picture.
  }

  restart(): void {
    // Nor is a restart.
  }

  onMessage(): void {
    // Nothing is listened to.
  }

  async onSession(session: LinkSession, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    for (const [id, taken] of this.#taken) this.#taken.set(id, { at: taken.at, pause: shorter(taken.pause, AGAIN) });
    for (;;) {
      const next = this.#next();
      if (next === undefined) await this.#alarm.sleep(clock, "mqtt pictures", LOOK_EVERY, signal);
      else {
        await this.#show(next.device, next.streams, session, signal);
        await clock.wait("mqtt pictures rest", REST, signal);
      }
    }
  }

  /** The camera whose picture is to be taken now, and where. */
  #next(): { readonly device: Device; readonly streams: readonly LiveStream[] } | undefined {
    const { devices, liveStream, servers, clock } = this.#parts;
    const all = devices();
    for (const id of this.#taken.keys()) if (!all.some((device) => device.id === id)) this.#taken.delete(id);
    const now = clock.monotonic();
    for (const device of all) {
      const healed = this.#healed.get(device.id);
      const taken = this.#taken.get(device.id);
      const live = liveStream(device);
      if (healed !== undefined) {
        const streams = live === undefined ? servers.map(({ name }) => ({ server: name, stream: healed })) : [live];
        return { device, streams };
      }
      if (live !== undefined && (taken === undefined || now - taken.at >= taken.pause)) return { device, streams: [live] };
    }
    this.#healed.clear();
    return undefined;
  }

  async #show(device: Device, streams: readonly LiveStream[], session: LinkSession, signal: AbortSignal): Promise<void> {
    const { naming, announced, clock } = this.#parts;
    this.#healed.delete(device.id);
    const picture = await this.#take(streams, signal);
    const known = this.#taken.get(device.id)?.digest;
    const digest = picture === undefined ? known : digestOf(picture);
    const pause = picture === undefined ? AGAIN : EVERY;
    if (picture !== undefined && digest !== known) {
      const topic = cameraTopic(naming, device.id, "picture");
      announced.add([topic]);
      await session.publish({ topic, payload: picture, retain: true }, signal);
    }
    this.#taken.set(device.id, { at: clock.monotonic(), pause, ...(digest === undefined ? {} : { digest }) });
  }

  async #take(streams: readonly LiveStream[], signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { servers, clock } = this.#parts;
    for (const { server, stream } of streams) {
      const deadline = clock.deadline("picture", WITHIN, signal);
      const picture = await servers
        .find(({ name }) => name === server)
        ?.picture(stream, deadline)
        .catch((error: unknown) => {
          signal.throwIfAborted();
          // What is wrong with the server or the stream is told by those who watch them.
          if (error instanceof StreamServerError || deadline.aborted) return undefined;
          throw error;
        });
      if (picture !== undefined) return picture;
    }
    return undefined;
  }
}

function shorter(one: Duration, other: Duration): Duration {
  return milliseconds(Math.min(one, other));
}

/** FNV-1a: tells whether it is the same picture. */
function digestOf(picture: Uint8Array): number {
  let digest = 0x811c9dc5;
  for (const byte of picture) digest = Math.imul(digest ^ byte, 0x01000193);
  return digest >>> 0;
}
