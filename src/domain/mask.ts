import { maskCommands } from "./mask-commands.ts";
import { maskHeaders } from "./mask-headers.ts";

/** Git's own user, whom every repository by SSH has, is no secret. */
const USER_INFO = /(:\/\/)(?!(?<=\bssh:\/\/)git@[^\s@]+(?:\s|$))(?:(?!:\/\/)\S)*@(?=[^\s@])/g;
/** A password may hold blanks where a person forgot to encode them: `//user:` right before tells it from a host and its port. */
const USER_INFO_WITH_BLANKS = /(:\/\/)(?!(?:\d{1,3}\.){3}\d{1,3}:)[^\s/@:*]+:(?:(?!:\/\/)[^\n\r@])*@(?=[^\s@]+)/g;
/** `tapo:password@192.168.1.10`, as people write it whom the two slashes escaped. */
const USER_INFO_WITHOUT_SLASHES = /\b(tapo|kasa|vigi):(?!\/\/)[^\s@/]+@(?=[^\s@])/gi;
/** A URL as the value of a query, as go2rtc's API takes them. */
const USER_INFO_ENCODED = /(%3A%2F%2F)(?:(?!%3A%2F%2F)[^\s&#"'])*%40/gi;

const PLAIN_KEYS = "user(?:name)?|login|account|usr|loginuse|passw(?:or)?d|passwd|pwd|psw|pw|pass|loginpas|token|auth|key|secret|api_?key";
/** `refresh_token` of Ring and Nest, `enr` of Wyze, `sign` and `client_private` of Xiaomi and HomeKit, `X-Amz-Signature` of Kinesis, and their like. */
const QUERY_KEYS =
  `-?(?:${PLAIN_KEYS}|userpwd|enr|pin|sign|email|code|session(?:_?id)?` +
  String.raw`|[\w.-]{0,40}(?:passw(?:or)?d|passphrase|pwd|token|secret|private|api_?key|credential|signature)[\w.-]{0,20})`;
const GO2RTC_PARAMETERS =
  "video|audio|input|raw|width|height|rotate|timeout|transport|backchannel|media|header|query|hardware|drawtext|bitrate|async|format|ice_servers|client_id|killsignal|killtimeout|starttimeout|gop|resolution|subtype|pkt_size";
/**
 * A quote or `;` ends a value only where the value could end there. A raw `#` belongs to it unless what follows is a parameter of go2rtc's,
 * such as `#video=copy` or `#backchannel`.
 */
const QUERY = new RegExp(
  `([?&;#](?:${QUERY_KEYS})=)(?:[^&#\\s"'<>;]|["'<>;](?=[^\\s,\\]}&#"'<>;])|#(?!(?:${GO2RTC_PARAMETERS})\\b))*`,
  "gi",
);
const QUERY_ENCODED = new RegExp(`((?:%3F|%26|%23)(?:${QUERY_KEYS})%3D)(?:(?!%26|%23)[^&#\\s"'<>])*`, "gi");
/** Between `//user:` and an `@`, what looks like a query is a part of the password. */
const QUERY_IN_PASSWORD = new RegExp(`(://)[^\\s/?#@:]*:(?!\\d{1,5}[/?#])[^\\s@]*[?&;#](?:${QUERY_KEYS})=[^\\s@]*@(?=[^\\s@])`, "gi");
/** XiongMai's streams have them in the path: `/user=admin_password=…_channel=1_stream=0.sdp`. A value ends where the next key begins. */
const PATH_KEYS = new RegExp(
  `([/_](?:${PLAIN_KEYS})=)(?!\\*\\*\\*)(?:(?!_(?:${PLAIN_KEYS}|channel|stream|onvif|subtype)=)[^\\s"'<>])*`,
  "gi",
);
/** Roborock's links name theirs by single letters: go2rtc `pkg/roborock/iot/client.go`. */
const ROBOROCK = /\broborock:[^\s"'<>]*/gi;
/** UniFi Protect has no password: who knows the path sees the camera. */
const UNIFI_PATH = /(\brtsp[sx]?:\/\/[^\s/@]*:744[17]\/)[A-Za-z0-9]{12,}/gi;
/** A service that takes streams tells its customers by the end of the path: `rtmp://a.rtmp.youtube.com/live2/KEY`. */
const RTMP = /(\brtmps?:\/\/(?:\*\*\*@)?)([\w.-]+)((?::\d+)?\/(?:[^\s"'<>/|]+\/)+)[^\s"'<>/|,\]}]+/gi;
const OF_A_HOME = /^(?:[^.]+|[\d.]+|.+\.(?:local|lan|home|internal|localdomain|arpa|intranet|private))$/i;
/** What go2rtc keeps of an account at Xiaomi. */
const XIAOMI_ACCOUNT = /\bV1:[\w+/=-]{12,}/g;

/**
 * The text with every credential in it replaced by `***`: of URLs, user-info (`//user:pass@`, also where the password holds `/`, `:`, `@`, `#`, quotes
 * or blanks), `user=`, `password=`, `token=` and their like in queries and go2rtc's parameters, and what tells a customer or a camera in a path; of
 * commands and headers, what `mask-commands.ts` and `mask-headers.ts` know. For anything that a person, a log or another program may see. In doubt it
 * hides more than it must.
 */
export function maskCredentials(text: string): string {
  const urls = text
    .replaceAll(ROBOROCK, (link) => link.replaceAll(/([?&][usk]=)[^&#]*/gi, "$1***"))
    .replaceAll(QUERY_IN_PASSWORD, "$1***@")
    .replaceAll(QUERY, "$1***")
    .replaceAll(USER_INFO, "$1***@")
    .replaceAll(USER_INFO_WITH_BLANKS, "$1***@")
    .replaceAll(USER_INFO_WITHOUT_SLASHES, "$1:***@")
    .replaceAll(USER_INFO_ENCODED, "$1***%40")
    .replaceAll(QUERY_ENCODED, "$1***")
    .replaceAll(PATH_KEYS, "$1***")
    .replaceAll(UNIFI_PATH, "$1***")
    .replaceAll(RTMP, (url, scheme: string, host: string, path: string) => (OF_A_HOME.test(host) ? url : `${scheme}${host}${path}***`))
    .replaceAll(XIAOMI_ACCOUNT, "V1:***");
  return maskCommands(maskHeaders(urls));
}
