import type { ConfiguredStream } from "./camera.ts";
import type { DocumentFormat } from "./document.ts";
import { isPlain, readYaml } from "./plain.ts";

/**
 * True where `written` is what go2rtc's own writer made of `meant` at our calls: it drops comments on lines that it replaces, turns a single source
 * into a list, and stores placeholders filled (go2rtc internal/app/config.go, internal/streams/api.go). Anything else in it must be equal,
 * and there must be no comment that was not there before: those are written by people alone.
 * @param before a stream that go2rtc was not told yet may still say what it says here
 */
export function sameMeaning(format: DocumentFormat, written: string, meant: string, before: string = meant): boolean {
  if (hasNewComment(written, [meant, before])) return false;
  const [left, right] = [readYaml(written), readYaml(meant)];
  if (!isPlain(left) || !isPlain(right)) return false;
  const { streams: leftStreams, ...leftRest } = left;
  const { streams: rightStreams, ...rightRest } = right;
  if (!equal(leftRest, rightRest) || !isPlain(leftStreams) || !isPlain(rightStreams)) return false;
  if (!equal(Object.keys(leftStreams).toSorted(), Object.keys(rightStreams).toSorted())) return false;
  const [now, after, former] = [sourcesOf(format, written), sourcesOf(format, meant), sourcesOf(format, before)];
  const isTold = ([name, sources]: readonly [string, readonly string[]]): boolean =>
    equal(sources, after[name]) || equal(sources, former[name]);
  return equal(Object.keys(now).toSorted(), Object.keys(after).toSorted()) && Object.entries(now).every(isTold);
}

/** A comment begins at white space, unlike the `#` of a source's options; a source with white space is never told. */
function hasNewComment(written: string, known: readonly string[]): boolean {
  const lines = new Set(known.flatMap((text) => text.split(/\r?\n/)).map((line) => line.trim()));
  return written.split(/\r?\n/).some((line) => !lines.has(line.trim()) && /(?:^|\s)#/.test(line));
}

/** Each stream's sources as go2rtc is told them. */
function sourcesOf(format: DocumentFormat, text: string): Readonly<Record<string, readonly string[]>> {
  const told = (stream: ConfiguredStream): readonly string[] =>
    stream.sources.map((source) => source.named?.resolved ?? source.resolved ?? source.text);
  return Object.fromEntries(format.read(text).streams.map((stream) => [stream.name, told(stream)]));
}

function equal(left: unknown, right: unknown): boolean {
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, index) => equal(item, right[index]));
  }
  if (isPlain(left)) {
    if (!isPlain(right)) return false;
    const keys = Object.keys(left);
    return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key]));
  }
  return Object.is(left, right);
}
