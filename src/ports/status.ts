import type { Condition } from "../domain/condition.ts";
import type { Ask } from "../domain/next-step.ts";
import type { ReasonCode } from "../domain/reasons.ts";

/** The conditions of everything that has one, by subject. */
export interface Status {
  /** Sets a condition; tells and logs it once, when its status or reason changed. `message` holds no secret. `ask`: what a person can ask for about it. */
  set(subject: string, status: Condition["status"], reason: ReasonCode, message: string, ask?: Ask): void;
  /** Removes the condition of a subject that is gone. */
  clear(subject: string): void;
  get(subject: string): Condition | undefined;
  all(): readonly Condition[];
}
