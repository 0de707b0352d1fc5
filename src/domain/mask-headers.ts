/** A value in quotes of its own, whichever they are; without the closing one. */
const QUOTED = String.raw`\\"(?:(?!\\")[^\r\n])*|"(?:\\.|[^"\\\r\n])*|'(?:''|[^'\r\n])*`;
/** A value up to where the quotes that began before its name, or a further parameter of go2rtc's, may end it. */
const BARE = String.raw`(?:[^\s"'\\#]|\\(?!\\?["'rn])|["'](?=[^\s,\]})&#"';\\])|#(?!\w+(?:=|\b(?=["'\s#]|$))))+`;
const SCHEMES = "basic|bearer|digest|token|apikey|negotiate|aws4-hmac-sha256";
const NAMES =
  "authorization|(?:proxy|x)-authorization|(?:set-)?cookie|api-?key" +
  String.raw`|(?:private|access|auth|api|x|[\w-]{1,40})-(?:token|key|secret|auth|session|password|passwd|credentials?)`;

/** A header that go2rtc or a command is told to send: there what tells has no other meaning. */
const SENT = new RegExp(
  String.raw`(?<=#header=|\s-H\s?["']?|--header[\s=]["']?|headers?\s["'])([\w-]{0,40}(?:token|passw(?:or)?d|passwd|secret|api_?key|authentication|credentials?)[\w-]{0,20}\s*:\s*)(?!\*\*\*)${BARE}`,
  "gi",
);

const HEADER = new RegExp(
  String.raw`(?<![\w?&;#-])((?:${NAMES})(?:\\?["'])?\s*[:=]\s*)(?!\*\*\*)(?:(\\?["'])(?:(?<=\\")(?:(?!\\")[^\r\n])*|(?<=(?<!\\)")(?:\\.|[^"\\\r\n])*|(?<=')(?:''|[^'\r\n])*)` +
    String.raw`|(?:digest|aws4-hmac-sha256)\s[^\r\n"']*(?:"[^"\r\n]*"[^\r\n"']*)*|(?:(?:${SCHEMES})\s+)?${BARE}(?:(?:(?<=;)\s+|;\s*)${BARE})*)`,
  "gi",
);
const SCHEME = /\b(basic|bearer)(\s+)([\w.~+/-]{6,}=*)/gi;
/** `"password": "…"`, `let password = '…'`: a name that tells, and a value in quotes. */
const PAIR = new RegExp(
  String.raw`(?<![\w-])((?:pass|pw|[\w.-]{0,40}(?:passw(?:or)?d|passphrase|passwd|pwd|secret|token|api_?key|credential|private_key|client_private)[\w-]{0,20})(?:\\?["'])?\s*[:=]\s*)(${QUOTED})`,
  "gi",
);

/**
 * The text with the values of HTTP headers that carry credentials (`Authorization: …`, `Cookie: …`, `X-Api-Key: …`), of their schemes standing alone
 * (`Basic …`, `Bearer …`), and of quoted pairs (`"password": "…"`) replaced by `***`.
 */
export function maskHeaders(text: string): string {
  return text
    .replaceAll(HEADER, (_, name: string, quote: string | undefined) => `${name}${quote ?? ""}***`)
    .replaceAll(SENT, "$1***")
    .replaceAll(SCHEME, (all, scheme: string, blank: string, value: string) =>
      (scheme.toLowerCase() === "basic" ? isUserAndPassword(value) : isToken(value)) ? `${scheme}${blank}***` : all,
    )
    .replaceAll(PAIR, (_, name: string, value: string) => `${name}${/^\\?./.exec(value)?.[0] ?? ""}***`);
}

/** Base64 of `user:password`; "Basic authentication" is none. */
function isUserAndPassword(value: string): boolean {
  try {
    return /^[\x20-\xff]*:[\x20-\xff]*$/.test(atob(value));
  } catch {
    return false;
  }
}

/** No word of a sentence: it is long, or has a digit. */
function isToken(value: string): boolean {
  return value.length >= 20 || /\d/.test(value);
}
