import type { Duration } from "./duration.ts";
import type { EvidenceStep } from "./evidence.ts";
import type { Proof } from "./readings.ts";
import type { Judgement } from "./verification.ts";

/** What holds where another device and this one take turns at the address: nothing that was answered there says whose answer it was. */
export function outOfTurn(last: Judgement, after: Duration): Judgement {
  const detail = "another device answers at the address in turn with this one";
  const step: EvidenceStep = { proof: "neighbour", outcome: "failed", detail, after };
  return { ...last, next: { kind: "rejected", reason: "AddressContested", foreign: false }, steps: [...last.steps, step] };
}

/** What holds when the time is up: the reason of the answer that was hoped to become better, else that the proof took too long. */
export function outOfTime(last: Judgement, hoped: Judgement | undefined, after: Duration): Judgement {
  const { next } = last;
  const waiting = next.kind === "take" ? next.proof : undefined;
  const before = next.kind === "again" ? last : hoped;
  if (before?.next.kind === "again" && (waiting === undefined || before.next.proofs.some((proof) => proof === waiting))) {
    return { ...before, next: { kind: "rejected", reason: before.next.reason, foreign: false } };
  }
  const step: EvidenceStep = { proof: EVIDENCE[waiting ?? "connect"], outcome: "failed", detail: "no answer in the time there was", after };
  return { ...last, next: { kind: "rejected", reason: "VerificationTimedOut", foreign: false }, steps: [...last.steps, step] };
}

const EVIDENCE: Readonly<Record<Proof, EvidenceStep["proof"]>> = {
  neighbour: "neighbour",
  others: "neighbour",
  connect: "connect",
  endpoint: "identity",
  uid: "identity",
  greeting: "identity",
  login: "login",
};
