import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import type { Camera } from "../../world/camera.ts";
import { startHome, type Home } from "../../world/home.ts";
import type { Form, OutputLine, Shepherd } from "../../world/shepherd.ts";
import { epochMilliseconds, eventually } from "../../world/waiting.ts";

/** A line of `run --json`: what happened, and when it came, epoch ms. */
export interface Noticed {
  readonly at: number;
  readonly kind: string;
  /** Id of the camera that it is about; undefined where it is about none. */
  readonly device: string | undefined;
  /** In a few words. */
  readonly text: string;
}

/** A home whose cameras are moved, with or without Camera Shepherd at work in it. */
export interface Stage extends AsyncDisposable {
  readonly home: Home;
  readonly cameras: readonly Camera[];
  /** What Camera Shepherd told so far, the last 20,000. */
  readonly notices: readonly Noticed[];
  /** An address of the network that nobody had before. */
  freshAddress(): IpAddress;
  /** What Camera Shepherd told of one camera in that span, with times after `since`. */
  timeline(camera: Camera, since: number, until: number): readonly string[];
  /** @throws where Camera Shepherd has ended by itself */
  assertRunning(): void;
  /** Ends Camera Shepherd; the home stays. */
  stopShepherd(): Promise<void>;
}

export interface StageOptions {
  /**
   * The third number of the network 192.168.x.0/24, another one for each stage of a run: the kernel goes on resending what dead programs left unsent,
   * and the neighbour entries that this makes would let Camera Shepherd see a camera that arrives there without looking.
   */
  readonly subnet: number;
  readonly cameras: number;
  /** Undefined: without Camera Shepherd. */
  readonly form: Form | undefined;
  /** Further sources of each camera's stream. */
  readonly moreSources?: (name: string, address: IpAddress, password: string) => readonly string[];
}

const NOTICES_KEPT = 20_000;
/** Nothing is said for so long: what there is to learn has been learned. */
const QUIET = 3_000;

/** Makes a home of our own RTSP cameras (a key frame each second) and waits until Camera Shepherd has learned every one. */
export async function openStage(options: StageOptions): Promise<Stage> {
  await using undo = new AsyncDisposableStack();
  const specs = Array.from({ length: options.cameras }, (_, index) => {
    const name = `cam${index + 1}`;
    const password = `canary-${crypto.randomUUID().slice(0, 8)}`;
    const address = `192.168.${options.subnet}.${20 + index}` as IpAddress;
    return {
      name,
      mac: `0c:79:55:4b:d5:${(0x10 + index).toString(16)}` as MacAddress,
      address,
      password,
      paths: ["/main", "/sub"],
      moreSources: options.moreSources?.(name, address, password) ?? [],
    };
  });
  const home = undo.use(await startHome({ cameras: specs, network: `192.168.${options.subnet}.0/24` }));
  const notices: Noticed[] = [];
  const note = (line: OutputLine): void => {
    notices.push(noticed(line));
    if (notices.length > NOTICES_KEPT) notices.shift();
  };
  const shepherd: Shepherd | undefined =
    options.form === undefined ? undefined : home.runShepherd(["run", "--json"], { form: options.form, onLine: note });
  if (shepherd !== undefined) {
    const learned = (): number => new Set(notices.filter((one) => one.kind === "learned").map((one) => one.device)).size;
    await eventually("every camera to be learned", () => (shepherd.assertRunning(), learned() >= options.cameras), 60_000, 50);
    await eventually("Camera Shepherd to settle", () => epochMilliseconds() - (notices.at(-1)?.at ?? 0) > QUIET, 30_000, 50);
  }
  // Above the cameras' first addresses and below the router's own range, then above that.
  const free = [...range(40, 99), ...range(200, 254), ...range(100, 199)];
  const owned = undo.move();
  return {
    home,
    cameras: home.cameras,
    notices,
    freshAddress: () => {
      const next = free.shift();
      if (next === undefined) throw new Error("the network has no address left that nobody had: fewer moves, please");
      return home.lan.at(next);
    },
    timeline: (camera, since, until) =>
      notices
        .filter((one) => one.at >= since && one.at <= until && concerns(one, camera.name))
        .map((one) => `${(one.at - since).toFixed(0).padStart(6)} ms ${one.text}`),
    assertRunning: () => shepherd?.assertRunning(),
    stopShepherd: async () => shepherd?.stop(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Some lines are of several cameras or of none, and name whom they concern. */
function concerns({ device, text }: Noticed, name: string): boolean {
  return device === name || (device === undefined && new RegExp(`\\b${name}\\b`).test(text));
}

function noticed({ at, stream, text }: OutputLine): Noticed {
  if (stream === "error" || !text.startsWith("{")) return { at, kind: stream, device: undefined, text };
  const line = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const { time: _time, kind, device, ...rest } = line;
  const subject = /"subject":"device\/([^"]+)"/.exec(text)?.[1];
  const about = typeof device === "string" ? device : subject;
  return { at, kind: String(kind), device: about, text: `${String(kind)} ${JSON.stringify(rest)}`.slice(0, 600) };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
