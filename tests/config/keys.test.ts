import { expect, it } from "vitest";
import { loadOptions } from "../../src/config/load.ts";
import { choicesAt, everyKey, formatPath, isLater, keysAt } from "../../src/config/keys.ts";
import { optionFiles } from "./option-files.ts";
import { optionsPage } from "./options-page.ts";

it("every option is described in docs/options.md", async () => {
  expect(everyKey().filter((key) => !/^[A-Z`].*\.$/.test(key.description))).toEqual([]);
  await expect(optionsPage()).toMatchFileSnapshot("../../docs/options.md");
});

it("the document shown in docs/options.md loads", async () => {
  const [, example = ""] = /```yaml\n([^`]*)```/.exec(optionsPage()) ?? [];
  expect(await loadOptions("home.yaml", optionFiles({}, { "home.yaml": example }), new AbortController().signal)).toMatchObject({
    ok: true,
    options: { cameras: [{ id: "front", mac: ["0c:79:55:4b:d4:2a"] }], frigate: [{ via: "auto", file: "/srv/frigate/config/config.yml" }] },
  });
});

it("names paths as people write them", () => {
  expect(formatPath(["cameras", 0, "mac", 1])).toBe("cameras[0].mac[1]");
  expect(formatPath([])).toBe("");
});

it("knows what stands at a path", () => {
  expect(keysAt(["network", "layers"])).toEqual(["dhcp", "neighbours", "ws_discovery", "home_assistant"]);
  expect(keysAt(["health", "streams", "any"])).toContain("interval");
  expect(keysAt(["health", "streams"])).toEqual([]);
  expect(keysAt(["nothing", "there"])).toEqual([]);
  expect(choicesAt(["storage", "kind"])).toEqual(["directory", "s3"]);
});

it("knows what has no effect yet", () => {
  expect(isLater(["portal", "url"])).toBe(true);
  expect(isLater(["portal", "position", "front"])).toBe(true);
  expect(isLater(["cameras", 0, "record"])).toBe(true);
  expect(isLater(["cameras", 0, "mac", 0])).toBe(false);
  expect(isLater(["nothing"])).toBe(false);
});
