import { readFileSync } from "node:fs";
import { loadOptions } from "../../src/config/load.ts";
import type { Options } from "../../src/config/options.ts";
import { formatProblems } from "../../src/config/problems.ts";
import { optionFiles } from "./option-files.ts";

const { signal } = new AbortController();

/** Loads a document (or none) with an environment and files that a test gives. */
export async function load(
  document: string | undefined,
  environment: Record<string, string> = {},
  texts: Record<string, string | Error> = {},
  place = "home.yaml",
) {
  return loadOptions(
    document === undefined ? undefined : place,
    optionFiles(environment, document === undefined ? texts : { ...texts, [place]: document }),
    signal,
  );
}

/** The options; a problem fails the test. */
export async function options(...given: Parameters<typeof load>): Promise<Options> {
  const loaded = await load(...given);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  return loaded.options;
}

/** The problems, one line each, without the heading; that there is none fails the test. */
export async function problems(...given: Parameters<typeof load>): Promise<readonly string[]> {
  const loaded = await load(...given);
  if (loaded.ok) throw new Error("loaded");
  return formatProblems(loaded.problems)
    .split("\n")
    .slice(1, -1)
    .map((line) => line.trim());
}

/** A document or a list of variables as the camera recorder came with it. */
export function golden(name: string): string {
  return readFileSync(new URL(`../golden/seeds/${name}`, import.meta.url), "utf8");
}

/** `NAME=value` lines. */
export function environmentOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
