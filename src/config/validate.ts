import { z } from "zod";
import { parseMac } from "../domain/addresses.ts";
import { parseDuration } from "../domain/duration.ts";
import { choicesAt, everyKey, formatPath, keysAt, type OptionPath } from "./keys.ts";
import { nearest } from "../domain/nearest.ts";
import { olderNames } from "./normalise.ts";
import { isLoopback } from "../domain/loopback.ts";
import { Options } from "./options.ts";
import { flag } from "./scalars.ts";
import { isTree, type Tree, valueAt } from "./tree.ts";

/** Something wrong at a place of the tree. */
export interface Finding {
  readonly path: OptionPath;
  readonly message: string;
  /** The schema has no such key. */
  readonly isUnknown?: true;
}

/** Checks everything and reports all that is wrong at once. The tree must hold `data_dir` and `frigate`. */
export function validate(tree: Tree): { readonly options: Options } | { readonly findings: readonly Finding[] } {
  const parsed = Options.safeParse(tree);
  const findings = [...(parsed.error?.issues ?? []).flatMap((issue) => explain(issue, tree)), ...relations(tree)];
  if (parsed.data !== undefined && findings.length === 0) return { options: parsed.data };
  return { findings };
}

function explain(issue: z.core.$ZodIssue, tree: Tree): readonly Finding[] {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(path, key), isUnknown: true }));
  const value = valueAt(tree, path);
  if (issue.code === "invalid_value") {
    const choices = choicesAt(path);
    const near = typeof value === "string" ? nearest(value, choices) : undefined;
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    return [
      { path, message: value === undefined ? `is missing: one of ${choices.join(", ")}` : `must be one of ${choices.join(", ")}${hint}` },
    ];
  }
  if (issue.code === "invalid_type" && (issue.expected === "object" || issue.expected === "record"))
    return [{ path, message: "must be a group of keys" }];
  return [{ path, message: issue.message }];
}

function unknownKey(group: OptionPath, key: string): string {
  const near = nearest(key, [...keysAt(group), ...olderNames(group)]);
  if (near !== undefined) return `unknown key; did you mean ${near}?`;
  const elsewhere = everyKey().find((known) => known.path.split(".").at(-1) === key);
  return elsewhere === undefined ? "unknown key" : `unknown key here; there is ${elsewhere.path}`;
}

/** What no single value can show: names used twice, values that contradict one another. */
function relations(tree: Tree): readonly Finding[] {
  return [
    ...twice(entries(tree, "cameras", "id"), (name) => `the id ${name}`),
    ...twice(entries(tree, "frigate", "name"), (name) => `the name ${name}`),
    ...twice(entries(tree, "go2rtc", "name"), (name) => `the name ${name}`),
    ...twice(macs(tree), (name) => `the MAC address ${name}`),
    ...filesNamed(tree),
    ...pinsPlaced(tree),
    ...httpReach(tree),
    ...mqttUser(tree),
    ...homeAssistant(tree),
    ...ordered(tree, ["health", "cooldown"], ["health", "max_backoff"], "60s", "15m"),
    ...ordered(tree, ["limits", "sweep_pause"], ["limits", "sweep_pause_most"], "5m", "15m"),
  ];
}

interface Named {
  readonly path: OptionPath;
  readonly name: string;
}

function list(tree: Tree, group: string): readonly unknown[] {
  const value = tree[group];
  return Array.isArray(value) ? value : [];
}

function entries(tree: Tree, group: string, key: string): readonly Named[] {
  return list(tree, group).flatMap((entry, index) => {
    const name = isTree(entry) ? entry[key] : undefined;
    return typeof name === "string" ? [{ path: [group, index, key], name }] : [];
  });
}

function macs(tree: Tree): readonly Named[] {
  return list(tree, "cameras").flatMap((entry, index) => {
    const value = isTree(entry) ? entry["mac"] : undefined;
    const texts: readonly unknown[] = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [];
    return texts.flatMap((text, position) => {
      const name = typeof text === "string" ? parseMac(text) : undefined;
      return name === undefined ? [] : [{ path: ["cameras", index, "mac", position], name }];
    });
  });
}

/** Names that differ only in case are the same folder on some file systems. */
function twice(all: readonly Named[], called: (name: string) => string): readonly Finding[] {
  const first = new Map<string, OptionPath>();
  return all.flatMap(({ path, name }) => {
    const earlier = first.get(name.toLowerCase());
    if (earlier === undefined) first.set(name.toLowerCase(), path);
    return earlier === undefined ? [] : [{ path, message: `${called(name)} stands at ${formatPath(earlier)} already` }];
  });
}

function filesNamed(tree: Tree): readonly Finding[] {
  return list(tree, "frigate").flatMap((entry, index): readonly Finding[] => {
    if (!isTree(entry)) return [];
    const { via, file, git } = { via: entry["via"], file: entry["file"], git: entry["git"] };
    if (via === "file" && file === undefined)
      return [{ path: ["frigate", index, "file"], message: "is missing: via: file needs the path of the document" }];
    if (via === "git" && git === undefined)
      return [{ path: ["frigate", index, "git"], message: "is missing: via: git needs git.url and git.path" }];
    const kubernetes = entry["kubernetes"];
    if (via === "kubernetes" && (!isTree(kubernetes) || kubernetes["configmap"] === undefined))
      return [{ path: ["frigate", index, "kubernetes", "configmap"], message: "is missing: via: kubernetes needs the ConfigMap's name" }];
    if (!isTree(git) || git["ssh_key"] === undefined || git["known_hosts"] !== undefined) return [];
    const message =
      "is missing: name a file with the server's own keys, as ssh-keyscan prints them, so that no other server can take its place";
    return [{ path: ["frigate", index, "git", "known_hosts"], message }];
  });
}

/** What a host name stands for is never looked up: a person says it. */
function pinsPlaced(tree: Tree): readonly Finding[] {
  return list(tree, "cameras").flatMap((entry, index) =>
    isTree(entry) && flag.safeParse(entry["pin_host"]).data === true && entry["address"] === undefined
      ? [{ path: ["cameras", index, "address"], message: "is missing: pin_host needs the address that the camera has now" }]
      : [],
  );
}

/** Whoever can reach the API may act: beyond this machine only with a token. */
function httpReach(tree: Tree): readonly Finding[] {
  const [host = "127.0.0.1", port = "none", metrics = "none"] = ["host", "port", "metrics_port"].map((key) => valueAt(tree, ["http", key]));
  if (port === "none" || typeof host !== "string") return [];
  const isOpen = !isLoopback(host) && valueAt(tree, ["http", "token"]) === undefined;
  const message = `is missing: with http.host ${host} others reach the API; set a token, or http.host: 127.0.0.1`;
  const isSame = String(metrics) === String(port);
  return [
    ...(isOpen ? [{ path: ["http", "token"], message }] : []),
    ...(isSame ? [{ path: ["http", "metrics_port"], message: "must differ from http.port, which has the metrics too" }] : []),
  ];
}

/** An address without a token opens nothing, and a token must not be sent to an address that nobody named. */
function homeAssistant(tree: Tree): readonly Finding[] {
  const [url, token] = [valueAt(tree, ["home_assistant", "url"]), valueAt(tree, ["home_assistant", "token"])];
  if (url === "none" || (url === undefined) === (token === undefined)) return [];
  return url === undefined
    ? [
        {
          path: ["home_assistant", "url"],
          message: "is missing: home_assistant.token is for an address, such as http://homeassistant.local:8123",
        },
      ]
    : [
        {
          path: ["home_assistant", "token"],
          message: "is missing: make a long-lived access token on the Security page of your profile in Home Assistant",
        },
      ];
}

/** A password alone is refused by brokers (MQTT 3.1.1 §3.1.2.9). */
function mqttUser(tree: Tree): readonly Finding[] {
  const [username, password] = ["username", "password"].map((key) => valueAt(tree, ["mqtt", key]));
  if (password === undefined || username !== undefined) return [];
  return [{ path: ["mqtt", "username"], message: "is missing: the broker's password needs its user" }];
}

function ordered(tree: Tree, small: OptionPath, large: OptionPath, smallFallback: string, largeFallback: string): readonly Finding[] {
  const [least, most] = [valueAt(tree, small) ?? smallFallback, valueAt(tree, large) ?? largeFallback];
  const [from, to] = [
    typeof least === "string" ? parseDuration(least) : undefined,
    typeof most === "string" ? parseDuration(most) : undefined,
  ];
  if (from === undefined || to === undefined || from <= to) return [];
  const path = valueAt(tree, large) === undefined ? small : large;
  return [{ path, message: `${formatPath(large)} must not be shorter than ${formatPath(small)}` }];
}
