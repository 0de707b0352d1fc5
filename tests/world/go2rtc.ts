import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { part } from "../parts.ts";
import { start } from "./programs.ts";
import { eventually } from "./waiting.ts";

/** One source of a stream as `GET /api/streams` tells it (go2rtc internal/streams). */
export interface Go2rtcProducer {
  readonly url?: string;
  readonly id?: number;
  readonly remote_addr?: string;
  readonly receivers?: readonly { readonly codec?: { readonly codec_type?: string }; readonly packets?: number }[];
}

/** One viewer of a stream. */
export interface Go2rtcConsumer {
  readonly remote_addr?: string;
}

export interface Go2rtcStream {
  readonly producers: readonly Go2rtcProducer[] | null;
  readonly consumers: readonly Go2rtcConsumer[] | null;
}

/** A go2rtc at work in the home box. */
export interface Go2rtc extends AsyncDisposable {
  readonly url: string;
  readonly version: string;
  /** Its yaml file, which its PUT and DELETE write. */
  readonly file: string;
  /** What it logged, the last 2,000 lines. */
  readonly log: readonly string[];
  readonly pid: number;
  /** A stream's address for viewers on the home box. */
  streamUrl(name: string): string;
  streams(): Promise<Readonly<Record<string, Go2rtcStream>>>;
  put(name: string, sources: readonly string[]): Promise<number>;
  /** Sets every source of the stream, in memory only. @returns the status */
  patch(name: string, source: string): Promise<number>;
  stop(): Promise<void>;
}

export interface Go2rtcOptions {
  readonly version?: "1.9.14" | "1.9.9";
  /** Where its yaml is written, mode 0600. */
  readonly file: string;
  /** Name to sources. */
  readonly streams: Readonly<Record<string, readonly string[]>>;
  readonly apiPort?: number;
  readonly rtspPort?: number;
  /** More yaml, whole lines, such as a user and password of the API. */
  readonly more?: string;
  /** Variables of its environment beside our own. */
  readonly env?: Readonly<Record<string, string>>;
  /** A yaml file that is named before `file`, as Frigate names its HomeKit file: there go2rtc stores what its API is told. */
  readonly firstFile?: string;
}

const LOG_KEPT = 2_000;

/** The yaml of a stand-alone go2rtc. */
function go2rtcYaml(options: Go2rtcOptions): string {
  const streams = Object.entries(options.streams).flatMap(([name, sources]) => [
    `  ${name}:`,
    ...sources.map((source) => `    - ${source}`),
  ]);
  const ports = [
    `api:\n  listen: ":${options.apiPort ?? 1984}"`,
    `rtsp:\n  listen: ":${options.rtspPort ?? 8554}"`,
    'webrtc:\n  listen: ""',
  ];
  return [...ports, ...(options.more === undefined ? [] : [options.more]), "log:\n  level: debug", "streams:", ...streams, ""].join("\n");
}

/** Writes the yaml, starts go2rtc and waits until its API answers. */
export async function startGo2rtc(options: Go2rtcOptions): Promise<Go2rtc> {
  await mkdir(dirname(options.file), { recursive: true });
  await writeFile(options.file, go2rtcYaml(options), { mode: 0o600 });
  return runGo2rtc(options);
}

/** Starts go2rtc on a yaml that is there already. */
export async function runGo2rtc(options: Omit<Go2rtcOptions, "streams">): Promise<Go2rtc> {
  const log: string[] = [];
  const onLine = (line: string): void => {
    log.push(line);
    if (log.length > LOG_KEPT) log.shift();
  };
  const version = options.version ?? "1.9.14";
  const files = [...(options.firstFile === undefined ? [] : [options.firstFile]), options.file];
  const program = start(
    part("go2rtc", version),
    files.flatMap((file) => ["-config", file]),
    { onLine, onComplaint: onLine, cwd: dirname(options.file), ...(options.env === undefined ? {} : { env: options.env }) },
  );
  const url = `http://127.0.0.1:${options.apiPort ?? 1984}`;
  await eventually("go2rtc", () => (program.assertRunning(), answers(`${url}/api`)), 15_000, 20);
  const change = async (method: string, query: URLSearchParams): Promise<number> => {
    const response = await fetch(`${url}/api/streams?${query.toString()}`, { method, signal: AbortSignal.timeout(15_000) });
    await response.arrayBuffer();
    return response.status;
  };
  return {
    url,
    version,
    file: options.file,
    log,
    pid: program.pid,
    streamUrl: (name) => `rtsp://127.0.0.1:${options.rtspPort ?? 8554}/${name}`,
    streams: async () => {
      const response = await fetch(`${url}/api/streams`, { signal: AbortSignal.timeout(10_000) });
      return (await response.json()) as Readonly<Record<string, Go2rtcStream>>;
    },
    put: (name, sources) => change("PUT", query(name, sources)),
    patch: (name, source) => change("PATCH", query(name, [source])),
    stop: () => program.stop(),
    [Symbol.asyncDispose]: () => program.stop(),
  };
}

function query(name: string, sources: readonly string[]): URLSearchParams {
  const parameters = new URLSearchParams({ name });
  for (const source of sources) parameters.append("src", source);
  return parameters;
}

/** Whether an HTTP server answers at all; a refusal for want of a password counts. */
async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    () => true,
    () => false,
  );
}

/** The host of a producer's or consumer's `remote_addr`, such as `192.168.50.20:554` or `192.168.50.20:554 forwarded …`. */
export function remoteHost(remote: string | undefined): string | undefined {
  return remote === undefined ? undefined : /^\[?([^\]\s]+?)\]?:\d+/.exec(remote)?.[1];
}
