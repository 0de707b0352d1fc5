type Plain = Readonly<Record<string, unknown>>;

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

function detectsOn(camera: Plain, stream: string): boolean {
  const inputs = plain(camera["ffmpeg"])["inputs"];
  return (Array.isArray(inputs) ? inputs : []).some((input) => {
    const { path, roles } = plain(input);
    const name = typeof path === "string" ? /^rtsp:\/\/(?:127\.0\.0\.1|localhost):\d+\/([^?#]+)/.exec(path)?.[1] : undefined;
    return name === stream && Array.isArray(roles) && roles.includes("detect");
  });
}

function plain(value: unknown): Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Plain) : {};
}
