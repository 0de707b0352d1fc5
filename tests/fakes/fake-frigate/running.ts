import { parseDocument } from "./validate.ts";

/** A camera of the running configuration, as much of it as `GET /api/config` shows that matters here. */
export interface RunningCamera {
  ffmpeg: { inputs: { path: string; roles: string[] }[] };
  onvif: { host: string; port: number };
  webui_url?: string;
}

export interface RunningConfig {
  readonly cameras: Record<string, RunningCamera>;
  readonly safe_mode?: boolean;
}

/** What Frigate runs with after it has started on this text. */
export function runningConfig(source: string, environment: Readonly<Record<string, string>>): RunningConfig {
  const document = record(parseDocument(source));
  const variables = { ...environment, ...(record(document["environment_vars"]) as Record<string, string>) };
  const fill = (value: unknown): string => text(value).replaceAll(/\{(FRIGATE_\w+)\}/g, (_all, name: string) => variables[name] ?? "");
  const cameras = Object.entries(record(document["cameras"])).map(([name, value]): [string, RunningCamera] => {
    const camera = record(value);
    const inputs = record(camera["ffmpeg"])["inputs"];
    const onvif = record(camera["onvif"]);
    const webui = camera["webui_url"];
    return [
      name,
      {
        ffmpeg: {
          inputs: (Array.isArray(inputs) ? inputs : []).map((input) => ({
            path: fill(record(input)["path"]),
            roles: (record(input)["roles"] as string[] | undefined) ?? [],
          })),
        },
        onvif: { host: fill(onvif["host"]), port: Number(onvif["port"] ?? 8000) },
        ...(webui === undefined ? {} : { webui_url: text(webui) }),
      },
    ];
  });
  return { cameras: Object.fromEntries(cameras) };
}

/** As `GET /api/config` shows it: credentials of inputs are masked (frigate/util/builtin.py, clean_camera_user_pass). */
export function maskedConfig(config: RunningConfig): RunningConfig {
  const masked: RunningConfig = structuredClone(config);
  for (const { ffmpeg } of Object.values(masked.cameras)) {
    for (const input of ffmpeg.inputs) {
      input.path = input.path.replace(/:\/\/.+:.+@/, "://*:*@").replaceAll(/([?&])user=[^&]*&password=[^&]*/g, "$1user=*&password=*");
    }
  }
  return masked;
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The value where it is text, else none. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
