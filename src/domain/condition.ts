import type { Instant } from "./duration.ts";
import type { Ask } from "./next-step.ts";
import type { ReasonCode } from "./reasons.ts";

/** The state of one thing that a person may care about, in the form of Kubernetes' metav1.Condition. */
export interface Condition {
  /** What it is about: `device/front`, `target/frigate`, `layer/dhcp`, `server/go2rtc`. */
  readonly subject: string;
  readonly status: "ok" | "problem" | "unknown";
  readonly reason: ReasonCode;
  /** One sentence for a person, naming place and remedy, without secrets. */
  readonly message: string;
  /** What a person can ask for about it, with what it is about. */
  readonly ask?: Ask;
  /** When `status` or `reason` last changed. */
  readonly since: Instant;
}

/**
 * Whether a person should see it: a problem, and what is none yet but is theirs to end, such as pan, tilt and zoom that wait for a restart of
 * Frigate.
 */
export function isForPerson({ status, reason }: Pick<Condition, "status" | "reason">): boolean {
  return status === "problem" || (status === "unknown" && reason === "RestartNeeded");
}

/** `next` with the transition time of `previous` where neither status nor reason changed. */
export function mergeCondition(previous: Condition | undefined, next: Condition): Condition {
  const same = previous !== undefined && previous.status === next.status && previous.reason === next.reason;
  return same ? { ...next, since: previous.since } : next;
}
