import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeMessage, headerValues, MessageReader, type RtspItem, type RtspRequest } from "../../../src/adapters/rtsp/message.ts";
import { encodeFrame } from "./encode-frame.ts";

const response = 'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm="a"\r\nwww-authenticate: Basic realm="a"\r\n\r\n';

describe("MessageReader", () => {
  it("reads a response with repeated headers", () => {
    const [item] = new MessageReader().push(Buffer.from(response));
    expect(item).toMatchObject({ kind: "response", status: 401, reason: "Unauthorized", body: "" });
    expect(item?.kind === "response" && headerValues(item.headers, "WWW-Authenticate")).toEqual(['Digest realm="a"', 'Basic realm="a"']);
  });

  it("reads a body, a frame and the next message from one piece", () => {
    const bytes = Buffer.concat([
      Buffer.from("\r\nRTSP/1.0 200 OK\nCSeq: 1\nContent-Length: 4\n\nv=0\n"),
      encodeFrame(2, Buffer.from("abc")),
      Buffer.from("OPTIONS rtsp://192.0.2.1/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
    ]);
    const items = new MessageReader().push(bytes);
    expect(items.map(({ kind }) => kind)).toEqual(["response", "frame", "request"]);
    expect(items[0]).toMatchObject({ body: "v=0\n" });
    expect(items[1]).toMatchObject({ channel: 2, payload: Buffer.from("abc") });
    expect(items[2]).toMatchObject({ method: "OPTIONS", uri: "rtsp://192.0.2.1/" });
  });

  it("joins folded header lines", () => {
    const [item] = new MessageReader().push(Buffer.from("RTSP/1.0 200 OK\r\nPublic: OPTIONS,\r\n  DESCRIBE\r\n\r\n"));
    expect(item?.kind === "response" && headerValues(item.headers, "public")).toEqual(["OPTIONS, DESCRIBE"]);
  });

  it.each([
    ["HTTP", "HTTP/1.1 400 Bad Request\r\n"],
    ["an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["a start line without end", "R".repeat(20_000)],
    ["headers without end", `RTSP/1.0 200 OK\r\n${"X-A: b\r\n".repeat(3000)}`],
    ["too many headers", `RTSP/1.0 200 OK\r\n${"X: b\r\n".repeat(101)}\r\n`],
    ["a huge body", "RTSP/1.0 200 OK\r\nContent-Length: 9999999\r\n\r\n"],
    ["a negative body", "RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n"],
    ["a control character", "RTSP/1.0 200 OK\r\nX: a\u0000b\r\n\r\n"],
    ["a line that is no header", "RTSP/1.0 200 OK\r\nnonsense\r\n\r\n"],
  ])("calls %s malformed and reads nothing more", (_name, text) => {
    const reader = new MessageReader();
    expect(reader.push(Buffer.from(text)).at(-1)?.kind).toBe("malformed");
    expect(reader.push(Buffer.from(response))).toEqual([]);
  });

  it("gives the same items however the bytes are cut", () => {
    const message = fc.record({
      headers: fc.array(fc.tuple(fc.constantFrom("cseq", "session", "x-y"), fc.stringMatching(/^[!-~](?:[ -~]{0,20}[!-~])?$/)), {
        maxLength: 5,
      }),
      body: fc.string({ maxLength: 50 }),
      status: fc.integer({ min: 100, max: 599 }),
    });
    const part = fc.oneof(
      message.map(({ headers, body, status }) => encodeMessage({ kind: "response", status, reason: "-", headers, body })),
      fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 60 })).map(([channel, payload]) => encodeFrame(channel, payload)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (parts, cuts) => {
        const bytes = Buffer.concat(parts);
        const whole = new MessageReader().push(bytes);
        expect(whole).toHaveLength(parts.length);
        expect(plain(inPieces(bytes, cuts))).toEqual(plain(whole));
      }),
      { numRuns: 500 },
    );
  });

  it("never throws and never gives more than it got, whatever comes", () => {
    const word = fc.constantFrom(
      "RTSP/1.0 200 OK\r\n",
      "\r\n",
      "\r\n\r\n",
      "Content-Length: 5\r\n",
      "$",
      "\u0000",
      "OPTIONS * RTSP/1.0\n",
      ": ",
    );
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      word.map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 30 }), (chunks) => {
        const reader = new MessageReader();
        const items = chunks.flatMap((piece) => reader.push(piece));
        const given = chunks.reduce((sum, piece) => sum + piece.length, 0);
        const taken = items.reduce((sum, item) => sum + (item.kind === "frame" ? item.payload.length : 0), 0);
        expect(taken).toBeLessThanOrEqual(given);
        expect(items.filter(({ kind }) => kind === "malformed").length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("encodeMessage", () => {
  it("comes back as it went", () => {
    const request: RtspRequest = { kind: "request", method: "SETUP", uri: "rtsp://192.0.2.1/t", headers: [["cseq", "7"]], body: "" };
    expect(new MessageReader().push(encodeMessage(request))).toEqual([request]);
  });

  it("refuses a line break in any part: it would forge a header", () => {
    for (const header of ["a\r\nX: y", "a\nb", "a\u0000"]) {
      expect(() => encodeMessage({ kind: "request", method: "OPTIONS", uri: "*", headers: [["x", header]], body: "" })).toThrow(RangeError);
    }
    expect(() => encodeMessage({ kind: "request", method: "OPTIONS", uri: "a\r\nb", headers: [], body: "" })).toThrow(RangeError);
  });
});

function inPieces(bytes: Uint8Array, cuts: readonly number[]): readonly RtspItem[] {
  const reader = new MessageReader();
  const items: RtspItem[] = [];
  for (let at = 0, cut = 0; at < bytes.length; cut++) {
    const end = at + (cuts[cut % cuts.length] ?? 1);
    items.push(...reader.push(bytes.subarray(at, end)));
    at = end;
  }
  return items;
}

function plain(items: readonly RtspItem[]): unknown {
  return items.map((item) => (item.kind === "frame" ? { ...item, payload: Buffer.from(item.payload).toString("hex") } : item));
}
