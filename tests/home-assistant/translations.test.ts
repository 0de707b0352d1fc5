import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load as loadYaml } from "js-yaml";
import { describe, expect, it, test } from "vitest";
import { fieldsOf, wordsOf, type Words } from "./app-options.ts";
import { optionsTable } from "./options-table.ts";
import { isGroup, type Group } from "./supervisor-rules.ts";

const root = join(import.meta.dirname, "..", "..");
const LANGUAGES = ["en", "de", "nl", "fr"] as const;

function group(path: string): Group {
  const value = loadYaml(readFileSync(join(root, path), "utf8"));
  if (!isGroup(value)) throw new Error(`${path} holds no group`);
  return value;
}

const config = group("config.yaml");
const fields = fieldsOf(config["schema"]);
const ports = isGroup(config["ports"]) ? Object.keys(config["ports"]) : [];
const translations = new Map(LANGUAGES.map((language) => [language, group(`translations/${language}.yaml`)]));
const words = new Map(LANGUAGES.map((language) => [language, wordsOf(translations.get(language)?.["configuration"])]));

function digest(...texts: readonly (string | undefined)[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex").slice(0, 12);
}

/** Sentences of a language that no speaker of it has read since they, or the English ones, were last changed. */
function unreviewed(language: (typeof LANGUAGES)[number]): readonly string[] {
  const reviewed = group("addon/reviewed-translations.yaml")[language];
  return [...(words.get(language) ?? [])].flatMap(([path, own]) => {
    const english = words.get("en")?.get(path);
    const marked = isGroup(reviewed) ? reviewed[path] : undefined;
    return marked === digest(english?.name, english?.description, own.name, own.description) ? [] : [path];
  });
}

/** `docs/translations.md`. */
function page(): string {
  const sections = LANGUAGES.filter((language) => language !== "en").map((language) => {
    const open = unreviewed(language);
    const all = words.get(language)?.size ?? 0;
    const list = Map.groupBy(open, (path) => path.split(".")[0] ?? path);
    const rows = [...list].map(([name, paths]) => `| \`${name}\` | ${paths.map((path) => `\`${path}\``).join(", ")} |`);
    const head = `## ${language}: ${String(open.length)} of ${String(all)} not reviewed`;
    return [head, "", ...(rows.length === 0 ? [] : ["| group | sentences |", "|---|---|", ...rows, ""])].join("\n");
  });
  return [INTRODUCTION, ...sections].join("\n");
}

const INTRODUCTION = `# Translations

The words of the app's form in Home Assistant are in \`translations/\`, one file a language; English is the original. A test keeps every language complete.
Below is what no speaker of a language has read yet. Whoever has read a sentence writes its path and its digest, which the failing test
\`tests/home-assistant/translations.test.ts\` prints for a wrong one, into \`addon/reviewed-translations.yaml\`; it counts as unreviewed again when it, or the English
sentence, changes.
`;

describe("the translations", () => {
  test("are these languages", () => {
    expect(readdirSync(join(root, "translations")).toSorted()).toEqual(LANGUAGES.map((language) => `${language}.yaml`).toSorted());
  });

  test.each(LANGUAGES)("%s has a name and a description of every option, and of nothing else, in the form's order", (language) => {
    const own = [...(words.get(language) ?? new Map<string, Words>())];
    expect(own.map(([path]) => path)).toEqual(fields.map(({ path }) => path));
    const thin = own.filter(
      ([, { name, description }]) => name.trim() === "" || description === undefined || !/^\p{Lu}.*\.$/u.test(description),
    );
    expect(thin.map(([path]) => path)).toEqual([]);
  });

  test.each(LANGUAGES)("%s names every port", (language) => {
    const { network = {}, configuration: _words, ...rest } = translations.get(language) ?? {};
    expect(Object.keys(isGroup(network) ? network : {})).toEqual(ports);
    expect(rest).toEqual({});
  });

  test.each(LANGUAGES.filter((language) => language !== "en"))("%s is no copy of the English, and names the same examples", (language) => {
    const examples = (text: string | undefined): readonly string[] =>
      (text?.match(/https?:\/\/\S*\d|\/\w+\/[\w./]*\w|\d+(?:\.\d+){3}(?:\/\d+)?/g) ?? []).toSorted();
    const differing = [...(words.get(language) ?? [])].flatMap(([path, own]) => {
      const english = words.get("en")?.get(path);
      const isCopy = own.description === english?.description;
      return isCopy || JSON.stringify(examples(own.description)) !== JSON.stringify(examples(english?.description)) ? [path] : [];
    });
    expect(differing).toEqual([]);
  });

  it("say which of their sentences no speaker has read", async () => {
    await expect(page()).toMatchFileSnapshot(join(root, "docs/translations.md"));
  });

  it("have marks of sentences that are there alone, and of these texts", () => {
    const marks = Object.entries(group("addon/reviewed-translations.yaml")).flatMap(([language, own]) =>
      Object.entries(isGroup(own) ? own : {}).map(([path, mark]) => ({ language, path, mark })),
    );
    const wrong = marks.flatMap(({ language, path, mark }) => {
      const known = LANGUAGES.find((one) => one === language);
      const own = known === undefined ? undefined : words.get(known)?.get(path);
      const english = words.get("en")?.get(path);
      const right = digest(english?.name, english?.description, own?.name, own?.description);
      return own !== undefined && mark === right ? [] : [`${language} ${path}: ${right}`];
    });
    expect(wrong).toEqual([]);
  });
});

describe("DOCS.md", () => {
  it("has the table of the form's options", () => {
    const between = /<!-- options:begin -->\n([\s\S]*?)\n?<!-- options:end -->/.exec(readFileSync(join(root, "DOCS.md"), "utf8"))?.[1];
    expect(between).toBe(optionsTable(fields, words.get("en") ?? new Map<string, Words>()));
  });
});
