import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");

interface Blueprint {
  readonly name: string;
  readonly description: string;
  readonly domain: string;
  readonly homeassistant: { readonly min_version: string };
  readonly input: Readonly<Record<string, { readonly name?: string; readonly selector?: Readonly<Record<string, unknown>> }>>;
}

const files = readdirSync(join(root, "addon", "blueprints"));
const texts = new Map(files.map((file) => [file, readFileSync(join(root, "addon", "blueprints", file), "utf8")]));

/** What stands under `blueprint:`; the tag `!input` belongs to the rest. */
function header(text: string): Blueprint {
  const [head = ""] = text.split(/^(?!blueprint:|\s|#|$)/m);
  return (load(head) as { readonly blueprint: Blueprint }).blueprint;
}

describe("each blueprint", () => {
  test.for(files)("%s says what it does, for which Home Assistant, and asks by selectors", (file) => {
    const text = texts.get(file) ?? "";
    const { name, description, domain, homeassistant, input } = header(text);
    expect(file).toMatch(/^[a-z_]+\.yaml$/);
    expect(domain).toBe("automation");
    expect(name.length).toBeGreaterThan(10);
    expect(description.length).toBeGreaterThan(60);
    expect(homeassistant.min_version).toBe("2025.12.0");
    for (const [key, { name: title, selector }] of Object.entries(input)) {
      expect([key, title]).toEqual([key, expect.any(String)]);
      expect([key, Object.keys(selector ?? {}).length]).toEqual([key, 1]);
      expect(text).toContain(`!input ${key}\n`);
    }
    const used = new Set([...text.matchAll(/!input (\w+)/g)].map(([, key = ""]) => key));
    expect([...used].filter((key) => !(key in input))).toEqual([]);
  });
});

describe("the page docs/home-assistant.md", () => {
  const page = readFileSync(join(root, "docs", "home-assistant.md"), "utf8");
  const { homepage } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly homepage: string };
  const links = [...page.matchAll(/\]\((https:\/\/my\.home-assistant\.io\/redirect\/[^)]*)\)/g)].map(([, link = ""]) => link);

  test("imports each blueprint by a link, and adds this repository by one", () => {
    const my = (redirect: string, key: string, value: string): string =>
      `https://my.home-assistant.io/redirect/${redirect}/?${key}=${encodeURIComponent(value)}`;
    const imports = files.map((file) => my("blueprint_import", "blueprint_url", `${homepage}/blob/main/addon/blueprints/${file}`));
    expect(links.toSorted()).toEqual([...imports, my("supervisor_add_addon_repository", "repository_url", homepage)].toSorted());
  });

  test("calls each blueprint by its name", () => {
    for (const file of files) {
      const line = page.split("\n").find((one) => one.includes(`${basename(file, ".yaml")}.yaml)`));
      expect(line).toContain(`[${header(texts.get(file) ?? "").name}](`);
    }
  });
});
