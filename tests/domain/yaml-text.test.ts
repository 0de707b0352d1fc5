import fc from "fast-check";
import { getScalarValue } from "js-yaml";
import { describe, expect, test } from "vitest";
import { DocumentError } from "../../src/domain/document.ts";
import { scalarOffsets } from "../../src/domain/yaml-scalar.ts";
import { parseYaml, positionAt, spanInText, yamlReader, type YamlScalar } from "../../src/domain/yaml-text.ts";

function failure(text: string): DocumentError {
  let caught: unknown;
  try {
    const yaml = parseYaml(text);
    const reader = yamlReader(yaml);
    for (const root of yaml.roots) for (const value of reader.entries(root).values()) reader.entries(value);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(DocumentError);
  if (!(caught instanceof DocumentError)) throw new Error("unreachable");
  return caught;
}

function scalar(text: string, value: RegExp): { readonly yaml: ReturnType<typeof parseYaml>; readonly found: YamlScalar } {
  const yaml = parseYaml(text);
  const found = yaml.scalars.find((one) => value.test(one.value));
  if (found === undefined) throw new Error(`no such scalar in ${text}`);
  return { yaml, found };
}

/** The text of the span of a part of a value. */
function spanned(text: string, part: string): string | undefined {
  const { yaml, found } = scalar(text, new RegExp(part.replaceAll(".", "\\.")));
  const from = found.value.indexOf(part);
  const span = spanInText(yaml, found, from, from + part.length);
  return span === undefined ? undefined : text.slice(span.start, span.end);
}

describe("paths", () => {
  test("lead from the root to each scalar, an alias to its anchor's place", () => {
    const yaml = parseYaml("a: [x, {b: &n y}]\nc: *n\n? [q]\n: z\n");
    const values = yaml.scalars.filter((one) => !yaml.keys.has(one));
    expect(values.map(({ path, value }) => [path.join("."), value])).toEqual([
      ["a.0", "x"],
      ["a.1.b", "y"],
      ["?.0", "q"],
      ["?", "z"],
    ]);
    const root = yaml.roots[0];
    expect(yamlReader(yaml).entries(root).get("c")).toBe(values[1]);
  });

  test("an anchor is that of its own document, and the latest of its name", () => {
    const yaml = parseYaml("a: &n 1\nb: *n\nc: &n 2\nd: *n\n");
    const values = [...yamlReader(yaml).entries(yaml.roots[0])].map(([key, node]) => [key, node.kind === "scalar" ? node.value : ""]);
    expect(values).toEqual([
      ["a", "1"],
      ["b", "1"],
      ["c", "2"],
      ["d", "2"],
    ]);
    expect(failure("a: &n 1\n---\nb: *n\n")).toMatchObject({ line: 3, column: 5 });
  });
});

describe("spans", () => {
  test.each([
    ["plain", "a: x//1.2.3.4/y\n"],
    ["plain over two lines", "a: x//1.2.3.4/y\n  z\n"],
    ["plain, second line", "a: x\n  y//1.2.3.4/z\n"],
    ["single quotes", "a: 'it''s 1.2.3.4'\n"],
    ["single quotes over lines", "a: 'it''s \n\n  1.2.3.4 '\n"],
    ["double quotes", 'a: "\\x41\\u00e9\\U0001F3A5\\t1.2.3.4\\n"\n'],
    ["double quotes, line continued", 'a: "x\\\n   1.2.3.4"\n'],
    ["literal", "a: |\n  x\n\n    1.2.3.4\n  y\n"],
    ["literal with an indentation given", "a: |2\n    1.2.3.4\n"],
    ["folded", "a: >\n  x\n  1.2.3.4\n\n\n    more\n  y\n"],
    ["literal, kept", "a: |+\n  x 1.2.3.4\n\n\n"],
    ["flow", "a: [x, {b: x 1.2.3.4 y}]\n"],
    ["with a byte-order mark", "\u{feff}a: x 1.2.3.4\n"],
    ["with CRLF", "# c\r\na: >-\r\n  x\r\n  y 1.2.3.4\r\n"],
    ["with CR alone", "# c\ra: |\r  x\r  y 1.2.3.4\r"],
    ["beyond the basic plane", "a: 'ü🎥 1.2.3.4'\n"],
    ["with anchor and tag", "a: &x !!str 'x 1.2.3.4'\n"],
  ])("are found: %s", (_, text) => {
    expect(spanned(text, "1.2.3.4")).toBe("1.2.3.4");
    expect(spanned(text.replaceAll("\n", "\r\n"), "1.2.3.4")).toBe("1.2.3.4");
  });

  test.each([
    ["an escaped digit", 'a: "\\x31.2.3.4"\n'],
    ["a continued line within", 'a: "1.2.\\\n  3.4"\n'],
  ])("are none: %s", (_, text) => {
    expect(spanned(text, "1.2.3.4")).toBeUndefined();
  });

  test("are none outside the value", () => {
    const { yaml, found } = scalar("a: xyz\n", /xyz/);
    expect(spanInText(yaml, found, 0, 0)).toBeUndefined();
    expect(spanInText(yaml, found, 2, 4)).toBeUndefined();
    expect(spanInText(yaml, found, 1, 3)).toEqual({ start: 4, end: 6 });
    expect(spanInText(parseYaml("a:\n"), parseYaml("a:\n").scalars[1] ?? found, 0, 1)).toBeUndefined();
  });

  test("this decoder and js-yaml's agree on every scalar", () => {
    const piece = fc.constantFrom(
      "x",
      "'",
      '"',
      "''",
      "\\n",
      "\\x41",
      "\\\n",
      "\n",
      "\n\n",
      "  ",
      "\t",
      " #",
      ":",
      "- ",
      "1.2.3.4",
      "\r\n",
      "\r",
      "ü",
      "\\/",
      "\n   ",
      "|",
      "\\u00e9",
    );
    const body = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
    const open = fc.constantFrom("a: ", "a: '", 'a: "', "a: |\n  ", "a: >\n  ", "a: |-\n  ", "a: >+\n   ", "a: |1\n  ", "a: >2-\n    ");
    let compared = 0;
    fc.assert(
      fc.property(open, body, (start, inner) => {
        const close = start.endsWith("'") ? "'" : start.endsWith('"') ? '"' : "";
        const text = `${start}${start.includes("\n") ? inner.replaceAll(/\n|\r\n?/g, "$&  ") : inner}${close}\n`;
        let yaml: ReturnType<typeof parseYaml>;
        try {
          yaml = parseYaml(text);
        } catch {
          return;
        }
        for (const { event } of yaml.scalars) {
          const value = getScalarValue(text, event);
          const offsets = scalarOffsets(text, event, value);
          expect(offsets.length).toBe(value.length);
          const written = offsets.map((offset, index) => (offset === -1 ? value[index] : text[offset]));
          expect(written.join("")).toBe(value);
          const mustBeFound = !inner.includes("\\") && /[x.\d]/.test(value);
          expect(offsets.some((offset) => offset !== -1) || !mustBeFound).toBe(true);
          compared += 1;
        }
      }),
      { numRuns: process.env["MUTANT"] === undefined ? 5000 : 1000, seed: 7 },
    );
    expect(compared).toBeGreaterThan(500);
  });
});

describe("merges", () => {
  const read = (text: string, key: string) => {
    const yaml = parseYaml(text);
    const reader = yamlReader(yaml);
    const entries = reader.entries(reader.entries(yaml.roots[0]).get(key));
    return Object.fromEntries([...entries].map(([name, node]) => [name, node.kind === "scalar" ? node.value : node.kind]));
  };

  test("a key of its own wins wherever it stands, an earlier source over a later one", () => {
    expect(read("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {x: 3, <<: [*a, *b]}\n", "c")).toEqual({ x: "3", y: "1", z: "2" });
    expect(read("a: &a {x: 1}\nc: {<<: *a, x: 3}\n", "c")).toEqual({ x: "3" });
  });

  test("merges of merges are followed", () => {
    expect(read("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n", "c")).toEqual({ x: "1", y: "2" });
  });

  test("a quoted << is an ordinary key", () => {
    expect(read('a: {"<<": 1}\n', "a")).toEqual({ "<<": "1" });
  });

  test.each(["a: {<<: 1}\n", "a: {<<: [1]}\n", "a: &a {<<: *a}\n", "a: &a {b: {<<: *a}}\nc: {<<: {<<: 1}}\n"])("no mapping: %s", (text) => {
    expect(failure(text).message).toContain("must name a mapping");
  });

  test("grow with a bound", () => {
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}: 1`).join(", ");
    const levels = Array.from(
      { length: 100 },
      (_, index) => `m${index}: &m${index} {<<: [*m, ${index === 0 ? "*m" : `*m${index - 1}`}]}`,
    ).join("\n");
    expect(failure(`m: &m {${keys}}\n${levels}\n`).message).toContain("more than 10000 keys");
  });

  test("an alias to what contains it does not hang", () => {
    const yaml = parseYaml("a: &a {b: *a}\n");
    const reader = yamlReader(yaml);
    const a = reader.entries(yaml.roots[0]).get("a");
    expect(reader.entries(a).get("b")).toBe(a);
  });
});

describe("what is not readable", () => {
  test.each([
    ["a: 1\nb:\n\tc: 1\n", 3, "a tab is used"],
    ["a: 1\n b: 2\n", 2, "indentation does not fit"],
    ["a: b: c\n", 1, "needs quotes"],
    ["a: [1, 2\nb: 3\n", 2, "is not closed"],
    ["a: 'x\n", 2, "is not closed"],
    ["a: 'x", 1, "quoted text is not closed"],
    ['a: "\\q"\n', 1, "backslash"],
    ["a: *x\n", 1, "no anchor &x"],
    ["a: 1\nb: 2\na: 3\n", 3, 'the key "a" stands twice, first in line 1'],
    ['a: {"x": 1, x: 2}\n', 1, "stands twice"],
    ["a: 1\nb\n", 3, "colon"],
    ["a: \u{0}\n", 1, "does not allow"],
    [`${"[".repeat(200)}`, 1, "deeper than 100"],
  ])("%j names line %i and a remedy", (text, line, hint) => {
    const error = failure(text);
    expect(error).toMatchObject({ reason: "DocumentUnreadable", line });
    expect(error.message).toContain(hint);
    expect(error.column).toBeGreaterThan(0);
  });

  test.each([
    ["{% if x %}\na: 1\n{% endif %}\n", 1],
    ["# {{ x }}\na: {{ host }}\n", 2],
    ["a: {{ host }}:8554\n", 1],
    ["a: 1\n{{- range .Values.cameras }}\nb: 1\n{{- end }}\n", 2],
    ["a: 'x' {{ y }}\n", 1],
  ])("%j is a template", (text, line) => {
    expect(failure(text)).toMatchObject({ reason: "DocumentIsTemplate", line });
  });

  test("braces in comments or quotes make no template", () => {
    expect(parseYaml('# {{ x }} {% y %}\na: "{{output}}" # {% z %}\n').roots).toHaveLength(1);
    expect(failure("# {{ x }}\na: [\n").reason).toBe("DocumentUnreadable");
  });

  test("nothing of the text is quoted", () => {
    const error = failure("a: rtsp://viewer:canary-secret@192.168.1.10/: x: y\n");
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain("canary");
  });
});

test("positions count from 1, whatever ends the lines", () => {
  expect(positionAt("ab\r\ncd\re\nf", 9)).toEqual({ line: 4, column: 1 });
  expect(positionAt("ab", 1)).toEqual({ line: 1, column: 2 });
  expect(positionAt("", -1)).toEqual({ line: 1, column: 1 });
});
