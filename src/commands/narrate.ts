import type { Condition } from "../domain/condition.ts";
import type { HostEdit } from "../domain/document.ts";
import { type Duration, formatDuration, type Instant } from "../domain/duration.ts";
import type { EvidenceRecord } from "../domain/evidence.ts";
import { maskCredentials } from "../domain/mask.ts";
import { nextStepOf, type Surface, wayOf } from "../domain/next-step.ts";
import type { Notice } from "../domain/notice.ts";
import { colouredDiff } from "./diff-colours.ts";
import { type Colour, counted, type Look, paint, printable, shortPlace, timeOfDay } from "./paint.ts";
import { knownReason, layerWords, proofWords, reasonWords } from "./wording.ts";

/** Turns notices into lines for a terminal. Remembers what was printed last, so that what belongs together stands together. */
export interface Narrator {
  /** The lines to print now, without line ends. May be none: what was done is told once frames flow, in one line. */
  tell(notice: Notice, at: Instant): readonly string[];
  /** What was done and whose frames did not come (yet). For the end of the program. */
  flush(at: Instant): readonly string[];
}

/** What was done for one device since it moved. */
interface Deeds {
  to: string;
  readonly servers: Map<string, Set<string>>;
  readonly documents: Map<string, number>;
}

interface Saying {
  readonly subject: string;
  /** Stands in the subject's column where the line before is of the same subject. */
  readonly label?: string;
  readonly text: string;
  readonly colour?: Colour;
}

const LABEL_WIDTH = 9;
const INDENT = " ".repeat(10);
const LINE_WIDTH = 110;

/**
 * @param look how it is printed
 * @param titleOf the name of a device for a person
 * @param surface what the reader can ask by
 */
export function narrator(look: Look, titleOf: (device: string) => string = (device) => device, surface: Surface = "commands"): Narrator {
  const pending = new Map<string, Deeds>();
  const troubled = new Set<string>();
  /** Why addresses of a device were refused, as far as it was printed: its condition says the same once more. */
  const refusals = new Map<string, Set<string>>();
  /** Documents whose waiting change was printed: the condition says the same once more. */
  const proposed = new Set<string>();
  let last: string | undefined;

  const say = (saying: Saying, at: Instant): readonly string[] => {
    const subject = printable(saying.subject);
    const same = saying.label !== undefined && last === subject;
    last = subject;
    const words = maskCredentials(printable(saying.text));
    const [first = "", ...more] = wrapped(saying.label === undefined || same ? words : `${saying.label}: ${words}`);
    const column = (same ? (saying.label ?? "") : subject).padEnd(LABEL_WIDTH - 1);
    const head = same ? INDENT + paint(look, "dim", column) : `${paint(look, "dim", timeOfDay(at, look))}  ${paint(look, "bold", column)}`;
    const coloured = (text: string): string => (saying.colour === undefined ? text : paint(look, saying.colour, text));
    return [`${head} ${coloured(first)}`, ...more.map((text) => `${INDENT}${" ".repeat(LABEL_WIDTH)}${coloured(text)}`)];
  };

  const settle = (device: string, ending: string, colour: Colour, at: Instant): readonly string[] => {
    const deeds = pending.get(device);
    pending.delete(device);
    const done = deeds === undefined ? [] : deedWords(deeds);
    const label = colour === "green" ? "healed" : "changed";
    return say({ subject: titleOf(device), label, text: [...done, ending].join(" · "), colour }, at);
  };

  const tellMoved = (notice: Extract<Notice, { kind: "moved" }>, at: Instant): readonly string[] => {
    const before = pending.get(notice.device);
    const unfinished =
      before !== undefined && deedWords(before).length > 0 ? settle(notice.device, "moved on before frames came", "yellow", at) : [];
    pending.set(notice.device, { to: notice.to, servers: new Map(), documents: new Map() });
    const subject = titleOf(notice.device);
    const move = notice.from === undefined ? `found at ${notice.to}` : `moved ${notice.from} → ${notice.to}`;
    const name = notice.evidence.hostName === undefined ? "" : `, calls itself ${notice.evidence.hostName}`;
    return [
      ...unfinished,
      ...say({ subject, text: `${move} (${layerWords(notice.evidence.layer)}${name})`, colour: "cyan" }, at),
      ...say({ subject, label: "proved", text: proved(notice.evidence) }, at),
    ];
  };

  const tellWritten = (notice: Extract<Notice, { kind: "document-written" }>, at: Instant): readonly string[] => {
    const rest = notice.edits.filter((edit) => {
      const deeds = [...pending.values()].find((candidate) => candidate.to === edit.to);
      const place = shortPlace(notice.place);
      deeds?.documents.set(place, (deeds.documents.get(place) ?? 0) + 1);
      return deeds === undefined;
    });
    if (rest.length === 0 && notice.edits.length > 0) return [];
    const since = notice.after === undefined ? "" : `, ${formatDuration(notice.after)} after the first sign`;
    return say({ subject: notice.target, text: `${notice.place} corrected: ${editWords(rest)}${since}`, colour: "green" }, at);
  };

  const tellDiff = (notice: Extract<Notice, { kind: "first-write" | "proposed" | "undone" }>, at: Instant): readonly string[] => {
    const subject = notice.target;
    const diff = notice.diff.split("\n").flatMap((line) => (line === "" ? [] : [`${INDENT}| ${colouredDiff(printable(line), look)}`]));
    switch (notice.kind) {
      case "first-write": {
        const way = `${wayOf({ verb: "undo", target: notice.target }, surface)} takes it back`;
        return [...say({ subject, text: `the first change of ${notice.place}; ${way}`, colour: "cyan" }, at), ...diff];
      }
      case "proposed": {
        proposed.add(subject);
        const way = `${wayOf({ verb: "approve", id: notice.id }, surface)} writes it`;
        const text = `change ${notice.id} waits for approval: ${editWords(notice.edits)}; ${way}`;
        return [...say({ subject, text, colour: "yellow" }, at), ...diff];
      }
      case "undone":
        // What was done for those moves is taken back: nothing of it is told as done any more.
        for (const [device, { to }] of pending) if (notice.edits.some((edit) => edit.from === to)) pending.delete(device);
        return [...say({ subject, text: `${notice.place} put back: ${editWords(notice.edits)}`, colour: "cyan" }, at), ...diff];
    }
  };

  const tellCondition = (condition: Condition, at: Instant): readonly string[] => {
    const [kind = "", ...rest] = condition.subject.split("/");
    const [name = kind] = rest;
    if (kind === "layer") return [];
    const subject = kind === "device" || kind === "adopt" ? titleOf(name) : name;
    const { title, severity } = reasonWords(condition.reason);
    const nextStep = nextStepOf(condition.reason, surface, condition.ask);
    if (condition.reason === "NeedsApproval" && proposed.delete(name)) {
      troubled.add(condition.subject);
      return [];
    }
    if (condition.status === "ok") {
      if (kind === "device") refusals.delete(name);
      const relieved = troubled.delete(condition.subject) && condition.reason !== "Healed";
      return relieved ? say({ subject, text: `well again: ${condition.message}`, colour: "green" }, at) : [];
    }
    if (condition.status === "problem") troubled.add(condition.subject);
    else if (severity === "info" || condition.reason === "Searching") return [];
    if (kind === "device" && !pending.has(name) && refusals.get(name)?.has(condition.reason) === true) return [];
    const colour = severity === "error" ? "red" : "yellow";
    return [
      ...(condition.status === "problem" && kind === "device" && pending.has(name) ? settle(name, "no frames yet", "yellow", at) : []),
      ...say({ subject, text: title, colour }, at),
      ...say({ subject, label: "why", text: condition.message }, at),
      ...(nextStep === "" ? [] : say({ subject, label: "next", text: nextStep }, at)),
    ];
  };

  return {
    tell(notice, at) {
      switch (notice.kind) {
        case "layer-up":
          return say({ subject: "network", label: "noticing", text: layerWords(notice.layer), colour: "green" }, at);
        case "layer-down":
          return say(
            { subject: "network", label: "without", text: `${layerWords(notice.layer)}: ${notice.message}`, colour: "yellow" },
            at,
          );
        case "learned":
          return say({ subject: titleOf(notice.device), text: learned(notice) }, at);
        case "lost":
          return say({ subject: titleOf(notice.device), text: lostWords(notice), colour: "yellow" }, at);
        case "moved":
          return tellMoved(notice, at);
        case "refused":
          refusals.set(notice.device, new Set(refusals.get(notice.device)).add(notice.evidence.reason));
          return refusal(notice.evidence, titleOf(notice.device), surface).flatMap((saying) => say(saying, at));
        case "stream-pointed": {
          const deeds = pending.get(notice.device) ?? {
            to: notice.to,
            servers: new Map<string, Set<string>>(),
            documents: new Map<string, number>(),
          };
          pending.set(notice.device, deeds);
          deeds.to = notice.to;
          deeds.servers.set(notice.server, (deeds.servers.get(notice.server) ?? new Set()).add(notice.stream));
          return [];
        }
        case "document-written":
          return tellWritten(notice, at);
        case "first-write":
        case "proposed":
        case "undone":
          return tellDiff(notice, at);
        case "frames":
          return settle(notice.device, `frames flow again after ${formatDuration(notice.after)}`, "green", at);
        case "unwatched":
          return settle(notice.device, "no stream in go2rtc to watch", "green", at);
        case "rolled-back":
          return say(
            { subject: notice.target, text: `${notice.place}: the previous text was restored: ${notice.message}`, colour: "red" },
            at,
          );
        case "quarantined":
          return stranger(notice, titleOf(notice.device)).flatMap((saying) => say(saying, at));
        case "released":
          return say({ subject: titleOf(notice.device), label: "released", text: `${names("stream", notice.streams)} put back` }, at);
        case "forgotten":
          return say({ subject: titleOf(notice.device), label: "forgotten", text: "it is gone for good, as you said" }, at);
        case "frozen":
          return say(
            {
              subject: titleOf(notice.device),
              text: `jumps between ${notice.addresses.join(", ")} and is left where it is`,
              colour: "red",
            },
            at,
          );
        case "condition":
          return tellCondition(notice.condition, at);
      }
    },
    flush(at) {
      const open = [...pending].filter(([, deeds]) => deedWords(deeds).length > 0);
      return open.flatMap(([device]) => settle(device, "no frames yet", "yellow", at));
    },
  };
}

function deedWords(deeds: Deeds): readonly string[] {
  const streams = [...deeds.servers].map(([server, streamNames]) => `${server} ${names("stream", [...streamNames])}`);
  return [...streams, ...[...deeds.documents].map(([place, hosts]) => `${place} ${counted(hosts, "host")}`)];
}

function names(one: string, all: readonly string[]): string {
  return `${one}${all.length === 1 ? "" : "s"} ${all.join(", ")}`;
}

/** `3 hosts 192.168.1.50 → 192.168.1.77, 1 host …`. */
function editWords(edits: readonly HostEdit[]): string {
  const moves = Map.groupBy(edits, (edit) => `${edit.from} → ${edit.to}`);
  return [...moves].map(([move, same]) => `${counted(same.length, "host")} ${move}`).join(", ");
}

function proved(evidence: EvidenceRecord): string {
  const skipped = proofWords(evidence, "skipped");
  return [proofWords(evidence, "passed"), skipped === "" ? "" : `not asked: ${skipped}`, took(evidence.took)]
    .filter((text) => text !== "")
    .join(" · ");
}

function took(span: Duration): string {
  return `took ${formatDuration(span)}`;
}

function learned(notice: Extract<Notice, { kind: "learned" }>): string {
  const facts = [
    notice.macs.length === 0 ? undefined : `MAC ${notice.macs.join(", ")}`,
    notice.endpoint === undefined ? undefined : `ONVIF endpoint ${notice.endpoint}`,
    notice.realm === undefined ? undefined : `RTSP realm ${JSON.stringify(notice.realm)}`,
  ].filter((fact) => fact !== undefined);
  return `learned at ${notice.address}: ${facts.length === 0 ? "nothing to tell it by" : facts.join(" · ")}`;
}

function lostWords({ address, message }: Extract<Notice, { kind: "lost" }>): string {
  const silent = `does not answer at ${address}`;
  return message.endsWith(silent) ? `${silent} any more` : `no longer at ${address}: ${message}`;
}

function refusal(evidence: EvidenceRecord, subject: string, surface: Surface): readonly Saying[] {
  const { title, severity } = reasonWords(evidence.reason);
  const code = knownReason(evidence.reason);
  const nextStep = code === undefined ? "" : nextStepOf(code, surface);
  const failed = proofWords(evidence, "failed");
  return [
    { subject, text: `${evidence.candidate} not accepted: ${title}`, colour: severity === "error" ? "red" : "yellow" },
    ...(failed === "" ? [] : [{ subject, label: "why", text: failed }]),
    ...(severity !== "error" || nextStep === "" ? [] : [{ subject, label: "next", text: nextStep }]),
  ];
}

function stranger(notice: Extract<Notice, { kind: "quarantined" }>, subject: string): readonly Saying[] {
  const who = notice.mac === undefined ? "another device" : `another device (${notice.mac})`;
  return [
    { subject, text: `${who} answers at ${notice.address}`, colour: "red" },
    ...(notice.streams.length === 0
      ? []
      : [{ subject, label: "parked", text: `${names("stream", notice.streams)}: no password goes there` }]),
    ...(notice.exposed.length === 0
      ? []
      : [{ subject, label: "exposed", text: `${names("stream", notice.exposed)} cannot be parked: go2rtc may offer the password` }]),
  ];
}

/** Breaks a long line between its parts. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const part of text.split(" · ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + part.length + 3 <= LINE_WIDTH - INDENT.length - LABEL_WIDTH)
      lines[lines.length - 1] = `${line} · ${part}`;
    else lines.push(part);
  }
  return lines;
}
