import { expect, it } from "vitest";
import { openDatabaseInMemory } from "../../../src/adapters/sqlite/database.ts";
import { createRegistry } from "../../../src/adapters/sqlite/registry.ts";
import { instant } from "../../../src/domain/duration.ts";

/** The previous texts of a document that are kept, the oldest first. */
function keptTexts(settledChanges: number | undefined, changes: readonly (readonly [before: string, after: string])[]): readonly unknown[] {
  const database = openDatabaseInMemory();
  const registry = createRegistry(database, settledChanges);
  for (const [before, after] of changes)
    registry.settleChange(registry.beginChange({ name: "frigate" }, before, after, instant(1)), "kept");
  const texts = database.sql
    .prepare("SELECT before FROM change ORDER BY id")
    .all()
    .map((row) => row["before"]);
  registry.close();
  return texts;
}

const many = Array.from({ length: 30 }, (_unused, index) => [`text ${index}`, `text ${index + 1}`] as const);

it("keeps twenty previous texts, or as many as a person wants", () => {
  expect(keptTexts(undefined, many)).toEqual(many.slice(10).map(([before]) => before));
  expect(keptTexts(3, many)).toEqual(["text 27", "text 28", "text 29"]);
});

it("does not lose one to a change that changed nothing", () => {
  const idle = Array.from({ length: 30 }, () => ["same", "same"] as const);
  expect(keptTexts(undefined, [["old", "new"], ...idle])).toEqual(["old"]);
});
