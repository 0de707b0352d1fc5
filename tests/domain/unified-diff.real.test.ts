import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { unifiedDiff } from "../../src/domain/unified-diff.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unified-diff-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What patch(1) makes of `before` with the diff to `after`. */
function patched(before: string, after: string, name = "frigate.yml"): string {
  const path = join(folder, name);
  writeFileSync(path, before);
  const diff = unifiedDiff(before, after, name);
  const { status, stdout, stderr } = spawnSync("patch", ["-p1", "--fuzz=0", "--no-backup-if-mismatch"], {
    cwd: folder,
    input: diff,
    encoding: "utf8",
  });
  expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: "" });
  return readFileSync(path, "utf8");
}

const golden = join(import.meta.dirname, "../golden/documents");

test.each(readdirSync(golden))("patch(1) applies the diff of %s", (name) => {
  const file = readdirSync(join(golden, name)).find((entry) => entry.endsWith(".before.yml")) ?? "";
  const before = readFileSync(join(golden, name, file), "utf8");
  const after = readFileSync(join(golden, name, file.replace("before", "after")), "utf8");
  expect(patched(before, after)).toBe(after);
});

test("patch(1) applies a diff of a file whose name has blanks", () => {
  expect(patched("a\nb\n", "a\nc\n", "my frigate file.yml")).toBe("a\nc\n");
});

test("patch(1) applies diffs of random texts", () => {
  const line = fc.constantFrom("a", "b", "c", "", "-", "+", "@@ -1 +1 @@", "\\ No", "--- x", "x\r", "ü🎥");
  const text = fc
    .tuple(fc.array(line, { minLength: 1, maxLength: 25 }), fc.boolean())
    .map(([lines, ended]) => lines.join("\n") + (ended ? "\n" : ""));
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after && before !== "" && after !== "");
      expect(patched(before, after)).toBe(after);
    }),
    { numRuns: 150, seed: 11 },
  );
});
