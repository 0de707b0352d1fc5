import type { LeftAlone } from "../domain/document.ts";
import { colouredDiff } from "./diff-colours.ts";
import { jsonLine } from "./json-line.ts";
import { type Colour, counted, type Look, paint, printable } from "./paint.ts";
import { type DocumentPlan, pathWords, type Plan, restartPlaces, type StreamPlan } from "./plan.ts";

/** What goes to the two outputs, line ends included. */
export interface Printed {
  /** The diff alone, so that it can be handed to patch(1). */
  readonly stdout: string;
  /** Words for a person. */
  readonly stderr: string;
}

const WHY: Readonly<Record<LeftAlone["why"], string>> = {
  hostname: "is a host name: it is resolved anew by itself",
  ipv6: "is an IPv6 address: these are left alone",
  placeholder: "stands in a variable",
  multicast: "is a multicast address: it belongs to no camera",
  "shared-name": "is a host name that other cameras use too: it is not replaced",
  "several-names": "is one of several host names of its camera: none is replaced",
  "another-camera": "is, or was, another camera's address too",
  "within-a-word": "stands within a longer number or word",
  "not-rewritable": "cannot be rewritten safely",
};

interface Word {
  readonly text: string;
  readonly colour?: Colour;
}

/** The plan for a person: words on standard error, the diff on standard output. */
export function renderPlan(plan: Plan, look: Look): Printed {
  const words: readonly Word[] = [
    ...plan.warnings.map((warning): Word => ({ text: `Mind: ${warning}.`, colour: "yellow" })),
    ...plan.documents.flatMap(documentWords),
    ...streamWords(plan.streams),
    ...(plan.changed || plan.documents.some(({ problem }) => problem !== undefined) ? [] : [{ text: "Nothing would change." }]),
    ...(plan.masked ? [{ text: `Credentials read *** here; with --reveal the diff can be applied${applied(plan)}` }] : []),
  ];
  return {
    stdout: plan.documents.map(({ diff }) => colouredDiff(diff, look)).join(""),
    stderr: words.map(({ text, colour }) => `${colour === undefined ? printable(text) : paint(look, colour, printable(text))}\n`).join(""),
  };
}

/** The plan for a program. */
export function planLine(plan: Plan): string {
  return jsonLine({
    changed: plan.changed,
    exitCode: plan.exitCode,
    warnings: plan.warnings,
    documents: plan.documents,
    streams: plan.streams,
  });
}

/** How: only what stands on this machine has its place in the diff. */
function applied({ documents }: Plan): string {
  const places = documents.filter(({ diff }) => diff !== "").map(({ place }) => place);
  return places.every((place) => place.startsWith("/")) ? ": | patch -p1 -d /" : " where the document is (in Git: in a clone): | patch -p1";
}

function documentWords(document: DocumentPlan): readonly Word[] {
  if (document.problem !== undefined) {
    const step = document.nextStep === undefined ? [] : [{ text: `  → ${document.nextStep}` }];
    return [{ text: `${document.target}: ${document.problem}`, colour: "red" }, ...step];
  }
  const moves = [...new Set(document.edits.map(({ from, to }) => `${from} → ${to}`))].join(", ");
  const head = document.edits.length === 0 ? "unchanged" : `${counted(document.edits.length, "host")} would change: ${moves}`;
  const restart = `  Frigate would need a restart: it reads ${restartPlaces(document)} only when it starts.`;
  return [
    { text: `${document.target} (${document.place}): ${head}`, colour: "bold" },
    ...document.edits.map(({ path, to }) => ({ text: `  ${pathWords(path)} → ${to}` })),
    ...document.leftAlone.map((left): Word => ({ text: `  ${leftWords(left)}`, colour: "dim" })),
    ...(document.restart.length === 0 ? [] : [{ text: restart, colour: "yellow" } as const]),
  ];
}

/** `cameras.gate…: gate.lan is a host name …`, with the remedy where there is one. */
export function leftWords(left: LeftAlone): string {
  const variable = left.variable === undefined ? "" : `; edit ${left.variable} where it is set`;
  return `left alone: ${pathWords(left.path)}: ${left.host} ${WHY[left.why]}${variable}`;
}

function streamWords(streams: readonly StreamPlan[]): readonly Word[] {
  if (streams.length === 0) return [];
  const told = streams.map(({ stream, sources, left }): Word =>
    sources === undefined
      ? { text: `  ${stream}: not possible: ${left ?? ""}`, colour: "yellow" }
      : { text: `  ${stream}: ${sources.join(" + ")}` },
  );
  return [{ text: "go2rtc would be told:", colour: "bold" }, ...told];
}
