// The rules by which Home Assistant's Supervisor 2026.08.0 takes an app, ported by hand from home-assistant/supervisor at 090ef31, which is Python. Each key
// names what it was ported from; where no file is named that is `_SCHEMA_APP_CONFIG` in supervisor/apps/validate.py.

/** What is wrong with a value, or undefined. */
export type Rule = (value: unknown) => string | undefined;

export interface KeyRule {
  readonly required?: true;
  /** What holds where the key is absent; the Supervisor's linter refuses a key that says the same. */
  readonly fallback?: unknown;
  readonly rule: Rule;
  readonly source: string;
}

export type Group = Readonly<Record<string, unknown>>;

export function isGroup(value: unknown): value is Group {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const text: Rule = (value) => (typeof value === "string" ? undefined : "must be text");
const yesNo: Rule = (value) => (typeof value === "boolean" ? undefined : "must be true or false");
const number: Rule = (value) => (Number.isInteger(value) ? undefined : "must be a whole number");
const group: Rule = (value) => (isGroup(value) ? undefined : "must be a group");
const matches =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value === "string" && pattern.test(value) ? undefined : `must match ${pattern.source}`;
const oneOf =
  (...choices: readonly unknown[]): Rule =>
  (value) =>
    choices.includes(value) ? undefined : `must be one of ${choices.join(", ")}`;
const between =
  (least: number, most: number): Rule =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most ? undefined : `must be from ${least} to ${most}`;
const listOf =
  (rule: Rule): Rule =>
  (value) =>
    Array.isArray(value) ? value.map(rule).find((problem) => problem !== undefined) : "must be a list";
const groupOf =
  (key: Rule, rule: Rule): Rule =>
  (value) =>
    isGroup(value)
      ? Object.entries(value)
          .flatMap(([name, child]) => [key(name), rule(child)])
          .find((problem) => problem !== undefined)
      : "must be a group";
const either =
  (...rules: readonly Rule[]): Rule =>
  (value) =>
    rules.some((rule) => rule(value) === undefined) ? undefined : (rules[0]?.(value) ?? "is wrong");

const url: Rule = (value) =>
  typeof value === "string" && URL.canParse(value) && new URL(value).hostname !== "" ? undefined : "must be an address";
/** AwesomeVersion takes any of its strategies; ours is semantic. */
const version = matches(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
const port = between(1, 65_535);
const portName = matches(/^\d+(?:\/tcp|\/udp)?$/);

/** supervisor/validate.py, `docker_image`: lower case, no tag. */
export const image: Rule = (value) => {
  if (typeof value !== "string" || value === "") return "must be the name of an image";
  const [first = "", ...rest] = value.split("/");
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (isRegistry && first !== first.toLowerCase()) return "its registry must be in lower case";
  const path = isRegistry ? rest : [first, ...rest];
  return path.every((part) => /^[a-z0-9{][a-z0-9.\-_{}]*$/.test(part)) ? undefined : "must be in lower case and without a tag";
};

const CAPABILITIES =
  "BPF CHECKPOINT_RESTORE DAC_READ_SEARCH IPC_LOCK NET_ADMIN NET_RAW PERFMON SYS_ADMIN SYS_MODULE SYS_NICE SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME";
const MAPS =
  "data config ssl local_apps backup share media homeassistant_config all_app_configs app_config addons all_addon_configs addon_config";
const MACHINES =
  /^!?(?:intel-nuc|khadas-vim3|generic-aarch64|generic-x86-64|odroid-(?:c2|c4|m1|n2|xu)|qemuarm(?:-64)?|qemux86(?:-64)?|raspberrypi(?:2|3|3-64|4|4-64|5-64)?|yellow|green|tinker)$/;

/** supervisor/apps/options.py, `RE_SCHEMA_ELEMENT`. */
const ELEMENT =
  /^(?:|bool|email|url|port|device(?:\(subsystem=[a-z]+\))?|str(?:\(\d*,\d*\))?|password(?:\(\d*,\d*\))?|int(?:\((?:-?\d+)?,(?:-?\d+)?\))?|float(?:\((?:-?\d*\.?\d+)?,(?:-?\d*\.?\d+)?\))?|match\(.*\)|list\(.+\))\??$/;

/** `SCHEMA_ELEMENT`: a type, a group of elements, or a list of one of them; a list holds no list. */
export const schemaElement: Rule = (value) => {
  if (typeof value === "string") return ELEMENT.test(value) ? undefined : `${value} is no type`;
  if (isGroup(value))
    return Object.values(value)
      .map(schemaElement)
      .find((problem) => problem !== undefined);
  if (!Array.isArray(value)) return "must be a type, a group or a list";
  if (value.length !== 1) return "a list names the type of its entries, and nothing else";
  return Array.isArray(value[0]) ? "a list may not hold a list" : schemaElement(value[0]);
};

const mapEntry: Rule = (value) => {
  if (typeof value === "string") return matches(new RegExp(`^(?:${MAPS.split(" ").join("|")})(?::(?:rw|ro))?$`))(value);
  if (!isGroup(value)) return "must be text or a group";
  const known: Readonly<Record<string, Rule>> = { type: oneOf(...MAPS.split(" ")), read_only: yesNo, path: text };
  const unknown = Object.keys(value).find((key) => !(key in known));
  if (unknown !== undefined || value["type"] === undefined) return "must be a group of type, read_only and path";
  return Object.entries(known)
    .map(([key, rule]) => (value[key] === undefined ? undefined : rule(value[key])))
    .find((problem) => problem !== undefined);
};

const off = (rule: Rule): KeyRule => ({ fallback: false, rule, source: "vol.Boolean()" });
const wanted = (rule: Rule, source: string): KeyRule => ({ required: true, rule, source });
const may = (rule: Rule, source: string, fallback?: unknown): KeyRule => ({
  rule,
  source,
  ...(fallback === undefined ? {} : { fallback }),
});

/** `config.yaml`, key by key; a key that is not here is dropped without a word. */
export const APP_CONFIG: Readonly<Record<string, KeyRule>> = {
  name: wanted(text, "str"),
  version: wanted(version, "supervisor/validate.py, version_tag"),
  slug: wanted(matches(/^[-_.A-Za-z0-9]+$/), "supervisor/apps/const.py, RE_SLUG"),
  description: wanted(text, "str"),
  arch: wanted(listOf(oneOf("aarch64", "amd64")), "supervisor/const.py, ARCH_ALL; those of ARCH_DEPRECATED are advised against"),
  machine: may(listOf(matches(MACHINES)), "RE_MACHINE"),
  url: may(url, "vol.Url()"),
  startup: may(oneOf("initialize", "system", "services", "application", "once"), "supervisor/const.py, AppStartup", "application"),
  boot: may(oneOf("auto", "manual", "manual_only"), "supervisor/const.py, AppBootConfig", "auto"),
  init: { fallback: true, rule: yesNo, source: "vol.Boolean()" },
  stage: may(oneOf("stable", "experimental", "deprecated"), "supervisor/const.py, AppStage", "stable"),
  ports: may(groupOf(portName, either(port, oneOf(null))), "supervisor/validate.py, docker_ports"),
  ports_description: may(groupOf(portName, text), "supervisor/validate.py, docker_ports_description"),
  watchdog: may(matches(/^(?:https?|\[PROTO:\w+\]|tcp):\/\/\[HOST\]:(\[PORT:\d+\]|\d+).*$/), "vol.Match"),
  webui: may(matches(/^(?:https?|\[PROTO:\w+\]):\/\/\[HOST\]:\[PORT:\d+\].*$/), "vol.Match"),
  ingress: off(yesNo),
  ingress_port: may(either(port, oneOf(0)), "vol.Any(network_port, vol.Equal(0))", 8099),
  ingress_entry: may(text, "str"),
  ingress_stream: off(yesNo),
  panel_icon: may(text, "str", "mdi:puzzle"),
  panel_title: may(text, "str"),
  panel_admin: { fallback: true, rule: yesNo, source: "vol.Boolean()" },
  homeassistant: may(version, "supervisor/validate.py, version_tag"),
  host_network: off(yesNo),
  host_pid: off(yesNo),
  host_ipc: off(yesNo),
  host_uts: off(yesNo),
  host_dbus: off(yesNo),
  devices: may(listOf(text), "[str]"),
  udev: off(yesNo),
  tmpfs: off(yesNo),
  map: may(listOf(mapEntry), "RE_VOLUME and supervisor/apps/const.py, MappingType"),
  environment: may(groupOf(matches(/^\w*$/), text), "vol.Match"),
  privileged: may(listOf(oneOf(...CAPABILITIES.split(" "))), "supervisor/docker/const.py, Capabilities"),
  apparmor: { fallback: true, rule: yesNo, source: "vol.Boolean()" },
  full_access: off(yesNo),
  audio: off(yesNo),
  video: off(yesNo),
  gpio: off(yesNo),
  usb: off(yesNo),
  uart: off(yesNo),
  devicetree: off(yesNo),
  kernel_modules: off(yesNo),
  realtime: off(yesNo),
  hassio_api: off(yesNo),
  hassio_role: may(oneOf("default", "homeassistant", "backup", "manager", "admin"), "supervisor/const.py, ROLE_ALL", "default"),
  homeassistant_api: off(yesNo),
  stdin: off(yesNo),
  legacy: off(yesNo),
  docker_api: off(yesNo),
  auth_api: off(yesNo),
  services: may(listOf(matches(/^(?:mqtt|mysql):(?:provide|want|need)$/)), "RE_SERVICE"),
  discovery: may(listOf(text), "[str]"),
  backup_exclude: may(listOf(text), "[str]"),
  backup_pre: may(text, "str"),
  backup_post: may(text, "str"),
  backup: may(oneOf("hot", "cold"), "supervisor/apps/const.py, AppBackupMode", "hot"),
  options: may(group, "dict"),
  schema: may(either(groupOf(text, schemaElement), oneOf(false)), "SCHEMA_ELEMENT"),
  image: may(image, "supervisor/validate.py, docker_image"),
  ulimits: may(groupOf(text, either(number, group)), "vol.Coerce(int), or soft and hard"),
  timeout: may(between(10, 300), "vol.Range", 10),
  journald: off(yesNo),
  breaking_versions: may(listOf(version), "[version_tag]"),
};

/** `build.yaml`: supervisor/apps/validate.py, `SCHEMA_BUILD_CONFIG`. */
const builtFrom = matches(/^([a-zA-Z\-.:\d{}]+\/)*?([-\w{}]+)\/([-\w{}]+)(:[.\-\w{}]+)?$/);
export const BUILD_CONFIG: Readonly<Record<string, KeyRule>> = {
  build_from: may(either(builtFrom, groupOf(oneOf("aarch64", "amd64"), builtFrom)), "RE_DOCKER_IMAGE_BUILD"),
  args: may(groupOf(text, text), "{str: str}"),
  labels: may(groupOf(text, text), "{str: str}"),
};

/** `repository.yaml`: supervisor/store/validate.py, `SCHEMA_REPOSITORY_CONFIG`. */
export const REPOSITORY_CONFIG: Readonly<Record<string, KeyRule>> = {
  name: wanted(text, "str"),
  url: may(url, "vol.Url()"),
  maintainer: may(text, "str"),
};

/** Every problem of a document. @param value as it was parsed */
export function problemsOf(value: unknown, keys: Readonly<Record<string, KeyRule>>): readonly string[] {
  if (!isGroup(value)) return ["must be a group"];
  const given = Object.entries(value).flatMap(([key, child]) => {
    const known = keys[key];
    if (known === undefined) return [`${key}: the Supervisor does not know it`];
    const problem = known.rule(child);
    if (problem !== undefined) return [`${key}: ${problem}`];
    return known.fallback !== undefined && JSON.stringify(child) === JSON.stringify(known.fallback)
      ? [`${key}: says what holds anyway`]
      : [];
  });
  const missing = Object.entries(keys).flatMap(([key, { required }]) =>
    required === true && value[key] === undefined ? [`${key}: is missing`] : [],
  );
  return [...given, ...missing];
}

/** What no single key shows: supervisor/apps/validate.py, `_warn_app_config`, and the Supervisor's linter (frenck/action-app-linter, src/lint.py). */
export function relationsOf(config: Group): readonly string[] {
  const ports = isGroup(config["ports"]) ? Object.keys(config["ports"]) : [];
  const map: readonly unknown[] = Array.isArray(config["map"]) ? config["map"] : [];
  const isDynamic = config["ingress"] === true && config["ingress_port"] === 0;
  return [
    ...ports
      .filter((name) => isDynamic && between(62_000, 65_500)(Number.parseInt(name, 10)) === undefined)
      .map((name) => `ports: ${name} is ingress's own`),
    ...(config["ingress_port"] === 0 && config["host_network"] !== true ? ["ingress_port: 0 needs host_network"] : []),
    ...(config["ingress"] === true && config["webui"] !== undefined ? ["webui: ingress is there"] : []),
    ...(config["watchdog"] === undefined ? [] : ["watchdog: HEALTHCHECK is asked for in its place"]),
    ...(map.some((entry) => typeof entry === "string") && map.some(isGroup) ? ["map: text and groups are mixed"] : []),
    ...(config["backup"] === "cold" && (config["backup_pre"] ?? config["backup_post"]) !== undefined
      ? ["backup: cold takes no hooks"]
      : []),
    ...["addons", "all_addon_configs", "addon_config", "config"].filter((old) => map.some((entry) => String(entry).startsWith(`${old}:`))),
  ];
}

/** supervisor/apps/utils.py, `rating_security`. @param hasProfile whether an `apparmor.txt` lies beside the configuration */
export function securityRating(config: Group, hasProfile: boolean): number {
  const is = (key: string): boolean => config[key] === true;
  if (is("docker_api") || is("full_access")) return 1;
  const privileged: readonly unknown[] = Array.isArray(config["privileged"]) ? config["privileged"] : [];
  const strong = CAPABILITIES.split(" ").filter((name) => !["IPC_LOCK", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME"].includes(name));
  let rating = 5;
  if (config["apparmor"] === false) rating -= 1;
  else if (hasProfile) rating += 1;
  if (is("ingress")) rating += 2;
  else if (is("auth_api")) rating += 1;
  if (strong.some((name) => privileged.includes(name)) || is("kernel_modules")) rating -= 1;
  if (config["hassio_role"] === "manager") rating -= 1;
  if (config["hassio_role"] === "admin") rating -= 2;
  if (is("host_network")) rating -= 1;
  if (is("host_pid")) rating -= 2;
  if (is("host_uts") && privileged.includes("SYS_ADMIN")) rating -= 1;
  return Math.max(1, Math.min(8, rating));
}
