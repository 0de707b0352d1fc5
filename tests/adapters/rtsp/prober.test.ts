import { createServer, type Server } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { encodeMessage, headerValues, MessageReader, type RtspHeaders, type RtspRequest } from "../../../src/adapters/rtsp/message.ts";
import { RtspDescribeProber } from "../../../src/adapters/rtsp/prober.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress } from "../../../src/domain/addresses.ts";
import { milliseconds, seconds } from "../../../src/domain/duration.ts";

const prober = new RtspDescribeProber(createSystemClock());
const host = "127.0.0.1" as IpAddress;
const signal = new AbortController().signal;
const short = milliseconds(300);
const digest = 'Digest realm="AXIS_0080F0000001", nonce="abc", qop="auth"';

describe("greeting", () => {
  it("reads the schemes and the realm of the challenge, and sends no credential", async () => {
    const { port, requests } = await serve(() => ({
      status: 401,
      headers: [
        ["WWW-Authenticate", 'Basic realm="other"'],
        ["WWW-Authenticate", digest],
      ],
    }));
    expect(await prober.greeting(host, port, "/live?a=b", seconds(2), signal)).toEqual({
      kind: "challenge",
      schemes: ["basic", "digest"],
      realm: "AXIS_0080F0000001",
    });
    expect(requests.map(({ method, uri }) => `${method} ${uri}`)).toEqual([`DESCRIBE rtsp://127.0.0.1:${String(port)}/live?a=b`]);
    expect(offers(requests)).toEqual([]);
  });

  it.each([
    [{ status: 200 }, { kind: "open" }],
    [{ status: 404 }, { kind: "refused", status: 404 }],
    [{ status: 401 }, { kind: "refused", status: 401 }],
  ])("reads %j as %j", async (answer, reading) => {
    const { port } = await serve(() => answer);
    expect(await prober.greeting(host, port, "/", seconds(2), signal)).toEqual(reading);
  });

  it("tells a server of another protocol by its banner", async () => {
    const port = await listen(createServer((socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n")));
    expect(await prober.greeting(host, port, "/", seconds(2), signal)).toEqual({ kind: "not-rtsp" });
  });

  it("calls silence, a hang-up and a closed port no answer", async () => {
    const silent = await listen(createServer(() => undefined));
    const hangsUp = await listen(createServer((socket) => socket.destroy()));
    for (const port of [silent, hangsUp, 1]) expect(await prober.greeting(host, port, "/", short, signal)).toEqual({ kind: "no-answer" });
  });

  it("gives the reason of the caller's abort", async () => {
    const port = await listen(createServer(() => undefined));
    const controller = new AbortController();
    const reason = new Error("enough");
    const greeting = prober.greeting(host, port, "/", seconds(5), controller.signal);
    controller.abort(reason);
    await expect(greeting).rejects.toBe(reason);
  });
});

describe("login", () => {
  const url = (port: number, user = "viewer:canary-p%40ss%3A%2F%23%25%24@"): string =>
    `rtsp://${user}127.0.0.1:${String(port)}/live#backchannel=0`;

  it("asks first without a credential, then tries Digest once and closes", async () => {
    const { port, requests, closed } = await serve((request) => (offers([request]).length === 0 ? challenge(digest) : { status: 200 }));
    expect(await prober.login(url(port), false, seconds(2), signal)).toBe("accepted");
    expect(requests).toHaveLength(2);
    expect(offers(requests.slice(0, 1))).toEqual([]);
    expect(offers(requests)[0]).toMatch(
      /^Digest username="viewer", realm="AXIS_0080F0000001", nonce="abc", uri="rtsp:\/\/127\.0\.0\.1:\d+\/live"/,
    );
    expect(offers(requests)[0]).not.toContain("canary");
    await expect.poll(() => closed()).toBe(1);
  });

  it.each([
    [401, "unauthorized"],
    [403, "unauthorized"],
    [404, "not-found"],
    [453, "no-answer"],
  ])("reads %i after the login as %s, and does not try again", async (status, reading) => {
    const { port, requests } = await serve((request) =>
      offers([request]).length === 0 ? challenge(digest) : { ...challenge(digest), status },
    );
    expect(await prober.login(url(port), true, seconds(2), signal)).toBe(reading);
    expect(offers(requests)).toHaveLength(1);
  });

  it("sends nothing where only Basic is offered and it is not allowed", async () => {
    const { port, requests } = await serve(() => challenge('Basic realm="a"'));
    expect(await prober.login(url(port), false, seconds(2), signal)).toBe("basic-only");
    expect(offers(requests)).toEqual([]);
  });

  it("answers Basic where a person allowed it", async () => {
    const { port, requests } = await serve((request) => (offers([request]).length === 0 ? challenge('Basic realm="a"') : { status: 200 }));
    expect(await prober.login(url(port), true, seconds(2), signal)).toBe("accepted");
    expect(offers(requests)).toEqual([`Basic ${Buffer.from("viewer:canary-p@ss:/#%$").toString("base64")}`]);
  });

  it("prefers Digest where both are offered and both are allowed", async () => {
    const { port, requests } = await serve((request) =>
      offers([request]).length === 0 ? challenge(`Basic realm="a", ${digest}`) : { status: 200 },
    );
    await prober.login(url(port), true, seconds(2), signal);
    expect(offers(requests)[0]).toMatch(/^Digest /);
  });

  it("sends no credential to a server that asks for none, or for something unknown", async () => {
    const open = await serve(() => ({ status: 200 }));
    expect(await prober.login(url(open.port), true, seconds(2), signal)).toBe("accepted");
    const odd = await serve(() => challenge('Bearer realm="a"'));
    expect(await prober.login(url(odd.port), true, seconds(2), signal)).toBe("unauthorized");
    expect([...offers(open.requests), ...offers(odd.requests)]).toEqual([]);
  });

  it("has nothing to try without credentials in the URL", async () => {
    const { port, requests } = await serve(() => challenge(digest));
    expect(await prober.login(url(port, ""), true, seconds(2), signal)).toBe("unauthorized");
    expect(requests).toHaveLength(1);
  });
});

interface Answer {
  readonly status: number;
  readonly headers?: RtspHeaders;
}

function challenge(value: string): Answer {
  return { status: 401, headers: [["WWW-Authenticate", value]] };
}

function offers(requests: readonly RtspRequest[]): readonly string[] {
  return requests.flatMap(({ headers }) => headerValues(headers, "authorization"));
}

async function serve(
  answer: (request: RtspRequest) => Answer,
): Promise<{ readonly port: number; readonly requests: RtspRequest[]; readonly closed: () => number }> {
  const requests: RtspRequest[] = [];
  let closed = 0;
  const server = createServer((socket) => {
    const reader = new MessageReader();
    socket.on("error", () => undefined);
    socket.on("close", () => closed++);
    socket.on("data", (chunk) => {
      for (const item of reader.push(chunk)) {
        if (item.kind !== "request") continue;
        requests.push(item);
        const { status, headers = [] } = answer(item);
        const [sequence = ""] = headerValues(item.headers, "cseq");
        socket.write(encodeMessage({ kind: "response", status, reason: "-", headers: [["CSeq", sequence], ...headers], body: "" }));
      }
    });
  });
  return { port: await listen(server), requests, closed: () => closed };
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<{ destroy(): unknown }>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, host, resolve);
  await promise;
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
