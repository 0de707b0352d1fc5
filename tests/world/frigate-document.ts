import type { Camera } from "./camera.ts";

/** A camera as it stands in the household's Frigate document. */
export interface DocumentCamera {
  readonly camera: Camera;
  /** Sources of its go2rtc stream, in order. */
  readonly sources: readonly string[];
}

/**
 * Frigate's configuration (as 0.16 and 0.17 take it) of these cameras: go2rtc streams, restreamed inputs, ONVIF hosts and web pages, with
 * comments and quotes as people write them. Holds the cameras' passwords.
 */
export function frigateDocument(cameras: readonly DocumentCamera[]): string {
  const streams = cameras.flatMap(({ camera, sources }) => [`    ${camera.name}:`, ...sources.map((source) => `      - ${source}`)]);
  const entries = cameras.flatMap(({ camera }, index) => entry(camera, index));
  return [
    "# The household's cameras. Passwords are the cameras' own.",
    "mqtt:",
    "  enabled: false",
    "",
    "go2rtc:",
    "  streams: # what people and Frigate watch",
    ...streams,
    "",
    "cameras:",
    ...entries,
    "detect:",
    "  enabled: True",
    "",
  ].join("\n");
}

function entry(camera: Camera, index: number): string[] {
  const quote = index % 2 === 0 ? "" : '"';
  return [
    `  ${camera.name}:`,
    "    ffmpeg:",
    "      inputs:",
    `        - path: rtsp://127.0.0.1:8554/${camera.name}`,
    "          input_args: preset-rtsp-restream",
    "          roles: [detect, record]",
    "    onvif:",
    `      host: ${quote}${camera.address ?? ""}${quote} # as its sticker says`,
    `      port: ${camera.onvifPort}`,
    `      user: ${camera.user}`,
    `      password: ${camera.password}`,
    `    webui_url: http://${camera.address ?? ""}/`,
    "    detect:",
    "      width: 640",
    "      height: 360",
    "      fps: 5",
    "",
  ];
}
