const USER_INFO = /(:\/\/)(?:(?!:\/\/)\S)*@(?=[^\s@])/g;
/** A password may hold blanks where a person forgot to encode them: `//user:` right before tells it from a host and its port. */
const USER_INFO_WITH_BLANKS = /(:\/\/)(?!(?:\d{1,3}\.){3}\d{1,3}:)[^\s/@:*]+:(?:(?!:\/\/)[^\n\r@])*@(?=[^\s@]+)/g;
const QUERY_KEYS =
  "user(?:name)?|login|account|usr|loginuse|passw(?:or)?d|passwd|pwd|psw|pw|pass|loginpas|token|auth|key|secret|api_?key|access_token";
/**
 * A quote or `;` ends a value only where the value could end there. A raw `#` belongs to it unless what follows is a parameter of go2rtc's,
 * such as `#video=copy` or `#backchannel`.
 */
const QUERY = new RegExp(
  `([?&;#](?:${QUERY_KEYS})=)(?:[^&#\\s"'<>;]|["'<>;](?=[^\\s,\\]}&#"'<>;])|#(?!(?:video|audio|input|raw|width|height|rotate|timeout|transport|backchannel|media|header|query|hardware|drawtext|bitrate|async|format)\\b))*`,
  "gi",
);
/** XiongMai's streams have them in the path: `/user=admin_password=…_channel=1_stream=0.sdp`. A value ends where the next key begins. */
const PATH_KEYS = new RegExp(`([/_](?:${QUERY_KEYS})=)(?:(?!_(?:${QUERY_KEYS}|channel|stream|onvif|subtype)=)[^\\s"'<>])*`, "gi");

/**
 * The text with every credential of a URL in it replaced by `***`: user-info (`//user:pass@`, also where the password holds `/`, `:`, `@`, `#`, quotes or
 * blanks) and `user=`, `password=`, `token=` and their like in queries and go2rtc's parameters. For anything that a person, a log or another program may
 * see. In doubt it hides more than it must.
 */
export function maskCredentials(text: string): string {
  return text
    .replaceAll(USER_INFO, "$1***@")
    .replaceAll(USER_INFO_WITH_BLANKS, "$1***@")
    .replaceAll(QUERY, "$1***")
    .replaceAll(PATH_KEYS, "$1***");
}
