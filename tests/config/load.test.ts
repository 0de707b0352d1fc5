import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { loadOptions } from "../../src/config/load.ts";
import { formatIgnored, formatProblems } from "../../src/config/problems.ts";
import { seconds } from "../../src/domain/duration.ts";
import { golden, load, options, problems } from "./loading.ts";
import { optionFiles } from "./option-files.ts";

const { signal } = new AbortController();

describe("defaults", () => {
  it("need no document and no variable", async () => {
    const loaded = await load(undefined);
    expect(loaded).toMatchObject({ ok: true, sources: { homeAssistant: false, withoutEffect: [] } });
    if (!loaded.ok) return;
    expect(loaded.sources.origins.size).toBe(0);
    expect(loaded.sources.document).toBeUndefined();
    expect(loaded.options).toMatchObject({
      data_dir: "/home/viewer/.local/share/camera-shepherd",
      frigate: [{ name: "frigate", via: "auto", restart: "auto", approve: false }],
      go2rtc: [],
      cameras: [],
      network: { search: true, layers: { dhcp: true, neighbours: true } },
      health: { interval: seconds(30), failures: 3, cooldown: seconds(60) },
      mqtt: { base: "camera_shepherd", discovery_prefix: "homeassistant", follow: [] },
      recording: { enabled: false, segment: seconds(900) },
      storage: { kind: "directory", bucket: "camera-recordings", max_concurrent_uploads: 4 },
      http: { host: "127.0.0.1", port: "none", metrics_port: "none" },
    });
    expect(loaded.options.recording.temp_dir).toBeUndefined();
  });

  it("are Home Assistant's where its Supervisor runs the program", async () => {
    const texts = { "/data/options.json": '{"cameras": [], "frigate": [], "mqtt": {"url": ""}, "log_level": "debug"}' };
    const loaded = await load(undefined, { SUPERVISOR_TOKEN: "canary-token" }, texts);
    expect(loaded).toMatchObject({
      ok: true,
      sources: { homeAssistant: true, document: "/data/options.json" },
      options: { data_dir: "/data", log_level: "debug", http: { port: "none", metrics_port: "none" }, frigate: [{ via: "auto" }] },
    });
    expect((await options(undefined, { SUPERVISOR_TOKEN: "x", CAMERA_SHEPHERD_HTTP__PORT: "8100" }, texts)).http.port).toBe(8100);
  });

  it("leave out what Home Assistant's form holds of another release, and say each with its place", async () => {
    const kept = {
      log_level: "debug",
      poll_seconds: 5,
      cameras: [{ id: "front", colour: "red" }],
      network: { sniff: true, search: false },
    };
    const loaded = await load(undefined, {}, { "/data/options.json": JSON.stringify(kept, undefined, 2) });
    expect(loaded).toMatchObject({ ok: true, options: { log_level: "debug", cameras: [{ id: "front" }], network: { search: false } } });
    if (!loaded.ok) return;
    expect(formatIgnored(loaded.sources.ignored).split("\n")).toEqual([
      "Options of another release are left out, the others hold; remove them in the app's configuration:",
      "  /data/options.json:7: cameras[0].colour: unknown key",
      "  /data/options.json:11: network.sniff: unknown key",
      "  /data/options.json:3: poll_seconds: unknown key",
      "",
    ]);
    const wrong = await load(undefined, {}, { "/data/options.json": JSON.stringify({ ...kept, log_level: "loud" }) });
    expect(wrong.ok ? [] : wrong.problems.map(({ path }) => path)).toEqual(["log_level"]);
    expect(await load(JSON.stringify(kept))).toMatchObject({ ok: false });
  });

  it("take the empty entries of a form's lists for absent", async () => {
    const given = await options(
      undefined,
      {},
      { "/data/options.json": '{"network": {"interfaces": ["", "eth0", null]}, "cameras": [null]}' },
    );
    expect(given).toMatchObject({ network: { interfaces: ["eth0"] }, cameras: [] });
  });

  it("let others reach the API only with a token, and keep the two ports apart", async () => {
    const open = "http: {host: 0.0.0.0, port: 8099}\n";
    expect(await problems(open)).toEqual([
      "home.yaml:1: http.token: is missing: with http.host 0.0.0.0 others reach the API; set a token, or http.host: 127.0.0.1",
    ]);
    expect((await options(open, { CAMERA_SHEPHERD_HTTP__TOKEN: "canary" })).http.port).toBe(8099);
    for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1", "'[::1]'"])
      expect((await options(`http: {host: "${host.replaceAll("'", "")}", port: 8099}\n`)).http.token).toBeUndefined();
    for (const host of ["192.168.1.2", "::", "127.0.0.1.example", "home.lan"])
      expect(await problems(`http: {host: "${host}", port: 8099}\n`)).toHaveLength(1);
    expect((await options("http: {host: 0.0.0.0}\n", { METRICS_PORT: "9090" })).http).toMatchObject({ port: "none", metrics_port: 9090 });
    expect(await problems("http: {port: 9090}\n", { METRICS_PORT: "9090" })).toEqual([
      "environment METRICS_PORT: http.metrics_port: must differ from http.port, which has the metrics too",
    ]);
  });

  it("leave Home Assistant's document aside where the command line names one", async () => {
    const loaded = await load("log_level: warn\n", {}, { "/data/options.json": '{"log_level": "debug"}' });
    expect(loaded).toMatchObject({ ok: true, options: { log_level: "warn" }, sources: { document: "home.yaml" } });
  });
});

describe("layers", () => {
  const document = "http:\n  port: 1000\n  token: canary-document\nnetwork:\n  layers: {dhcp: true}\n";

  it("go document, environment, secret file", async () => {
    const environment = {
      CAMERA_SHEPHERD_HTTP__PORT: "2000",
      CAMERA_SHEPHERD_NETWORK__LAYERS__DHCP: "off",
      CAMERA_SHEPHERD_HTTP__TOKEN: "canary-environment",
      CAMERA_SHEPHERD_HTTP__TOKEN_FILE: "/run/secrets/token",
    };
    const loaded = await load(document, environment, { "/run/secrets/token": "canary-file\n" });
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    expect(loaded.options.http.port).toBe(2000);
    expect(loaded.options.network.layers.dhcp).toBe(false);
    expect(loaded.options.http.token?.reveal()).toBe("canary-file");
    expect(Object.fromEntries(loaded.sources.origins)).toEqual({
      "http.port": { layer: "environment", place: "CAMERA_SHEPHERD_HTTP__PORT" },
      "http.token": { layer: "secret file", place: "CAMERA_SHEPHERD_HTTP__TOKEN_FILE" },
      "network.layers.dhcp": { layer: "environment", place: "CAMERA_SHEPHERD_NETWORK__LAYERS__DHCP" },
    });
  });

  it("trim one line end of a secret file and no more", async () => {
    const read = async (text: string) =>
      (await options(undefined, { S3_SECRET_KEY_FILE: "/s" }, { "/s": text })).storage.secret_access_key?.reveal();
    expect(await read("canary \r\n")).toBe("canary ");
    expect(await read(" canary")).toBe(" canary");
    expect(await problems(undefined, { S3_SECRET_KEY_FILE: "/s" }, { "/s": "two\nlines\n" })).toEqual([
      "secret file S3_SECRET_KEY_FILE: storage.secret_access_key: must be one line",
    ]);
  });

  it("name a secret file that is missing, empty or forbidden, all of them at once", async () => {
    const environment = { S3_SECRET_KEY_FILE: "/missing", S3_ACCESS_KEY_FILE: "/empty", CAMERA_1_URL_FILE: "/forbidden" };
    expect(await problems(undefined, environment, { "/empty": "\n", "/forbidden": new Error("permission denied") })).toEqual([
      "secret file CAMERA_1_URL_FILE: cameras.camera-1.url: the file /forbidden cannot be read: permission denied",
      "secret file S3_ACCESS_KEY_FILE: storage.access_key_id: the file /empty is empty",
      "secret file S3_SECRET_KEY_FILE: storage.secret_access_key: the file /missing does not exist",
    ]);
  });

  it("set the one Frigate and the one go2rtc there is, and say so where there are several", async () => {
    const environment = { CAMERA_SHEPHERD_FRIGATE__FILE: "/srv/frigate.yml", CAMERA_SHEPHERD_GO2RTC__URL: "http://10.0.0.2:1984" };
    expect(await options("frigate: {via: file}\n", environment)).toMatchObject({
      frigate: [{ name: "frigate", via: "file", file: "/srv/frigate.yml" }],
      go2rtc: [{ name: "go2rtc", url: "http://10.0.0.2:1984" }],
    });
    expect(await problems("frigate: [{name: a}, {name: b}]\n", environment)).toEqual([
      "environment CAMERA_SHEPHERD_FRIGATE__FILE: frigate.file: the document has 2 entries under frigate; set it there",
    ]);
  });

  it("count an empty variable as absent, and refuse an unknown one of ours alone", async () => {
    expect((await options(undefined, { S3_BUCKET: "", CAMERA_SHEPHERD_CACHE: "/x", HTTP_PORT: "7" })).storage.bucket).toBe(
      "camera-recordings",
    );
    expect(await problems(undefined, { CAMERA_SHEPHERD_HTTP__PROT: "1", CAMERA_SHEPHERD_ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ: "1" })).toEqual([
      "environment CAMERA_SHEPHERD_HTTP__PROT: unknown variable; did you mean CAMERA_SHEPHERD_HTTP__PORT?",
      "environment CAMERA_SHEPHERD_ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ: unknown variable; lists and cameras are written in the document",
    ]);
  });

  it("name the variable where its value is wrong", async () => {
    expect(await problems(undefined, { METRICS_PORT: "many", S3_ENDPOINT: "localhost" })).toEqual([
      "environment S3_ENDPOINT: storage.endpoint: must be an address that begins with http:// or https://",
      "environment METRICS_PORT: http.metrics_port: must be a port from 1 to 65535, or none",
    ]);
  });
});

describe("problems", () => {
  it("are all told at once, with path, line and the nearest key", async () => {
    const document = `frigate:
  via: flie
cameras:
  - id: front
    macc: 0c:79:55:4b:d4:2a
  - id: Front
    mac: [0c:79:55:4b:d4]
    address: 192.168.1.300
  - name: no id
health: {interval: 30, cooldown: 20m}
stroage: {kind: s3}
interval: 30s
mqtt:
  url: mqtt://viewer:canary@broker
  password: 0123
network:
  ranges: [10.0.0.0/8]
`;
    expect(await problems(document)).toEqual([
      "home.yaml:2: frigate.via: must be one of auto, file, api, git, kubernetes, none; did you mean file?",
      "home.yaml:5: cameras[0].macc: unknown key; did you mean mac?",
      'home.yaml:7: cameras[1].mac[0]: "0c:79:55:4b:d4" is not a MAC address: six pairs of hexadecimal digits, such as 0c:79:55:4b:d4:2a',
      'home.yaml:8: cameras[1].address: "192.168.1.300" is not an IPv4 address of a host, such as 192.168.1.50',
      "home.yaml:9: cameras[2].id: is missing",
      'home.yaml:17: network.ranges[0]: "10.0.0.0/8" is larger than a /16 and would not be searched',
      "home.yaml:10: health.interval: must be a time with its unit, such as 30s, 5m or 1m30s",
      "home.yaml:14: mqtt.url: must be an address such as mqtt://192.168.1.10:1883 (or mqtts://, ws://, wss://), or none; user name and password have keys of their own",
      "home.yaml:15: mqtt.password: must be text; write it in quotes",
      "home.yaml:11: stroage: unknown key; did you mean storage?",
      "home.yaml:12: interval: unknown key here; there is health.interval",
      "home.yaml:6: cameras[1].id: the id Front stands at cameras[0].id already",
      "home.yaml:13: mqtt.username: is missing: the broker's password needs its user",
      "home.yaml:10: health.cooldown: health.max_backoff must not be shorter than health.cooldown",
    ]);
  });

  it("name the line in TOML and JSON too", async () => {
    expect(await problems(golden("recorder.example.toml").replace("s3_bucket", "s3_buckett"), {}, {}, "a.toml")).toEqual([
      "a.toml:11: storage.s3_buckett: unknown key; did you mean s3_bucket?",
    ]);
    expect(await problems(golden("recorder.example.toml").replace("= 15\n\n", "= 0\n\n"), {}, {}, "a.toml")).toEqual([
      "a.toml:7: cameras[0].fps: must be a whole number from 1 to 240",
    ]);
    expect(await problems('{\n\t"http": {\n\t\t"port": 0\n\t}\n}', {}, {}, "a.json")).toEqual([
      "a.json:3: http.port: must be a port from 1 to 65535, or none",
    ]);
    expect(await problems("[storage]\ns3_endpoint = 7\n", {}, {}, "a.toml")).toEqual([
      "a.toml:2: storage.s3_endpoint: must be an address that begins with http:// or https://",
    ]);
  });

  it("name a document that is broken, missing or no group, and never quote it", async () => {
    expect(await problems("password: canary\nmqtt: [\n")).toEqual([
      expect.stringMatching(/^home\.yaml:\d: cannot be read as YAML or JSON: /),
    ]);
    expect(await problems("a: 1\na: 2\n")).toEqual(["home.yaml:2: cannot be read as YAML or JSON: duplicated mapping key"]);
    expect(await problems("password = 'canary\n", {}, {}, "a.toml")).toEqual([
      expect.stringMatching(/^a\.toml:1: cannot be read as TOML: /),
    ]);
    for (const [text, place] of [
      ["password: canary\nmqtt: [\n", "a.yaml"],
      ["password = 'canary\n", "a.toml"],
    ] as const) {
      expect(inspect(await load(text, {}, {}, place), { depth: 9 })).not.toContain("canary");
    }
    expect(await problems("- a\n")).toEqual(["home.yaml: must hold options as keys and values"]);
    const missing = await loadOptions("/nowhere.yaml", optionFiles(), signal);
    expect(missing).toEqual({
      ok: false,
      problems: [
        { layer: "document", place: "/nowhere.yaml", path: "", message: "the file named by --config is not there; correct its path" },
      ],
    });
  });

  it("of the environment are told beside those of a broken document", async () => {
    expect(await problems("mqtt: [\n", { METRICS_PORT: "x" })).toHaveLength(2);
  });

  it("find a host name that is to be replaced by an address that nobody gave", async () => {
    const document = `cameras:
  - {id: x, pin_host: on}
  - {id: y, pin_host: true, address: 192.168.1.50}
  - {id: z, pin_host: false}
`;
    expect(await problems(document)).toEqual([
      "home.yaml:2: cameras[0].address: is missing: pin_host needs the address that the camera has now",
    ]);
  });

  it("find names that stand twice, and a file that is missing", async () => {
    const document = `frigate: [{name: a, via: file}, {name: a}]
cameras:
  - {id: x, mac: "0C-79-55-4B-D4-2A"}
  - {id: y, mac: [0c79.554b.d42a]}
`;
    expect(await problems(document)).toEqual([
      "home.yaml:1: frigate[1].name: the name a stands at frigate[0].name already",
      "home.yaml:4: cameras[1].mac[0]: the MAC address 0c:79:55:4b:d4:2a stands at cameras[0].mac[0] already",
      "home.yaml:1: frigate[0].file: is missing: via: file needs the path of the document",
    ]);
  });

  it("are found in a value that YAML read as a number", async () => {
    expect(await problems("cameras:\n  - {id: x, mac: 112233445566}\n")).toEqual([
      "home.yaml:2: cameras[0].mac[0]: must be a MAC address in quotes: YAML reads twelve digits as a number",
    ]);
  });
});

describe("documents", () => {
  it("may be empty, or YAML or TOML without a telling name", async () => {
    for (const text of ["", "# nothing\n", "---\n", "\uFEFFlog_level: error\r\n"]) expect((await options(text)).log_level).toBe("error");
    expect((await options('# mine\nlog_level = "debug"\n', {}, {}, "settings")).log_level).toBe("debug");
    expect((await options("[http]\nport = 7000\n", {}, {}, "settings")).http.port).toBe(7000);
    expect((await options("log_level: debug\n", {}, {}, "settings")).log_level).toBe("debug");
  });

  it("take the Git repository of the only Frigate at the top level too, and say where it belongs where there are two", async () => {
    const git = 'git: {url: "https://git.example.org/home.git", path: frigate.yml}';
    expect((await options(git)).frigate).toMatchObject([{ via: "auto", git: { branch: "main", path: "frigate.yml" } }]);
    expect((await options(`frigate: {approve: true}\n${git}`)).frigate).toMatchObject([{ approve: true, git: { path: "frigate.yml" } }]);
    expect((await options("git: {}")).frigate).toMatchObject([{ via: "auto" }]);
    expect(await problems('git: {url: "git.example.org", path: frigate.yml}')).toEqual([
      expect.stringContaining(":1: git.url: must be an address") as string,
    ]);
    expect(await problems(`frigate: [{name: a}, {name: b}]\n${git}`)).toEqual([
      expect.stringContaining("git: is the Git repository of the only Frigate") as string,
    ]);
  });

  it("load every group that later parts use, and say that they have no effect", async () => {
    const document = `
mqtt: {url: "mqtt://10.0.0.2", username: viewer, password: canary}
recording: {enabled: true, segment: 5m, spool_bytes: 2GiB, retention: {days: 7, bytes: 1TB}, when_full: stop}
storage: {kind: directory, path: /srv/recordings}
http: {port: none, metrics_port: 9091, host: 127.0.0.1, token: canary}
notify: [{kind: ntfy, url: "https://ntfy.example/canary", token: canary, events: [moved]}]
on_moved: [{url: "http://10.0.0.3/hook", method: PUT, headers: {X-Key: canary}}]
files: [{path: /etc/other.ini, camera: front}]
portal: {url: "https://portal.example", site: home, key: canary, firmware_version: 1.0.0, position: {front: main entrance}}
frigate: {via: git, git: {url: "git@example:home.git", path: frigate.yml}, kubernetes: {namespace: nvr, configmap: frigate, workload: deployment/frigate}}
cameras: [{id: front, record: true, power: switch.front}]
health: {streams: {front.sub: {interval: 10s, failures: 5}}}
`;
    const loaded = await load(document);
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    expect(loaded.options.recording).toMatchObject({ spool_bytes: 2 ** 31, retention: { days: 7, bytes: 1e12 } });
    expect(loaded.options.health.streams["front.sub"]).toMatchObject({ interval: seconds(10), failures: 5 });
    expect(loaded.sources.withoutEffect).toEqual(expect.arrayContaining(["portal.url", "portal.position.front"]));
    expect(loaded.sources.withoutEffect.filter((path) => /^(?:health|mqtt)/.test(path) || path.endsWith(".id"))).toEqual([]);
    expect(inspect(loaded, { depth: 20, showHidden: true })).not.toContain("canary");
    expect(JSON.stringify(loaded.options)).not.toContain("canary");
  });
});
