/** One argument: in quotes of its own, or up to a blank; the quotes around the whole command, or a parameter of go2rtc's after it, end it too. */
const QUOTED = String.raw`\\"(?:(?!\\")[^\r\n])*|"(?:\\.|[^"\\\r\n])*|'[^'\r\n]*`;
const BARE_CHARACTER = String.raw`[^\s"'\\#]|\\(?!\\?["'rn])|["'](?=[^\s,\]})&#"';\\])|#(?!\w+(?:=|["'\s#]|$))`;
const ARGUMENT = `(?:${QUOTED}|(?:${BARE_CHARACTER})+)`;
/** `user:password`; a URL is none. */
const LOGIN = String.raw`(?:\\"(?:(?!\\")[^\r\n:])*:(?!//)(?:(?!\\")[^\r\n])*|"[^"\r\n:]*:(?!//)(?:\\.|[^"\\\r\n])*|'[^'\r\n:]*:(?!//)[^'\r\n]*|[^\s"'\\:]+:(?!//)(?:${BARE_CHARACTER})*)`;
const BEFORE = String.raw`(?<=^|[\s"'=,(\[])`;

/** There `-u` is who runs the program, and a group: `docker run -u 1000:1000`; not what a program inside is given. */
const RUN_AS = String.raw`(?<=\b(?:docker|podman|nerdctl)\s(?:(?:(?!\b(?:curl|https?|wget)\b)[^\r\n]){0,200}\s)?)(?:-u\s*|--user(?:=|\s+))\d{1,6}:\d{1,6}(?:\s|$)`;

/** curl's `-u user:password`, also joined with others of its letters or with its value, and what other programs call it. */
const CURL_LOGIN = new RegExp(
  `${BEFORE}(?!${RUN_AS})(-[#0-46BGIJLMNORSZafgijklmnpqsv]{0,8}[uU]\\s*|(?<=\\b(?:curl|http|https)\\s(?:[^\\r\\n]{0,200}\\s)?)-[Ea]\\s*|--(?:(?:proxy-)?(?:user|cert)|auth|login|userpass)(?:=|\\s+))(${LOGIN})`,
  "g",
);
const OPTION = new RegExp(
  String.raw`${BEFORE}(--?[\w-]{0,30}(?:passw(?:or)?d|passphrase|passwd|(?<=--)pass|(?<=-)(?:pw|psk)|(?<=--?)cookies?|pwd|secret|token|api-?key|[-_]key|bearer|credentials?)(?:=|\s+))(${ARGUMENT})`,
  "gi",
);
/** Programs that take a password by a letter. */
const BY_LETTER = new RegExp(
  String.raw`\b(sshpass(?:\s+-[a-z])*\s+-p\s*|curl\b(?:(?!\s-b)[^\r\n])*?\s-b\s*(?=["']?[^\s"'=]+=)|mosquitto_[a-z]+\b(?:(?!\s-P)[^\r\n])*?\s-P\s*|openRTSP\b(?:(?!\s-u)[^\r\n])*?\s-u\s+\S+\s+|openssl\b(?:(?!\s-k)[^\r\n])*?\s-k\s+|openssl\b(?:(?!\s-pass)[^\r\n])*?\s-pass(?:in|out)?\s+["']?pass:|rtmpdump\b(?:(?!\s-P)[^\r\n])*?\s-P\s*|smb(?:client|get)\b(?:(?!\s-U)[^\r\n])*?\s-U\s*(?=["']?[^\s"'%]+%))(${ARGUMENT})`,
  "g",
);
const VARIABLE = new RegExp(
  String.raw`(?<![\w.?&;#-])(\w{0,40}(?:passw(?:or)?d|passphrase|passwd|pwd|secret|token|api_?key)\w{0,20}=)(?!=|\*\*\*)(${ARGUMENT})`,
  "gi",
);

/** `user-pw=…` of GStreamer, `:rtsp-pwd=…` of VLC. */
const PROPERTY = new RegExp(String.raw`(?<=[\s"':])((?:user|proxy|rtsp|http|ftp|smb)-(?:pw|pwd|password)=)(${ARGUMENT})`, "gi");
/** Variables of a process, which people write in capitals: `SSHPASS=…`, `PW=…`. */
const CAPITALS = new RegExp(String.raw`(?<![\w.?&;#/-])([A-Z0-9_]{0,40}(?:PASS|PW|PSK|AUTH)=)(?!\*\*\*)(${ARGUMENT})`, "g");

/**
 * The text with the credentials of commands replaced by `***`: `curl -u user:password`, `--token …`, `PASSWORD=…` and their like, as `exec:` and `echo:`
 * sources and FFmpeg's arguments have them.
 */
export function maskCommands(text: string): string {
  const hide = (_: string, before: string, value: string): string => `${before}${/^\\?["']/.exec(value)?.[0] ?? ""}***`;
  return text
    .replaceAll(CURL_LOGIN, hide)
    .replaceAll(OPTION, hide)
    .replaceAll(BY_LETTER, hide)
    .replaceAll(VARIABLE, hide)
    .replaceAll(PROPERTY, hide)
    .replaceAll(CAPITALS, hide);
}
