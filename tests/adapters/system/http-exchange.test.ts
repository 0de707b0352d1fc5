import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createTcp, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { exchange, type HttpExchange, whyUnanswered } from "../../../src/adapters/system/http-exchange.ts";
import { seconds } from "../../../src/domain/duration.ts";
import { codeOf } from "../../../src/domain/thrown.ts";
import { SECOND_CERTIFICATE } from "../../fakes/fake-frigate/certificates.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { listening } from "../../listening.ts";
import { LOOPBACK } from "./loopback-certificate.ts";

const NEVER = new AbortController().signal;
const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n";

/** A server that says what it likes once somebody has spoken to it. */
async function rawServer(say: (socket: Socket) => void): Promise<{ readonly url: URL; readonly closed: Promise<void> }> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const server = createTcp((socket) => {
    socket.once("data", () => say(socket));
    socket.once("close", () => resolve());
  });
  return { url: new URL(`http://127.0.0.1:${await listening(server)}/`), closed };
}

async function httpServer(listener: RequestListener, host?: string): Promise<URL> {
  const port = await listening(createHttp(listener), host);
  return new URL(`http://${host === undefined ? "127.0.0.1" : `[${host}]`}:${port}/`);
}

async function tlsServer(certificate = LOOPBACK): Promise<{ readonly url: URL; readonly heard: string[]; readonly closed: Promise<void> }> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const heard: string[] = [];
  const server = createHttps({ ...certificate, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const socket = request.socket as Socket & { getPeerCertificate(): { readonly subject?: { readonly CN?: string } } };
    heard.push(socket.getPeerCertificate().subject?.CN ?? "nobody");
    response.end("secret");
  });
  server.on("tlsClientError", () => undefined);
  server.on("connection", (socket: Socket) => socket.once("close", () => resolve()));
  return { url: new URL(`https://127.0.0.1:${await listening(server)}/`), heard, closed };
}

function call(url: URL, more: Partial<HttpExchange> = {}): HttpExchange {
  return { url, method: "GET", headers: {}, mostBytes: 1000, ...more };
}

describe("an exchange", () => {
  it("sends what it is given and hands back status, headers and bytes", async () => {
    const url = await httpServer((request, response) => {
      const sent: Buffer[] = [];
      request.on("data", (piece: Buffer) => sent.push(piece));
      request.on("end", () => {
        response.writeHead(422, { "set-cookie": ["a=1", "b=2"] });
        const { "x-key": key, "content-length": length } = request.headers;
        response.end([request.method, key, length, Buffer.concat(sent).toString()].join(" "));
      });
    });
    const answer = await exchange(call(url, { method: "PUT", headers: { "x-key": "k" }, body: "größer" }), NEVER);
    expect([answer.status, answer.body?.toString(), answer.headers["set-cookie"]]).toEqual([422, "PUT k 8 größer", ["a=1", "b=2"]]);
  });

  it.each([
    ["GET", undefined, undefined],
    ["GET", "x", "1"],
    ["PUT", undefined, "0"],
    ["POST", undefined, "0"],
    ["PATCH", "xy", "2"],
  ])("frames a %s of the body %s by the length %s, never in chunks", async (method, body, length) => {
    const url = await httpServer((request, response) =>
      response.end(JSON.stringify([request.headers["content-length"], request.headers["transfer-encoding"]])),
    );
    const answer = await exchange(call(url, { method, ...(body === undefined ? {} : { body }) }), NEVER);
    expect(JSON.parse(answer.body?.toString() ?? "")).toEqual([length ?? null, null]);
  });

  it("opens a connection for each call, also where the server would keep it", async () => {
    const ports: (number | undefined)[] = [];
    const url = await httpServer((request, response) => {
      ports.push(request.socket.remotePort);
      response.setHeader("connection", "keep-alive").end();
    });
    await exchange(call(url), NEVER);
    await exchange(call(url), NEVER);
    expect(new Set(ports).size).toBe(2);
  });

  it("follows no redirect", async () => {
    let calls = 0;
    const url = await httpServer((_request, response) => {
      calls += 1;
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    const { status, headers } = await exchange(call(url, { headers: { authorization: "Bearer t" } }), NEVER);
    expect([status, headers["location"], calls]).toEqual([307, ["/elsewhere"], 1]);
  });

  it("speaks to an IPv6 address", async () => {
    const url = await httpServer((request, response) => response.end(request.headers.host), "::1");
    expect((await exchange(call(url), NEVER)).body?.toString()).toBe(url.host);
  });
});

describe("the limit of an answer", () => {
  it("takes as many bytes as it says", async () => {
    const { url } = await rawServer((socket) => socket.end(`${HEAD}content-length: 1000\r\n\r\n${"x".repeat(1000)}`));
    expect((await exchange(call(url), NEVER)).body?.length).toBe(1000);
  });

  it("hangs up on a body that never ends, and tells the status", async () => {
    const { url, closed } = await rawServer((socket) => {
      socket.write(`${HEAD}\r\n`);
      const more = (): void => {
        if (socket.writable) socket.write("x".repeat(400), () => setImmediate(more));
      };
      more();
    });
    const { status, body } = await exchange(call(url), NEVER);
    expect([status, body]).toEqual([200, undefined]);
    await closed;
  });

  it("of 0 hangs up as soon as the status is known", async () => {
    const { url, closed } = await rawServer((socket) => void socket.write(`${HEAD}content-length: 5\r\n\r\n`));
    expect(await exchange(call(url, { mostBytes: 0 }), NEVER)).toMatchObject({ status: 200, body: undefined });
    await closed;
  });

  it("holds for the head, too", async () => {
    const { url } = await rawServer((socket) => void socket.write(`${HEAD}x: ${"x".repeat(20_000)}\r\n\r\n`));
    expect(codeOf(await failureOf(exchange(call(url), NEVER)))).toBe("HPE_HEADER_OVERFLOW");
  });
});

describe("an exchange that is broken off", () => {
  it.each([
    ["before the head", ""],
    ["within the head", "HTTP/1.1 200"],
    ["within the body", `${HEAD}content-length: 10\r\n\r\nhalf`],
    ["within a chunk", `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nha`],
  ])("fails where it is reset %s", async (_when, said) => {
    const { url } = await rawServer((socket) => socket.write(said, () => setTimeout(() => socket.resetAndDestroy(), 20)));
    const failure = await failureOf(exchange(call(url), NEVER));
    expect(codeOf(failure)).toBe("ECONNRESET");
    expect(whyUnanswered(failure, NEVER, seconds(10))).toBe("cannot be reached (ECONNRESET)");
  });

  it("fails where the server ends within the body", async () => {
    const { url } = await rawServer((socket) => void socket.end(`${HEAD}content-length: 10\r\n\r\nhalf`));
    expect(codeOf(await failureOf(exchange(call(url), NEVER)))).toBe("ECONNRESET");
  });

  it("fails where the server wants to speak another protocol from then on", async () => {
    const { url, closed } = await rawServer(
      (socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n"),
    );
    expect(codeOf(await failureOf(exchange(call(url), NEVER)))).toBe("ECONNRESET");
    await closed;
  });

  it("gives the answer of a server that refuses a large body before it is sent", async () => {
    const { url } = await rawServer((socket) => socket.end("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno"));
    const { status, body } = await exchange(call(url, { method: "POST", body: "x".repeat(100_000) }), NEVER);
    expect([status, body?.toString()]).toEqual([413, "no"]);
  });

  it("tells the code where nobody listens", async () => {
    const server = createTcp();
    const port = await listening(server);
    server.close();
    const failure = await failureOf(exchange(call(new URL(`http://127.0.0.1:${port}/?key=secret`)), NEVER));
    expect(whyUnanswered(failure, NEVER, seconds(10))).toBe("cannot be reached (ECONNREFUSED)");
  });
});

describe("an aborted exchange", () => {
  const over = new Error("over");

  it("asks nobody where it is over before", async () => {
    let calls = 0;
    const url = await httpServer((_request, response) => {
      calls += 1;
      response.end();
    });
    for (const how of [{}, { tls: {} }, { onCertificate: () => undefined }])
      expect(await failureOf(exchange(call(url, how), AbortSignal.abort(over)))).toBe(over);
    expect(calls).toBe(0);
  });

  it.each([
    ["before the head", ""],
    ["within the head", "HTTP/1.1 200 OK\r\nx-slow: "],
    ["before the body", `${HEAD}content-length: 10\r\n\r\n`],
    ["within the body", `${HEAD}content-length: 10\r\n\r\nhalf`],
  ])("throws the reason and hangs up %s", async (_when, said) => {
    const abort = new AbortController();
    const { url, closed } = await rawServer((socket) => {
      if (said !== "") socket.write(said);
      setTimeout(() => abort.abort(over), 20);
    });
    expect(await failureOf(exchange(call(url), abort.signal))).toBe(over);
    expect(whyUnanswered(over, abort.signal, seconds(10))).toBe("did not answer within 10 s");
    await closed;
  });

  it.each([
    ["with its own list of authorities", {}] as const,
    ["with a judge of certificates", { onCertificate: () => undefined }] as const,
  ])("throws the reason and hangs up within the handshake, %s", async (_how, how) => {
    const abort = new AbortController();
    const { url, closed } = await rawServer(() => setTimeout(() => abort.abort(over), 20));
    const secure = new URL(`https://${url.host}/`);
    expect(await failureOf(exchange(call(secure, how), abort.signal))).toBe(over);
    await closed;
  });
});

describe("an exchange over TLS", () => {
  it("trusts the authority that it is given, and shows who it is", async () => {
    const { url, heard } = await tlsServer();
    const answer = await exchange(call(url, { tls: { ca: LOOPBACK.cert, ...LOOPBACK } }), NEVER);
    expect([answer.body?.toString(), heard]).toEqual(["secret", ["loopback"]]);
  });

  it.each([
    ["of nobody it knows", LOOPBACK, {}, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["of another authority", LOOPBACK, { tls: { ca: SECOND_CERTIFICATE.cert } }, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["for another host", SECOND_CERTIFICATE, { tls: { ca: SECOND_CERTIFICATE.cert } }, "ERR_TLS_CERT_ALTNAME_INVALID"],
  ])("says nothing where the certificate is %s", async (_whose, certificate, how, code) => {
    const { url, heard } = await tlsServer(certificate);
    expect(codeOf(await failureOf(exchange(call(url, how), NEVER)))).toBe(code);
    expect(heard).toEqual([]);
  });

  it("shows the certificate to its judge before anything is sent", async () => {
    const { url, heard } = await tlsServer();
    const shown: unknown[] = [];
    const answer = await exchange(call(url, { onCertificate: (certificate) => shown.push(certificate) }), NEVER);
    expect(answer.body?.toString()).toBe("secret");
    expect(shown).toEqual([{ fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/), trusted: false }]);
    const refused = new Error("another one than before");
    const judge = (): never => {
      throw refused;
    };
    expect(await failureOf(exchange(call(url, { onCertificate: judge }), NEVER))).toBe(refused);
    expect(heard).toEqual(["nobody"]);
  });

  it("hangs up where the request cannot be made", async () => {
    const { url, closed } = await tlsServer();
    const refused = exchange(call(url, { headers: { authorization: "a\nb" }, onCertificate: () => undefined }), NEVER);
    expect(codeOf(await failureOf(refused))).toBe("ERR_INVALID_CHAR");
    await closed;
  });

  it("never speaks in the clear where it was told whom to trust", async () => {
    let calls = 0;
    const url = await httpServer((_request, response) => {
      calls += 1;
      response.end();
    });
    expect(codeOf(await failureOf(exchange(call(url, { tls: {} }), NEVER)))).toBe("ERR_INVALID_PROTOCOL");
    expect(calls).toBe(0);
  });

  it("tells what a server that speaks no TLS did", async () => {
    const { url } = await rawServer((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const secure = new URL(`https://${url.host}/`);
    for (const how of [{}, { onCertificate: () => undefined }])
      expect(codeOf(await failureOf(exchange(call(secure, how), NEVER)))).toMatch(/^(?:EPROTO|ERR_SSL_\w+)$/);
  });
});
