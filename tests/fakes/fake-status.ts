import type { Condition } from "../../src/domain/condition.ts";
import { mergeCondition } from "../../src/domain/condition.ts";
import { instant } from "../../src/domain/duration.ts";
import type { Instant } from "../../src/domain/duration.ts";
import type { Ask } from "../../src/domain/next-step.ts";
import type { ReasonCode } from "../../src/domain/reasons.ts";
import type { Status } from "../../src/ports/status.ts";

/** Conditions without logs and notices; every `set` that changed status or reason is kept in `changes`. */
export class FakeStatus implements Status {
  readonly changes: Condition[] = [];
  readonly #conditions = new Map<string, Condition>();
  readonly #now: () => Instant;

  constructor(now: () => Instant = () => instant(0)) {
    this.#now = now;
  }

  set(subject: string, status: Condition["status"], reason: ReasonCode, message: string, ask?: Ask): void {
    const previous = this.#conditions.get(subject);
    const next = { subject, status, reason, message, since: this.#now() };
    const condition = mergeCondition(previous, ask === undefined ? next : { ...next, ask });
    this.#conditions.set(subject, condition);
    if (previous?.status !== status || previous.reason !== reason) this.changes.push(condition);
  }

  clear(subject: string): void {
    this.#conditions.delete(subject);
  }

  get(subject: string): Condition | undefined {
    return this.#conditions.get(subject);
  }

  all(): readonly Condition[] {
    return [...this.#conditions.values()];
  }
}
