import { type IpAddress, isLoopback, parseIp } from "../../domain/addresses.ts";
import { isHostName } from "../../domain/host-name.ts";
import { type Plain, plain, plains, readYaml } from "../../domain/plain.ts";
import type { TargetName } from "../../ports/config-target.ts";
import type { ExaminedFrigate, FrigateFacts } from "../../ports/frigate-facts.ts";
import {
  type CameraFrames,
  FrigateError,
  type RunningCamera,
  type RunningFrigate,
  type RunningState,
} from "../../ports/running-frigate.ts";
import type { FrigateClient } from "./client.ts";
import { countsNone, readFrames } from "./stats.ts";

/** The first version whose cameras take a changed `ffmpeg` or `onvif` while they run (blakeblackshear/frigate, pull request 22295). */
const LIVE_SINCE = [0, 18] as const;

/** Restarts Frigate; `byItself` is its own call, which only ends it. */
export type RestartWay = (byItself: (signal: AbortSignal) => Promise<void>, signal: AbortSignal) => Promise<void>;

/** A Frigate that runs, asked over HTTP. */
export class HttpFrigate implements RunningFrigate, ExaminedFrigate {
  readonly name: TargetName;
  readonly #client: FrigateClient;
  readonly #restart: RestartWay;

  /** @param restart how it is restarted where that is not by its own call alone */
  constructor(name: TargetName, client: FrigateClient, restart: RestartWay = (byItself, signal) => byItself(signal)) {
    this.name = name;
    this.#client = client;
    this.#restart = restart;
  }

  get place(): string {
    return this.#client.place;
  }

  async state(signal: AbortSignal): Promise<RunningState> {
    const config = await this.#client.config(signal);
    const cameras = Object.entries(plain(config["cameras"])).map(([name, camera]) => [name, runningCamera(plain(camera))] as const);
    return { safeMode: config["safe_mode"] === true, cameras: new Map(cameras) };
  }

  async frames(cameras: ReadonlySet<string>, signal: AbortSignal): Promise<ReadonlyMap<string, CameraFrames>> {
    const stats = await this.#client.stats(signal);
    // The configuration is long: it is asked for only where it matters.
    return readFrames(cameras, stats, countsNone(cameras, stats) ? await this.#client.config(signal) : {});
  }

  async applyLive(camera: string, section: "ffmpeg" | "onvif", text: string, signal: AbortSignal): Promise<boolean> {
    const value = sectionOf(text, camera, section);
    if (value === undefined || !isSince(await this.#client.version(signal), LIVE_SINCE)) return false;
    await this.#client.set({ camera, section, value }, signal);
    return true;
  }

  restart(signal: AbortSignal): Promise<void> {
    return this.#restart((stop) => this.#client.restart(stop), signal);
  }

  async examine(signal: AbortSignal): Promise<FrigateFacts> {
    const version = await this.#client.version(signal);
    const role = await this.#client.role(signal);
    const { safeMode } = await this.state(signal);
    const schema = await this.#client.schema(signal).then(
      () => true,
      (error: unknown) => {
        if (error instanceof FrigateError) return false;
        throw error;
      },
    );
    return { version, role, safeMode, schema };
  }
}

function runningCamera(camera: Plain): RunningCamera {
  const inputs = plains(plain(camera["ffmpeg"])["inputs"]);
  const hosts = inputs.map(({ path }) => hostIn(path)).filter((host) => host !== undefined);
  const onvif = hostIn(plain(camera["onvif"])["host"]);
  const names = hosts.filter(isHostName);
  const [address, name] = onvif === undefined ? [] : [addressOf(onvif), isHostName(onvif) ? onvif : undefined];
  return {
    inputs: hosts.map(addressOf).filter((host) => host !== undefined),
    ...(names.length === 0 ? {} : { names }),
    ...(address === undefined ? {} : { onvif: address }),
    ...(name === undefined ? {} : { onvifName: name }),
  };
}

/** The host of a URL as `/api/config` shows it (credentials are `*:*` there), or a bare host. */
function hostIn(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return /^[^:/?#]+:\/\/(?:[^/?#]*@)?([^/:?#]+)/.exec(value)?.[1] ?? /^([^/:?#]+)(?::\d+)?\/?$/.exec(value)?.[1];
}

/** None for the machine itself. */
function addressOf(host: string): IpAddress | undefined {
  const address = parseIp(host);
  return address === undefined || isLoopback(address) ? undefined : address;
}

/**
 * What `config/set` is sent of a camera. The whole list of inputs with all that stands there, since lists are not merged; of `onvif` the host alone.
 * Placeholders go as they are: Frigate fills them when it takes the value.
 */
function sectionOf(text: string, camera: string, section: "ffmpeg" | "onvif"): Plain | undefined {
  const value = plain(plain(plain(readYaml(text))["cameras"])[camera])[section];
  if (section === "onvif") {
    const host = plain(value)["host"];
    return typeof host === "string" ? { host } : undefined;
  }
  const inputs = plain(value)["inputs"];
  if (!Array.isArray(inputs) || inputs.length === 0) return undefined;
  return inputs.every((input) => typeof plain(input)["path"] === "string") ? { inputs } : undefined;
}

function isSince(version: string, since: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major > since[0] || (major === since[0] && minor >= since[1]);
}
