import { describe, expect, test } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { go2rtcDocument } from "../../src/adapters/go2rtc/document.ts";
import type { IpAddress } from "../../src/domain/addresses.ts";
import { DocumentError } from "../../src/domain/document.ts";
import { proveSplices, type Splice, spliceText } from "../../src/domain/splice.ts";
import { parseYaml } from "../../src/domain/yaml-text.ts";

const format = frigateDocument({ environment: new Map() });
const goodUrl = "rtsp://viewer:canary@192.168.1.10/live";
const camera = (input: string, rest = "") => `cameras:\n  front:\n    ffmpeg:\n      inputs:\n        - path: ${input}\n${rest}`;

function failure(act: () => unknown): DocumentError {
  let caught: unknown;
  try {
    act();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(DocumentError);
  if (!(caught instanceof DocumentError)) throw new Error("unreachable");
  return caught;
}

describe("a change is refused", () => {
  test.each([
    "10.0.0.1 # x",
    "10.0.0.1:80",
    "viewer@10.0.0.1",
    "10.0.0.1/live\n  back: {}",
    "127.0.0.1",
    "224.0.0.1",
    "999.0.0.1",
    "",
    "front.local",
    "10.0.0.1'",
  ])("to %j", (to) => {
    for (const input of [goodUrl, `'${goodUrl}'`, `>-\n            ${goodUrl}`]) {
      const error = failure(() => format.rewrite(camera(input), () => to as IpAddress));
      expect(error).toMatchObject({ reason: "RewriteNotProved" });
      expect(error.message).not.toContain("canary");
    }
  });

  test("where the outcome would be read as something else", () => {
    // With its new address the second input would be taken for Frigate's own restream, which is nobody's to move.
    const text = `go2rtc:\n  streams:\n    front: rtsp://192.168.1.10:8554/front\n${camera("rtsp://192.168.1.10:8554/front")}`;
    const onlyTheStream = (occurrence: { readonly kind: string }) =>
      occurrence.kind === "stream" ? ("192.168.1.60" as IpAddress) : undefined;
    expect(failure(() => format.rewrite(text, onlyTheStream))).toMatchObject({ reason: "RewriteNotProved" });
  });
});

describe("the proof", () => {
  const text = "a: &n rtsp://1.2.3.4/x # 1.2.3.4\nb: *n\nc: 'rtsp://1.2.3.4/y'\n";
  const before = parseYaml(text);
  const splice = (at: number, replacement = "5.6.7.80"): Splice => {
    const start = text.indexOf("1.2.3.4", at);
    const scalar = before.scalars.find(({ event }) => event.valueStart <= start && start < event.valueEnd);
    if (scalar === undefined) throw new Error("no scalar there");
    return { start, end: start + 7, replacement, scalar, from: start - scalar.event.valueStart, to: start - scalar.event.valueStart + 7 };
  };
  const splices = [splice(0), splice(text.indexOf("c:"))];
  const good = spliceText(text, splices);
  const prove = (after: string) => proveSplices(before, parseYaml(after), splices);

  test("accepts the splices, in any order", () => {
    expect(good).toBe("a: &n rtsp://5.6.7.80/x # 1.2.3.4\nb: *n\nc: 'rtsp://5.6.7.80/y'\n");
    expect(prove(good)).toBeUndefined();
    expect(proveSplices(before, parseYaml(good), splices.toReversed())).toBeUndefined();
  });

  test.each([
    ["a changed comment", good.replace("# 1.2.3.4", "# 5.6.7.8")],
    ["a changed anchor", good.replace("&n", "&m").replace("*n", "*m")],
    ["other quotes", good.replaceAll("'", '"')],
    ["an address that was left", good.replace("5.6.7.80/y", "1.2.3.4/y")],
    ["an address of the same length", good.replace("5.6.7.80/y", "5.6.7.81/y")],
    ["a value more", `${good}d: 1\n`],
    ["white space more", `${good}\n`],
    ["white space less", good.slice(0, -1)],
    ["another key", good.replace("b:", "d:")],
    ["another value", good.replace("/x", "/z")],
    ["a tag more", good.replace("&n ", "&n !!str ")],
    ["nothing done", text],
  ])("refuses %s", (_, after) => {
    expect(prove(after)).toBeTypeOf("string");
  });

  test("refuses splices that overlap or are empty", () => {
    const first = splice(0);
    expect(
      proveSplices(before, parseYaml(text), [
        { ...first, replacement: "1.2.3.4" },
        { ...first, start: first.start + 1 },
      ]),
    ).toContain("overlap");
    expect(proveSplices(before, parseYaml(text), [{ ...first, end: first.start, replacement: "" }])).toContain("overlap");
  });

  test("refuses a replacement that makes another structure", () => {
    for (const replacement of ["5.6.7.8 # ", "5.6.7.8\nd: e", "5.6.7.8: "]) {
      const one = [splice(0, replacement)];
      expect(proveSplices(before, parseYaml(spliceText(text, one)), one)).toBeTypeOf("string");
    }
  });

  test("refuses a replacement that another value shares or that decodes to something else", () => {
    const one = [splice(text.indexOf("c:"), "5''6")];
    expect(proveSplices(before, parseYaml(spliceText(text, one)), one)).toBeTypeOf("string");
    const misplaced = [{ ...splice(0), from: 0, to: 7 }];
    expect(proveSplices(before, parseYaml(spliceText(text, misplaced)), misplaced)).toContain("a value other than the addresses");
  });
});

describe("what is no such document", () => {
  test.each(["- a\n- b\n", "just text\n", "[]", "--- 1\n"])("%j is refused", (text) => {
    expect(failure(() => format.read(text))).toMatchObject({ reason: "DocumentUnreadable", line: 1 });
  });

  test.each([
    "",
    "# nothing yet\n",
    "---\n",
    "null\n",
    "cameras:\n",
    "cameras: []\n",
    "go2rtc: {streams: }\n",
    "cameras: {a: 1, b: [x], c: {ffmpeg: {inputs: {}}}}\n",
  ])("%j has nothing to heal", (text) => {
    expect(format.read(text)).toMatchObject({ streams: [], occurrences: [], leftAlone: [] });
    expect(format.rewrite(text, () => "10.0.0.1" as IpAddress)).toEqual({ text, edits: [] });
  });

  test.each([
    ["a: {{ x }}\n", "DocumentIsTemplate", 1],
    ["a: 1\na: 2\n", "DocumentUnreadable", 2],
    ["a:\n  - b\n - c\n", "DocumentUnreadable", 3],
  ])("%j", (text, reason, line) => {
    for (const act of [() => format.read(text), () => format.rewrite(text, () => undefined)])
      expect(failure(act)).toMatchObject({ reason, line });
  });
});

describe("a reading of Frigate's document", () => {
  test("tells cameras, links, direct inputs, ports and whether they are enabled", () => {
    const { cameras } = frigateDocument({ environment: new Map([["FRIGATE_PASSWORD", "canary"]]) }).read(`
go2rtc: {streams: {front_main: "rtsp://192.168.1.10/main", front_sub: "rtsp://192.168.1.10/sub"}}
cameras:
  front:
    ffmpeg: {inputs: [{path: "rtsp://127.0.0.1:8554/front_main?video=copy"}, {path: "rtsp://127.0.0.1:8554/front_sub"}]}
    onvif: {host: 192.168.1.10, port: 8899}
  back:
    enabled: false
    ffmpeg: {inputs: [{path: "rtsp://viewer:{FRIGATE_PASSWORD}@192.168.1.11/live"}, {path: "rtsp://viewer:{FRIGATE_NONE}@192.168.1.11/sub"}]}
  usb:
    enabled: "Off"
    ffmpeg: {inputs: [{path: /dev/video0}]}
`);
    expect(cameras).toEqual([
      {
        name: "front",
        enabled: true,
        addresses: ["192.168.1.10"],
        streams: ["front_main", "front_sub"],
        directInputs: [],
        onvifPort: 8899,
        unsized: true,
      },
      {
        name: "back",
        enabled: false,
        addresses: ["192.168.1.11"],
        streams: [],
        directInputs: [
          {
            text: "rtsp://viewer:{FRIGATE_PASSWORD}@192.168.1.11/live",
            address: "192.168.1.11",
            resolved: "rtsp://viewer:canary@192.168.1.11/live",
          },
          { text: "rtsp://viewer:{FRIGATE_NONE}@192.168.1.11/sub", address: "192.168.1.11" },
        ],
        unsized: true,
      },
      { name: "usb", enabled: false, addresses: [], streams: [], directInputs: [], unsized: true },
    ]);
  });

  test("tells cameras whose picture size Frigate would have to ask for: width and height may stand with the camera or for all", () => {
    const size = (top: string, own: string): boolean | undefined =>
      format.read(`${top}cameras: {front: {ffmpeg: {inputs: [{path: "${"rtsp://192.168.1.10/x"}"}]}${own}}}\n`).cameras[0]?.unsized;
    expect(size("", "")).toBe(true);
    expect(size("", ", detect: {width: 1280}")).toBe(true);
    expect(size("", ", detect: {width: 1280, height: 720}")).toBeUndefined();
    expect(size("detect: {height: 720}\n", ", detect: {width: 1280}")).toBeUndefined();
    expect(size("detect: {width: 1280, height: 720}\n", "")).toBeUndefined();
  });

  test("names everybody who depends on a span, and the anchor's place", () => {
    const { occurrences } = format.read(camera(`&u ${goodUrl}`, `  back: {ffmpeg: {inputs: [{path: *u}]}}\n`));
    expect(occurrences).toMatchObject([
      { path: ["cameras", "front", "ffmpeg", "inputs", 0, "path"], kind: "input", owners: ["camera:front", "camera:back"] },
    ]);
  });

  test("environment_vars win over the process for inputs, and do not reach streams", () => {
    const text = `environment_vars: {FRIGATE_IP: 192.168.1.10}\ngo2rtc: {streams: {a: "rtsp://{FRIGATE_IP}/x"}}\n${camera('"rtsp://{FRIGATE_IP}/x"')}`;
    const reading = frigateDocument({ environment: new Map([["FRIGATE_IP", "192.168.1.99"]]) }).read(text);
    expect(reading.occurrences).toMatchObject([
      { path: ["environment_vars", "FRIGATE_IP"], kind: "variable", owners: ["camera:front"], address: "192.168.1.10" },
    ]);
    expect(reading.leftAlone).toMatchObject([{ owners: ["stream:a"], why: "placeholder", variable: "FRIGATE_IP", host: "192.168.1.99" }]);
    expect(reading.streams[0]?.sources[0]).toMatchObject({ address: "192.168.1.99", resolved: "rtsp://192.168.1.99/x" });
  });

  test("a variable that anything else uses too is left alone", () => {
    const text = `environment_vars: {FRIGATE_IP: 192.168.1.10}\nrecord: {note: "{FRIGATE_IP}"}\n${camera('"rtsp://{FRIGATE_IP}/x"')}`;
    expect(format.read(text)).toMatchObject({ occurrences: [], leftAlone: [{ why: "not-rewritable", variable: "FRIGATE_IP" }] });
  });

  test("edits are told in the order of the text", () => {
    const text = camera(goodUrl, "    onvif: {host: 192.168.1.10}\n");
    const { edits } = format.rewrite(text, () => "192.168.1.60" as IpAddress);
    expect(edits.map(({ path, from, to }) => [path.at(-1), from, to])).toEqual([
      ["path", "192.168.1.10", "192.168.1.60"],
      ["host", "192.168.1.10", "192.168.1.60"],
    ]);
  });
});

test("a stand-alone go2rtc.yaml has streams and variables, and no cameras", () => {
  const reading = go2rtcDocument({ environment: new Map([["PASS", "canary"]]) }).read(
    "env: {IP: 192.168.1.10}\nstreams:\n  a: rtsp://viewer:${PASS}@${IP}/x\n  b: rtsp://viewer:${NONE}@192.168.1.11/x\ncameras: {c: {onvif: {host: 192.168.1.12}}}\n",
  );
  expect(reading.cameras).toEqual([]);
  expect(reading.occurrences.map(({ path, kind, address }) => [path.join("."), kind, address])).toEqual([
    ["env.IP", "variable", "192.168.1.10"],
    ["streams.b", "stream", "192.168.1.11"],
  ]);
  expect(reading.streams.map(({ sources }) => sources[0]?.resolved)).toEqual(["rtsp://viewer:canary@192.168.1.10/x", undefined]);
});
