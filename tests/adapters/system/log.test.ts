import { expect, test } from "vitest";
import { createLog } from "../../../src/adapters/system/log.ts";
import type { LogLevel } from "../../../src/adapters/system/log.ts";

const URL_WITH_SECRET = "rtsp://viewer:canary-p4ss@192.0.2.10:554/stream1";

function setUp(level: LogLevel = "debug") {
  const written: string[] = [];
  const log = createLog({ level, stream: { write: (line) => void written.push(line) } });
  return { log, written, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test("writes one JSON object a line: level as a word, time in ISO 8601, message and fields, nothing of the machine", () => {
  const { log, written, lines } = setUp();
  log.warn("stream delivers no video", { camera: "front", attempts: 3, found: false, missing: undefined, reasons: ["a", "b"] });
  expect(written[0]?.endsWith("\n")).toBe(true);
  const { time, ...rest } = lines()[0] ?? {};
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(rest).toEqual({
    level: "warn",
    msg: "stream delivers no video",
    camera: "front",
    attempts: 3,
    found: false,
    reasons: ["a", "b"],
  });
});

test("writes nothing below its level, and nothing at all when silent", () => {
  const quiet = setUp("warn");
  quiet.log.debug("d");
  quiet.log.info("i");
  quiet.log.warn("w");
  quiet.log.error("e");
  expect(quiet.lines().map((line) => line["msg"])).toEqual(["w", "e"]);
  const silent = setUp("silent");
  silent.log.error("e");
  expect(silent.written).toEqual([]);
});

test("no credential leaves it: not in a message, field, list, error, stack, cause or field that is a secret by name", () => {
  const { log, written } = setUp();
  const cause = new Error(`connect ${URL_WITH_SECRET}`);
  const error = Object.assign(new Error(`GET ${URL_WITH_SECRET}`, { cause }), { reason: URL_WITH_SECRET, code: URL_WITH_SECRET });
  log.error(`cannot open ${URL_WITH_SECRET}`, {
    url: URL_WITH_SECRET,
    query: "http://192.0.2.10/flv?user=viewer&password=canary-p4ss",
    sources: [URL_WITH_SECRET, "ok"],
    error,
    password: "canary-p4ss",
    token: "canary-p4ss",
    authorization: "Digest canary-p4ss",
  });
  const text = written.join("");
  expect(text).not.toContain("canary");
  expect(text).not.toContain("viewer");
  expect(text).toContain("rtsp://***@192.0.2.10:554/stream1");
});

test("an error keeps its kind, reason, code and a bounded chain of causes", () => {
  const { log, lines } = setUp();
  let chain = new Error("deepest");
  for (let depth = 0; depth < 20; depth += 1) chain = new Error(`level ${depth}`, { cause: chain });
  log.error("failed", { error: Object.assign(chain, { reason: "StreamDead", code: "ECONNREFUSED" }) });
  const error = lines()[0]?.["error"];
  expect(error).toMatchObject({ type: "Error", message: "level 19", reason: "StreamDead", code: "ECONNREFUSED" });
  expect(JSON.stringify(error).match(/"cause"/g)).toHaveLength(4);
});

test("a long text is cut", () => {
  const { log, written } = setUp();
  log.info("answer", { body: "x".repeat(1_000_000) });
  expect(written.join("").length).toBeLessThan(5000);
});
