import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { createRegistry } from "../src/adapters/sqlite/registry.ts";
import { openDatabaseInMemory } from "../src/adapters/sqlite/database.ts";
import { COMMANDS, parseArguments } from "../src/commands/arguments.ts";
import { loadOptions } from "../src/config/load.ts";
import type { OptionFiles } from "../src/config/option-files.ts";
import { readDocumentText } from "../src/config/document-text.ts";
import { nextStepOf } from "../src/domain/next-step.ts";
import { type ReasonCode, REASONS } from "../src/domain/reasons.ts";
import { fences, headings, shellLines, words } from "./documents.ts";
import { reasonsTable } from "./reasons-table.ts";

const root = join(import.meta.dirname, "..");
const pages = [
  "README.md",
  "DOCS.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((path) => join("docs", path)),
]
  .filter((path) => path.endsWith(".md"))
  .toSorted();

/** Where pages that Home Assistant shows have their pictures: of a repository it has only the texts. */
const RAW = "https://raw.githubusercontent.com/camera-shepherd/camera-shepherd/main/";

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** A machine with one options document. */
function filesWith(text: string): OptionFiles {
  return {
    environment: {},
    home: "/root",
    read: (path) => Promise.resolve(path === "example.yaml" ? { kind: "text", text } : { kind: "missing" }),
  };
}

const lines = pages.flatMap((page) => shellLines(read(page)).map((line) => ({ page, line })));
/** Commands of ours, wherever they stand: in shell fences, in a service's unit, in the words of a sentence. */
const ours = [
  ...lines,
  ...pages.flatMap((page) => [...read(page).matchAll(/^ExecStart=\S*\/(camera-shepherd .*)$/gm)].map(([, line = ""]) => ({ page, line }))),
  ...pages.flatMap((page) => [...read(page).matchAll(/`((?:camera-shepherd|script\/)[^`\n]*)`/g)].map(([, line = ""]) => ({ page, line }))),
].flatMap(({ page, line }) => line.split(/ (?:\||&&) /).map((command) => ({ page, command: words(command) })));

describe("a command in README.md and docs", () => {
  it("is one of ours somewhere on every page where a person is told to do something", () => {
    const told = new Set(ours.map(({ page }) => page));
    expect(["README.md", join("docs", "operations.md")].filter((page) => !told.has(page))).toEqual([]);
    const shown = new Set(ours.flatMap(({ command }) => (command[0] === "camera-shepherd" ? (command[1] ?? []) : [])));
    expect(COMMANDS.filter((command) => !shown.has(command))).toEqual([]);
  });

  it("is understood", () => {
    const refused = ours.flatMap(({ page, command: [program, ...argv] }) => {
      if (program !== "camera-shepherd" || argv.length === 0) return [];
      const invocation = parseArguments(argv);
      return invocation.kind === "refused" ? [`${page}: ${argv.join(" ")}: ${invocation.message}`] : [];
    });
    expect(refused).toEqual([]);
  });

  it("is a script that is there and may be run", () => {
    const missing = ours.flatMap(({ page, command: [program = "", name] }) => {
      if (!program.startsWith("script/")) return [];
      const path = join(root, program);
      // Modules under script/ are named in words, not run by hand.
      const runs =
        existsSync(path) && ((statSync(path).mode & 0o111) !== 0 || /\.(?:ts|mjs)$/.test(program) || statSync(path).isDirectory());
      const bench =
        program !== "script/bench" || name === undefined || name === "NAME" || existsSync(join(root, "tests/bench", `${name}.ts`));
      return runs && bench ? [] : [`${page}: ${program} ${name ?? ""}`];
    });
    expect(missing).toEqual([]);
  });

  it("asks for nothing that nobody named: npm scripts are there", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
    const named = pages.flatMap((page) => [...read(page).matchAll(/\bnpm run ([\w-]+)/g)].map(([, name = ""]) => name));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it("that asks the database has columns that are there", () => {
    const database = openDatabaseInMemory();
    const registry = createRegistry(database);
    const queries = lines.flatMap(({ line }) =>
      line.startsWith("sqlite3") ? [...line.matchAll(/"([^"]+)"/g)].map(([, sql = ""]) => sql) : [],
    );
    expect(queries.length).toBeGreaterThanOrEqual(2);
    for (const sql of queries) expect(() => database.sql.prepare(sql), sql).not.toThrow();
    registry.close();
  });
});

describe("an options document in README.md and docs", () => {
  const blocks = pages.flatMap((page) =>
    fences(read(page))
      .filter(({ language }) => language === "yaml")
      .map(({ text }) => ({ page, text })),
  );

  it.each(blocks)("is accepted: $page", async ({ text }) => {
    const { value } = readDocumentText("example.yaml", text);
    expect(value).toBeTypeOf("object");
    expect(await loadOptions("example.yaml", filesWith(text), new AbortController().signal)).toMatchObject({
      ok: true,
      sources: { withoutEffect: [] },
    });
  });
});

describe("docs/operations.md", () => {
  const page = read("docs/operations.md");

  it("has the table of reasons as the program has it", () => {
    const between = /<!-- reasons:begin -->\n([\s\S]*?)\n?<!-- reasons:end -->/.exec(page)?.[1];
    expect(between).toBe(reasonsTable());
  });

  it("names every code that a person may meet", () => {
    expect(Object.keys(REASONS).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });

  it("tells no next step that this release does not have", () => {
    const codes = Object.keys(REASONS) as ReasonCode[];
    const named = codes.flatMap((code) =>
      [...nextStepOf(code, "commands").matchAll(/\bcamera-shepherd (\w+)/g)].map(([, name = ""]) => name),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !COMMANDS.some((command) => command === name))).toEqual([]);
  });
});

describe("README.md", () => {
  const page = read("README.md");

  it("has its figures in one table between two marks", () => {
    const parts = page.split(/<!-- figures:(?:begin|end) -->/);
    expect(parts).toHaveLength(3);
    const rows = (parts[1] ?? "").trim().split("\n");
    expect(rows.filter((row) => !/^\|.*\|$/.test(row))).toEqual([]);
    const commands = rows.slice(2).map((row) => /`(script\/bench [^`]+)`/.exec(row)?.[1]);
    expect(commands.filter((command) => command === undefined)).toEqual([]);
  });

  it("shows a picture with words for those who cannot see it", () => {
    const [, words, path = ""] = /!\[([^\]]+)\]\(([^)]+)\)/.exec(page) ?? [];
    expect(words).toBeTruthy();
    const picture = read(path.replace(RAW, ""));
    expect(picture).toMatch(/<svg [^>]*>\n<title>[^<]+<\/title>/);
    expect(picture).toContain("moves healed; first frame: median");
    // Nothing in it is fetched or run, and no credential is to be read.
    expect(picture).not.toMatch(/<script|<image|href=|url\(|@import|on\w+=/);
    expect(picture).not.toMatch(/canary|:\/\/(?!\*\*\*@|(?:www\.w3\.org|[\d.]+\/))[^<\s]*@/);
  });

  it("tells messages that the program really has", async () => {
    const rows = page.split("| you see | do this |")[1]?.split("\n\n")[0] ?? "";
    const told = [...rows.matchAll(/^\| `([^`]+)`/gm)].map(([, message = ""]) => message);
    expect(told.length).toBeGreaterThan(5);
    const text = "frigate:\n  fil: /opt/frigate/config/config.yml\n";
    const loaded = await loadOptions("example.yaml", filesWith(text), new AbortController().signal);
    const problems = loaded.ok ? [] : loaded.problems.map(({ path, message }) => `${path}: ${message}`);
    const titles = Object.values(REASONS).map(({ title }) => title);
    const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
    const known = [...problems, ...titles, ...sources.map((path) => read(join("src", path)))];
    expect(told.filter((message) => !known.some((one) => one.includes(message)))).toEqual([]);
  });
});

describe("the pages", () => {
  it("name files that are there", () => {
    const absent = pages.flatMap((page) =>
      [...read(page).matchAll(/`((?:src|tests|script|docs)\/[\w./-]+)`/g)]
        .map(([, path = ""]) => path)
        .filter((path) => !existsSync(join(root, path)))
        .map((path) => `${page}: ${path}`),
    );
    expect(absent).toEqual([]);
  });

  it("show pictures that are there, also where Home Assistant shows the page", () => {
    for (const path of ["README.md", "DOCS.md"]) {
      const pictures = [...read(path).matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].flatMap(([, url = ""]) =>
        url.includes("/badges/") ? [] : [url],
      );
      expect(pictures.length).toBeGreaterThan(0);
      expect(pictures.filter((url) => !url.startsWith(RAW) || !existsSync(join(root, url.slice(RAW.length))))).toEqual([]);
    }
  });

  it("link to headings that are there, on other pages too", () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#\s:]*)#([^)]+)\)/g)].flatMap(([, path = "", anchor = ""]) => {
        const target = path === "" ? page : normalize(join(dirname(page), path));
        const there = existsSync(join(root, target)) && headings(read(target)).includes(anchor);
        return there ? [] : [`${page}: ${path}#${anchor}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it("mark what can be run as shell, and everything else as what it is", () => {
    const unmarked = pages.flatMap((page) =>
      fences(read(page))
        .filter(({ language, text }) => language !== "shell" && /^(?:script\/\w|camera-shepherd )/m.test(text))
        .map(({ text }) => `${page}: ${text.split("\n", 1)[0] ?? ""}`),
    );
    expect(unmarked).toEqual([]);
  });
});
