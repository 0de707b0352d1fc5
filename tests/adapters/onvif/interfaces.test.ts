import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { askInterfaces, hardwareAddresses } from "../../../src/adapters/onvif/network-interfaces.ts";
import { usernameToken } from "../../../src/adapters/onvif/username-token.ts";
import { digestAnswer } from "../../../src/adapters/rtsp/digest-answer.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress } from "../../../src/domain/addresses.ts";
import { instant, seconds } from "../../../src/domain/duration.ts";

const HERE = "127.0.0.1" as IpAddress;
const clock = createSystemClock();
const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const MACS = ["0C:79:55:4B:D4:20", "0c-79-55-4b-d4-21"]
  .map(
    (text) =>
      `<tds:NetworkInterfaces token="e"><tt:Info><tt:Name>eth</tt:Name><tt:HwAddress>${text}</tt:HwAddress></tt:Info></tds:NetworkInterfaces>`,
  )
  .join("");
const ANSWER = `<tds:GetNetworkInterfacesResponse>${MACS}</tds:GetNetworkInterfacesResponse>`;
const FAULT = "<s:Fault><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Fault>";

interface Asked {
  readonly authorization: string | undefined;
  readonly body: string;
}

/** @param answer status, body and challenge for each request */
async function device(
  answer: (asked: Asked) => readonly [number, string, string?],
): Promise<{ readonly port: number; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += String(piece)));
    request.on("end", () => {
      const one = { authorization: request.headers.authorization, body };
      asked.push(one);
      const [status, text, challenge] = answer(one);
      response.on("error", () => undefined);
      response.writeHead(status, challenge === undefined ? {} : { "WWW-Authenticate": challenge }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, asked };
}

const ask = (...ports: number[]) => {
  const digest = digestAnswer("rtsp://viewer:canary-right@192.168.1.20/main") ?? expect.unreachable();
  const token = (created: Parameters<typeof usernameToken>[1]): string =>
    usernameToken({ username: "viewer", password: "canary-right" }, created);
  return askInterfaces(clock, HERE, ports, { digest, token }, seconds(3), new AbortController().signal);
};
const told = { kind: "macs", macs: ["0c:79:55:4b:d4:20", "0c:79:55:4b:d4:21"] };
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const field = (text: string, name: string): string => new RegExp(`${name}="?([^",]+)`).exec(text)?.[1] ?? "";

function isRight(authorization: string, realm: string): boolean {
  const [nc, cnonce] = [field(authorization, "nc"), field(authorization, "cnonce")];
  const proof = md5(`${md5(`viewer:${realm}:canary-right`)}:n1:${nc}:${cnonce}:auth:${md5("POST:/onvif/device_service")}`);
  return field(authorization, "response") === proof;
}

describe("a camera's own MAC addresses", () => {
  it.each(["cam", "a realm of its web server"])("are told behind HTTP Digest, whatever its realm (%s)", async (realm) => {
    const challenge = `Digest realm="${realm}", nonce="n1", qop="auth", algorithm=MD5`;
    const nothing = await device(() => [404, ""]);
    const camera = await device(({ authorization = "" }) => (isRight(authorization, realm) ? [200, ANSWER] : [401, "", challenge]));
    expect(await ask(nothing.port, camera.port)).toEqual(told);
    expect(camera.asked).toHaveLength(2);
    expect(JSON.stringify(camera.asked)).not.toMatch(/canary|UsernameToken/);
  });

  it("are not asked for again after a 401 to our answer, not even with another realm or by a token", async () => {
    let count = 0;
    const camera = await device(() => [401, FAULT, `Digest realm="realm ${String((count += 1))}", nonce="n1", qop="auth"`]);
    expect(await ask(camera.port, camera.port)).toEqual({ kind: "refused" });
    expect(camera.asked.map(({ authorization }) => authorization !== undefined)).toEqual([false, true]);
    expect(JSON.stringify(camera.asked)).not.toMatch(/canary|UsernameToken/);
  });

  it("are not told where only Basic is asked for: nothing is sent", async () => {
    const camera = await device(() => [401, "", 'Basic realm="cam"']);
    expect(await ask(camera.port)).toEqual({ kind: "refused" });
    expect(camera.asked).toHaveLength(1);
    expect(camera.asked[0]?.authorization).toBeUndefined();
  });

  it("are told for a token that is made by the camera's clock, where it says NotAuthorized in SOAP alone", async () => {
    const theirs = new Date("2011-02-03T04:05:06Z");
    const time =
      "<tt:UTCDateTime><tt:Time><tt:Hour>4</tt:Hour><tt:Minute>5</tt:Minute><tt:Second>6</tt:Second></tt:Time>" +
      "<tt:Date><tt:Year>2011</tt:Year><tt:Month>2</tt:Month><tt:Day>3</tt:Day></tt:Date></tt:UTCDateTime>";
    const camera = await device(({ body }) => {
      if (body.includes("GetSystemDateAndTime")) return [200, time];
      const inside = (name: string): string => new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)<`).exec(body)?.[1] ?? "";
      const [created, nonce] = [inside("Created"), Buffer.from(inside("Nonce"), "base64")];
      const proof = createHash("sha1").update(nonce).update(created).update("canary-right").digest("base64");
      const fresh = Math.abs(Date.parse(created) - theirs.getTime()) < 5000;
      return fresh && inside("Username") === "viewer" && inside("Password") === proof ? [200, ANSWER] : [400, FAULT];
    });
    expect(await ask(camera.port)).toEqual(told);
    expect(camera.asked).toHaveLength(3);
    expect(JSON.stringify(camera.asked)).not.toContain("canary");
  });

  it("are asked for by one token alone where that is refused", async () => {
    const camera = await device(() => [400, FAULT]);
    expect(await ask(camera.port, camera.port)).toEqual({ kind: "refused" });
    expect(camera.asked.filter(({ body }) => body.includes("UsernameToken"))).toHaveLength(1);
  });

  it("are not read out of an answer that is too large, and of a long list four are", async () => {
    const large = await device(() => [200, `${ANSWER}${" ".repeat(70_000)}`]);
    expect(await ask(large.port)).toEqual({ kind: "no-answer" });
    const list = Array.from({ length: 99 }, (_one, index) => `<HwAddress>0c:79:55:00:00:${index}</HwAddress>`).join("");
    expect(hardwareAddresses(list)).toHaveLength(4);
    expect(hardwareAddresses("<HwAddress>01:00:5e:00:00:01</HwAddress><HwAddress>00:00:00:00:00:00</HwAddress>")).toEqual([]);
    expect(hardwareAddresses(`<HwAddress>${"0".repeat(99)}</HwAddress>`)).toEqual([]);
  });
});

it("a token keeps what is in a name out of the message's form", () => {
  const header = usernameToken({ username: "a<b>&c", password: "canary" }, instant(0), Buffer.alloc(16));
  expect(header).toContain("<Username>a&lt;b&gt;&amp;c</Username>");
  expect(header).toContain("1970-01-01T00:00:00.000Z");
});
