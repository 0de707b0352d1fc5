import type { Condition } from "../domain/condition.ts";
import { nextStepOf } from "../domain/next-step.ts";
import { reasonOf } from "../domain/reasons.ts";
import type { Status } from "../ports/status.ts";
import type { CheckItem, CheckProducer } from "./check.ts";

/** What documents and options say of cameras that cannot all be so: one name for two, one camera twice, two addresses of one. Asks nobody. */
export function checkGrouping(status: Pick<Status, "all">): CheckProducer {
  const part = "cameras";
  return { part, gather: () => Promise.resolve(status.all().flatMap((one) => (one.subject.startsWith("cameras/") ? [itemOf(one)] : []))) };
}

function itemOf({ reason, message, ask }: Condition): CheckItem {
  const state = reasonOf(reason).severity === "error" ? "act" : "less";
  return { part: "cameras", state, found: message, nextStep: nextStepOf(reason, "commands", ask) };
}
