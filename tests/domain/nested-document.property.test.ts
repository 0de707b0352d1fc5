import fc from "fast-check";
import { load } from "js-yaml";
import { expect, test } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { nestedDocument } from "../../src/domain/nested-document.ts";
import { ENVIRONMENT, type RandomDocument } from "./frigate-documents.ts";
import { byOwner, type Choose, movesOf, randomDocuments, replaced } from "./random-documents.ts";

const DOCUMENTS = process.env["CAMERA_SHEPHERD_LONG"] === undefined ? 600 : 10_000;
const inner = frigateDocument({ environment: ENVIRONMENT });
const format = nestedDocument(inner);

/** The document around a text; pure, so that the same surroundings can be written around another text. */
type Around = (text: string) => string;

/** A block scalar: every line indented, an indentation indicator where the first line begins with a space. */
function block(text: string, indent: number, style: string): string {
  const lines = text.split("\n");
  const spaces = " ".repeat(indent);
  return `${style}\n${lines.map((line) => (line === "" ? "" : spaces + line)).join("\n")}`;
}

/** `|` with its indicators; what they make of the last line breaks is the outer document's business, so the text ends with exactly one. */
function literal(text: string, indent: number, within: number, choose: Choose): string {
  const indicator = /^[ \n\t]/.test(text) || choose(4) === 0 ? String(indent - within) : "";
  return block(text.replace(/\n$/, ""), indent, `|${indicator}${choose(2) === 0 ? " # written by hand" : ""}`);
}

const SHAPES: Readonly<Record<"ConfigMap" | "HelmRelease" | "values" | "plain", (choose: Choose) => Around>> = {
  ConfigMap: (choose) => {
    const asJson = choose(4) === 0;
    const tape = [choose(4), choose(2), choose(3)];
    const fixed: Choose = () => tape[0] ?? 0;
    if (asJson)
      return (text) =>
        `${JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "frigate-config", annotations: { camera: "192.168.1.13" } }, data: { "config.yml": text } }, null, 2)}\n`;
    const before = tape[1] === 0 ? "# the camera at 192.168.1.13 is the porch's\n---\n" : "";
    const other =
      tape[2] === 0 ? "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\ndata:\n  address: 192.168.1.13\n" : "\n";
    return (text) =>
      `${before}apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: frigate-config # 192.168.1.13\ndata:\n  notes.txt: "rtsp://192.168.1.13/live"\n  config.yml: ${literal(text, 4, 2, fixed)}${other}`;
  },
  HelmRelease: (choose) => {
    const tape = choose(4);
    const crlf = choose(5) === 0;
    return (text) => {
      const yaml = `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: frigate\nspec:\n  values:\n    env:\n      CAMERA: 192.168.1.13\n    config: ${literal(text, 6, 4, () => tape)}\n    image: {tag: 0.17.2}\n`;
      return crlf ? yaml.replaceAll("\n", "\r\n") : yaml;
    };
  },
  values: (choose) => {
    const quoted = choose(3) === 0;
    const tape = choose(4);
    return (text) =>
      `controllers:\n  main:\n    annotations: {reloader.stakater.com/auto: "true"}\nconfigMaps:\n  config:\n    data:\n      config.yml: ${quoted ? JSON.stringify(text) : literal(text, 8, 6, () => tape)}\nservice:\n  main: {loadBalancerIP: 192.168.1.13}\n`;
  },
  plain: () => (text) => text,
};

/** A text inside another YAML: no byte-order mark of its own, and its line breaks are those of the document around it. */
function plainBreaks(document: RandomDocument): RandomDocument {
  const dropped = (offset: number) => {
    const before = document.text.slice(0, offset);
    return (before.startsWith("\u{feff}") ? 1 : 0) + before.split("\r\n").length - 1;
  };
  const moved = (offset: number) => offset - dropped(offset);
  const text = `${document.text
    .replace(/^\u{feff}/u, "")
    .replaceAll("\r\n", "\n")
    .replace(/\n+$/, "")}\n`;
  return { ...document, text, spans: document.spans.map((span) => ({ ...span, start: moved(span.start), end: moved(span.end) })) };
}

for (const shape of ["ConfigMap", "HelmRelease", "values", "plain"] as const) {
  test(`${shape}: of ${DOCUMENTS} random documents only the hosts change, twice is once, back is back`, { timeout: 300_000 }, () => {
    let seen = 0;
    fc.assert(
      fc.property(randomDocuments(420), ({ document: written, choose }) => {
        const document = shape === "plain" ? written : plainBreaks(written);
        const around = SHAPES[shape](choose);
        const spans = document.spans.filter((span) => span.owners.size > 0);
        const moves = movesOf(document, choose);
        const to = (device: number) => moves[device];
        const text = around(document.text);
        seen += spans.length;

        const { occurrences } = format.read(text);
        expect(occurrences.map(({ start, end }) => text.slice(start, end))).toEqual(spans.map(({ address }) => address));

        const moved = format.rewrite(text, byOwner(spans, to));
        expect(moved.text).toBe(around(replaced({ ...document, spans }, to)));
        expect(moved.edits.length).toBe(spans.filter((span) => (to(span.device) ?? span.address) !== span.address).length);

        const again = format.rewrite(moved.text, byOwner(spans, to));
        expect(again).toEqual({ text: moved.text, edits: [] });
        const back = format.rewrite(
          moved.text,
          byOwner(spans, (device) => document.addresses[device]),
        );
        expect(back.text).toBe(text);
      }),
      { numRuns: DOCUMENTS, seed: 20_261_127 },
    );
    expect(seen).toBeGreaterThan(DOCUMENTS);
  });
}

test("what the property writes around a text, js-yaml reads as that text", () => {
  const text = "cameras:\n  front:\n    ffmpeg: {inputs: [{path: rtsp://192.168.1.13/live}]}\n";
  const release = load(SHAPES.HelmRelease(() => 0)(text));
  expect(release).toHaveProperty("spec.values.config", text);
});
