import { readFileSync } from "node:fs";
import { assert, describe, expect, it } from "vitest";
import type { DeviceId } from "../../src/domain/camera.ts";
import { announceBridge, announceCamera, type Naming } from "../../src/domain/entities/discovery.ts";

const DASHBOARD = readFileSync("addon/dashboards/camera_shepherd.yaml", "utf8");

/** What Home Assistant is told of a program with this base: the ids of its camera's device and of its entities. */
function announced(base: string) {
  const naming: Naming = { base, discoveryPrefix: "homeassistant", version: "1", supportUrl: "https://example.org/", parts: new Set() };
  const bridge = announceBridge(naming).payload;
  const camera = announceCamera(naming, { id: "front" as DeviceId, title: "Front", macs: [] }).payload;
  const [identifier = ""] = /(?<="identifiers":\[")[^"]+/.exec(camera) ?? [];
  return { identifier, entities: new Set([...bridge.matchAll(/"default_entity_id":"([^"]+)"/g)].map(([, id]) => id)) };
}

describe("the dashboard", () => {
  it.each(["camera_shepherd", "garage", "shed/cameras"])("finds cameras and entities of the base %s, once that is put in it", (base) => {
    const text = DASHBOARD.replaceAll("camera_shepherd", base.replace("/", "_"));
    const { identifier, entities } = announced(base);
    const [pattern] = /(?<=select\('match', ')[^']+/.exec(text) ?? [];
    assert(pattern !== undefined);
    expect(identifier).toMatch(new RegExp(`^${pattern}`));
    const named = [...text.matchAll(/(?:sensor|binary_sensor|button)\.[a-z_]+/g)].map(([id]) => id).filter((id) => !id.endsWith("."));
    expect(named.length).toBeGreaterThan(5);
    for (const id of named.filter((one) => one !== "button.press")) expect(entities).toContain(id);
  });

  it("shows no cameras of another copy of the program", () => {
    const [pattern] = /(?<=select\('match', ')[^']+/.exec(DASHBOARD) ?? [];
    for (const base of ["camera_shepherd-2", "garage", "camera_shepherd2"])
      expect(announced(base).identifier).not.toMatch(new RegExp(`^${String(pattern)}`));
  });
});
