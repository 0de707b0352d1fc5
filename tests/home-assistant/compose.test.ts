import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load as loadYaml } from "js-yaml";
import { describe, expect, it } from "vitest";
import { ownVariables } from "../../src/config/environment.ts";
import { loadOptions } from "../../src/config/load.ts";
import { DOCUMENT_PLACES } from "../../src/config/document-places.ts";
import { optionFiles } from "../config/option-files.ts";
import { isGroup, type Group } from "./supervisor-rules.ts";

const root = join(import.meta.dirname, "..", "..");

function group(value: unknown, name: string): Group {
  if (!isGroup(value)) throw new Error(`${name} is no group`);
  return value;
}

const compose = group(loadYaml(readFileSync(join(root, "deploy/compose.yaml"), "utf8")), "compose.yaml");
const config = group(loadYaml(readFileSync(join(root, "config.yaml"), "utf8")), "config.yaml");
const services = group(compose["services"], "services");
const shepherd = group(services["camera-shepherd"], "camera-shepherd");
const frigate = group(services["frigate"], "frigate");

/** Keys of the Compose specification that are used here, and the kind of each (compose-spec, schema/compose-spec.json, `definitions.service`). */
const SERVICE: Readonly<Record<string, (value: unknown) => boolean>> = {
  image: (value) => /^[\w.-]+(?:\/[\w.-]+)+:[\w.-]+$/.test(String(value)),
  restart: (value) => ["no", "always", "on-failure", "unless-stopped"].includes(String(value)),
  network_mode: (value) => typeof value === "string",
  init: (value) => typeof value === "boolean",
  read_only: (value) => typeof value === "boolean",
  stop_grace_period: (value) => /^\d+(?:ms|s|m|h)$/.test(String(value)),
  shm_size: (value) => /^\d+(?:b|k|m|g|kb|mb|gb)?$/.test(String(value)),
  cap_drop: (value) => isTexts(value),
  cap_add: (value) => isTexts(value),
  security_opt: (value) => isTexts(value),
  ports: (value) => isTexts(value) && value.every((port) => /^(?:\d+\.\d+\.\d+\.\d+:)?\d+:\d+$/.test(port)),
  volumes: (value) => isTexts(value) && value.every((volume) => /^[\w./-]+:\/[\w./-]+(?::ro)?$/.test(volume)),
  environment: (value) => isGroup(value) && Object.values(value).every((one) => typeof one === "string"),
  healthcheck: (value) =>
    isGroup(value) && Object.keys(value).every((key) => ["test", "interval", "timeout", "start_period", "retries"].includes(key)),
};

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

describe("deploy/compose.yaml", () => {
  it("has only keys of the Compose specification, each of its kind", () => {
    expect(Object.keys(compose).filter((key) => !["name", "services", "volumes"].includes(key))).toEqual([]);
    const wrong = Object.entries(services).flatMap(([name, service]) =>
      Object.entries(group(service, name)).flatMap(([key, value]) => (SERVICE[key]?.(value) === true ? [] : [`${name}.${key}`])),
    );
    expect(wrong).toEqual([]);
    const named = [shepherd, frigate].flatMap(({ volumes }) => (isTexts(volumes) ? volumes : [])).filter((volume) => /^\w/.test(volume));
    expect(named.map((volume) => volume.split(":")[0])).toEqual(Object.keys(group(compose["volumes"], "volumes")));
  });

  it("runs the image and the version that config.yaml has, on the host's network and on no other", () => {
    expect(shepherd["image"]).toBe(`${String(config["image"])}:${String(config["version"])}`);
    expect(shepherd).toMatchObject({ network_mode: "host", read_only: true, cap_drop: ["ALL"] });
    expect(shepherd["ports"]).toBeUndefined();
  });

  it("gives both one folder, where the document is looked for; no single file is mounted", () => {
    const mounts = [shepherd, frigate].map(({ volumes }) => (isTexts(volumes) ? volumes : []));
    expect(mounts.map((all) => all.find((volume) => volume.endsWith(":/config")))).toEqual([
      "./frigate/config:/config",
      "./frigate/config:/config",
    ]);
    expect(DOCUMENT_PLACES.some(({ folder }) => folder === "/config")).toBe(true);
    expect(mounts.flat().filter((volume) => /\.\w+:/.test(volume))).toEqual([]);
  });

  it("shows nobody else what asks for no login", () => {
    const ports = isTexts(frigate["ports"]) ? frigate["ports"] : [];
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual(["8971:8971"]);
    expect(ports).toEqual(expect.arrayContaining(["127.0.0.1:1984:1984", "127.0.0.1:8554:8554"]));
  });

  it("sets variables that are options; those that are left empty say nothing", async () => {
    const environment = group(shepherd["environment"], "environment");
    const known = ownVariables();
    expect(Object.keys(environment).filter((name) => name.startsWith("CAMERA_SHEPHERD_") && !known.has(name))).toEqual([]);
    const resolved = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, String(value).replace(/\$\{\w+:-([^}]*)\}/, "$1")]),
    );
    const { signal } = new AbortController();
    const loaded = await loadOptions(undefined, optionFiles({ ...resolved, CAMERA_SHEPHERD_DATA_DIR: "/data" }, {}), signal);
    expect(loaded).toMatchObject({ ok: true, options: { data_dir: "/data" }, sources: { homeAssistant: false, withoutEffect: [] } });
  });

  it("asks the image's own health check", () => {
    expect(shepherd["healthcheck"]).toMatchObject({
      test: ["CMD", "healthy"],
      interval: "15s",
      timeout: "5s",
      start_period: "30s",
      retries: 3,
    });
    expect(readFileSync(join(root, "Dockerfile"), "utf8")).toContain(
      'HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["healthy"]',
    );
  });
});
