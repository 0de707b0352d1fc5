import { nearest } from "../domain/nearest.ts";
import { maskDocument } from "../domain/mask-document.ts";
import type { ChangeRecord } from "../ports/registry.ts";
import { shownDiff } from "../reconcilers/approvals.ts";
import { byPresentName, changesOf as keptOf } from "../reconcilers/remembered.ts";
import { EXIT, type ExitCode, type Invocation } from "./arguments.ts";
import { type AskOutput, momentWords, runAsk } from "./ask-command.ts";
import { colouredDiff } from "./diff-colours.ts";
import { jsonLine } from "./json-line.ts";
import { type Look, paint, printable } from "./paint.ts";
import type { Program } from "./program.ts";

type Undo = Extract<Invocation, { kind: "undo" }>;

/** Lists or prints the kept texts of documents, or has the latest change taken back. */
export function runUndo(program: Program, invocation: Undo, look: Look, output: AskOutput, signal: AbortSignal): Promise<ExitCode> {
  const { target, to, list, print, json } = invocation;
  if (target !== undefined && !program.targets.some(({ name, place }) => name === target || place === target)) {
    output.complain(`${unknownDocument(program, target)}\n`);
    return Promise.resolve(EXIT.usage);
  }
  if (list) return Promise.resolve(listTexts(program, invocation, look, output));
  if (print) return Promise.resolve(printText(program, invocation, output));
  const action = { verb: "undo", ...(target === undefined ? {} : { target }), ...(to === undefined ? {} : { to }) } as const;
  return runAsk(program, action, { json, look }, output, signal);
}

const STATES: Readonly<Record<ChangeRecord["state"], string>> = {
  begun: "under way",
  kept: "kept",
  restored: "undone",
  abandoned: "not written",
};

/** Also the one that was written just now and is still looked after: an undo takes that one first. */
function changesOf(program: Program, target: string | undefined): readonly ChangeRecord[] {
  const { targets, registry } = program;
  const open = registry.openChanges().flatMap((record) => byPresentName(record, targets));
  const meant = targets.filter(({ name, place }) => target === undefined || name === target || place === target);
  return meant.flatMap((one) => [...open.filter((record) => record.target === one.name), ...keptOf(registry.consents, one, targets)]);
}

function unknownDocument({ targets }: Program, target: string): string {
  const names = targets.map(({ name }) => String(name));
  if (names.length === 0) return `No document is called ${printable(target)}: none is looked after; camera-shepherd check says why.`;
  const near = nearest(target, names);
  return `No document is called ${printable(target)}${near === undefined ? "." : `; did you mean ${near}?`} There is ${names.join(", ")}.`;
}

function placeOf(program: Program, target: string): string {
  return program.targets.find(({ name }) => name === target)?.place ?? target;
}

function listTexts(program: Program, { target, json }: Undo, look: Look, output: AskOutput): ExitCode {
  const changes = changesOf(program, target);
  const diffOf = ({ target: name, before, after }: ChangeRecord): string => shownDiff(placeOf(program, name), before, after);
  if (json) {
    output.write(
      `${jsonLine({ texts: changes.map((one) => ({ id: one.id, target: one.target, at: one.at, state: one.state, diff: diffOf(one) })) })}\n`,
    );
  } else if (changes.length === 0) output.write("No document was changed by this program yet.\n");
  else {
    const shown = changes.map((one) => {
      const head = `Text ${one.id} of ${one.target}, before the change of ${momentWords(one.at)} (${STATES[one.state]})`;
      return `${paint(look, "bold", head)}\n${colouredDiff(diffOf(one), look)}`;
    });
    output.write(shown.join("\n"));
  }
  return EXIT.done;
}

function printText(program: Program, { target, to, reveal }: Undo, output: AskOutput): ExitCode {
  const changes = changesOf(program, target);
  // Of several documents the one that an undo without a name would take: the one that was changed last.
  const undoable = changes.filter(({ state }) => state === "kept" || state === "begun").toSorted((one, other) => other.id - one.id);
  const found = to === undefined ? undoable[0] : changes.find(({ id }) => id === to);
  if (found === undefined) {
    output.complain(
      changes.length === 0
        ? "Nothing to print: this program has changed no document yet, so no earlier text is kept.\n"
        : "There is no such text; camera-shepherd undo --list names those that are kept.\n",
    );
    return EXIT.person;
  }
  const others = [...new Set(undoable.map((one) => one.target))].filter((name) => name !== found.target);
  if (target === undefined && others.length > 0)
    output.complain(
      `This is text ${found.id} of ${printable(found.target)}; name another document for its own: ${printable(others.join(", "))}.\n`,
    );
  output.write(reveal ? found.before : maskDocument(found.before));
  return EXIT.done;
}
