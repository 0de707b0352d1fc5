import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it } from "vitest";
import { evidencePage } from "../script/evidence.ts";

const root = join(import.meta.dirname, "..");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "camera-shepherd-evidence-"));
  writeFileSync(join(folder, "lint.exit"), "1\n");
  writeFileSync(join(folder, "pure.exit"), "0\n");
  writeFileSync(join(folder, "pure.seconds"), "12\n");
  const passed = { status: "passed", fullName: "does it" };
  const file = {
    name: join(root, "tests/a.test.ts"),
    status: "passed",
    startTime: 1000,
    endTime: 3500,
    assertionResults: [passed, passed],
  };
  writeFileSync(join(folder, "pure.json"), JSON.stringify({ testResults: [file] }));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("says what was tested, when, and what came of each step and file", () => {
  const page = evidencePage(folder, ["lint", "pure"], "0123abc", new Date("2026-03-04T05:06:07Z"));
  expect(page).toContain("# Long run of 2026-03-04");
  expect(page).toContain("Commit 0123abc.");
  expect(page).toContain("**2 passed, 1 failed, 0 skipped**");
  expect(page).toContain("| lint | 0 passed, 1 failed, 0 skipped | not known |");
  expect(page).toContain("| pure | 2 passed, 0 failed, 0 skipped | 12 |");
  expect(page).toContain("| tests/a.test.ts | 2 | passed | 2.5 |");
});

it("writes a page a day and names it", async () => {
  const into = join(folder, "pages");
  const { stdout } = await execa(process.execPath, [join(root, "script/evidence.ts"), folder, into, "0123abc", "pure"]);
  const [, page = ""] = /^evidence: (.*\d{4}-\d\d-\d\d\.md)$/.exec(stdout) ?? [];
  expect(readFileSync(page, "utf8")).toContain("**2 passed, 0 failed, 0 skipped**");
});
