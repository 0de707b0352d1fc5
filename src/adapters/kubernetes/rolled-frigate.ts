import { backoffDelay, type BackoffPolicy } from "../../runtime/backoff.ts";
import { parseIp } from "../../domain/addresses.ts";
import { between, type Duration, hours, type Instant, instant, milliseconds, minutes, seconds } from "../../domain/duration.ts";
import type { Clock, Random } from "../../ports/clock.ts";
import { TargetError, type TargetName } from "../../ports/config-target.ts";
import {
  type CameraFrames,
  FrigateError,
  type RunningCamera,
  type RunningFrigate,
  type RunningState,
} from "../../ports/running-frigate.ts";
import { ApiError } from "./cluster-api.ts";
import { MOUNT_WORDS } from "./mounts.ts";
import type { Rollout } from "./rollout.ts";
import type { Workload, WorkloadView } from "./workload.ts";

/** Reloader acts within seconds; one that has not by then does not run. */
const RELOADER = minutes(2);
/** So often a restart that the server did not take is asked for anew. */
const MOST_TRIES = 5;
const AGAIN: BackoffPolicy = { initial: milliseconds(750), factor: 2, max: seconds(15), jitter: 0.6 };
/** A Frigate that is ready and does not answer has not come up. */
const ANSWERS = seconds(90);
/** Until that has been seen, too. */
const JUDGED = seconds(15);

export interface RolledFrigateSettings {
  readonly name: TargetName;
  readonly workload: Workload;
  readonly clock: Clock;
  readonly random: Random;
  /** The same Frigate over HTTP, which alone knows what it runs with; absent: that is told from when its pods began. */
  readonly http?: RunningFrigate;
}

/** A Frigate that a cluster runs: it is restarted by making new pods, and is up when these are. */
export class RolledFrigate implements RunningFrigate {
  readonly name: TargetName;
  readonly place: string;
  readonly comesBackWithin: Duration;
  readonly #settings: RolledFrigateSettings;
  /** The restart that was asked for last. */
  #asked: Instant | undefined;

  constructor(settings: RolledFrigateSettings) {
    this.name = settings.name;
    this.place = settings.http?.place ?? settings.workload.place;
    this.comesBackWithin = milliseconds(settings.workload.limit + ANSWERS + JUDGED);
    this.#settings = settings;
  }

  /** @throws FrigateError; TargetError where the cluster does not tell */
  async state(signal: AbortSignal): Promise<RunningState> {
    const { workload, http } = this.#settings;
    const view = await workload.look(signal);
    const { rollout } = view;
    if (rollout.kind === "failed") return { safeMode: true, failed: rollout.why, cameras: new Map() };
    if (rollout.kind === "underway" || rollout.pods.length === 0)
      throw new FrigateError("FrigateUnreachable", `${workload.place} is coming up`);
    const alone = view.isReloaded ? { restartsAlone: true } : {};
    if (http === undefined) return { safeMode: false, cameras: usedByPods(view, rollout.pods), ...alone };
    try {
      return { ...(await http.state(signal)), ...alone };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FrigateError) || !this.#shouldAnswer(rollout)) throw error;
      return { safeMode: true, failed: `is ready and does not answer: ${error.message}`, cameras: new Map() };
    }
  }

  async frames(cameras: ReadonlySet<string>, signal: AbortSignal): Promise<ReadonlyMap<string, CameraFrames>> {
    return (await this.#settings.http?.frames(cameras, signal)) ?? new Map<string, CameraFrames>();
  }

  async applyLive(camera: string, section: "ffmpeg" | "onvif", text: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#settings.http?.applyLive(camera, section, text, signal)) ?? false;
  }

  async restart(signal: AbortSignal): Promise<void> {
    const { workload, clock, random } = this.#settings;
    const at = clock.now();
    for (let tries = 1; ; tries += 1) {
      try {
        if (tries === 1 && !this.#isNeeded(await workload.look(signal), at)) return;
        await workload.restart(at, signal);
        this.#asked = at;
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ApiError) && !(error instanceof TargetError)) throw error;
        const isAway = error.reason === "ClusterUnreachable";
        if (!isAway || tries >= MOST_TRIES)
          throw new FrigateError(isAway ? "FrigateUnreachable" : "FrigateForbids", error.message, { cause: error });
        // The same time again: what was taken already is not done twice.
        await clock.wait("restart again", backoffDelay(AGAIN, tries, random), signal);
      }
    }
  }

  /** It was restarted a while ago, and not so long ago that something else must be wrong. */
  #shouldAnswer({ pods, readyAt }: Extract<Rollout, { readonly kind: "complete" }>): boolean {
    if (this.#asked === undefined) return false;
    const now = this.#settings.clock.now();
    // A pod may be long in coming up: its silence counts from when it was ready.
    const since = between(instant(Math.max(this.#asked, ...pods, readyAt ?? 0)), now);
    return since >= ANSWERS && between(this.#asked, now) < hours(1);
  }

  #isNeeded({ changedAt, notedAt, isReloaded, rollout, mounted }: WorkloadView, now: Instant): boolean {
    if (mounted === "seeded")
      throw new FrigateError("FrigateRefused", `${this.#settings.workload.place} is not restarted: the ConfigMap ${MOUNT_WORDS[mounted]}`);
    if (changedAt === undefined) return true;
    if (isReloaded && notedAt !== undefined && between(notedAt, now) < RELOADER) return false;
    const isNewer = rollout.kind === "complete" && rollout.pods.length > 0 && rollout.pods.every((at) => at > changedAt);
    if (isNewer && this.#settings.http !== undefined)
      throw new FrigateError(
        "FrigateRefused",
        `${this.#settings.workload.place} was started after the ConfigMap was changed and uses the former addresses all the same: the ConfigMap does not reach it, though it ${MOUNT_WORDS[mounted]}; look at what its chart copies`,
      );
    return true;
  }
}

/** What pods run with that began before the text was changed. */
function usedByPods(view: WorkloadView, pods: readonly Instant[]): ReadonlyMap<string, RunningCamera> {
  const { changedAt, changed, notedAt, restartedAt, isReloaded } = view;
  const isRestartedSince = notedAt !== undefined && restartedAt !== undefined && restartedAt >= notedAt;
  // The API server's times have whole seconds: in doubt pods are older, unless Reloader made them for this very change.
  const isNewer = (at: Instant): boolean => changedAt === undefined || at > changedAt || (isReloaded && at === changedAt);
  if (isRestartedSince || pods.every(isNewer)) return new Map();
  return new Map(
    changed.flatMap(({ camera, from }) => {
      const address = parseIp(from);
      return address === undefined ? [] : [[camera, { inputs: [address], onvif: address }] as const];
    }),
  );
}
