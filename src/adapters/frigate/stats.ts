import { type Plain, list, plain, plains } from "../../domain/plain.ts";
import type { CameraFrames } from "../../ports/running-frigate.ts";

/**
 * Frames a second that Frigate counts of cameras whose detecting input reads the stream (`camera_fps` of `GET /api/stats`, the same in 0.14 – 0.18): it is that
 * input's alone, and 0 again twenty seconds after the last frame (frigate/video.py).
 * @param config as `GET /api/config` gives it
 */
export function streamFrames(stream: string, config: Plain, stats: Plain): number {
  const counted = plain(stats["cameras"]);
  const reads = Object.entries(plain(config["cameras"])).filter(([, camera]) => detectsOn(plain(camera), stream));
  const frames = reads.map(([name]) => plain(counted[name])["camera_fps"]);
  return Math.max(0, ...frames.filter((value) => typeof value === "number"));
}

/** Frigate opens its inputs one after the other when it starts, and takes up to a minute for it. */
const STARTED = 60;

/** True where at least one of these cameras has no frames now. */
export function countsNone(cameras: ReadonlySet<string>, stats: Plain): boolean {
  return Object.entries(plain(stats["cameras"])).some(([name, counted]) => cameras.has(name) && plain(counted)["camera_fps"] === 0);
}

/**
 * What `GET /api/stats` counts of these cameras.
 * @param config as `GET /api/config` gives it, which has the switches outside the document too; needed only where `countsNone`
 */
export function readFrames(cameras: ReadonlySet<string>, stats: Plain, config: Plain): ReadonlyMap<string, CameraFrames> {
  const uptime = plain(stats["service"])["uptime"];
  if (typeof uptime === "number" && uptime < STARTED) return new Map();
  const running = plain(config["cameras"]);
  return new Map(
    Object.entries(plain(stats["cameras"])).flatMap(([name, counted]): readonly (readonly [string, CameraFrames])[] => {
      const { camera_fps: perSecond, connection_quality: quality } = plain(counted);
      if (!cameras.has(name) || typeof perSecond !== "number") return [];
      const camera = plain(running[name]);
      const told = typeof quality === "string" ? { quality: quality.slice(0, 20) } : {};
      if (perSecond > 0) return [[name, { perSecond, isOn: true, ...told }]];
      const isOn = running[name] !== undefined && camera["enabled"] !== false;
      return [[name, { perSecond, isOn, isRestreamed: detectedStreams(camera).length > 0, ...told }]];
    }),
  );
}

function detectsOn(camera: Plain, stream: string): boolean {
  return detectedStreams(camera).includes(stream);
}

/** The streams of go2rtc on the same machine that the camera's detecting input reads. */
function detectedStreams(camera: Plain): readonly string[] {
  return plains(plain(camera["ffmpeg"])["inputs"]).flatMap(({ path, roles }) => {
    if (typeof path !== "string" || !list(roles).includes("detect")) return [];
    return /^rtsp:\/\/(?:127\.0\.0\.1|localhost):\d+\/([^?#]+)/.exec(path)?.[1] ?? [];
  });
}
