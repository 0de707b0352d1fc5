import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import type { IpAddress } from "../../src/domain/addresses.ts";
import type { Duration } from "../../src/domain/duration.ts";
import { isHostName } from "../../src/domain/host-name.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import {
  type CameraFrames,
  FrigateError,
  type RunningCamera,
  type RunningFrigate,
  type RunningState,
} from "../../src/ports/running-frigate.ts";
import type { FakeClock } from "./fake-clock.ts";

const FORMAT = frigateDocument({ environment: new Map() });

export interface FakeRunningFrigateSettings {
  readonly name?: string;
  /** The document that it reads when it starts. */
  readonly text: () => string;
  readonly clock: FakeClock;
  /** Takes changes live, as 0.18 and later. */
  readonly live?: boolean;
  /** How long it does not answer after it was asked to restart. */
  readonly startsIn?: Duration;
  readonly comesBackWithin?: Duration;
}

/** A Frigate in memory that reads its document when it starts. */
export class FakeRunningFrigate implements RunningFrigate {
  readonly name: TargetName;
  readonly place = "http://fake:5000";
  readonly comesBackWithin?: Duration;
  /** When it was asked to restart. Monotonic. */
  readonly restarts: Duration[] = [];
  /** The frames that it counts, by camera. */
  readonly counted = new Map<string, CameraFrames>();
  /** When they were asked for. Monotonic. */
  readonly framesAsked: Duration[] = [];
  /** What was applied live. */
  readonly applied: string[] = [];
  /** Whether something starts it again after it has ended. */
  isKept = true;
  /** Whether it finds a text valid. */
  accepts: (text: string) => boolean = () => true;
  /** How long it takes to say with what it runs. */
  answersIn: Duration | undefined;
  /** What a call of `restart` fails with, having done nothing. */
  refuses: FrigateError | undefined;
  readonly #settings: FakeRunningFrigateSettings;
  #state: { safeMode: boolean; cameras: Map<string, RunningCamera> } = { safeMode: false, cameras: new Map() };
  #upAt = 0;

  constructor(settings: FakeRunningFrigateSettings) {
    this.name = (settings.name ?? "frigate") as TargetName;
    this.#settings = settings;
    if (settings.comesBackWithin !== undefined) this.comesBackWithin = settings.comesBackWithin;
    this.#load();
  }

  /** A person starts it. */
  start(): void {
    this.#load();
    this.#upAt = this.#settings.clock.monotonic();
  }

  /** It ends and is not started again. */
  end(): void {
    this.#upAt = Infinity;
  }

  async state(signal: AbortSignal): Promise<RunningState> {
    this.#enter(signal);
    if (this.answersIn !== undefined) await this.#settings.clock.wait("Frigate's answer", this.answersIn, signal);
    return { safeMode: this.#state.safeMode, cameras: new Map(this.#state.cameras) };
  }

  async frames(cameras: ReadonlySet<string>, signal: AbortSignal): Promise<ReadonlyMap<string, CameraFrames>> {
    this.#enter(signal);
    this.framesAsked.push(this.#settings.clock.monotonic());
    return new Map([...this.counted].filter(([name]) => cameras.has(name)));
  }

  async applyLive(camera: string, section: "ffmpeg" | "onvif", text: string, signal: AbortSignal): Promise<boolean> {
    this.#enter(signal);
    const fresh = read(text).get(camera);
    const running = this.#state.cameras.get(camera);
    if (this.#settings.live !== true || fresh === undefined || running === undefined) return false;
    this.applied.push(`${camera} ${section}`);
    this.#state.cameras.set(
      camera,
      section === "ffmpeg"
        ? { inputs: fresh.inputs, ...namesOf(fresh.names), ...onvifOf(running.onvif) }
        : { inputs: running.inputs, ...namesOf(running.names), ...onvifOf(fresh.onvif) },
    );
    return true;
  }

  async restart(signal: AbortSignal): Promise<void> {
    this.#enter(signal);
    if (this.refuses !== undefined) throw this.refuses;
    const { clock, startsIn } = this.#settings;
    this.restarts.push(clock.monotonic());
    this.#upAt = this.isKept ? clock.monotonic() + (startsIn ?? 0) : Infinity;
    this.#load();
  }

  #load(): void {
    const text = this.#settings.text();
    this.#state = this.accepts(text) ? { safeMode: false, cameras: read(text) } : { safeMode: true, cameras: new Map() };
  }

  #enter(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#settings.clock.monotonic() < this.#upAt)
      throw new FrigateError("FrigateUnreachable", `Frigate at ${this.place} does not answer`);
  }
}

function read(text: string): Map<string, RunningCamera> {
  const { cameras, occurrences, leftAlone } = FORMAT.read(text);
  return new Map(
    cameras.map(({ name }) => {
      const own = occurrences.filter(({ owners }) => owners.includes(`camera:${name}`));
      const onvif = own.find(({ kind }) => kind === "onvif");
      const byName = leftAlone.filter(
        ({ owners, path, why }) => why === "hostname" && path.includes("inputs") && owners.includes(`camera:${name}`),
      );
      const names = byName.map(({ host }) => host).filter(isHostName);
      const inputs = own.filter(({ kind }) => kind === "input").map(({ address }) => address);
      return [name, { inputs, ...namesOf(names), ...onvifOf(onvif?.address) }];
    }),
  );
}

function namesOf(names: RunningCamera["names"] = []): Pick<RunningCamera, "names"> {
  return names.length === 0 ? {} : { names };
}

function onvifOf(onvif: IpAddress | undefined): { readonly onvif?: IpAddress } {
  return onvif === undefined ? {} : { onvif };
}
