import type { DeviceId } from "../domain/camera.ts";
import { minutes, seconds } from "../domain/duration.ts";
import { type FrameHealth, nextFrameHealth } from "../domain/frame-health.ts";
import type { Clock } from "../ports/clock.ts";
import type { TargetName } from "../ports/config-target.ts";
import { type CameraFrames, FrigateError, type RunningFrigate } from "../ports/running-frigate.ts";
import type { Status } from "../ports/status.ts";
import type { StreamServer } from "../ports/stream-server.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";
import type { Measured } from "./measured.ts";

const POLL = seconds(10);
const UNREACHABLE = seconds(30);
/** How often it is looked whether there is a camera to ask about; nothing is called for that. */
const NOBODY = minutes(1);

export interface FrameCountsPorts {
  readonly fleet: Fleet;
  readonly frigates: readonly RunningFrigate[];
  readonly servers: readonly StreamServer[];
  readonly clock: Clock;
  readonly status: Status;
  readonly measured: Measured;
  /** Frigate gets no video of the device: where is the camera? */
  readonly onLook: (device: DeviceId) => void;
}

/**
 * Watches the frames that one Frigate counts, of the cameras of which go2rtc does not tell: those that Frigate reads itself, and all where go2rtc is
 * reached only through Frigate. A home without such cameras is not asked.
 */
export class FrameCounts implements Reconciler<TargetName> {
  readonly name = "frame-counts";
  readonly #ports: FrameCountsPorts;
  /** By Frigate and camera. */
  readonly #health = new Map<TargetName, Map<string, FrameHealth>>();

  constructor(ports: FrameCountsPorts) {
    this.#ports = ports;
  }

  async reconcile(name: TargetName, signal: AbortSignal): Promise<Outcome> {
    const frigate = this.#ports.frigates.find((candidate) => candidate.name === name);
    if (frigate === undefined) return {};
    const isByFrigate = this.#ports.servers.some(({ way, place }) => way?.isByFrigate === true && place === frigate.place);
    const wanted = this.#wanted(name, isByFrigate);
    const counted = wanted.size === 0 ? undefined : await this.#framesOf(frigate, new Set(wanted.keys()), signal);
    const known = this.#health.get(name) ?? new Map<string, FrameHealth>();
    this.#health.set(name, known);
    for (const [camera, device] of wanted) {
      const frames = counted?.get(camera);
      this.#ports.measured.noteFrames(device, subjectOf(name, camera), frames?.perSecond);
      if (frames !== undefined) this.#judge(frigate, camera, device, frames, isByFrigate);
      else this.#forget(name, camera);
    }
    for (const gone of [...known.keys()].filter((camera) => !wanted.has(camera))) this.#forget(name, gone);
    if (wanted.size === 0) return { requeueAfter: NOBODY };
    return { requeueAfter: counted === undefined ? UNREACHABLE : POLL };
  }

  /** The cameras to ask about, and their devices. A battery camera may sleep. */
  #wanted(name: TargetName, isByFrigate: boolean): ReadonlyMap<string, DeviceId> {
    const { fleet } = this.#ports;
    const cameras = fleet.documents.find(({ target }) => target.name === name)?.reading.cameras ?? [];
    return new Map(
      cameras.flatMap(({ name: camera, enabled, directInputs, streams }) => {
        const id = fleet.deviceOf(`camera:${camera}`);
        const isUntold = directInputs.length > 0 || (isByFrigate && streams.length > 0);
        if (!enabled || !isUntold || id === undefined || fleet.device(id)?.battery === true) return [];
        return [[camera, id] as const];
      }),
    );
  }

  /** Undefined where Frigate does not answer so: that says nothing of its cameras. */
  async #framesOf(
    frigate: RunningFrigate,
    cameras: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, CameraFrames> | undefined> {
    try {
      return await frigate.frames(cameras, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof FrigateError) return undefined;
      throw error;
    }
  }

  #judge({ name, place }: RunningFrigate, camera: string, device: DeviceId, frames: CameraFrames, isByFrigate: boolean): void {
    const { clock, status, fleet, onLook } = this.#ports;
    const isTold = frames.isRestreamed === true && !isByFrigate;
    const isOn = frames.isOn && !isTold;
    const known = this.#health.get(name);
    const { health, look } = nextFrameHealth(known?.get(camera), { perSecond: frames.perSecond, isOn }, clock.monotonic());
    if (health === undefined) return this.#forget(name, camera);
    known?.set(camera, health);
    const subject = subjectOf(name, camera);
    const title = fleet.device(device)?.title ?? camera;
    if (health.kind === "dead") {
      const quality = frames.quality === undefined ? "" : `, connection quality ${frames.quality}`;
      status.set(subject, "problem", "StreamDead", `Frigate at ${place} gets no video of ${title}${quality}`);
    } else if (health.kind === "live") status.set(subject, "ok", "Healthy", `Frigate at ${place} gets video of ${title}`);
    if (look) onLook(device);
  }

  #forget(name: TargetName, camera: string): void {
    this.#health.get(name)?.delete(camera);
    this.#ports.measured.forgetFrames(subjectOf(name, camera));
    this.#ports.status.clear(subjectOf(name, camera));
  }
}

function subjectOf(name: TargetName, camera: string): string {
  return `camera/${name}/${camera}`;
}
