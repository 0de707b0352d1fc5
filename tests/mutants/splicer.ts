import type { Mutant } from "./harness.ts";

const property = "tests/domain/splicer.property.test.ts";
const goldens = "tests/domain/golden-documents.test.ts";
const format = "tests/domain/document-format.test.ts";
const sources = "tests/domain/stream-source.test.ts";
const yaml = "tests/domain/yaml-text.test.ts";

/** Mistakes in finding and replacing a camera's address in a document. */
export const mutants: readonly Mutant[] = [
  {
    name: "the host ends one character early",
    file: "src/domain/source-url.ts",
    find: "hostEnd: hostStart + host.length,",
    replace: "hostEnd: hostStart + host.length - 1,",
    tests: [property],
  },
  {
    name: "an address that begins like the wanted one is replaced too",
    file: "src/domain/stream-source.ts",
    find: 'host.kind === "address" && host.address === from);',
    replace: 'host.kind === "address" && host.address.startsWith(from));',
    tests: [sources],
  },
  {
    name: "right boundary dropped after a raw password",
    file: "src/domain/source-url.ts",
    find: "(?=(?::\\d{1,5})?(?:[/?#]|$))/g",
    replace: "/g",
    tests: [sources],
  },
  {
    name: "user-info ends at the first @",
    file: "src/domain/source-url.ts",
    find: 'authority.lastIndexOf("@")',
    replace: 'authority.indexOf("@")',
    tests: [property],
  },
  {
    name: "the host is looked for in the query's credentials",
    file: "src/domain/source-url.ts",
    find: 'const authority = all.split(/[/?#]/, 1)[0] ?? "";',
    replace: "const authority = all;",
    tests: [property],
  },
  {
    name: "this machine's own address is a camera's",
    file: "src/domain/source-url.ts",
    find: 'if (isLoopback(address)) return { kind: "self" };',
    replace: 'if (isLoopback(address)) return { kind: "address", address };',
    tests: [property],
  },
  {
    name: "an alias is edited once for each use",
    file: "src/domain/document-format.ts",
    find: "const known = found.get(span.start)?.occurrence;",
    replace:
      "const known = undefined as Occurrence | undefined;\n    if (found.has(span.start)) found.set(-span.start, { occurrence: { path: scalar.path, kind: place.kind, owners: [place.owner], address: host.address, ...span }, scalar, from: host.start, to: host.end });",
    tests: [property],
  },
  {
    name: "of several owners only the last is remembered",
    file: "src/domain/document-format.ts",
    find: "return owners.includes(owner) ? owners : [...owners, owner];",
    replace: "return [owner];",
    tests: [property],
  },
  {
    name: "the indentation of block scalars is ignored",
    file: "src/domain/yaml-scalar.ts",
    find: "keep(decoded, text, line.start + indent, line.end);",
    replace: "keep(decoded, text, line.start, line.end);",
    tests: [property],
  },
  {
    name: "CRLF counts as one character",
    file: "src/domain/yaml-scalar.ts",
    find: 'text[end + 1] === "\\n" ? end + 2 : end + 1;',
    replace: 'text[end + 1] === "\\n" ? end + 1 : end + 1;',
    tests: [goldens, property],
  },
  {
    name: "a doubled quote counts as one character",
    file: "src/domain/yaml-scalar.ts",
    find: "at = kept = solid = at + 2;",
    replace: "at = kept = solid = at + 1;",
    tests: [property],
  },
  {
    name: "a long escape counts as a short one",
    file: "src/domain/yaml-scalar.ts",
    find: "u: 4,",
    replace: "u: 2,",
    tests: [property],
  },
  {
    name: "an address that is not written in one piece is spliced all the same",
    file: "src/domain/yaml-text.ts",
    find: "if (offsets[index] !== start + index - from || start < 0) return undefined;",
    replace: "if (offsets[index] === -1) return undefined;",
    tests: [goldens],
  },
  {
    name: "a later merge wins over an earlier one",
    file: "src/domain/yaml-text.ts",
    find: "if (!values.has(inherited)) values.set(inherited, from);",
    replace: "values.set(inherited, from);",
    tests: [yaml],
  },
  {
    name: "an anchor outlives its document",
    file: "src/domain/yaml-text.ts",
    find: "      anchors.clear();\n",
    replace: "",
    tests: [yaml],
  },
  {
    name: "only the first document of a text is healed",
    file: "src/adapters/frigate/document.ts",
    find: "for (const root of yaml.roots) {",
    replace: "for (const root of yaml.roots.slice(0, 1)) {",
    tests: [property],
  },
  {
    name: "the byte-order mark is lost",
    file: "src/domain/splice.ts",
    find: "return spliced + text.slice(last);",
    replace: 'return (spliced + text.slice(last)).replace("\\u{feff}", "");',
    tests: [property],
  },
  {
    name: "splices are made in the wrong order",
    file: "src/domain/splice.ts",
    find: "of splices.toSorted((one, other) => one.start - other.start)) {\n    spliced",
    replace: "of splices.toSorted((one, other) => other.start - one.start)) {\n    spliced",
    tests: [property],
  },
  {
    name: "the proof is skipped",
    file: "src/domain/document-format.ts",
    find: "if (difference !== undefined) throw notProved(difference);",
    replace: "",
    tests: [format],
  },
  {
    name: "the proof does not look at the bytes between",
    file: "src/domain/splice.ts",
    find: "return otherBytes(before.text, after.text, ordered) ?? otherEvents(",
    replace: "return otherEvents(",
    tests: [format],
  },
  {
    name: "the proof does not look at the values",
    file: "src/domain/splice.ts",
    find: "return after.scalars[index]?.value !== wanted;",
    replace: "return wanted === undefined;",
    tests: [format],
  },
  {
    name: "what the broker shares with a camera moves along",
    file: "src/domain/document-format.ts",
    find: "gathered.guarded.has(scalar) ? undefined : spanInText",
    replace: "gathered.guarded.size < 0 ? undefined : spanInText",
    tests: [goldens],
  },
  {
    name: "Frigate's own restream by the machine's address is a camera's",
    file: "src/adapters/frigate/restream.ts",
    find: "return name !== undefined && restream.streams.has(name) ? name : undefined;",
    replace: "return undefined;",
    tests: [goldens],
  },
  {
    name: "the process's variables win over the document's",
    file: "src/domain/document-guards.ts",
    find: "new Map([...environment, ...[...own].map(([name, scalar]) => [name, scalar.value] as const)])",
    replace: "new Map([...[...own].map(([name, scalar]) => [name, scalar.value] as const), ...environment])",
    tests: [format],
  },
  {
    name: "what is inside a placeholder disturbs the search",
    file: "src/domain/stream-source.ts",
    find: "const hidden = hidePlaceholders(text, dialect);\n  const first",
    replace: "const hidden = text;\n  const first",
    tests: [sources],
  },
];
