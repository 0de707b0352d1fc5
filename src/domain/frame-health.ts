import { type Duration, milliseconds, minutes, seconds } from "./duration.ts";

/** What one look at Frigate's statistics says of a camera. */
export interface CountedFrames {
  /** Frames a second that come in from the camera (`camera_fps`). */
  readonly perSecond: number;
  /** False where Frigate was told to leave the camera off: it counts no frames then, and nothing is wrong. */
  readonly isOn: boolean;
}

export interface FrameHealth {
  readonly kind: "unknown" | "live" | "dead";
  readonly lookedAt: Duration;
  /** Since when every look counted no frames. */
  readonly noneSince?: Duration;
  /** When the camera itself is looked at again. */
  readonly nextLookAt?: Duration;
}

export interface FrameVerdict {
  /** Undefined where nothing is expected of the camera. */
  readonly health: FrameHealth | undefined;
  /** True where the camera itself should be looked at now. */
  readonly look: boolean;
}

/** Frigate counts 0 twenty seconds after the last frame (frigate/video.py); so long, once more, it must go on. */
const DEAD_AFTER = seconds(20);
/** Looks further apart than this do not belong together: Frigate was not reachable, or the machine slept. */
const TOGETHER = minutes(1);
const LOOK_AGAIN = minutes(1);

/**
 * The health of a camera's stream by one more look at the frames that Frigate counts: dead where two looks, more than twenty seconds apart, and all
 * between them counted none.
 * @param now a clock that never jumps
 */
export function nextFrameHealth(before: FrameHealth | undefined, { perSecond, isOn }: CountedFrames, now: Duration): FrameVerdict {
  if (!isOn) return { health: undefined, look: false };
  if (perSecond > 0) return { health: { kind: "live", lookedAt: now }, look: false };
  const known = before !== undefined && now - before.lookedAt <= TOGETHER ? before : undefined;
  const noneSince = known?.noneSince ?? now;
  if (now - noneSince <= DEAD_AFTER) return { health: { kind: known?.kind ?? "unknown", lookedAt: now, noneSince }, look: false };
  const look = known?.nextLookAt === undefined || now >= known.nextLookAt;
  const nextLookAt = look ? milliseconds(now + LOOK_AGAIN) : known.nextLookAt;
  return { health: { kind: "dead", lookedAt: now, noneSince, nextLookAt }, look };
}
