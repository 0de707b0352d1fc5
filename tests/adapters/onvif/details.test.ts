import { createServer } from "node:http";
import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { askClock, parseDateAndTime } from "../../../src/adapters/onvif/clock.ts";
import { askStreamPaths, profileTokens, streamPath } from "../../../src/adapters/onvif/stream-uri.ts";
import { digestAnswer } from "../../../src/adapters/rtsp/digest-answer.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress } from "../../../src/domain/addresses.ts";
import { seconds } from "../../../src/domain/duration.ts";
import { serveSoap, type SoapServer } from "./soap-server.ts";

const HERE = "127.0.0.1" as IpAddress;
const never = new AbortController().signal;
const clock = createSystemClock();
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function soap(answer: Parameters<typeof serveSoap>[0]): Promise<SoapServer> {
  const server = await serveSoap(answer);
  closing.push(() => server.close());
  return server;
}

function timeOf(at: Date): string {
  return (
    "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:LocalDateTime><tt:Time><tt:Hour>1</tt:Hour></tt:Time></tt:LocalDateTime><tt:UTCDateTime>" +
    `<tt:Time><tt:Hour>${at.getUTCHours()}</tt:Hour><tt:Minute>${at.getUTCMinutes()}</tt:Minute><tt:Second>${at.getUTCSeconds()}</tt:Second></tt:Time>` +
    `<tt:Date><tt:Year>${at.getUTCFullYear()}</tt:Year><tt:Month>${at.getUTCMonth() + 1}</tt:Month><tt:Day>${at.getUTCDate()}</tt:Day></tt:Date>` +
    "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
  );
}

describe("a camera's clock", () => {
  it("is compared with ours, by the first port that answers with a time, and no password is sent", async () => {
    const refusing = await soap({ status: 401, body: "<s:Fault/>" });
    const server = await soap({ body: timeOf(new Date(Date.now() - 3_600_000)) });
    const offset = await askClock(clock, HERE, [refusing.port, server.port], seconds(3), never);
    expect(Math.abs((offset ?? 0) + 3_600_000)).toBeLessThan(1500);
    expect(server.requests).toHaveLength(1);
    for (const { headers, body } of [...server.requests, ...refusing.requests]) {
      expect([headers.authorization, /UsernameToken/.test(body)]).toEqual([undefined, false]);
    }
  });

  it.each([
    ["no UTC time", "<tt:LocalDateTime/>"],
    ["a month that there is not", timeOf(new Date()).replace(/<tt:Month>\d+/, "<tt:Month>13")],
    ["words", timeOf(new Date()).replace(/<tt:Year>\d+/, "<tt:Year>soon")],
    ["a fault", "<s:Fault/>"],
  ])("is not told by %s", (_name, xml) => {
    expect(parseDateAndTime(xml)).toBeUndefined();
  });

  it("that nobody tells is unknown in the time there is", async () => {
    const server = await soap({ silent: true });
    expect(await askClock(clock, HERE, [server.port], seconds(0.2), never)).toBeUndefined();
    await expect(askClock(clock, HERE, [server.port], seconds(5), AbortSignal.timeout(50))).rejects.toThrow("timeout");
  });
});

/** An ONVIF media service behind HTTP Digest, or behind what else is said. */
async function media(
  challenge: string,
  password: string,
): Promise<{ readonly port: number; readonly offers: readonly (string | undefined)[] }> {
  const offers: (string | undefined)[] = [];
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += String(piece)));
    request.on("end", () => {
      const { authorization } = request.headers;
      offers.push(authorization);
      const field = (name: string): string => new RegExp(`${name}="?([^",]+)`).exec(authorization ?? "")?.[1] ?? "";
      const proof = md5(`${md5(`viewer:cam:${password}`)}:n1:${field("nc")}:${field("cnonce")}:auth:${md5(`POST:${request.url ?? ""}`)}`);
      if (field("response") !== proof) return response.writeHead(401, { "WWW-Authenticate": challenge }).end();
      const profiles = '<trt:Profiles token="main" fixed="true"/><trt:Profiles fixed="true" token="sub"/>';
      const token = /<ProfileToken>(\w+)</.exec(body)?.[1];
      const uri = `<trt:MediaUri><tt:Uri>rtsp://10.9.9.9:554/live/${token ?? ""}?a=1&amp;b=2</tt:Uri></trt:MediaUri>`;
      response.end(`<s:Body>${body.includes("GetProfiles") ? profiles : uri}</s:Body>`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, offers };
}

const ask = (port: number, password: string) => {
  const answer = digestAnswer(`rtsp://viewer:${password}@192.168.1.20/main`) ?? expect.unreachable();
  return askStreamPaths(clock, HERE, [port], answer, seconds(3), never);
};
const DIGEST = 'Digest realm="cam", nonce="n1", qop="auth", algorithm=MD5';

describe("a camera's own stream paths", () => {
  it("are told behind HTTP Digest, without the host that it names", async () => {
    const server = await media(DIGEST, "canary-right");
    expect(await ask(server.port, "canary-right")).toEqual({ kind: "paths", paths: ["/live/main?a=1&b=2", "/live/sub?a=1&b=2"] });
    expect(server.offers.join(" ")).not.toContain("canary");
  });

  it("are not asked for again after one refusal", async () => {
    const server = await media(DIGEST, "canary-other");
    expect(await ask(server.port, "canary-right")).toEqual({ kind: "refused" });
    expect(server.offers.filter((offer) => offer !== undefined)).toHaveLength(1);
  });

  it("are not told where only Basic is asked for: nothing is sent", async () => {
    const server = await media('Basic realm="cam"', "canary-right");
    expect(await ask(server.port, "canary-right")).toEqual({ kind: "refused" });
    expect(server.offers).toEqual([undefined]);
  });

  it("are read bounded and without what could break out of the question", () => {
    expect(profileTokens('<trt:Profiles token="a&quot;b"/><trt:Profiles token="ok"/>'.repeat(9))).toHaveLength(4);
    expect(streamPath("<tt:Uri>http://10.0.0.1/x</tt:Uri>")).toBeUndefined();
    expect(streamPath("<tt:Uri>rtsp://10.0.0.1:554/a b</tt:Uri>")).toBeUndefined();
    expect(digestAnswer("rtsp://192.168.1.20/main")).toBeUndefined();
  });
});
