import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { definesStream, removeEntries, StoredEntriesError } from "../../../src/adapters/go2rtc/stored-entries.ts";

const entry = (name: string, indent = "  "): string =>
  `${indent}${name}:\n${indent}  - rtsp://viewer:canary-x@192.0.2.7/live\n${indent}  - ffmpeg:x#audio=opus\n`;

describe("removeEntries", () => {
  it.each([
    ["behind others", "# a\nstreams:\n  # b\n  door: 'x'  # c\n", ""],
    ["before another section", "streams:\n  door: x\n", "\n# end\nlog: {level: warn}\n"],
    ["with deep indents", "streams:\n    door: x\n", "api:\n    listen: :1984\n"],
    ["in a file with Windows line ends", "streams:\r\n  door: x\r\n", "log:\r\n  level: warn\r\n"],
    ["behind a byte-order mark", "\uFEFFstreams:\n  door: x\n", ""],
    ["behind a section of the same name elsewhere", "x:\n  front: 1\nstreams:\n  door: x\n", ""],
  ])("takes out %s and leaves every other byte", (_title, before, after) => {
    const indent = before.includes("    door") ? "    " : "  ";
    expect(removeEntries(before + entry("front", indent) + after, ["front", "absent"])).toBe(before + after);
  });

  it("takes out several, and what they preload", () => {
    const text = `homekit: {}\nstreams:\n${entry("front")}${entry("'my: door'")}preload:\n  front: video=\n`;
    expect(removeEntries(text, ["my: door", "front"])).toBe("homekit: {}\n");
    expect(removeEntries(text, ["front"])).toBe(`homekit: {}\nstreams:\n${entry("'my: door'")}`);
  });

  it("keeps a section that something follows, empty as it is", () => {
    expect(removeEntries(`streams:\n${entry("front")}log: {}\n`, ["front"])).toBe("streams:\nlog: {}\n");
    expect(removeEntries(`streams:\n${entry("front")}  # mine\n`, ["front"])).toBe("streams:\n  # mine\n");
  });

  it("gives back a text without the entries as it is", () => {
    for (const text of ["", "streams:\n", "streams: {}\n", "streams:\n  door: x\n", "log: {}\n"])
      expect(removeEntries(text, ["front"])).toBe(text);
  });

  it.each([
    ["a flow mapping", "streams: {front: x, door: y}\n"],
    ["an anchor that is used elsewhere", "streams:\n  front: &a x\n  door: *a\n"],
    ["no mapping", "- a\n"],
    ["no YAML", "streams: [\n"],
    ["two documents", "a: 1\n---\nstreams:\n  front: x\n"],
    ["a key given twice", "streams:\n  front: x\n  front: y\n"],
  ])("refuses %s", (_title, text) => {
    expect(() => removeEntries(text, ["front"])).toThrow(StoredEntriesError);
  });

  it("undoes what go2rtc stores, in any file", () => {
    const name = fc
      .stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
      .filter((text) => text !== "front" && !/^(?:y|n|yes|no|on|off|true|false|null)$/.test(text));
    const line = fc.constantFrom("", "# note", "log: {level: warn}", "api:\n  listen: :1984");
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 5 }), line, fc.nat(5), (names, head, at) => {
        const lines = names.map((other) => `  ${other}: rtsp://192.0.2.9/${other} # kept\n`);
        const text = `${head === "" ? "" : `${head}\n`}streams:\n${lines.join("")}webrtc: {}\n`;
        const stored = `${head === "" ? "" : `${head}\n`}streams:\n${lines.slice(0, at).join("")}${entry("front")}${lines.slice(at).join("")}webrtc: {}\n`;
        expect(removeEntries(stored, ["front"])).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("never throws anything else, whatever the text", () => {
    const piece = fc.constantFrom(
      "streams:",
      "\n",
      "  ",
      "front:",
      " x",
      "- ",
      "{",
      "}",
      "&a",
      "*a",
      "|",
      "'",
      "#",
      "\t",
      "preload:",
      "? ",
      "<<: ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const outcome = attempt(() => definesStream(removeEntries(pieces.join(""), ["front"]), "front"));
        expect(outcome === false || outcome instanceof StoredEntriesError).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("definesStream", () => {
  it("tells whether the file has the stream, and nothing of a file that go2rtc cannot extend", () => {
    expect(definesStream("streams: {front: x}", "front")).toBe(true);
    expect(definesStream("streams:\n  front:\n", "front")).toBe(true);
    expect(definesStream("streams:\n", "front")).toBe(false);
    expect(definesStream("", "front")).toBe(false);
    expect(definesStream("streams: [", "front")).toBeUndefined();
  });
});

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
