import { moveWords, shownDiff } from "../reconcilers/approvals.ts";
import { proposalsOf } from "../reconcilers/remembered.ts";
import type { ProposalRecord } from "../ports/consents.ts";
import { EXIT, type ExitCode, type Invocation } from "./arguments.ts";
import { type AskOutput, momentWords, runAsk } from "./ask-command.ts";
import { colouredDiff } from "./diff-colours.ts";
import { jsonLine } from "./json-line.ts";
import { counted, type Look, paint, printable } from "./paint.ts";
import type { Program } from "./program.ts";

/** Shows what waits for approval, and has the one that is named, or the only one, written. */
export async function runApprove(
  program: Program,
  { id, json }: Extract<Invocation, { kind: "approve" }>,
  look: Look,
  output: AskOutput,
  signal: AbortSignal,
): Promise<ExitCode> {
  const waiting = proposalsOf(program.registry.consents, program.targets);
  const [only] = waiting;
  const chosen = id === undefined ? (waiting.length === 1 ? only : undefined) : waiting.find((one) => one.id === id);
  if (id === undefined && chosen === undefined) {
    if (json) output.write(`${jsonLine({ proposals: waiting.map((one) => facts(program, one)) })}\n`);
    else if (only === undefined) output.write("Nothing waits for approval.\n");
    else {
      output.write(waiting.map((one) => shown(program, one, look)).join("\n"));
      output.write(`\n${counted(waiting.length, "change")} wait: camera-shepherd approve ID writes one.\n`);
    }
    return only === undefined ? EXIT.done : EXIT.person;
  }
  if (id !== undefined && chosen === undefined && !json) {
    const ids = waiting.map((one) => one.id).join(", ");
    const there = only === undefined ? "none does" : `${counted(waiting.length, "change")} waiting: ${ids}`;
    output.complain(`No change ${printable(id)} waits for approval; ${there}. It may have been written, or be another one by now.\n`);
    return EXIT.person;
  }
  if (chosen !== undefined && !json) output.write(shown(program, chosen, look));
  return runAsk(program, { verb: "approve", id: chosen?.id ?? id ?? "" }, { json, look }, output, signal);
}

function placeOf(program: Program, target: string): string {
  return program.targets.find(({ name }) => name === target)?.place ?? target;
}

function shown(program: Program, proposal: ProposalRecord, look: Look): string {
  const { id, target, cameras, evidence, edits, before, after, at } = proposal;
  const proofs = evidence.length === 0 ? "" : `, proved by record ${evidence.join(", ")}`;
  const head = `Change ${id} of ${placeOf(program, target)}: ${moveWords(edits)} (${cameras.join(", ")}${proofs}; since ${momentWords(at)})`;
  return `${paint(look, "bold", head)}\n${colouredDiff(shownDiff(placeOf(program, target), before, after), look)}`;
}

function facts(program: Program, { id, target, cameras, evidence, edits, before, after, at }: ProposalRecord): object {
  const place = placeOf(program, target);
  return { id, target, place, cameras, evidence, edits, at, diff: shownDiff(place, before, after) };
}
