import type { IpAddress } from "../../src/domain/addresses.ts";
import { reads, type Reads } from "./decoding.ts";
import { remoteHost, type Go2rtc } from "./go2rtc.ts";
import { start } from "./programs.ts";
import { viewRtsp, type Viewing } from "./rtsp-client.ts";
import { epochMilliseconds, pause } from "./waiting.ts";

/** Something that watches a stream from before a move. */
export interface Watcher extends AsyncDisposable {
  readonly reads: Reads;
  stop(): Promise<void>;
}

/** Fresh viewers, one after another. */
export interface NewClients extends AsyncDisposable {
  /**
   * Resolves with the time (epoch ms) of the first video packet that came from the camera at that address, as go2rtc itself tells which
   * camera each viewer is served from.
   */
  readonly firstPacket: Promise<number>;
  /** How many viewers were opened, and how many got video from elsewhere. */
  readonly counts: { readonly opened: number; readonly elsewhere: number };
  stop(): Promise<void>;
}

const NEW_CLIENT_LIFE = 10_000;
const FRIGATE_RETRY = 10_000;
const FRIGATE_PATIENCE = 20_000;

/**
 * Opens a fresh viewer of `name` every 100 ms until one gets video from the camera at `from`. A viewer that gets nothing leaves after 10 s
 * (one that is attached to a dead source hangs, see go2rtc internal/streams/producer.go).
 */
export function newClients(go2rtc: Go2rtc, name: string, from: IpAddress, every = 100): NewClients {
  const end = new AbortController();
  const counts = { opened: 0, elsewhere: 0 };
  const open = new Set<Promise<void>>();
  const first = Promise.withResolvers<number>();
  first.promise.catch(() => undefined);

  const judge = async (viewing: Viewing): Promise<void> => {
    const stream = (await go2rtc.streams())[name];
    const listed = stream?.consumers?.some((consumer) => consumer.remote_addr?.startsWith(viewing.local)) ?? false;
    const served = stream?.producers?.some((producer) => remoteHost(producer.remote_addr) === from) ?? false;
    if (listed && served) {
      first.resolve(viewing.firstAt);
      end.abort();
    } else {
      counts.elsewhere += 1;
    }
  };
  const view = async (): Promise<void> => {
    const done = new AbortController();
    const signal = AbortSignal.any([end.signal, done.signal, AbortSignal.timeout(NEW_CLIENT_LIFE)]);
    let judged: Promise<void> | undefined;
    await viewRtsp(go2rtc.streamUrl(name), signal, (viewing) => {
      judged ??= judge(viewing)
        .catch(() => undefined)
        .finally(() => done.abort());
    }).catch(() => undefined);
    await judged;
  };
  const loop = (async (): Promise<void> => {
    while (!end.signal.aborted) {
      counts.opened += 1;
      const viewer: Promise<void> = view().finally(() => open.delete(viewer));
      open.add(viewer);
      await pause(every, end.signal);
    }
    first.reject(new Error(`no video of ${name} from ${from}: ${counts.opened} viewers, ${counts.elsewhere} served from elsewhere`));
  })();
  const stop = async (): Promise<void> => {
    end.abort();
    await loop;
    await Promise.all(open);
  };
  return { firstPacket: first.promise, counts, stop, [Symbol.asyncDispose]: stop };
}

/**
 * Watches as Frigate does: FFmpeg with its arguments of preset-rtsp-restream (frigate/ffmpeg_presets.py), decoding; started again 10 s after
 * it exits, and killed after 20 s without frames (frigate/video.py, CameraWatchdog).
 */
export function frigateLikeWatcher(url: string): Watcher {
  const end = new AbortController();
  const noted = reads();
  const input = ["-avoid_negative_ts", "make_zero", "-fflags", "+genpts+discardcorrupt", "-rtsp_transport", "tcp", "-timeout", "10000000"];
  const output = ["-an", "-vf", "scale=64:36", "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"];
  const attempt = async (): Promise<void> => {
    let lastAt = epochMilliseconds();
    await using program = start("ffmpeg", ["-hide_banner", "-nostdin", "-v", "error", "-threads", "1", ...input, "-i", url, ...output], {
      onBytes: () => {
        lastAt = epochMilliseconds();
        noted.note(lastAt);
      },
    });
    const gone = program.exited.then(() => true);
    while (!end.signal.aborted && epochMilliseconds() - lastAt < FRIGATE_PATIENCE) {
      if (await Promise.race([gone, pause(500, end.signal).then(() => false)])) return;
    }
    // A hung FFmpeg ignores the first signal.
    program.signal("SIGKILL");
    await gone;
  };
  const loop = (async (): Promise<void> => {
    while (!end.signal.aborted) {
      await attempt();
      await pause(FRIGATE_RETRY, end.signal);
    }
  })();
  const stop = async (): Promise<void> => {
    end.abort();
    await loop;
  };
  return { reads: noted, stop, [Symbol.asyncDispose]: stop };
}

/** A browser's MSE player on go2rtc's WebSocket (www/video-rtc.js): opened again 1 s after it closes; media without a gap is taken as decoded. */
export function mseViewer(go2rtc: Go2rtc, name: string): Watcher {
  const end = new AbortController();
  const noted = reads();
  const codecs = "avc1.640029,avc1.64002A,avc1.640033,hvc1.1.6.L153.B0,mp4a.40.2,mp4a.40.5,flac,opus";
  const attempt = async (): Promise<void> => {
    const socket = new WebSocket(`${go2rtc.url.replace("http", "ws")}/api/ws?src=${encodeURIComponent(name)}`);
    socket.binaryType = "arraybuffer";
    const closed = new Promise<void>((resolve) => {
      socket.addEventListener("close", () => resolve());
      socket.addEventListener("error", () => resolve());
    });
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "mse", value: codecs })));
    socket.addEventListener("message", (message) => {
      if (message.data instanceof ArrayBuffer) noted.note(epochMilliseconds());
    });
    const ended = new Promise<void>((resolve) => end.signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.race([closed, ended]);
    socket.close();
  };
  const loop = (async (): Promise<void> => {
    while (!end.signal.aborted) {
      await attempt();
      await pause(1_000, end.signal);
    }
  })();
  const stop = async (): Promise<void> => {
    end.abort();
    await loop;
  };
  return { reads: noted, stop, [Symbol.asyncDispose]: stop };
}
