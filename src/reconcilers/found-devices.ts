import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { FoundDevice, PathAnswer, Unlearned } from "../domain/adoption.ts";
import { milliseconds, seconds } from "../domain/duration.ts";
import type { KnownDevice } from "../ports/known-devices.ts";
import type { Prober } from "../ports/prober.ts";

const CONNECT = milliseconds(1500);
const GREETING = seconds(3);
const ENDPOINT = milliseconds(2500);
const ONVIF_PORTS = [80, 8000, 8080, 8899, 2020];
/** So many devices are asked at once, so many paths of one, and so many devices in all. */
const AT_ONCE = 16;
const PATHS = 12;
const DEVICES = 512;

export interface Host {
  readonly mac: MacAddress;
  readonly address: IpAddress;
}

/** Asks hosts whether they are cameras such as are wanted, each once and as soon as it is named. Sends no credential. */
export class FoundDevices {
  readonly #prober: Prober;
  readonly #cameras: readonly Unlearned[];
  readonly #elsewhere: ReadonlyMap<MacAddress, KnownDevice>;
  readonly #known = new Set<string>();
  readonly #found: FoundDevice[] = [];
  readonly #asking = new Set<Promise<void>>();
  readonly #waiting: Host[] = [];
  #failure: { readonly error: unknown } | undefined;

  /** @param elsewhere what another program knows of devices */
  constructor(prober: Prober, cameras: readonly Unlearned[], elsewhere: ReadonlyMap<MacAddress, KnownDevice>) {
    this.#prober = prober;
    this.#cameras = cameras;
    this.#elsewhere = elsewhere;
  }

  add(host: Host, signal: AbortSignal): void {
    const key = `${host.mac} ${host.address}`;
    if (this.#known.has(key) || this.#known.size >= DEVICES) return;
    this.#known.add(key);
    this.#waiting.push(host);
    this.#begin(signal);
  }

  /** Everybody that answers on a wanted port, once all were asked. @throws what the prober throws; the signal's reason when aborted */
  async all(): Promise<readonly FoundDevice[]> {
    while (this.#asking.size > 0) await Promise.race(this.#asking);
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#found;
  }

  #begin(signal: AbortSignal): void {
    while (this.#asking.size < AT_ONCE) {
      const host = this.#waiting.shift();
      if (host === undefined) return;
      const asking: Promise<void> = this.#ask(host, signal)
        .catch((error: unknown) => {
          this.#failure ??= { error };
        })
        .finally(() => {
          this.#asking.delete(asking);
          this.#begin(signal);
        });
      this.#asking.add(asking);
    }
  }

  async #ask({ mac, address }: Host, signal: AbortSignal): Promise<void> {
    const ports = [...new Set(this.#cameras.map((camera) => camera.streamPort))].slice(0, PATHS);
    const readings = await Promise.all(ports.map((port) => this.#prober.connect(address, port, CONNECT, signal)));
    const open = ports.filter((_port, index) => readings[index] === "open");
    if (open.length === 0) return;
    // The table may tell of the past: what counts is who answers now.
    const seen = await this.#prober.neighbour(address, [mac], seconds(1), signal);
    if (seen.found !== "mac") return;
    const [endpoint, answers] = await Promise.all([
      this.#prober.endpoint(address, ONVIF_PORTS, ENDPOINT, signal),
      this.#answers(address, open, signal),
    ]);
    const servers = answers.flatMap(({ greeting }) =>
      greeting.kind === "challenge" && greeting.server !== undefined ? [greeting.server] : [],
    );
    const { name, manufacturer, model } = this.#elsewhere.get(seen.mac) ?? {};
    const made = [manufacturer, model].filter((text) => text !== undefined).join(" ");
    this.#found.push({
      mac: seen.mac,
      address,
      gateway: seen.gateway,
      sayings: [...new Set([...servers, ...(made === "" ? [] : [made])])],
      answers,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(name === undefined ? {} : { called: name }),
    });
  }

  /** One path after the other: cameras allow few connections at a time. */
  async #answers(address: IpAddress, open: readonly number[], signal: AbortSignal): Promise<readonly PathAnswer[]> {
    const wanted = new Map(
      this.#cameras
        .filter(({ streamPort }) => open.includes(streamPort))
        .map(({ streamPort, streamPath }) => [`${String(streamPort)} ${streamPath}`, { port: streamPort, path: streamPath }] as const),
    );
    const answers: PathAnswer[] = [];
    for (const { port, path } of [...wanted.values()].slice(0, PATHS)) {
      const greeting = await this.#prober.greeting(address, port, path, GREETING, signal);
      answers.push({ port, path, greeting });
    }
    return answers;
  }
}
