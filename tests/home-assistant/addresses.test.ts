import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load as loadYaml } from "js-yaml";
import { describe, expect, test } from "vitest";
import { isGroup } from "./supervisor-rules.ts";

const root = join(import.meta.dirname, "..", "..");
const config = loadYaml(readFileSync(join(root, "config.yaml"), "utf8"));
const { url = "", image = "" } = isGroup(config) ? config : {};

describe("addresses of our own", () => {
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((path) => /\.(?:md|ya?ml|json|ts|html)$|Dockerfile$/.test(path) && path !== "package-lock.json");

  // config.yaml is where they are held; every other place must say the same, so that one search finds all when they change.
  test("are the same wherever they stand, in links through My Home Assistant too", () => {
    const wrong = files.flatMap((path) => {
      const text = readFileSync(join(root, path), "utf8").replaceAll("%2F", "/").replaceAll("%3A", ":");
      const repositories = [
        ...text.matchAll(/https:\/\/github\.com\/([\w-]*camera-shepherd[\w-]*\/[\w-]+|[\w-]+\/[\w-]*camera-shepherd[\w-]*)/g),
      ];
      const images = [...text.matchAll(/ghcr\.io\/([\w-]*camera-shepherd[\w-]*\/[\w-]+|[\w-]+\/[\w-]*camera-shepherd[\w-]*)/g)];
      return [
        ...repositories.filter(([found]) => found !== url).map(([found]) => `${path}: ${found}`),
        ...images.filter(([found]) => found !== image).map(([found]) => `${path}: ${found}`),
      ];
    });
    expect(url).toMatch(/^https:\/\/github\.com\//);
    expect(wrong).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly homepage?: string };
    expect(manifest.homepage).toBe(url);
  });
});
