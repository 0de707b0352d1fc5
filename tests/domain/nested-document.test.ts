import { describe, expect, it } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { type IpAddress, parseIp } from "../../src/domain/addresses.ts";
import { DocumentError } from "../../src/domain/document.ts";
import { nestedDocument } from "../../src/domain/nested-document.ts";

const inner = frigateDocument({ environment: new Map() });
const format = nestedDocument(inner);

function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

function configMap(config: string, more = ""): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: frigate-config}\ndata:\n  config.yml: |\n${config.replaceAll(/^(?=.)/gm, "    ")}${more}`;
}

const CONFIG = "mqtt: {host: 192.168.1.5}\ncameras:\n  front:\n    ffmpeg:\n      inputs:\n        - path: rtsp://192.168.1.20:554/live\n";

function refusalOf(act: () => unknown): DocumentError {
  try {
    act();
  } catch (error) {
    if (error instanceof DocumentError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a document that holds Frigate's", () => {
  it("names each host where it stands in the outer text, by the path through both", () => {
    const text = configMap(CONFIG);
    const { occurrences, cameras } = format.read(text);
    expect(cameras.map(({ name }) => name)).toEqual(["front"]);
    expect(occurrences.map(({ path, start, end }) => [path.join("/"), text.slice(start, end)])).toEqual([
      ["data/config.yml/cameras/front/ffmpeg/inputs/0/path", "192.168.1.20"],
    ]);
  });

  it("changes the host alone, and says what it changed", () => {
    const text = configMap(CONFIG);
    const { text: changed, edits } = format.rewrite(text, () => ip("192.168.1.77"));
    expect(changed).toBe(text.replace("192.168.1.20", "192.168.1.77"));
    expect(edits).toEqual([
      {
        path: ["data", "config.yml", "cameras", "front", "ffmpeg", "inputs", 0, "path"],
        owners: ["camera:front"],
        from: "192.168.1.20",
        to: "192.168.1.77",
      },
    ]);
  });

  it("is the text itself where nothing is around it", () => {
    expect(format.read(CONFIG)).toEqual(inner.read(CONFIG));
    expect(format.rewrite(CONFIG, () => ip("192.168.1.77"))).toEqual(inner.rewrite(CONFIG, () => ip("192.168.1.77")));
  });

  it("asks which one is meant where there are several, and takes the one that is named", () => {
    const text = configMap(CONFIG, `  old.yml: |\n${CONFIG.replaceAll(/^(?=.)/gm, "    ")}`);
    const refusal = refusalOf(() => format.read(text));
    expect(refusal.message).toContain("data.config.yml, data.old.yml");
    expect(refusal.line).toBe(13);
    for (const key of ["old.yml", "data.old.yml"]) {
      const [occurrence] = nestedDocument(inner, key).read(text).occurrences;
      expect(occurrence?.path.slice(0, 2)).toEqual(["data", "old.yml"]);
    }
  });

  it("says what is missing where it holds none, or none under that key", () => {
    expect(refusalOf(() => format.read("apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n")).message).toContain(
      "neither `cameras` at its top level",
    );
    expect(refusalOf(() => nestedDocument(inner, "frigate.yml").read(configMap(CONFIG))).message).toContain('under a key "frigate.yml"');
  });

  it("names a mistake in the inner text by its place in the outer one", () => {
    const text = configMap("cameras:\n  front:\n    ffmpeg: [\n  back: {}\n");
    const refusal = refusalOf(() => format.read(text));
    expect(refusal.reason).toBe("DocumentUnreadable");
    expect(refusal.message).toContain("in the text under data.config.yml");
    expect(text.split("\n")[(refusal.line ?? 0) - 1]).toMatch(/back|ffmpeg/);
  });

  it("leaves a host alone that the outer text does not write as it is", () => {
    const escaped = `kind: ConfigMap\ndata:\n  config.yml: "${CONFIG.replaceAll("\n", "\\n").replace("192.168.1.20", "192.168.1\\x2e20")}"\n`;
    const { occurrences, leftAlone } = format.read(escaped);
    expect(occurrences).toEqual([]);
    expect(leftAlone.map(({ host, why }) => [host, why])).toEqual([["192.168.1.20", "not-rewritable"]]);
    expect(format.rewrite(escaped, () => ip("192.168.1.77"))).toEqual({ text: escaped, edits: [] });
  });

  it("refuses an address that no camera can have, with nothing changed", () => {
    const refusal = refusalOf(() => format.rewrite(configMap(CONFIG), () => "0.0.0.0" as IpAddress));
    expect(refusal.reason).toBe("RewriteNotProved");
  });

  it("does not take an object of Kubernetes for Frigate's own configuration", () => {
    const text = `apiVersion: v1\nkind: Camera\ncameras: {front: {}}\ndata:\n  config.yml: |\n${CONFIG.replaceAll(/^(?=.)/gm, "    ")}`;
    expect(format.read(text).occurrences[0]?.path[0]).toBe("data");
  });
});
