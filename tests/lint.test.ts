import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LINT_CASES, LINT_SURROUNDINGS } from "./lint-cases.ts";

const root = join(import.meta.dirname, "..");

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}

interface Rules {
  readonly rules?: Readonly<Record<string, unknown>>;
}

/** One tree a case side, so that neither the files of another case nor its complaints are in the way; oxlint runs once over all of them. */
async function lint(trees: ReadonlyMap<string, Readonly<Record<string, string>>>, folder: string): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const [tree, files] of trees) {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, tree, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    found.set(tree, new Set());
  }
  const run = await execa(join(root, "node_modules/.bin/oxlint"), ["--format", "json"], { cwd: folder, reject: false });
  const report = JSON.parse(run.stdout) as Report;
  for (const { code, filename } of report.diagnostics) {
    const [tree = ""] = filename.split("/");
    found.get(tree)?.add(code);
  }
  return found;
}

describe("the house rules", () => {
  const folder = mkdtempSync(join(tmpdir(), "camera-shepherd-lint-"));
  let found = new Map<string, Set<string>>();

  beforeAll(async () => {
    // Overrides are matched below each tree as they are below the repository: their globs get `**/` in front.
    const settings = (await readFile(join(root, ".oxlintrc.json"), "utf8")).replaceAll(/"(src|tests)\/(?=[^"]*\.ts")/g, '"**/$1/');
    writeFileSync(join(folder, ".oxlintrc.json"), settings);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: join(root, "tsconfig.json"), include: ["**/*.ts"] }));
    cpSync(join(root, "script/lint"), join(folder, "script/lint"), { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const trees = new Map<string, Readonly<Record<string, string>>>();
    for (const [number, { bad, good }] of LINT_CASES.entries()) {
      trees.set(`bad-${number}`, { ...LINT_SURROUNDINGS, ...bad });
      trees.set(`good-${number}`, { ...LINT_SURROUNDINGS, ...good });
    }
    found = await lint(trees, folder);
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const [number, { rule, bad, good }] of LINT_CASES.entries()) {
    it(`${rule} fires in ${Object.keys(bad)[0]}, and alone`, () => expect([...(found.get(`bad-${number}`) ?? [])]).toEqual([rule]));
    it(`${rule} is silent in ${Object.keys(good)[0]} when it is kept`, () =>
      expect([...(found.get(`good-${number}`) ?? ["?"])]).toEqual([]));
  }

  it("has a case for every rule that the settings name", async () => {
    const settings = JSON.parse(await readFile(join(root, ".oxlintrc.json"), "utf8")) as Rules & { readonly overrides: readonly Rules[] };
    const on = ({ rules }: Rules) => Object.entries(rules ?? {}).flatMap(([rule, setting]) => (setting === "off" ? [] : [rule]));
    const named = [settings, ...settings.overrides].flatMap(on);
    const shown = new Set(LINT_CASES.map(({ rule }) => rule.replace("(", "/").replace(")", "")));
    expect(named.filter((rule) => !shown.has(rule))).toEqual([]);
  });
});
