import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatVerdicts, type Mutant, runMutants } from "./harness.ts";

const repository = join(import.meta.dirname, "../..");

const SOURCE = `/** Adds. */
export function add(left: number, right: number): number {
  return left + right;
}
`;

const TESTS = `import fc from "fast-check";
import { expect, it } from "vitest";
import { add } from "../src/add.ts";
it("adds", () => expect(add(1, 2)).toBe(3));
it("takes either order", () => fc.assert(fc.property(fc.integer(), fc.integer(), (a, b) => add(a, b) === add(b, a))));
`;

const PROPERTY = `import fc from "fast-check";
import { expect, it } from "vitest";
import { add } from "../src/add.ts";
it("adds nothing", () => fc.assert(fc.property(fc.integer(), (a) => { expect(add(a, 0)).toBe(a); })));
`;

function mutant(name: string, find: string, replace: string, tests: readonly string[] = ["tests/add.test.ts"]): Mutant {
  return { name, file: "src/add.ts", find, replace, tests };
}

describe("the mutant harness", () => {
  let root = "";

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "camera-shepherd-harness-"));
    mkdirSync(join(root, "src"));
    mkdirSync(join(root, "tests"));
    writeFileSync(join(root, "package.json"), '{ "type": "module" }\n');
    writeFileSync(join(root, "src/add.ts"), SOURCE);
    writeFileSync(join(root, "tests/add.test.ts"), TESTS);
    writeFileSync(join(root, "tests/property.test.ts"), PROPERTY);
    writeFileSync(join(root, "tests/empty.test.ts"), "export {};\n");
    writeFileSync(join(root, "tests/red.test.ts"), 'import { expect, it } from "vitest";\nit("is red", () => expect(1).toBe(2));\n');
    symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it("kills by a failed assertion alone, be it inside a property", async () => {
    const verdicts = await runMutants(root, [
      mutant("subtracts", "left + right", "left - right"),
      mutant("adds one to all but nothing", "left + right", "left + right + (left === 0 ? 0 : 1)", ["tests/property.test.ts"]),
      mutant("says it otherwise", "/** Adds. */", "/** Sums. */"),
      mutant("does not parse", "left + right", "left +"),
      mutant("imports what is not there", "/** Adds. */", 'import "./missing.ts";'),
      mutant("fails as a program", "left + right", "missing(left)", ["tests/property.test.ts"]),
    ]);
    expect(verdicts.map((verdict) => [verdict.mutant.name, verdict.outcome])).toEqual([
      ["subtracts", "killed"],
      ["adds one to all but nothing", "killed"],
      ["says it otherwise", "survived"],
      ["does not parse", "broken"],
      ["imports what is not there", "broken"],
      ["fails as a program", "broken"],
    ]);
    expect(formatVerdicts(verdicts).split("\n")).toHaveLength(6);
    expect(verdicts[5]?.detail).toContain("ReferenceError");
  }, 60_000);

  it("refuses a list that proves nothing", async () => {
    await expect(runMutants(root, [mutant("not there", "left * right", "0")])).rejects.toThrow("occurs 0 times");
    await expect(runMutants(root, [mutant("twice", "number", "bigint")])).rejects.toThrow("occurs 3 times");
    await expect(runMutants(root, [mutant("nothing", "left + right", "left + right")])).rejects.toThrow("changes nothing");
    await expect(runMutants(root, [mutant("no test", "left + right", "0", [])])).rejects.toThrow("names no test");
    await expect(runMutants(root, [mutant("test gone", "left + right", "0", ["tests/gone.test.ts"])])).rejects.toThrow("there is no");
  });

  it("refuses tests that fail without a mutant, or are none", async () => {
    await expect(runMutants(root, [mutant("red", "left + right", "0", ["tests/red.test.ts"])])).rejects.toThrow("fail without any mutant");
    await expect(runMutants(root, [mutant("empty", "left + right", "0", ["tests/empty.test.ts"])])).rejects.toThrow(
      "fail without any mutant",
    );
  }, 60_000);
});
