import type { Condition } from "../domain/condition.ts";
import type { EvidenceRecord } from "../domain/evidence.ts";
import { reasonOf } from "../domain/reasons.ts";
import type { CameraView } from "../ports/home-view.ts";

/** A condition with the words of its reason. */
export function conditionShown(condition: Condition): object {
  const { title, severity, nextStep } = reasonOf(condition.reason);
  return { ...condition, title, severity, nextStep, since: isoTime(condition.since) };
}

export function cameraShown(camera: CameraView): object {
  const { verifiedAt, lastMove, clockOffset, conditions, ...rest } = camera;
  return {
    ...rest,
    ...(verifiedAt === undefined ? {} : { verifiedAt: isoTime(verifiedAt) }),
    ...(lastMove === undefined ? {} : { lastMove: isoTime(lastMove) }),
    ...(clockOffset === undefined ? {} : { clockOffsetMs: Math.round(clockOffset) }),
    conditions: conditions.map(conditionShown),
  };
}

export function evidenceShown({ candidate, layer, at, took, verdict, reason, hostName, steps }: EvidenceRecord): object {
  return {
    candidate,
    layer,
    at: isoTime(at),
    tookMs: Math.round(took),
    verdict,
    reason,
    ...(hostName === undefined ? {} : { hostName }),
    steps: steps.map(({ proof, outcome, detail, after }) => ({ proof, outcome, detail, afterMs: Math.round(after) })),
  };
}

/** `2026-01-01T00:00:00.000Z` */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
