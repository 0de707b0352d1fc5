import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";

const ROOT = join(import.meta.dirname, "../..");
const REPOSITORY = "1a2b3c4d";
const LANGUAGES = ["en", "de", "nl", "fr"];

type Schema = Readonly<Record<string, unknown>>;

function read(name: string): string {
  return readFileSync(join(ROOT, name), "utf8");
}

/** This program's app as the store and its pages of Home Assistant show it, from the files of this repository. */
export class ShownApp {
  readonly #config = load(read("config.yaml")) as Schema;
  readonly slug = `${REPOSITORY}_${String(this.#config["slug"])}`;

  /** GET /store */
  store(): unknown {
    const { url, maintainer } = load(read("repository.yaml")) as Schema;
    return {
      addons: [{ ...this.#common(), arch: this.#config["arch"], documentation: true, installed: false, version: null }],
      repositories: [{ slug: REPOSITORY, name: "Camera Shepherd", source: url, url, maintainer }],
    };
  }

  /** What GET /addons/SLUG/info has of config.yaml and translations/; `schema` in the form of the Supervisor's UiOptions. */
  info(): Readonly<Record<string, unknown>> {
    const translations = Object.fromEntries(LANGUAGES.map((one) => [one, load(read(`translations/${one}.yaml`)) as unknown]));
    return {
      ...this.#common(),
      version: this.#config["version"],
      options: this.#config["options"],
      schema: shownSchema(this.#config["schema"] as Schema),
      translations,
      long_description: read("README.md"),
    };
  }

  /** A picture of the app: GET /addons/SLUG/icon, logo, and the same under /store. */
  picture(path: string): Buffer | undefined {
    const [, kind] = /^\/(?:store\/)?addons\/[-_.A-Za-z0-9]+\/(icon|logo)$/.exec(path) ?? [];
    return kind === undefined ? undefined : readFileSync(join(ROOT, `${kind}.png`));
  }

  #common(): Record<string, unknown> {
    const { name, description, url, stage = "stable", homeassistant, version } = this.#config;
    return {
      slug: this.slug,
      repository: REPOSITORY,
      name,
      description,
      url,
      stage,
      homeassistant,
      version_latest: version,
      advanced: false,
      available: true,
      build: false,
      icon: true,
      logo: true,
      update_available: false,
    };
  }
}

/** The form's fields: supervisor/apps/options.py of github.com/home-assistant/supervisor, `UiOptions`. */
function shownSchema(schema: Schema): readonly object[] {
  return Object.entries(schema).map(([name, value]) => {
    const inner: unknown = Array.isArray(value) ? (value as readonly unknown[])[0] : value;
    const multiple = Array.isArray(value);
    if (typeof inner === "string") return { name, ...shownValue(inner), ...(multiple ? { multiple } : {}) };
    return { name, type: "schema", optional: true, multiple, schema: shownSchema(inner as Schema) };
  });
}

function shownValue(written: string): object {
  const needed = written.endsWith("?") ? { optional: true } : { required: true };
  const [, kind = "", choice = ""] = /^(\w+)(?:\((.*?)\))?\??$/.exec(written) ?? [];
  switch (kind) {
    case "list":
      return { type: "select", options: choice.split("|"), ...needed };
    case "password":
      return { type: "string", format: "password", ...needed };
    case "bool":
      return { type: "boolean", ...needed };
    case "int":
    case "port":
      return { type: "integer", ...needed };
    default:
      return { type: "string", ...needed };
  }
}
