import { type Instant } from "../domain/duration.ts";

/** How text looks on the terminal at hand. */
export interface Look {
  /** Escape sequences for colours; false where the output is no terminal or a person said no. */
  readonly colour: boolean;
  /** IANA name of the time zone of printed times; absent: the machine's. */
  readonly timeZone?: string;
}

export type Colour = "red" | "green" | "yellow" | "cyan" | "bold" | "dim";

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  bold: [1, 22],
  dim: [2, 22],
};

/** Whether to colour: on a terminal or where FORCE_COLOR asks for it, never where NO_COLOR is set to anything (no-color.org) or the terminal is dumb. */
export function wantsColour(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  const refused = environment["NO_COLOR"] !== undefined && environment["NO_COLOR"] !== "";
  const forced = environment["FORCE_COLOR"] !== undefined && environment["FORCE_COLOR"] !== "0";
  return !refused && (forced || (isTerminal && environment["TERM"] !== "dumb"));
}

export function paint(look: Look, colour: Colour, text: string): string {
  const [on, off] = CODES[colour];
  return look.colour && text !== "" ? `\u001B[${on}m${text}\u001B[${off}m` : text;
}

/** Hours, minutes and seconds, as `21:04:07`. */
export function timeOfDay(at: Instant, look: Look): string {
  const zone = look.timeZone === undefined ? {} : { timeZone: look.timeZone };
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", ...zone }).format(
    new Date(at),
  );
}

/**
 * Text of foreign origin made safe for a terminal: control characters, which could move the cursor or hide lines, become `?`. Device names come
 * from the network (DHCP option 12).
 */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "?");
}

/** `1 host`, `3 hosts`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The last part of a path or address; the whole where there is none. */
export function shortPlace(place: string): string {
  return place.split("/").findLast((part) => part !== "") ?? place;
}
