import { type IpAddress, isHostAddress, parseIp } from "./addresses.ts";
import type { OwnerName } from "./camera.ts";
import { type DocumentFormat, type DocumentPath, type HostEdit, type LeftAlone, type Occurrence } from "./document.ts";
import { notProved } from "./not-proved.ts";
import { otherBytes, spliceText } from "./splice.ts";

/** Whose an address is, as far as is known: where each camera is, was, or is by the documents. */
export interface KnownAddresses {
  /** The cameras that the text is to follow; of those that are not known nothing is found. */
  readonly followed: ReadonlyMap<OwnerName, ReadonlySet<IpAddress>>;
  /** Addresses of all other cameras. */
  readonly others: ReadonlySet<IpAddress>;
}

/** A run of digits and dots that holds four numbers or more. */
interface Run {
  readonly text: string;
  /** The address that it is; absent where it is none, or stands within a word. */
  readonly address: IpAddress | undefined;
  readonly path: DocumentPath;
  readonly start: number;
}

/** A character of an encoded URL (so that `%40192.168.1.50` is an address behind an `@`), or digits and dots. */
const RUNS = /%[0-9a-f]{2}|[\d.]+/gi;
const WORD_BEFORE = /[\p{L}\p{N}_.]$/u;
const WORD_AFTER = /^[\p{L}\p{N}_.]/u;

/**
 * Any text, such as another program's configuration, in which the addresses of certain cameras are to be kept right. Nothing of it is understood but
 * dotted IPv4 addresses that stand alone. One that may be several cameras' is left alone, as is one within a longer word.
 * @param follows those cameras
 * @param known asked anew at each call: cameras move
 */
export function textDocument(follows: readonly OwnerName[], known: () => KnownAddresses): DocumentFormat {
  const read = (text: string) => {
    const occurrences: Occurrence[] = [];
    const leftAlone: LeftAlone[] = [];
    const { followed, others } = known();
    const ownersOf = (address: IpAddress): readonly OwnerName[] =>
      [...followed].flatMap(([owner, addresses]) => (addresses.has(address) ? [owner] : []));
    for (const run of runsOf(text)) {
      const { address, path, start } = run;
      if (address === undefined) {
        for (const host of within(run, followed)) leftAlone.push({ path, owners: ownersOf(host), host, why: "within-a-word" });
        continue;
      }
      const owners = ownersOf(address);
      if (owners.length === 0) continue;
      if (owners.length > 1 || others.has(address)) leftAlone.push({ path, owners, host: address, why: "another-camera" });
      else occurrences.push({ path, kind: "text", owners, address, start, end: start + address.length });
    }
    return { cameras: [], streams: [], occurrences, leftAlone };
  };
  return {
    kind: "text",
    follows,
    read,
    rewrite: (text, hostFor) => {
      const edits: HostEdit[] = [];
      const splices: { readonly start: number; readonly end: number; readonly replacement: string }[] = [];
      const wanted = new Map<number, IpAddress>();
      for (const occurrence of read(text).occurrences) {
        const host = hostFor(occurrence);
        const { path, owners, address: from, start, end } = occurrence;
        if (host === undefined || host === from) continue;
        const to = parseIp(host);
        if (to === undefined || !isHostAddress(to)) throw notProved(`${JSON.stringify(host)} is not an address that a camera can have`);
        edits.push({ path, owners, from, to });
        splices.push({ start, end, replacement: to });
        wanted.set(start, to);
      }
      if (splices.length === 0) return { text, edits: [] };
      const spliced = spliceText(text, splices);
      const difference = otherBytes(text, spliced, splices) ?? otherRuns(runsOf(text), wanted, runsOf(spliced));
      if (difference !== undefined) throw notProved(difference);
      return { text: spliced, edits };
    },
  };
}

function runsOf(text: string): readonly Run[] {
  const runs: Run[] = [];
  let [line, lineStart, ordinal, escapeEnd] = [1, 0, 0, -1];
  for (const { 0: found, index } of text.matchAll(RUNS)) {
    if (found.startsWith("%")) escapeEnd = index + found.length;
    if (found.startsWith("%") || !/\d+(?:\.\d+){3}/.test(found)) continue;
    for (let next = text.indexOf("\n", lineStart); next !== -1 && next < index; next = text.indexOf("\n", lineStart)) {
      [line, lineStart, ordinal] = [line + 1, next + 1, 0];
    }
    const end = index + found.length;
    const isAlone = (escapeEnd === index || !isWordBefore(text, index)) && !WORD_AFTER.test(text.slice(end, end + 2));
    const parsed = isAlone ? parseIp(found) : undefined;
    const address = parsed !== undefined && isHostAddress(parsed) ? parsed : undefined;
    // The ordinal stays while lengths change, as a column would not.
    runs.push({ text: found, address, path: ordinal === 0 ? [`line ${line}`] : [`line ${line}`, ordinal], start: index });
    ordinal += 1;
  }
  return runs;
}

/** `\n` and the like stand for a separator in JSON and YAML. */
function isWordBefore(text: string, index: number): boolean {
  const lead = text.slice(Math.max(0, index - 2), index);
  return !/\\[nrt]$/.test(lead) && WORD_BEFORE.test(lead);
}

/** Addresses of cameras that stand whole in the run, with something before or behind them. */
function within(run: Run, followed: KnownAddresses["followed"]): readonly IpAddress[] {
  const known = new Set([...followed.values()].flatMap((addresses) => [...addresses]));
  return [...known].filter((address) =>
    `x${run.text}x`.split(address).some((part, at, parts) => at > 0 && !/\d$/.test(parts[at - 1] ?? "") && !/^\d/.test(part)),
  );
}

/** The same runs must be found afterwards, at the same places, each the one that was intended, and as alone as before. */
function otherRuns(old: readonly Run[], wanted: ReadonlyMap<number, IpAddress>, now: readonly Run[]): string | undefined {
  const said = (runs: readonly Run[]): string => JSON.stringify(runs.map(({ text, address, path }) => [text, address, path]));
  const expected = old.map((run) => {
    const to = wanted.get(run.start);
    return to === undefined ? run : { ...run, text: to, address: to };
  });
  return said(expected) === said(now) ? undefined : "other addresses than the intended ones would change";
}
