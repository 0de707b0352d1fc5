import { describe, expect, test } from "vitest";
import { maskDocument } from "../../src/domain/mask-document.ts";
import { linesOf, nameInDiff, unifiedDiff } from "../../src/domain/unified-diff.ts";

const name = "frigate.yml";
const lines = (count: number, change: Readonly<Record<number, string>> = {}) =>
  Array.from({ length: count }, (_, index) => `${change[index + 1] ?? `line ${index + 1}`}\n`).join("");

describe("a unified diff", () => {
  test("of equal texts is empty", () => {
    expect(unifiedDiff("a\n", "a\n", name)).toBe("");
  });

  test("has three lines of context and the place", () => {
    expect(unifiedDiff(lines(20), lines(20, { 10: "changed" }), name)).toBe(
      "--- a/frigate.yml\n+++ b/frigate.yml\n@@ -7,7 +7,7 @@\n line 7\n line 8\n line 9\n-line 10\n+changed\n line 11\n line 12\n line 13\n",
    );
  });

  test("joins changes whose contexts touch, and only those", () => {
    const hunks = (second: number) => unifiedDiff(lines(30), lines(30, { 10: "x", [second]: "y" }), name).match(/^@@.*/gm);
    expect(hunks(11)).toEqual(["@@ -7,8 +7,8 @@"]);
    expect(hunks(17)).toEqual(["@@ -7,14 +7,14 @@"]);
    expect(hunks(18)).toEqual(["@@ -7,7 +7,7 @@", "@@ -15,7 +15,7 @@"]);
  });

  test("puts removals before additions", () => {
    expect(unifiedDiff("a\nb\n", "c\nd\n", name).split("\n").slice(3, 7)).toEqual(["-a", "-b", "+c", "+d"]);
  });

  test("tells of a missing last line end", () => {
    expect(unifiedDiff("a\nb", "a\nc", name)).toContain(" a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n");
    expect(unifiedDiff("a", "a\n", name)).toContain("-a\n\\ No newline at end of file\n+a\n");
    expect(unifiedDiff("a\nb", "c\nb", name)).toContain("-a\n+c\n b\n\\ No newline at end of file\n");
  });

  test("keeps CR, and a name with blanks apart from what follows", () => {
    expect(unifiedDiff("a\r\n", "b\r\n", "my file")).toBe("--- a/my file\t\n+++ b/my file\t\n@@ -1 +1 @@\n-a\r\n+b\r\n");
  });

  test("from and to nothing", () => {
    expect(unifiedDiff("", "a\nb\n", name)).toContain("@@ -0,0 +1,2 @@\n+a\n+b\n");
    expect(unifiedDiff("a\n", "", name)).toContain("@@ -1 +0,0 @@\n-a\n");
  });

  test("of very different texts replaces the middle, and ends soon", () => {
    const many = (prefix: string) => `head\n${Array.from({ length: 3000 }, (_, index) => `${prefix}${index}\n`).join("")}tail\n`;
    const diff = unifiedDiff(many("a"), many("b"), name);
    expect(diff.match(/^@@.*/gm)).toEqual(["@@ -1,3002 +1,3002 @@"]);
    expect(linesOf(diff).length).toBe(2 + 1 + 2 + 6000);
  });

  test("shows masked lines where asked to, with the change still to be seen", () => {
    const text = (address: string) =>
      `password: canary-1\nurl: rtsp://viewer:canary-2@${address}/live\nnext: rtsp://viewer:canary-3@10.0.0.9/x\n`;
    const diff = unifiedDiff(text("192.168.1.10"), text("192.168.1.60"), name, maskDocument);
    expect(diff).not.toContain("canary");
    expect(diff).toContain("-url: rtsp://***@192.168.1.10/live\n+url: rtsp://***@192.168.1.60/live\n");
    expect(diff).toContain(" password: ***\n");
  });

  test("masks line by line where the mask changed the number of lines", () => {
    expect(unifiedDiff("a\nsecret\n", "b\nsecret\n", name, (text) => text.replaceAll(/secret\n?/g, "***"))).toContain("-a\n+b\n ***");
  });
});

test("a document's name in a diff is one that patch takes", () => {
  expect(["/opt/frigate/config.yml", "./config.yml", "https://192.168.1.10:8971", "http://nvr.lan:5000/frigate"].map(nameInDiff)).toEqual([
    "opt/frigate/config.yml",
    "config.yml",
    "192.168.1.10:8971/config.yml",
    "nvr.lan:5000/config.yml",
  ]);
  expect(
    ["apps/frigate/cm.yaml on main of https://git.example.org/home.git", "cm.yaml on a/b of git@git.example.org:me/home.git"].map(
      nameInDiff,
    ),
  ).toEqual(["apps/frigate/cm.yaml", "cm.yaml"]);
});
