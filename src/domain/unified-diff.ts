import { editScript, type LineEdit } from "./line-diff.ts";

/** Unchanged lines around a change, as diff -u has them. */
const CONTEXT = 3;

/**
 * The difference of two texts as a unified diff that patch(1) applies; empty where there is none. Lines end at LF alone, a CR belongs to its line.
 * @param name what it is of
 * @param mask replaces what nobody may see, line ends untouched; such a diff is for people and no longer for patch(1)
 */
export function unifiedDiff(before: string, after: string, name: string, mask?: (text: string) => string): string {
  if (before === after) return "";
  const shown = { before: shownLines(before, mask), after: shownLines(after, mask) };
  const hunks = hunksOf(editScript(linesOf(before), linesOf(after))).map((hunk) => printHunk(hunk, shown));
  return `--- ${fileName(`a/${name}`)}\n+++ ${fileName(`b/${name}`)}\n${hunks.join("")}`;
}

interface Shown {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The text is masked as a whole, so that a secret over several lines is seen; line by line where that changed their number. */
function shownLines(text: string, mask: ((text: string) => string) | undefined): readonly string[] {
  const lines = linesOf(text);
  if (mask === undefined) return lines;
  const masked = linesOf(mask(text));
  return masked.length === lines.length ? masked : lines.map(mask);
}

/** The lines of a text, each with its line end; the last may have none. */
export function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** A name with white space needs a tab behind it, or patch(1) takes what follows for a date. */
function fileName(name: string): string {
  return /\s/.test(name) ? `${name}\t` : name;
}

/** Changes with their context; those whose contexts touch are one. */
function hunksOf(edits: readonly LineEdit[]): readonly (readonly LineEdit[])[] {
  const spans: { from: number; to: number }[] = [];
  for (const [index, edit] of edits.entries()) {
    if (edit.kind === "same") continue;
    const [from, to] = [Math.max(0, index - CONTEXT), Math.min(edits.length, index + CONTEXT + 1)];
    const last = spans.at(-1);
    if (last !== undefined && from <= last.to) last.to = to;
    else spans.push({ from, to });
  }
  return spans.map(({ from, to }) => edits.slice(from, to));
}

function printHunk(hunk: readonly LineEdit[], shown: Shown): string {
  const old = hunk.filter((edit) => edit.kind !== "added").length;
  const fresh = hunk.filter((edit) => edit.kind !== "removed").length;
  const [first] = hunk;
  const head = `@@ -${range(first?.before ?? 0, old)} +${range(first?.after ?? 0, fresh)} @@\n`;
  return head + hunk.map((edit) => printLine(edit, shown)).join("");
}

function range(start: number, count: number): string {
  const from = count === 0 ? start : start + 1;
  return count === 1 ? `${from}` : `${from},${count}`;
}

function printLine(edit: LineEdit, shown: Shown): string {
  const line = (edit.kind === "added" ? shown.after[edit.after] : shown.before[edit.before]) ?? "";
  const sign = { same: " ", removed: "-", added: "+" }[edit.kind];
  return line.endsWith("\n") ? `${sign}${line}` : `${sign}${line}\n\\ No newline at end of file\n`;
}

/** What a document is called in a diff: its path without the leading slash, in a repository that of its file, or of one behind Frigate's API the host and the file's name there. */
export function nameInDiff(place: string): string {
  const host = /^https?:\/\/([^/]+)/.exec(place)?.[1];
  if (host !== undefined) return `${host}/config.yml`;
  return place.replace(/^(?:\.?\/)+/, "").replace(/ on \S+ of (?:\w+:\/\/|\S+@)\S+$/, "");
}
