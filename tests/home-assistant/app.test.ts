import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { load as loadYaml } from "js-yaml";
import { describe, expect, it, test } from "vitest";
import { loadOptions } from "../../src/config/load.ts";
import { everyKey } from "../../src/config/keys.ts";
import { optionFiles } from "../config/option-files.ts";
import { fieldsOf, missingOptions } from "./app-options.ts";
import {
  APP_CONFIG,
  BUILD_CONFIG,
  image,
  isGroup,
  problemsOf,
  relationsOf,
  REPOSITORY_CONFIG,
  schemaElement,
  securityRating,
  type Group,
} from "./supervisor-rules.ts";

const root = join(import.meta.dirname, "..", "..");
const { signal } = new AbortController();

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function group(path: string): Group {
  const value = loadYaml(read(path));
  if (!isGroup(value)) throw new Error(`${path} holds no group`);
  return value;
}

const config = group("config.yaml");
const manifest = JSON.parse(read("package.json")) as { readonly version: string };

/** Options as they stand in the form, by a field's path. */
const keys = new Map(everyKey().map((key) => [key.path.replaceAll("[]", "").replace(/^frigate\.git\./, "git."), key]));

/** Options that are not asked for in the form, and why. */
const NOT_IN_THE_FORM: readonly (readonly [RegExp, string])[] = [
  [/^data_dir$/, "the Supervisor's folder"],
  [/^cameras\.(?:record|resolution|fps)$/, "without effect yet"],
  [
    /^git\.(?:ssh_key|known_hosts|signing_key|author.*|reread|receiver\..*)$/,
    "files of keys are not at hand in the app, and the defaults serve",
  ],
  [/^frigate\.kubernetes\./, "without effect yet"],
  [/^network\.layers\./, "every layer is wanted; one that cannot start says so"],
  [/^network\.lease_files\./, "a path alone stands for the entry"],
  [/^health\.(?:cooldown|max_backoff|streams\..*)$/, "the defaults serve; the command line has them"],
  [/^on_moved\.headers$/, "free names cannot be asked for in the form"],
  [/^limits\./, "bounds that protect the home"],
  [/^home_assistant\.(?:url|token)$/, "the Supervisor's own connection is used"],
  [/^(?:recording|storage|portal)\./, "without effect yet"],
];

describe("config.yaml", () => {
  test("is taken by the Supervisor, key by key", () => {
    expect(problemsOf(config, APP_CONFIG)).toEqual([]);
    expect(relationsOf(config)).toEqual([]);
  });

  test("is rated 7 by the Supervisor's formula, which is the most that a host's network leaves", () => {
    expect(securityRating(config, existsSync(join(root, "apparmor.txt")))).toBe(7);
  });

  test("asks for no privilege, no device and no more than the default role", () => {
    const asked = Object.keys(config).filter((key) =>
      ["privileged", "devices", "hassio_role", "full_access", "docker_api", "auth_api"].includes(key),
    );
    expect(asked).toEqual([]);
  });

  test("has the program's version, which is the image's tag", () => {
    expect(config["version"]).toBe(manifest.version);
    expect(read("Dockerfile")).toContain(`ARG BUILD_VERSION=${manifest.version}\n`);
  });

  test("keeps recordings and what waits for its upload out of backups", () => {
    expect(config["backup_exclude"]).toEqual(expect.arrayContaining(["*/recordings", "*/queue", "*/spool"]));
  });
});

describe("the rules", () => {
  const minimal = { name: "A", version: "1.0.0", slug: "a", description: "b", arch: ["amd64"] };

  test.each<readonly [string, Group, string]>([
    ["a missing key", { ...minimal, slug: undefined }, "slug: must match"],
    ["an unknown key", { ...minimal, advanced_: true }, "advanced_: the Supervisor does not know it"],
    ["an architecture of the past", { ...minimal, arch: ["armv7"] }, "arch: must be one of aarch64, amd64"],
    ["a key that says what holds anyway", { ...minimal, boot: "auto" }, "boot: says what holds anyway"],
    ["a list in a list", { ...minimal, schema: { a: [["str"]] } }, "schema: a list may not hold a list"],
    ["an unknown type", { ...minimal, schema: { a: "text" } }, "schema: text is no type"],
    ["a stop that is too short", { ...minimal, timeout: 5 }, "timeout: must be from 10 to 300"],
    ["an image with its tag", { ...minimal, image: "ghcr.io/a/b:1" }, "image: must be in lower case and without a tag"],
    ["an unknown folder", { ...minimal, map: ["everything:rw"] }, "map: must match"],
  ])("refuse %s", (_what, given, message) => {
    const problems = problemsOf(given, APP_CONFIG);
    expect(problems.filter((problem) => problem.startsWith(message))).toHaveLength(1);
  });

  test("refuse ports that ingress may take, and what the linter refuses", () => {
    const ingress = { ...minimal, ingress: true, ingress_port: 0 };
    expect(relationsOf({ ...ingress, host_network: true, ports: { "62001/tcp": null } })).toEqual(["ports: 62001/tcp is ingress's own"]);
    expect(relationsOf(ingress)).toEqual(["ingress_port: 0 needs host_network"]);
    expect(relationsOf({ ...minimal, watchdog: "http://[HOST]:80/" })).toHaveLength(1);
    expect(relationsOf({ ...minimal, map: ["addon_config:rw"] })).toEqual(["addon_config"]);
  });

  test("take every type that the Supervisor has", () => {
    const types = [
      "str",
      "str(1,)",
      "int(1,100)?",
      "float(0.5,)",
      "bool?",
      "password",
      "port?",
      "url",
      "email",
      "list(a|b)",
      "match(^a$)",
      "device(subsystem=tty)",
    ];
    expect(types.filter((type) => schemaElement(type) !== undefined)).toEqual([]);
    expect(schemaElement({ a: [{ b: { c: "str" } }] })).toBeUndefined();
    expect(["ghcr.io/a/b", "localhost:5000/a", "a/b"].filter((name) => image(name) !== undefined)).toEqual([]);
  });

  test("rate as the Supervisor's own tests do", () => {
    expect(securityRating(minimal, false)).toBe(5);
    expect(securityRating({ ...minimal, ingress: true }, true)).toBe(8);
    expect(securityRating({ ...minimal, privileged: ["NET_ADMIN"] }, false)).toBe(4);
    expect(securityRating({ ...minimal, privileged: ["SYS_NICE"] }, false)).toBe(5);
    expect(securityRating({ ...minimal, hassio_role: "admin", host_pid: true }, false)).toBe(1);
    expect(securityRating({ ...minimal, apparmor: false, auth_api: true }, true)).toBe(5);
    expect(securityRating({ ...minimal, docker_api: true }, true)).toBe(1);
  });
});

describe("the form", () => {
  const fields = fieldsOf(config["schema"]);

  test("asks for nothing: its defaults start the app as they stand, and set nothing that has no effect", async () => {
    expect(missingOptions(config["schema"], config["options"])).toEqual([]);
    const files = optionFiles({ SUPERVISOR_TOKEN: "canary" }, { "/data/options.json": JSON.stringify(config["options"]) });
    expect(await loadOptions(undefined, files, signal)).toMatchObject({
      ok: true,
      options: { data_dir: "/data", frigate: [{ via: "auto" }], cameras: [] },
      sources: { homeAssistant: true, withoutEffect: [], ignored: [] },
    });
  });

  // The Supervisor merges what a person saved over the defaults one level deep: a field that is demanded inside a group would stop older installations.
  test("demands no field inside a group, and has a default for each group and list of groups", () => {
    const lists = new Set(fields.filter(({ type, isList }) => type === "group" && isList).map(({ path }) => path));
    const inGroups = fields.filter(({ path }) => path.includes(".") && ![...lists].some((list) => path.startsWith(`${list}.`)));
    expect(inGroups.filter(({ isOptional }) => !isOptional)).toEqual([]);
    const options = config["options"];
    const needed = fields.filter(({ path, isOptional }) => !path.includes(".") && !isOptional).map(({ path }) => path);
    expect(needed.filter((path) => !isGroup(options) || options[path] === undefined)).toEqual([]);
  });

  test("has options of the program alone, each of the kind that the program has", () => {
    const wrong = fields.flatMap(({ path, type, isList }) => {
      if (type === "group" || ["cameras.enabled", "files", "home_assistant.notifications", "network.lease_files"].includes(path)) return [];
      const key = keys.get(path);
      if (key === undefined) return [`${path}: the program has no such option`];
      if (key.later) return [`${path}: has no effect`];
      const choices = /^list\((.*)\)$/.exec(type)?.[1]?.split("|");
      if (choices !== undefined)
        return choices.filter((choice) => !key.choices.includes(choice)).map((choice) => `${path}: ${choice} is no choice`);
      if (key.choices.length > 0) return [`${path}: is a choice`];
      if (typeof key.fallback === "boolean") return type === "bool" ? [] : [`${path}: is a switch`];
      return Array.isArray(key.fallback) === isList ? [] : [`${path}: is ${isList ? "no" : "a"} list`];
    });
    expect(wrong).toEqual([]);
  });

  test("says of every option whether it is asked for", () => {
    const asked = new Set(fields.map(({ path }) => path));
    const open = [...keys.keys()].filter((path) => !asked.has(path) && !NOT_IN_THE_FORM.some(([pattern]) => pattern.test(path)));
    expect(open).toEqual([]);
    expect([...asked].filter((path) => NOT_IN_THE_FORM.some(([pattern]) => pattern.test(path)))).toEqual([]);
  });

  test("hides passwords, and addresses that hold some", () => {
    const hidden = fields.filter(({ type }) => type === "password").map(({ path }) => path);
    expect(hidden.toSorted()).toEqual([
      "cameras.password",
      "cameras.url",
      "frigate.password",
      "git.token",
      "go2rtc.password",
      "http.token",
      "mqtt.password",
      "notify.token",
      "notify.url",
      "on_moved.url",
    ]);
  });

  test("makes options that the program takes, whatever is filled in", async () => {
    const filled = {
      log_level: "warn",
      frigate: [
        { name: "frigate", via: "file", file: "/app_configs/ccab4aaf_frigate/config.yml", password: "", approve: true, restart: "never" },
      ],
      go2rtc: [{ url: "http://127.0.0.1:1984" }],
      cameras: [
        {
          id: "front",
          mac: ["0c:79:55:4b:d4:2a", ""],
          url: "rtsp://u:canary@192.168.1.9/1",
          enabled: "no",
          battery: false,
          name: null,
          power: "switch.a",
        },
      ],
      network: { interfaces: [""], ranges: ["192.168.20.0/24"], lease_files: ["/app_configs/dhcp/leases"], search: false },
      health: { interval: "1m", failures: 5 },
      git: { url: "https://git.example.org/home.git", path: "frigate.yml", token: "canary", branch: "" },
      mqtt: { url: "mqtt://192.168.1.10:1883", username: "u", password: "canary", base: "", follow: ["shed"] },
      http: { host: "0.0.0.0", port: 8099, metrics_port: 9090, token: "canary" },
      files: [{ path: "/app_configs/other/settings.yaml", camera: "front" }],
      home_assistant: { notifications: "no", events: [""] },
      notify: [{ kind: "ntfy", url: "https://ntfy.sh/canary", token: "", events: ["offline"] }],
      on_moved: [{ url: "http://127.0.0.1/canary", method: "PUT" }],
    };
    expect(missingOptions(config["schema"], filled)).toEqual([]);
    const files = optionFiles({ SUPERVISOR_TOKEN: "canary" }, { "/data/options.json": JSON.stringify(filled) });
    expect(await loadOptions(undefined, files, signal)).toMatchObject({
      ok: true,
      options: {
        frigate: [{ via: "file", git: { url: "https://git.example.org/home.git", branch: "main", path: "frigate.yml" } }],
        cameras: [{ mac: ["0c:79:55:4b:d4:2a"], enabled: false }],
        network: { interfaces: [], search: false },
        http: { port: 8099 },
        home_assistant: { notifications: false, events: [] },
        notify: [{ kind: "ntfy", events: ["offline"] }],
      },
    });
  });
});

describe("beside config.yaml", () => {
  it("build.yaml is read, and names the bases that the Dockerfile has", () => {
    const build = group("build.yaml");
    expect(problemsOf(build, BUILD_CONFIG)).toEqual([]);
    const ofDockerfile = Object.fromEntries(
      [...read("Dockerfile").matchAll(/^ARG (\w+_FROM)=(.+)$/gm)].map(([, name = "", value = ""]) => [name, value]),
    );
    expect(build).toMatchObject({
      build_from: { aarch64: ofDockerfile["BUILD_FROM"], amd64: ofDockerfile["BUILD_FROM"] },
      args: { NODE_FROM: ofDockerfile["NODE_FROM"] },
    });
  });

  it("repository.yaml is read", () => expect(problemsOf(group("repository.yaml"), REPOSITORY_CONFIG)).toEqual([]));

  // supervisor/utils/apparmor.py, `get_profile_name`: one name, at the beginning of a line; the first one on it is replaced with the app's.
  it("apparmor.txt has one profile, which lets the program see layer 2 and nothing be mounted", () => {
    const profile = read("apparmor.txt");
    expect([...profile.matchAll(/^profile ([^ ]+).*$/gm)].map(([, name]) => name)).toEqual([config["slug"]]);
    for (const rule of [
      "network packet raw,",
      "network netlink raw,",
      "network inet stream,",
      "capability net_raw,",
      "capability net_bind_service,",
      "deny mount,",
    ])
      expect(profile).toContain(`  ${rule}\n`);
    expect(profile).not.toMatch(/^ *(?:file|capability|network|mount),$/m);
    // The lease beside a document is made by link(2), which needs `l` for the new name, and no more for it than for the old one.
    for (const folder of ["config", "app_configs", "addon_configs", "share", "media"]) expect(profile).toContain(`  /${folder}/** rwkl,\n`);
  });

  it("is shown in the store to everybody: the frontend of 2026.2 hides what is not stable from people without advanced mode", () => {
    expect(config["stage"] ?? "stable").toBe("stable");
    expect(config["advanced"]).toBeUndefined();
  });

  it("the app's pictures are PNGs of the store's sizes", () => {
    const size = (path: string): readonly number[] => [16, 20].map((at) => readFileSync(join(root, path)).readUInt32BE(at));
    expect(["icon.png", "logo.png"].map((path) => read(path).slice(1, 4))).toEqual(["PNG", "PNG"]);
    expect([size("icon.png"), size("logo.png")]).toEqual([
      [128, 128],
      [250, 100],
    ]);
    expect(["icon.png", "logo.png"].filter((path) => statSync(join(root, path)).size > 50_000)).toEqual([]);
  });

  it("README.md and DOCS.md show Home Assistant's pictures, and no picture is shown nowhere", () => {
    const shownIn = (path: string): readonly string[] =>
      [...read(path).matchAll(/images\/([\w-]+\.(?:png|svg))\)/g)].map(([, name = ""]) => name);
    const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
    const ofUsers = new Set(["README.md", "DOCS.md"].flatMap(shownIn));
    expect(["device.png", "dashboard.png", "page.png"].filter((name) => !ofUsers.has(name))).toEqual([]);
    const shown = new Set([...ofUsers, ...docs.flatMap((name) => shownIn(`docs/${name}`))]);
    expect([...shown].toSorted()).toEqual(readdirSync(join(root, "docs/images")).toSorted());
  });

  it("the store's pages are there", () => {
    expect(["README.md", "DOCS.md", "CHANGELOG.md"].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe("the image's workflow", () => {
  const workflow = group(".github/workflows/image.yaml");

  it("publishes what config.yaml names, for each of its architectures, by tag alone", () => {
    const jobs = isGroup(workflow["jobs"]) ? workflow["jobs"] : {};
    expect(Object.keys(jobs)).toEqual(["prepare", "one", "both"]);
    expect(jobs).toMatchObject({ one: { needs: "prepare" }, both: { needs: ["prepare", "one"], if: "github.event_name == 'push'" } });
    expect(workflow["on"]).toMatchObject({ push: { tags: ["v*"] } });
    const text = read(".github/workflows/image.yaml");
    expect(text).toContain("push: ${{ github.event_name == 'push' }}\n");
    // The image's name stands in config.yaml alone.
    expect(text).not.toContain("ghcr.io");
  });
});
