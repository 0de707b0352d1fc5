import { hours, seconds } from "../../src/domain/duration.ts";
import type { Duration } from "../../src/domain/duration.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import type { EnginePorts } from "../../src/reconcilers/engine-ports.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import type { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeRunningFrigate } from "../fakes/fake-running-frigate.ts";
import { at, FakeHome, FRIGATE, type HomeCamera, mac, source } from "./fake-home.ts";

/** Cameras that Frigate reads directly, from 192.168.1.20 on. */
export const directCameras = (count: number): readonly HomeCamera[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `cam${String(index)}`,
    mac: mac(`0c:79:55:4b:d5:${index.toString(16).padStart(2, "0")}`),
    address: at(20 + index),
  }));

/** Frigate's document of them; `unsized` are without `detect`. */
export function directText(cameras: readonly HomeCamera[], unsized: readonly string[] = []): string {
  const entries = cameras.map(
    ({ name, address }) =>
      `  ${name}:\n    ffmpeg:\n      inputs:\n        - path: ${source(name, address)}\n          roles: [detect]\n` +
      (unsized.includes(name) ? "" : "    detect: {width: 640, height: 360}\n"),
  );
  return `# directly\ncameras:\n${entries.join("")}`;
}

export interface RestartHomeSettings {
  readonly cameras: readonly HomeCamera[];
  readonly unsized?: readonly string[];
  readonly never?: boolean;
  readonly live?: boolean;
  readonly clock?: FakeClock;
  readonly registry?: FakeRegistry;
  readonly target?: FakeConfigTarget;
  readonly frigate?: FakeRunningFrigate;
  readonly ports?: Partial<EnginePorts>;
}

export interface RestartHome {
  readonly home: FakeHome;
  readonly frigate: FakeRunningFrigate;
  readonly target: FakeConfigTarget;
  readonly clock: FakeClock;
  /** Ends this program and starts the next one on what is on disk. */
  readonly again: (more?: Partial<RestartHomeSettings>) => RestartHome;
}

/** A home whose Frigate reads the cameras itself and says what it runs with. */
export function restartHome(settings: RestartHomeSettings): RestartHome {
  const clock = settings.clock ?? new FakeClock();
  const target =
    settings.target ?? new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: directText(settings.cameras, settings.unsized) });
  const frigate =
    settings.frigate ?? new FakeRunningFrigate({ text: () => target.text, clock, live: settings.live ?? false, startsIn: seconds(20) });
  const home = new FakeHome({
    cameras: settings.cameras,
    targets: [target],
    servers: [],
    clock,
    ...(settings.registry === undefined ? {} : { registry: settings.registry }),
    ports: { frigates: [frigate], neverRestarted: new Set(settings.never === true ? ["frigate" as TargetName] : []), ...settings.ports },
  });
  const again: RestartHome["again"] = (more = {}) => restartHome({ ...settings, clock, target, frigate, registry: home.registry, ...more });
  return { home, frigate, target, clock, again };
}

/** Pauses between restarts, in order. */
export function pausesOf(restarts: readonly Duration[]): readonly number[] {
  return restarts.slice(1).map((one, index) => one - (restarts[index] ?? 0));
}

/** The most restarts within any day. */
export function mostADay(restarts: readonly Duration[]): number {
  return Math.max(0, ...restarts.map((first) => restarts.filter((one) => one >= first && one - first < hours(24)).length));
}
