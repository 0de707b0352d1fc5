import { createHash } from "node:crypto";
import { maskCredentials } from "../../domain/mask.ts";
import { maskDocument } from "../../domain/mask-document.ts";
import { linesOf, unifiedDiff } from "../../domain/unified-diff.ts";
import type { CameraMove } from "../../ports/config-target.ts";
import { subjectOf } from "./commit-message.ts";
import type { Proposed, PullRequestText } from "./pull-requests.ts";

/** Diffs longer than this are cut: GitHub takes bodies of 65,536 characters. */
const LONGEST_DIFF = 30_000;
const MOST_ROWS = 100;
const MARK = /<!-- camera-shepherd change=([0-9a-f]+|none) -->/;

/** What a proposal is about. */
export interface ProposalPlace {
  readonly path: string;
  /** Branch that it is to reach, and the program's own that it comes from. */
  readonly base: string;
  readonly head: string;
}

/** Names a change by what it does to the document: made anew on a newer commit it is still the same. */
export function digestOf({ note, after }: Proposed, path: string): string {
  const moves = (note?.moves ?? []).map(({ camera, from, to }) => `${camera} ${from} ${to}`).toSorted();
  const what = moves.length === 0 ? [after] : [note?.kind ?? "heal", ...moves];
  return createHash("sha256")
    .update([path, ...what].join("\n"))
    .digest("hex")
    .slice(0, 16);
}

/** The change that a body is about; undefined where it holds no mark of ours, or that of a change that was withdrawn. */
export function markIn(body: string): string | undefined {
  const digest = MARK.exec(body)?.[1];
  return digest === "none" ? undefined : digest;
}

/** The body of a pull request that was withdrawn: the change may be proposed again. */
export function withdrawnBody(body: string): string {
  return `${body.replace(MARK, "<!-- camera-shepherd change=none -->")}\n\n**Withdrawn:** the file has the cameras' present addresses without it.\n`;
}

/** What a reviewer reads: which camera, what proved it, what changes where, how to take it, and how to reject it. */
export function proposalText(proposed: Proposed, place: ProposalPlace): PullRequestText {
  const moves = proposed.note?.moves ?? [];
  const cameras = new Set(moves.map(({ camera }) => camera)).size;
  const who = cameras === 1 ? "One camera has" : `${String(cameras)} cameras have`;
  const why =
    proposed.note?.kind === "undo" || cameras === 0
      ? "The earlier text is to be put back."
      : `${who} another address than the file says, and each was proved to be the same camera where it is now.`;
  const body = [
    `${why} \`${place.base}\` takes no direct commits, so this waits for you.`,
    "",
    ...tableOf(moves),
    `What changes: ${linesWords(proposed)} of \`${place.path}\`. Passwords are shown as \`***\` here; the commit changes nothing but these addresses.`,
    "",
    ...diffOf(proposed, place.path),
    "",
    "- **To take it:** merge it, in whichever way you like.",
    "- **To reject it:** close it without merging. The same change is not proposed again; to think better of it, reopen it.",
    `- It is kept up to date while it is open, and closed by itself once it is needless. The branch \`${place.head}\` is the program's own: it is overwritten and deleted.`,
    "",
    `<!-- camera-shepherd change=${digestOf(proposed, place.path)} -->`,
    "",
  ].join("\n");
  return { title: subjectOf(proposed.note?.kind ?? "heal", moves), body };
}

function tableOf(moves: readonly CameraMove[]): readonly string[] {
  if (moves.length === 0) return [];
  const shown = moves.slice(0, MOST_ROWS);
  const more = moves.length - shown.length;
  return [
    "| camera | MAC address | from | to | what proved it | record |",
    "|---|---|---|---|---|---|",
    ...shown.map(
      ({ camera, macs, from, to, proof, evidence }) =>
        `| ${[camera, macs.join(", "), from, to, proof ?? "", evidence === undefined ? "" : String(evidence)].map(cell).join(" | ")} |`,
    ),
    ...(more === 0 ? [] : [`| and ${String(more)} more | | | | | |`]),
    "",
  ];
}

/** Text of others in a table: it ends no cell, calls nobody, and is no HTML. */
function cell(text: string): string {
  return maskCredentials(text)
    .replaceAll(/[\r\n]+/g, " ")
    .replaceAll(/[\\`|<>@#*_[\]]/g, (char) => `&#${String(char.charCodeAt(0))};`);
}

/** Which lines differ: the change replaces within lines, so both texts have as many. */
function linesWords({ before, after }: Proposed): string {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  if (old.length !== fresh.length) return "part";
  const lines = old.flatMap((line, index) => (line === fresh[index] ? [] : [String(index + 1)]));
  return `${lines.length === 1 ? "line" : "lines"} ${lines.slice(0, 50).join(", ")}`;
}

function diffOf({ before, after }: Proposed, path: string): readonly string[] {
  const whole = unifiedDiff(before, after, path, maskDocument);
  const diff =
    whole.length > LONGEST_DIFF ? `${whole.slice(0, LONGEST_DIFF)}\n… cut here: the files of this pull request have the rest\n` : whole;
  const longest = Math.max(2, ...[...diff.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}diff`, diff.trimEnd(), fence];
}
