import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { BRIDGE_ENTITIES } from "../../../src/domain/entities/bridge-entities.ts";
import { CAMERA_ENTITIES } from "../../../src/domain/entities/camera-entities.ts";
import type { Entity } from "../../../src/domain/entities/entity.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/mqtt.md"), "utf8");

/** The table of one device, as the page has it. @param stem what the ids of its entities begin with */
function table<Facts>(entities: readonly Entity<Facts>[], stem: string): string {
  const rows = entities.map((entity) => {
    const { platform, key, name, category, enabled, about } = entity;
    const deviceClass = "deviceClass" in entity ? entity.deviceClass : undefined;
    const unit = "unit" in entity ? entity.unit : undefined;
    const shown = name ?? `${(deviceClass ?? key).slice(0, 1).toUpperCase()}${(deviceClass ?? key).slice(1)}`;
    const sort = [deviceClass, unit, category, enabled === false ? "off at first" : undefined].filter((word) => word !== undefined);
    return `| ${shown} | \`${platform}.${stem}_${key}\` | ${sort.join(", ")} | ${about} |`;
  });
  return ["| name | entity | class, unit, category | what it shows or does |", "|---|---|---|---|", ...rows].join("\n");
}

it.each([
  ["camera", table(CAMERA_ENTITIES, "front")],
  ["bridge", table(BRIDGE_ENTITIES, "camera_shepherd")],
])("docs/mqtt.md has the table of every entity of a %s", (device, rows) => {
  expect(new RegExp(`<!-- ${device}:begin -->\n\n([\\s\\S]*?)\n\n<!-- ${device}:end -->`).exec(PAGE)?.[1]).toBe(rows);
});
