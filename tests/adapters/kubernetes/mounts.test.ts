import { expect, test } from "vitest";
import { mountedAs } from "../../../src/adapters/kubernetes/mounts.ts";

const items = [
  { key: "other.yml", path: "other.yml" },
  { key: "frigate.yml", path: "config.yml" },
];
const mount = (subPath?: string) => ({
  volumeMounts: [{ name: "text", mountPath: "/config", ...(subPath === undefined ? {} : { subPath }) }],
});
const copying = (script: string) => [{ command: ["sh", "-c", script], ...mount() }];

function mounted(volume: object, pod: object): string {
  const spec = { volumes: [{ name: "text", ...volume }], ...pod };
  return mountedAs({ spec: { template: { spec } } }, "frigate", "frigate.yml");
}

test.each([
  ["under another name", { configMap: { name: "frigate", items } }, "config.yml", "file"],
  [
    "under another name, among other sources",
    { projected: { sources: [{ configMap: { name: "frigate", items } }] } },
    "config.yml",
    "file",
  ],
  ["as a folder of some keys", { configMap: { name: "frigate", items } }, undefined, "folder"],
  ["under its own name", { configMap: { name: "frigate" } }, "frigate.yml", "file"],
  ["not at all: another key is mounted", { configMap: { name: "frigate", items } }, "other.yml", "unseen"],
  ["not at all: the volume leaves it out", { configMap: { name: "frigate", items: items.slice(0, 1) } }, undefined, "unseen"],
  ["not at all: another ConfigMap is mounted", { configMap: { name: "other" } }, "frigate.yml", "unseen"],
])("a key is mounted %s", (_how, volume, subPath, expected) => {
  expect(mounted(volume, { containers: [mount(subPath)] })).toBe(expected);
});

test.each([
  ["cp /text/frigate.yml /config/config.yml", "copied"],
  ["cp -n /text/frigate.yml /config/", "seeded"],
  ["[ -f /config/config.yml ] || cp /text/frigate.yml /config/config.yml", "seeded"],
  ["test -e /config/config.yml || cp /text/frigate.yml /config/config.yml", "seeded"],
  ["if [ ! -f /config/config.yml ]; then cp /text/frigate.yml /config/config.yml; fi", "seeded"],
])("an init container that runs %s: %s", (script, expected) => {
  const volume = { configMap: { name: "frigate" } };
  expect(mounted(volume, { containers: [{}], initContainers: copying(script) })).toBe(expected);
});
