import { parseIp } from "./addresses.ts";
import { DocumentError } from "./document.ts";
import { maskCredentials } from "./mask.ts";
import { linesOf } from "./unified-diff.ts";
import { parseYaml, type YamlNode, type YamlScalar } from "./yaml-text.ts";

/** Keys whose values are secrets in Frigate's and go2rtc's documents, and what people call theirs; every `FRIGATE_*` variable may be one. */
const SECRET_KEY = /passw|pwd|secret|token|credential|api_?key|private|_key$|^pass$|^pin$|^key$|(?:^|_)user(?:name)?$|^FRIGATE_/i;
/** Keys that hold a credential where they have a text or a list of texts; a mapping under one has keys of its own, as Frigate's `auth` has. */
const SECRET_TEXT_KEY = /^(?:[\w-]*[_-])?(?:auth(?:orization)?|cookies?|passphrase|bearer|psk|enr|htpasswd)$|^(?:user)?credentials?$/i;
/** No credential, whatever its key. */
const SWITCH = /^(?:true|false|yes|no|on|off|null|none|~)?$/i;
/** Switches and counts that are only called like a secret: Frigate's `reset_admin_password: true`, a model's `max_tokens: 4096`. */
const NO_SECRET = /^(?:true|false)$/i;
const COUNTED = /^max_\w*tokens$/i;
/** Frigate substitutes these in URLs: credentials, mostly. */
const SECRET_GROUP = "environment_vars";

/**
 * A YAML document as a person may see it: as many lines as it has, credentials in URLs and the values of secret keys replaced by `***`, in
 * comments too. A text that is not YAML is masked line by line.
 */
export function maskDocument(text: string): string {
  const secrets = secretsOf(text);
  let masked = secrets === undefined ? linesOf(text).map(maskPair).join("") : text;
  for (const { scalar, isDocument } of (secrets ?? []).toSorted(
    (one, other) => other.scalar.event.valueStart - one.scalar.event.valueStart,
  )) {
    const { valueStart, valueEnd } = scalar.event;
    const raw = masked.slice(valueStart, valueEnd);
    masked = masked.slice(0, valueStart) + (isDocument ? maskInner(raw) : hidden(raw)) + masked.slice(valueEnd);
  }
  return linesOf(masked)
    .map((line) => maskComment(maskCredentials(line)))
    .join("");
}

interface Hidden {
  readonly scalar: YamlScalar;
  /** It is a document inside the document, as a ConfigMap has it: only what is secret in it is hidden. */
  readonly isDocument: boolean;
}

/** Scalars that hold a secret, each once, however many aliases lead there; undefined where the text is not YAML. */
function secretsOf(text: string): readonly Hidden[] | undefined {
  const found = new Map<YamlScalar, Hidden>();
  const seen = new Map<YamlNode, boolean>();
  const walk = (node: YamlNode, secret: boolean): void => {
    if (seen.has(node) && (seen.get(node) === true || !secret)) return;
    seen.set(node, secret);
    if (node.kind === "scalar") {
      if (secret && !isShown(node.value)) found.set(node, { scalar: node, isDocument: false });
      else if (isDocument(node.value)) found.set(node, { scalar: node, isDocument: true });
      else if (isUncovered(text, node)) found.set(node, { scalar: node, isDocument: false });
    } else if (node.kind === "sequence") for (const item of node.items) walk(item, secret);
    else {
      for (const { key, value } of node.pairs) {
        walk(key, false);
        walk(value, secret || (key.kind === "scalar" && (key.value === SECRET_GROUP || isSecret(key.value, value))));
      }
    }
  };
  try {
    for (const root of parseYaml(text).roots) walk(root, false);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return undefined;
  }
  return [...found.values()];
}

function isSecret(key: string, value: YamlNode): boolean {
  if (COUNTED.test(key)) return false;
  if (SECRET_KEY.test(key)) return value.kind !== "scalar" || !NO_SECRET.test(value.value);
  if (!SECRET_TEXT_KEY.test(key)) return false;
  if (value.kind === "sequence") return value.items.every(({ kind }) => kind === "scalar");
  return value.kind === "scalar" && !SWITCH.test(value.value);
}

/** A text of several lines, one of which is a key with its value. */
function isDocument(value: string): boolean {
  return value.includes("\n") && /^\s*(?:-\s+)*["']?[\w.-]+["']?\s*:(?:\s|$)/m.test(value);
}

/** As it is written: lines of their own in a block, or one line with escapes for the ends of lines. */
function maskInner(raw: string): string {
  return raw.includes("\n") ? maskDocument(raw) : raw.split(/(\\n)/).map(maskPair).join("");
}

/** An address, or a URL: of that only its credentials are hidden, so that a corrected host can be seen. */
function isShown(value: string): boolean {
  return parseIp(value) !== undefined || /^[a-z][a-z0-9+.-]*:\/\//i.test(value);
}

/** A credential that the line-wise masking would miss: broken over lines, or with escapes, quotes or spaces in it. */
function isUncovered(text: string, scalar: YamlScalar): boolean {
  const raw = text.slice(scalar.event.valueStart, scalar.event.valueEnd);
  if (raw === scalar.value) return /:\/\/(?!\*\*\*@)[^/]*@/s.test(maskCredentials(raw));
  if (/:\/\/[^/]*@/s.test(scalar.value)) return true;
  const found = masksIn(maskCredentials(scalar.value));
  const isEscaped = /\\[^"'rn\\]/.test(raw) || /\\\r?\n/.test(raw);
  return found > 0 && (isEscaped || masksIn(linesOf(raw).map(maskCredentials).join("")) < found);
}

function masksIn(text: string): number {
  return text.split("***").length - 1;
}

/** One `key: value` of a text that cannot be parsed. */
function maskPair(line: string): string {
  const [, head = "", key = "", value = ""] = /^(\s*(?:-\s+)*["']?([\w.-]+)["']?\s*:\s*)(.*)$/m.exec(line) ?? [];
  const isSecretKey = SECRET_KEY.test(key) || (SECRET_TEXT_KEY.test(key) && !SWITCH.test(value.trim()));
  return isSecretKey && value !== "" && !isShown(value) ? line.replace(head + value, `${head}***`) : line;
}

function hidden(raw: string): string {
  return raw.replaceAll(/[^\r\n]+/g, "***");
}

function maskComment(line: string): string {
  return line.replace(/(?<=^|\s)#.*/, (comment) =>
    comment.replace(/((?:passw\w*|pwd|pass|secret|token|\w*_key)["']?\s*[:=]\s*)(?!\*\*\*)\S.*/i, "$1***"),
  );
}
