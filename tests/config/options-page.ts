import { ownVariables } from "../../src/config/environment.ts";
import { everyKey, type Key } from "../../src/config/keys.ts";

const GROUP_TITLES: Readonly<Record<string, string>> = {
  frigate: "One Frigate, or a list of them. Without it the document is looked for where Frigate keeps it.",
  go2rtc: "One go2rtc, or a list of them. Without it Frigate's own is used.",
  cameras: "Cameras are read out of Frigate's configuration; what stands here adds to that or overrides it.",
  network: "Where cameras are looked for, and by what the program notices that one moved.",
  home_assistant: "How Home Assistant is spoken to. Nothing is needed where this program is an app of Home Assistant.",
  health: "How streams are watched and repaired.",
  mqtt: "A message broker, such as Home Assistant's Mosquitto. Without `mqtt.url` the one that Home Assistant offers is used where this program is an app of it, and none elsewhere.",
  limits: "How far the program may go, and how often.",
};

/** `docs/options.md`, from the schema. */
export function optionsPage(): string {
  const variables = new Map([...ownVariables()].map(([name, path]) => [path.join("."), name]));
  const groups = Map.groupBy(everyKey(), (key) =>
    key.path.includes(".") || key.path.includes("[") ? (/^\w+/.exec(key.path)?.[0] ?? "") : "",
  );
  const sections = [...groups].map(([group, keys]) => section(group, keys, variables));
  return [INTRODUCTION, ...sections, RECORDER].join("\n");
}

function section(group: string, keys: readonly Key[], variables: ReadonlyMap<string, string>): string {
  const waiting = keys.every((key) => key.later);
  const title = group === "" ? "## Alone" : `## \`${group}\``;
  const words = [GROUP_TITLES[group], waiting ? "Read and checked, but **without effect in this release**." : undefined].filter(
    (text) => text !== undefined,
  );
  const rows = keys.map((key) => {
    const fallback =
      key.fallback === undefined || (Array.isArray(key.fallback) && key.fallback.length === 0) || isEmptyGroup(key.fallback)
        ? ""
        : `\`${shown(key.fallback)}\``;
    const variable = variables.get(key.path.replace("[]", "")) ?? "";
    const note = key.later && !waiting ? " *Without effect in this release.*" : "";
    const choices = key.choices.length === 0 ? "" : ` One of ${key.choices.map((choice) => `\`${choice}\``).join(", ")}.`;
    return `| \`${key.path}\` | ${fallback} | ${key.description}${choices}${note} | ${variable === "" ? "" : `\`${variable}\``} |`;
  });
  return [
    title,
    "",
    ...(words.length === 0 ? [] : [words.join(" "), ""]),
    "| key | default | meaning | variable |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function isEmptyGroup(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const INTRODUCTION = `# Options

Every option has a default: a home with Frigate and go2rtc on the same machine needs no document at all. What stands here follows from the
schema in \`src/config/options.ts\`; a test holds the two together.

Options come in layers, the later before the earlier:

1. the defaults below,
2. one document: \`--config FILE\` (YAML, JSON or TOML), else \`/data/options.json\`, which Home Assistant writes,
3. the environment: \`CAMERA_SHEPHERD_GROUP__KEY\` for single values, as the last column names them (lists of single values are separated by commas),
4. files: each of those variables also with \`_FILE\` behind it names a file that holds the value, as Docker and Kubernetes hand secrets over.

An unknown key, a malformed value, a name that stands twice: every problem is told at once, with its place, and the program ends with code 64.
Empty values count as absent. Times are written \`30s\`, \`5m\`, \`1m30s\`; sizes \`20GB\`, \`512MiB\`; passwords in quotes. A relative path begins at the
folder that the program is started in.

\`\`\`yaml
# camera-shepherd.yaml
frigate:
  file: /srv/frigate/config/config.yml
go2rtc:
  url: http://127.0.0.1:1984
cameras:
  - id: front
    mac: 0c:79:55:4b:d4:2a
\`\`\`

\`camera-shepherd check\` names the options that were set and have no effect in this release.
`;

const RECORDER = `## The camera recorder's variables and document

The variables of the camera recorder are read as they stand:

| variable | option | default |
|---|---|---|
| \`S3_ENDPOINT\` | \`storage.endpoint\` | |
| \`S3_BUCKET\` | \`storage.bucket\` | \`camera-recordings\` |
| \`S3_ACCESS_KEY_ID\` or \`S3_ACCESS_KEY\` | \`storage.access_key_id\` | |
| \`S3_SECRET_ACCESS_KEY\` or \`S3_SECRET_KEY\` | \`storage.secret_access_key\` | |
| \`TEMP_DIR\` | \`recording.temp_dir\` | \`/tmp/camera-recordings\` |
| \`METRICS_PORT\` | \`http.metrics_port\` | \`9090\` |
| \`MAX_CONCURRENT_UPLOADS\` | \`storage.max_concurrent_uploads\` | \`4\` |
| \`CAMERA1_RTSP_URL\` or \`CAMERA_1_URL\`, \`CAMERA2_RTSP_URL\` … | \`url\` of the camera \`camera-1\`, \`camera-2\` … | |

So is its TOML document; its keys \`storage.s3_endpoint\`, \`storage.s3_bucket\`, \`storage.s3_region\` and \`storage.segment_duration_minutes\` are older
names of \`storage.endpoint\`, \`storage.bucket\`, \`storage.region\` and \`recording.segment\`.
`;
