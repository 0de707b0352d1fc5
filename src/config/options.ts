import { z } from "zod";
import { GitOptions } from "./git-options.ts";
import { KubernetesOptions } from "./kubernetes-options.ts";
import { HomeAssistant } from "./home-assistant-options.ts";
import { MqttOptions } from "./mqtt-options.ts";
import { later, now, oneOf } from "./option-marks.ts";
import {
  address,
  bytes,
  flag,
  identifier,
  listOf,
  mac,
  network,
  portOrNone,
  secret,
  secretUrl,
  span,
  text,
  url,
  whole,
} from "./scalars.ts";
import { Notify } from "./telling-options.ts";

// The one place where an option is defined: its form, its default, what it means and whether this release acts on it. `docs/options.md` and the
// nearest-key hints follow from it. `later` marks what is read and validated but has no effect yet, so that no document breaks when it gets one.

const STREAM_SCHEMES = ["rtsp", "rtsps", "rtspx", "rtmp", "rtmps", "rtmpx", "http", "https", "onvif", "tapo", "kasa", "dvrip"] as const;

const Frigate = z.strictObject({
  name: now("What this Frigate is called in messages. The first is `frigate`, the next `frigate-2` and so on.", identifier),
  via: now(
    "How its configuration is corrected: `auto` looks for the document, else speaks to Frigate at `url`; `file` names it, `api` always uses `url`, `git` commits to the repository under `git`, `kubernetes` changes the ConfigMap under `kubernetes` (of both `auto` takes the repository where another program keeps the ConfigMap, else the ConfigMap), `none` leaves it alone.",
    oneOf("auto", "file", "api", "git", "kubernetes", "none").prefault("auto"),
  ),
  file: now("Path of Frigate's configuration, or of a stand-alone `go2rtc.yaml`.", text.optional()),
  url: now(
    "Address of Frigate's web server, such as `http://192.168.1.10:5000` (no login) or `https://192.168.1.10:8971` (login).",
    url("http", "https").optional(),
  ),
  username: now("User of Frigate's login, with the role admin there.", text.optional()),
  password: now("Password of Frigate's login.", secret.optional()),
  certificate: now(
    "SHA-256 fingerprint of Frigate's own certificate. Absent: the one that is seen first is kept, and another is refused.",
    text.refine((value) => /^(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/i.test(value), "must be 64 hexadecimal digits, such as 4F:0A:…").optional(),
  ),
  restart: now("Whether Frigate may be restarted for a change; `never`: it is only said.", oneOf("auto", "never").prefault("auto")),
  approve: now(
    "Write nothing before a person has approved it with `camera-shepherd approve`. go2rtc is told all the same.",
    flag.prefault(false),
  ),
  git: GitOptions,
  kubernetes: KubernetesOptions,
});

const Server = z.strictObject({
  name: now("What this go2rtc is called in messages. The first is `go2rtc`, the next `go2rtc-2` and so on.", identifier),
  url: now("Address of its API, such as `http://192.168.1.10:1984`.", url("http", "https")),
  username: now("User of its API.", text.optional()),
  password: now("Password of its API.", secret.optional()),
});

const Camera = z.strictObject({
  id: now("Short name that never changes. Use the camera's name in Frigate to add to what is read there.", identifier),
  name: now("Name for people.", text.optional()),
  mac: now("MAC addresses of the camera, one for each of its interfaces. Learned where absent.", listOf(mac).prefault([])),
  address: now("Address that the camera has now.", address.optional()),
  pin_host: now("Replace the host name that documents have of the camera by its proved address; needs `address`.", flag.prefault(false)),
  url: now("Address of its stream, credentials included.", secretUrl(...STREAM_SCHEMES).optional()),
  username: now("User of the camera.", text.optional()),
  password: now("Password of the camera.", secret.optional()),
  allow_basic: now(
    "Send the password also where the camera offers only Basic, which shows it to anyone on the network.",
    flag.prefault(false),
  ),
  enabled: now("Whether the camera is watched at all.", flag.prefault(true)),
  battery: now(
    "It runs on a battery: it is never searched for or asked, and followed only when it announces itself. Give its `mac`.",
    flag.prefault(false),
  ),
  record: later("Whether it is recorded, where that differs from `recording.enabled`.", flag.optional()),
  power: now(
    "Switch or button of Home Assistant, such as `switch.front_power`, by which the camera's power is cycled when it stays dead; at most once an hour.",
    text.refine((value) => /^(?:switch|button)\.[a-z0-9_]{1,200}$/.test(value), "must be switch.NAME or button.NAME").optional(),
  ),
  resolution: later(
    "For information, from the recorder's document.",
    text.refine((value) => /^\d+x\d+$/.test(value), "must be width x height, such as 2560x1440").optional(),
  ),
  fps: later("For information, from the recorder's document.", whole(1, 240).optional()),
});

const LeaseFile = z.strictObject({
  path: now("Lease file of a DHCP server, read every 5 s. A path alone may stand for the entry.", text),
  format: now(
    "What wrote it; `auto` tells by its content. `pihole` and `openwrt` are dnsmasq's format.",
    oneOf("auto", "dnsmasq", "pihole", "openwrt", "kea", "isc").prefault("auto"),
  ),
});

/** A path alone stands for an entry, and one entry for a list of it. */
const LeaseFiles = z
  .preprocess(
    (value) => (typeof value === "string" ? value.split(",").map((path) => path.trim()) : value),
    z
      .array(
        z.preprocess((entry) => (typeof entry === "string" ? { path: entry } : entry), LeaseFile),
        { error: "must be a list of paths, or of entries with path and format" },
      )
      .max(50),
  )
  .prefault([]);

const Pace = {
  interval: now("How often every stream is looked at.", span("5s", "1h").prefault("30s")),
  failures: now("Failed looks in a row before a stream is repaired.", whole(1, 100).prefault(3)),
  cooldown: now("Pause between two repairs of a stream.", span("1s", "1d").prefault("60s")),
  max_backoff: now("Longest pause between two repairs that did not help.", span("1s", "1d").prefault("15m")),
};

const OwnPace = z.strictObject({
  interval: now("As `health.interval`, for this stream.", span("5s", "1h").optional()),
  failures: now("As `health.failures`, for this stream.", whole(1, 100).optional()),
  cooldown: now("As `health.cooldown`, for this stream.", span("1s", "1d").optional()),
  max_backoff: now("As `health.max_backoff`, for this stream.", span("1s", "1d").optional()),
});

/** Everything that a person can set. Input is what a document holds, output what the program uses. */
export const Options = z.strictObject({
  data_dir: now("Folder of the database. `/data` in Home Assistant, else `~/.local/share/camera-shepherd`.", text),
  log_level: now(
    "How much is logged, as JSON on standard error, besides what is told on standard output.",
    oneOf("error", "warn", "info", "debug").prefault("error"),
  ),
  frigate: z.array(Frigate, { error: "must be one Frigate or a list of them" }).max(50),
  go2rtc: z.array(Server, { error: "must be one go2rtc or a list of them" }).max(50).prefault([]),
  cameras: z.array(Camera, { error: "must be a list" }).max(1000).prefault([]),
  network: z
    .strictObject({
      interfaces: now(
        "Interfaces on which cameras are searched. Empty: every ordinary one; containers, VPNs and bridges only where named.",
        listOf(text).prefault([]),
      ),
      ranges: now(
        "Networks in which cameras are searched. Empty: those of the interfaces. One behind a router is asked address by address, at most a /24 of it.",
        listOf(network).prefault([]),
      ),
      lease_files: LeaseFiles,
      search: now("Whether missing cameras are searched for.", flag.prefault(true)),
      layers: z
        .strictObject({
          dhcp: now("Notice DHCP requests (UDP port 67).", flag.prefault(true)),
          neighbours: now("Notice changes of the kernel's neighbour table.", flag.prefault(true)),
          ws_discovery: now("Notice ONVIF cameras that announce themselves (UDP port 3702).", flag.prefault(true)),
          home_assistant: now("Notice the addresses that Home Assistant sees, where it is spoken to.", flag.prefault(true)),
        })
        .prefault({}),
    })
    .prefault({}),
  home_assistant: HomeAssistant,
  health: z
    .strictObject({ ...Pace, streams: z.record(z.string(), OwnPace, { error: "must be stream names with their own values" }).prefault({}) })
    .prefault({}),
  mqtt: MqttOptions,
  recording: z
    .strictObject({
      enabled: later("Whether cameras are recorded.", flag.prefault(false)),
      segment: later("Length of one file.", span("10s", "1d").prefault("15m")),
      temp_dir: later(
        "Folder of segments that are not uploaded yet. `spool` in `data_dir`; `/tmp/camera-recordings` where the recorder's own variables or document are used.",
        text.optional(),
      ),
      spool_bytes: later("Most bytes that wait for their upload.", bytes.prefault("20GB")),
      retention: z
        .strictObject({
          days: later("Recordings are deleted after so many days; absent: never.", whole(1, 36_500).optional()),
          bytes: later("The oldest recordings are deleted above this size; absent: never.", bytes.optional()),
        })
        .prefault({}),
      when_full: later("What happens when the spool is full.", oneOf("delete_oldest", "stop").prefault("delete_oldest")),
    })
    .prefault({}),
  storage: z
    .strictObject({
      kind: later(
        "Where recordings go: `s3` where `endpoint` or a key is given, else `directory`.",
        oneOf("directory", "s3").prefault("directory"),
      ),
      path: later("Folder of the recordings. `recordings` in `data_dir`.", text.optional()),
      endpoint: later("Address of an S3-compatible store.", url("http", "https").optional()),
      bucket: later("Bucket.", text.prefault("camera-recordings")),
      region: later("Region of the store.", text.prefault("us-east-1")),
      prefix: later("What every object's name begins with.", text.prefault("")),
      access_key_id: later("Access key.", secret.optional()),
      secret_access_key: later("Secret key.", secret.optional()),
      max_concurrent_uploads: later("Uploads at the same time.", whole(1, 64).prefault(4)),
    })
    .prefault({}),
  http: z
    .strictObject({
      host: now("Address that both ports listen on; `0.0.0.0` is every address of this machine.", text.prefault("127.0.0.1")),
      port: now("Port of the API, such as 8099; `none`: nothing is listened on.", portOrNone.prefault("none")),
      metrics_port: now("Port of `/metrics`, `/health` and `/ready`; 9090 with the recorder's document.", portOrNone.prefault("none")),
      token: now("Token that the API asks for; needed where `http.host` is not this machine alone.", secret.optional()),
    })
    .prefault({}),
  notify: Notify,
  on_moved: z
    .array(
      z.strictObject({
        url: now("Address that is called when a camera has moved and was healed.", secretUrl("http", "https")),
        method: now("Method of the call; all but `GET` send the move as JSON.", oneOf("GET", "POST", "PUT", "PATCH").prefault("POST")),
        headers: now("Headers of the call, by name.", z.record(z.string(), secret).prefault({})),
      }),
      { error: "must be a list" },
    )
    .max(50)
    .prefault([]),
  files: z
    .array(
      z.strictObject({
        path: now("Another program's text file in which the camera's address is corrected.", text),
        camera: now(
          "The camera's `id`, or its name in Frigate or go2rtc. For several cameras the file is named several times.",
          identifier,
        ),
      }),
      { error: "must be a list" },
    )
    .max(200)
    .prefault([]),
  portal: z
    .strictObject({
      url: later("Address of the portal.", url("http", "https").optional()),
      site: later("Name of this site.", identifier.optional()),
      key: later("Key of this site.", secret.optional()),
      firmware_version: later("Version that the portal shows; absent: the program's.", text.optional()),
      position: later("Where each camera hangs, by its `id`.", z.record(z.string(), text).prefault({})),
    })
    .prefault({}),
  limits: z
    .strictObject({
      verify: now("Longest time that proving an address may take.", span("1s", "1m").prefault("10s")),
      frames: now("Without frames for so long after a change, the previous text is restored.", span("5s", "10m").prefault("20s")),
      sweep_pause: now("Shortest pause between two searches of a network.", span("30s", "1d").prefault("5m")),
      sweep_pause_most: now("Longest pause between two searches of a network.", span("30s", "1d").prefault("15m")),
      ask_pause: now("Shortest pause between two questions for one camera's MAC address.", span("1s", "1d").prefault("10s")),
      login_pause: now("Shortest pause after a failed login at a camera.", span("1m", "1d").prefault("5m")),
      returns_an_hour: now("A camera that returns to former addresses more often is frozen.", whole(1, 40).prefault(3)),
      previous_texts: now("Previous texts of each document that are kept.", whole(1, 1000).prefault(20)),
      power_after: now("A camera answers nowhere for so long before its power is cycled.", span("2m", "1d").prefault("10m")),
      power_pause: now("Shortest pause between two cycles of one switch.", span("1h", "30d").prefault("1h")),
      restart_pause: now("Shortest pause between two restarts of Frigate.", span("1m", "7d").prefault("10m")),
      restarts_a_day: now("Most restarts of Frigate a day.", whole(0, 100).prefault(4)),
      restart_quiet: now("Frigate is restarted once no address has changed for so long.", span("1s", "1h").prefault("20s")),
      restart_wait: now("But it waits no longer than this from the first change on.", span("1s", "1d").prefault("2m")),
    })
    .prefault({}),
});

export type Options = z.output<typeof Options>;
