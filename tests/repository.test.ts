import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const SOURCE = new Set([".ts", ".tsx", ".mjs", ".js", ".py", ".rs", ".sh", ".css", ""]);
const MOST_LINES = 400;

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly resolved?: string; readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

/** Every file that is committed or would be, as a path from the root. */
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root, encoding: "utf8" })
  .split("\0")
  .filter((path) => path !== "" && existsSync(join(root, path)) && statSync(join(root, path)).isFile());

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Text files: those without a NUL byte in their first 8 KiB, as git decides it. */
const texts = files.filter((path) => !readFileSync(join(root, path)).subarray(0, 8192).includes(0));

/** `path:line` of each line of a text file that matches, in files that `where` lets through. */
function findings(pattern: RegExp, where: (path: string) => boolean = () => true): string[] {
  return texts.filter(where).flatMap((path) =>
    read(path)
      .split("\n")
      .flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}: ${line.trim().slice(0, 100)}`] : [])),
  );
}

/** Made of pieces, so that this file does not hold what it looks for. */
function words(...pieces: readonly (readonly string[])[]): RegExp {
  return new RegExp(pieces.map((piece) => piece.join("")).join("|"), "i");
}

const inSeeds = (path: string) => path.startsWith("tests/golden/") || path.startsWith("seeds/");
const isLock = (path: string) => ["package-lock.json", "Cargo.lock", "go.sum"].includes(basename(path));

describe("the repository", () => {
  it("has its licence, its readme and its history", () => {
    expect(["LICENSE", "README.md", "CHANGELOG.md"].filter((path) => !files.includes(path))).toEqual([]);
  });

  // Home Assistant's Supervisor takes each `config.*` for an app, wherever it lies but under a dot (supervisor/store/data.py, `_find_app_configs`), and the first
  // `build.*` and `repository.*` that it finds, under a dot too (supervisor/utils/common.py, `find_one_filetype`).
  it("holds no file that the Supervisor would take for an app's", () => {
    const ofKind = (kind: string) =>
      files.filter((path) => [".yaml", ".yml", ".json"].some((end) => basename(path).match(`^${kind}\\..*\\${end}$|^${kind}\\${end}$`)));
    const shown = (path: string) => !path.split("/").some((part) => part.startsWith(".") || part === "rootfs");
    expect(ofKind("config").filter(shown)).toEqual(["config.yaml"]);
    expect(ofKind("build")).toEqual(["build.yaml"]);
    expect(ofKind("repository")).toEqual(["repository.yaml"]);
  });

  it("holds no over-long source file", () => {
    const sources = texts.filter((path) => SOURCE.has(extname(path)) && !isLock(path) && !inSeeds(path) && path !== "LICENSE");
    expect(sources.filter((path) => read(path).split("\n").length - 1 > MOST_LINES)).toEqual([]);
  });

  it("speaks of the product alone", () => {
    const pattern = words(
      ["\\bDES", "IGN §"],
      ["/wo", "rk/(?:main|shared)"],
      ["/tm", "p/brief"],
      ["facts/(?:lan|parts|style|frigate-go2rtc|home-assistant|recording-s3|portal-kubernetes)\\.", "md"],
      ["\\bissues? #?\\d"],
      ["\\bcoding (?:agent|session)"],
      ["\\b(?:chat", "gpt|cla", "ude|anthro", "pic|open", "ai|copi", "lot|l", "lm)\\b"],
      ["\\bthe (?:brief|lead|helpers)\\b"],
    );
    expect(findings(pattern, (path) => !inSeeds(path) && !isLock(path))).toEqual([]);
  });

  it("leaves nothing for later, and switches nothing off", () => {
    expect(findings(new RegExp(`\\b(?:TO${"DO"}|FIX${"ME"}|XX${"X"})\\b`), (path) => !inSeeds(path) && !isLock(path))).toEqual([]);
    const off = /\b(?:it|test|describe|suite|bench)(?:\.\w+)*\.(?:skip|only|todo|skipIf|runIf|fails)\b/;
    expect(findings(off, (path) => path.startsWith("tests/") && path.endsWith(".ts"))).toEqual([]);
    const quiet = new RegExp(`(?:oxlint|eslint)-dis${"able"}`);
    expect(findings(quiet, (path) => path.startsWith("src/"))).toEqual([]);
    expect(findings(quiet, (path) => path.startsWith("tests/")).filter((line) => !/ -- \w/.test(line))).toEqual([]);
  });

  // `npm ci` takes an optional package of another platform for missing where the lock file leaves it out, and gives up.
  it("locks the optional packages of every platform", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as Lock;
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`${path}/node_modules/${name}` in packages || `node_modules/${name}` in packages),
      ),
    );
    expect(missing).toEqual([]);
  });

  it("names no package registry", () => {
    const lock = JSON.parse(read("package-lock.json")) as Lock;
    expect(Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    const pattern = words(
      ["registry\\.np", "mjs"],
      ["np", "mjs\\.(?:org|com)"],
      ["proxy\\.gol", "ang\\.org"],
      ["(?:index|static)\\.cra", "tes\\.io"],
      ["py", "pi\\.org|pythonhos", "ted\\.org"],
      ["deb\\.deb", "ian\\.org"],
    );
    expect(findings(pattern, (path) => !inSeeds(path))).toEqual([]);
  });
});

describe("the decisions", () => {
  const decisions = files.filter((path) => /^docs\/decisions\/.*\.md$/.test(path)).toSorted();

  it("are numbered without gaps", () => {
    expect(decisions.length).toBeGreaterThan(0);
    const expected = decisions.map((_, at) => String(at + 1).padStart(4, "0"));
    expect(decisions.map((path) => basename(path).slice(0, 5))).toEqual(expected.map((number) => `${number}-`));
  });

  it("name every dependency", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, Readonly<Record<string, string>>>;
    const text = decisions.map(read).join("\n");
    const named = (name: string) => text.includes(`\`${name}\``);
    expect([...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})].filter((name) => !named(name))).toEqual([]);
  });
});

describe("the documents", () => {
  it("link to files that are there", () => {
    const broken = texts
      .filter((path) => path.endsWith(".md") && !inSeeds(path))
      .flatMap((path) =>
        [...read(path).matchAll(/\]\((?!https?:|mailto:|#)<?([^)#>\s]+)/g)]
          .map(([, link = ""]) => link)
          .filter((link) => !existsSync(join(root, dirname(path), decodeURIComponent(link))))
          .map((link) => `${path}: ${link}`),
      );
    expect(broken).toEqual([]);
  });

  it("show a heading for every link into the same page", () => {
    const slug = (heading: string) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .trim()
        .replaceAll(" ", "-");
    const broken = texts
      .filter((path) => path.endsWith(".md") && !inSeeds(path))
      .flatMap((path) => {
        const headings = new Set([...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => slug(heading)));
        return [...read(path).matchAll(/\]\(#([^)]+)\)/g)]
          .map(([, link = ""]) => link)
          .filter((link) => !headings.has(link))
          .map((link) => `${path}: #${link}`);
      });
    expect(broken).toEqual([]);
  });
});
