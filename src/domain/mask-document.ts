import { maskCredentials } from "./mask.ts";
import { parseYaml, type YamlNode } from "./yaml-text.ts";

/** Keys of Frigate's, go2rtc's and Home Assistant's documents under which secrets stand; every `FRIGATE_*` variable may be one. */
const SECRET_KEY = /(?:^|[_-])(?:user(?:name)?|pass(?:word|wd|phrase)?|pwd|secret|token|key|api_?key|credentials?)s?$|^FRIGATE_/i;
/** The same in a line, for texts that cannot be parsed. */
const SECRET_LINE =
  /((?:^|[\s{,"'])(?:[\w-]*[_-])?(?:user(?:name)?|pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|FRIGATE_\w+)["']?\s*:[ \t]+)(?=\S)[^\r\n#]+/gi;

/**
 * A document with its secrets replaced by `***`, each line staying a line: what `maskCredentials` hides, and every value under a key such as `password`
 * or `FRIGATE_RTSP_PASSWORD`. An address stays visible there.
 */
export function maskDocument(text: string): string {
  return maskCredentials(maskValues(text));
}

function maskValues(text: string): string {
  try {
    const { roots } = parseYaml(text);
    const spans = [...secretSpans(roots)].toSorted((one, other) => other.start - one.start);
    return spans.reduce(
      (masked, { start, end }) => masked.slice(0, start) + masked.slice(start, end).replaceAll(/[^\s]+/g, "***") + masked.slice(end),
      text,
    );
  } catch {
    return text.replaceAll(SECRET_LINE, "$1***");
  }
}

function secretSpans(roots: readonly YamlNode[]): ReadonlySet<{ readonly start: number; readonly end: number }> {
  const spans = new Map<number, { readonly start: number; readonly end: number }>();
  const seen = new Set<string>();
  const identity = new Map<YamlNode, number>();
  const waiting = roots.map((node) => ({ node, secret: false }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, secret } = next;
    const id = identity.get(node) ?? identity.size;
    identity.set(node, id);
    if (seen.has(`${id} ${secret}`)) continue;
    seen.add(`${id} ${secret}`);
    if (node.kind === "sequence") waiting.push(...node.items.map((item) => ({ node: item, secret })));
    else if (node.kind === "mapping") {
      for (const { key, value } of node.pairs)
        waiting.push({ node: value, secret: secret || (key.kind === "scalar" && SECRET_KEY.test(key.value)) });
    } else if (secret && node.event.valueStart !== -1 && !isShown(node.value)) {
      spans.set(node.event.valueStart, { start: node.event.valueStart, end: node.event.valueEnd });
    }
  }
  return new Set(spans.values());
}

/** An address, or a URL, of which `maskCredentials` hides what is secret. */
function isShown(value: string): boolean {
  return /^(?:\d{1,3}\.){3}\d{1,3}$/.test(value) || /^[a-z]+:\/\//.test(value);
}
