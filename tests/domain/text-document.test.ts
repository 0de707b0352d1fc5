import { describe, expect, it } from "vitest";
import type { OwnerName } from "../../src/domain/camera.ts";
import { DocumentError } from "../../src/domain/document.ts";
import { type KnownAddresses, textDocument } from "../../src/domain/text-document.ts";
import { at, ip } from "../reconcilers/fake-home.ts";

const FRONT: OwnerName = "device:front";
const BACK: OwnerName = "device:back";

/** `front` is at .20 and was at .10, `back` at .21, another camera at .30. */
const KNOWN: KnownAddresses = {
  followed: new Map([
    [FRONT, new Set([at(20), at(10)])],
    [BACK, new Set([at(21)])],
  ]),
  others: new Set([at(30)]),
};

const format = (known = KNOWN) => textDocument([FRONT, BACK], () => known);
/** The text with each address of `front` replaced by 10.0.0.9. */
const moved = (text: string, known = KNOWN): string =>
  format(known).rewrite(text, ({ owners }) => (owners.includes(FRONT) ? ip("10.0.0.9") : undefined)).text;
const left = (text: string, known = KNOWN) =>
  format(known)
    .read(text)
    .leftAlone.map(({ path, host, why }) => `${path.join(".")} ${host} ${why}`);

describe("a camera's address in", () => {
  it.each([
    ["MediaMTX", "paths:\n  front:\n    source: rtsp://u:p@192.168.1.20:554/main # was .20\n", "192.168.1.20"],
    ["Scrypted", '{"plugins":{"url":"rtsp:\\/\\/u:p@192.168.1.20\\/main","ip":"192.168.1.20"}}', "192.168.1.20"],
    ["motionEye", "netcam_url rtsp://192.168.1.20/main\r\n# @name front\r\n", "192.168.1.20"],
    ["Blue Iris", '\uFEFFWindows Registry Editor Version 5.00\r\n\r\n[HKEY]\r\n"ip"="192.168.1.20"\r\n', "192.168.1.20"],
    ["Home Assistant", "camera:\n  - platform: generic\n    stream_source: 'rtsp://192.168.1.20/main'\n", "192.168.1.20"],
    ["an encoded URL", "src=rtsp%3A%2F%2Fu%3Ap%40192.168.1.20%3A554%2Fmain", "192.168.1.20"],
    ["a text with escapes", '"a\\n192.168.1.20\\tb"', "192.168.1.20"],
    ["a whole text", "192.168.1.20", "192.168.1.20"],
    ["a text with a former address", "was 192.168.1.10, (192.168.1.20)", "192.168.1.10"],
  ])("%s is replaced, and nothing else", (_title, text) => {
    expect(moved(text)).toBe(text.replaceAll("192.168.1.20", "10.0.0.9").replaceAll("192.168.1.10", "10.0.0.9"));
  });

  it.each([
    ["a longer number", "192.168.1.200 1192.168.1.20 192.168.1.205", []],
    [
      "a longer chain of numbers",
      "1.192.168.1.20 192.168.1.20.1",
      ["line 1 192.168.1.20 within-a-word", "line 1.1 192.168.1.20 within-a-word"],
    ],
    ["what a percent sign may make another character of", "%192.168.1.20", []],
    ["a version", "v192.168.1.20 192.168.1.20beta", ["line 1 192.168.1.20 within-a-word", "line 1.1 192.168.1.20 within-a-word"]],
    ["a host name", "192.168.1.20.example.org", ["line 1 192.168.1.20 within-a-word"]],
    ["the end of a sentence", "It is at 192.168.1.20.", ["line 1 192.168.1.20 within-a-word"]],
    ["letters of any alphabet", "é192.168.1.20", ["line 1 192.168.1.20 within-a-word"]],
    ["another spelling", "192.168.001.20 192.168.1.020", []],
  ])("%s is left alone", (_title, text, said) => {
    expect(moved(text)).toBe(text);
    expect(left(text)).toEqual(said);
  });

  it("a place that is another camera's too is left alone and said, followed or not", () => {
    const text = "a 192.168.1.20\nb 192.168.1.30 192.168.1.21 192.168.1.10\n";
    const shared = { followed: new Map([...KNOWN.followed, [BACK, new Set([at(21), at(10)])]]), others: new Set([at(30), at(20)]) };
    expect(moved(text, shared)).toBe(text);
    expect(left(text, shared)).toEqual(["line 1 192.168.1.20 another-camera", "line 2.2 192.168.1.10 another-camera"]);
  });
});

describe("a text", () => {
  it("names each place by its line and its turn there, whatever stands before it", () => {
    const text = "\n8.8.8.8 192.168.1.20 192.168.1.20\r\n127.0.0.1 0.0.0.0 224.0.0.1 192.168.1.20";
    const { occurrences } = format().read(text);
    expect(occurrences.map(({ path }) => path)).toEqual([
      ["line 2", 1],
      ["line 2", 2],
      ["line 3", 3],
    ]);
    expect(occurrences.map(({ start, end }) => text.slice(start, end))).toEqual(["192.168.1.20", "192.168.1.20", "192.168.1.20"]);
  });

  it("swaps addresses at once, and comes back as it was", () => {
    const text = "a 192.168.1.20 b 192.168.1.21\n";
    const swapped = format().rewrite(text, ({ owners }) => (owners.includes(FRONT) ? at(21) : at(20)));
    expect(swapped.text).toBe("a 192.168.1.21 b 192.168.1.20\n");
    expect(swapped.edits).toHaveLength(2);
  });

  it("is handed back as it came where nothing is to be changed", () => {
    const text = "nothing 192.168.1.20";
    expect(format().rewrite(text, () => undefined)).toEqual({ text, edits: [] });
    expect(format().rewrite(text, () => at(20))).toEqual({ text, edits: [] });
  });

  it("is refused where it would read differently than was intended", () => {
    const known = { followed: new Map([[FRONT, new Set([ip("1.2.3.4")])]]), others: new Set<never>() };
    expect(() => format(known).rewrite("ratio 50%1.2.3.4\n", () => at(77))).toThrow("other addresses than the intended ones would change");
  });

  it("is refused where the address is none that a camera can have", () => {
    for (const to of ["127.0.0.1", "not one", "1.2.3.4\n"])
      expect(() => format().rewrite("192.168.1.20", () => to as ReturnType<typeof ip>)).toThrow(DocumentError);
  });
});
