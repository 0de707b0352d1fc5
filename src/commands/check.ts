import { seconds } from "../domain/duration.ts";
import { maskCredentials } from "../domain/mask.ts";
import type { Clock } from "../ports/clock.ts";
import { EXIT, type ExitCode } from "./arguments.ts";
import { jsonLine } from "./json-line.ts";
import { type Colour, counted, type Look, paint, printable } from "./paint.ts";

/**
 * `ok`: found and fit. `less`: the program works without it, with less. `absent`: not there for now, and it comes back by itself. `act`: a person
 * must act. `info`: worth knowing.
 */
export type CheckState = "ok" | "less" | "absent" | "act" | "info";

/** One line of the table. Holds no secret. */
export interface CheckItem {
  readonly part: string;
  readonly state: CheckState;
  readonly found: string;
  /** What a person does next. */
  readonly nextStep?: string;
}

/** Looks at one part. @throws the signal's reason when aborted; any other error becomes the part's line */
export interface CheckProducer {
  readonly part: string;
  readonly gather: (signal: AbortSignal) => Promise<readonly CheckItem[]>;
}

const PATIENCE = seconds(10);

/** Looks at every part at once, each for at most ten seconds; the lines keep the order of the parts. @throws the signal's reason when aborted */
export async function gatherChecks(producers: readonly CheckProducer[], clock: Clock, signal: AbortSignal): Promise<readonly CheckItem[]> {
  const all = producers.map(async ({ part, gather }): Promise<readonly CheckItem[]> => {
    const deadline = clock.deadline(`check ${part}`, PATIENCE, signal);
    try {
      return await gather(deadline);
    } catch (error) {
      signal.throwIfAborted();
      const found = deadline.aborted ? "no answer within 10 s" : error instanceof Error ? error.message : "an unknown error";
      return [{ part, state: "absent", found: maskCredentials(found) }];
    }
  });
  return (await Promise.all(all)).flat();
}

/** 0 all is well, 1 something is absent for now, 2 a person must act. */
export function checkExitCode(items: readonly CheckItem[]): ExitCode {
  if (items.some(({ state }) => state === "act")) return EXIT.person;
  return items.some(({ state }) => state === "absent") ? EXIT.later : EXIT.done;
}

const COLOURS: Readonly<Record<CheckState, Colour>> = { ok: "green", less: "yellow", absent: "yellow", act: "red", info: "dim" };

/** The table for a person, ended by `said` or by how many parts need something; the next step stands below what needs one. */
export function renderCheck(items: readonly CheckItem[], look: Look, said?: string): string {
  const width = Math.min(24, Math.max(...items.map(({ part }) => part.length), 0));
  const indent = " ".repeat(8 + width + 2);
  const lines = items.flatMap(({ part, state, found, nextStep }) => [
    `${paint(look, COLOURS[state], state.padEnd(6))}  ${paint(look, "bold", printable(part).padEnd(width))}  ${printable(maskCredentials(found))}`,
    ...(nextStep === undefined || nextStep === "" ? [] : [`${indent}→ ${printable(nextStep)}`]),
  ]);
  return [...lines, "", said ?? verdict(items), ""].join("\n");
}

function verdict(items: readonly CheckItem[]): string {
  const count = (state: CheckState): number => items.filter((item) => item.state === state).length;
  const less = count("less") === 0 ? "" : ` ${counted(count("less"), "part")} could be better.`;
  if (count("act") > 0) return `${counted(count("act"), "part needs", "parts need")} a person.${less}`;
  if (count("absent") > 0) return `${counted(count("absent"), "part is", "parts are")} absent for now.${less}`;
  return `Every part is in order.${less} Cameras were not asked.`;
}

/** The table for a program. */
export function checkLine(items: readonly CheckItem[]): string {
  return jsonLine({ exitCode: checkExitCode(items), items });
}

/** A place and what is wrong there, the place once. */
export function atPlace(place: string, message: string): string {
  return message.includes(place) ? message : `${place}: ${message}`;
}
