import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { seconds } from "../../src/domain/duration.ts";
import { Admission } from "../../src/http/admission.ts";
import { FakeHome } from "../reconcilers/fake-home.ts";
import { ask, BEARER, expectProblem, post, type Served, serveHome, TOKEN } from "./serving-kit.ts";

let home: FakeHome;
let served: Served;

beforeAll(async () => {
  home = new FakeHome();
  await home.start();
  served = await serveHome(home);
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await home.stop();
});

/** Bytes as they are, for what no ordinary client sends. */
async function raw(base: string, text: string): Promise<string> {
  const { port } = new URL(base);
  const socket = connect(Number(port), "127.0.0.1");
  socket.end(text);
  let answer = "";
  for await (const chunk of socket.setEncoding("utf8")) answer += String(chunk);
  return answer;
}

const get = (host: string, more = ""): string => `GET /api/status HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`;

describe("who may ask", () => {
  it("has the token, in the one way that there is", async () => {
    expect((await ask(`${served.api}/api/status`)).status).toBe(200);
    const missing = await ask(`${served.api}/api/status`, { headers: {} });
    expectProblem(missing, 401, "TokenMissing");
    expect(missing.headers.get("www-authenticate")).toBe("Bearer");
    expectProblem(await ask(`${served.api}/api/status?token=${TOKEN}`, { headers: {} }), 401, "TokenMissing");
    expectProblem(await ask(`${served.api}/api/status`, { headers: { "x-api-key": TOKEN } }), 401, "TokenMissing");
    expectProblem(await ask(`${served.api}/api/status`, { headers: { authorization: `Bearer ${TOKEN}x` } }), 401, "TokenWrong");
    expectProblem(await ask(`${served.api}/api/status`, { headers: { authorization: `Basic ${TOKEN}` } }), 401, "TokenWrong");
    expectProblem(await ask(`${served.api}/metrics`, { headers: {} }), 401, "TokenMissing");
    for (const path of ["/health", "/ready"]) expect((await ask(served.api + path, { headers: {} })).status).toBe(200);
    for (const path of ["/health", "/ready", "/metrics"]) expect((await ask(served.metrics + path, { headers: {} })).status).toBe(200);
    expectProblem(await ask(`${served.metrics}/api/status`), 404, "NotFound");
  });

  it("does not guess: ten wrong tokens, then not even the right one is looked at for a while", () => {
    let now = 0;
    const admission = new Admission({
      clock: { monotonic: () => seconds(now) },
      token: { reveal: () => TOKEN },
      host: "127.0.0.1",
      guardsHost: true,
    });
    const asking = (authorization: string, remote = "192.168.1.9") => {
      const none = { origin: undefined, site: undefined };
      const one = { method: "GET", remote, host: "x", authorization, isProtected: true, isLimited: false, ...none };
      return admission.refusal(one)?.details.reason;
    };
    expect(Array.from({ length: 11 }, () => asking("Bearer guess"))).toEqual([
      ...Array.from({ length: 10 }, () => "TokenWrong"),
      "TooManyRequests",
    ]);
    expect(asking(BEARER.authorization)).toBe("TooManyRequests");
    expect(asking(BEARER.authorization, "192.168.1.10")).toBeUndefined();
    now = 7;
    expect(asking(BEARER.authorization)).toBeUndefined();
  });

  it("comes by a name of this machine, where there is no token", async () => {
    await using open = await serveHome(home, { token: undefined as never });
    const { host, port } = new URL(open.api);
    for (const name of [host, `localhost:${port}`, "LocalHost", "[::1]:80"])
      expect(await raw(open.api, get(name))).toMatch(/^HTTP\/1.1 200/);
    for (const name of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "localhost.evil", ""])
      expect(await raw(open.api, get(name))).toContain('"reason":"HostRefused"');
    expect(await raw(served.api, get("evil.example", `Authorization: Bearer ${TOKEN}\r\n`))).toMatch(/^HTTP\/1.1 200/);
    expect(await raw(served.api, `GET /ready HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`)).toContain("HostRefused");
  });

  it("is no page of another site, where there is no token", async () => {
    await using open = await serveHome(home, { token: undefined as never });
    const url = `${open.api}/api/resync`;
    expectProblem(await post(url, {}, { origin: "http://evil.example" }), 403, "OriginRefused");
    expectProblem(await post(url, {}, { origin: "null" }), 403, "OriginRefused");
    expect((await post(url, {}, { origin: open.api })).status).toBe(202);
    const foreign = `POST /api/resync HTTP/1.1\r\nHost: ${new URL(url).host}\r\nSec-Fetch-Site: cross-site\r\nConnection: close\r\n\r\n`;
    expect(await raw(open.api, foreign)).toContain("OriginRefused");
    const preflight = await ask(url, { method: "OPTIONS", headers: { origin: "http://evil.example" } });
    expectProblem(preflight, 405, "MethodNotAllowed");
    expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("asks thirty times at once, and then every two seconds", async () => {
    await using other = await serveHome(home);
    const asked = await Promise.all(Array.from({ length: 40 }, () => post(`${other.api}/api/resync`, {})));
    const refused = asked.filter(({ status }) => status === 429);
    expect(asked.filter(({ status }) => status === 202).length).toBeGreaterThanOrEqual(30);
    expect(refused.length).toBeGreaterThanOrEqual(8);
    for (const one of refused) {
      expectProblem(one, 429, "TooManyRequests");
      expect(Number(one.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect((await ask(`${other.api}/api/status`)).status).toBe(200);
  });
});

describe("what is asked", () => {
  it("has a path and a method of ours", async () => {
    expectProblem(await ask(`${served.api}/api/nothing`), 404, "NotFound");
    expectProblem(await ask(`${served.api}/api/status/`), 404, "NotFound");
    const wrong = await ask(`${served.api}/api/resync`);
    expectProblem(wrong, 405, "MethodNotAllowed");
    expect(wrong.headers.get("allow")).toBe("POST");
    expect((await post(`${served.api}/api/status`)).headers.get("allow")).toBe("GET, HEAD");
    expectProblem(await ask(`${served.api}/api/cameras/%zz`), 400, "BadRequest");
    expect((await ask(`${served.api}/api/status`, { method: "HEAD" })).status).toBe(200);
  });

  it("has a body that is JSON, of bounded size, and as documented; else the place is named", async () => {
    const url = `${served.api}/api/resync`;
    const bad = await post(url, '{\n  "camera": front-canary\n}');
    expectProblem(bad, 400, "BadJson");
    expect(bad.json["detail"]).toMatch(/^line 2, column \d+$/);
    expect((await post(url, '{"camera": "front"')).json["detail"]).toBe("line 1, column 19");
    expectProblem(await post(url, `{"camera": "${"x".repeat(70_000)}"}`), 413, "BodyTooLarge");
    expectProblem(await ask(url, { method: "POST", headers: { ...BEARER, "content-type": "text/plain" }, body: "{}" }), 415, "NotJson");
    expectProblem(await post(url, "{}", { ...BEARER, "content-encoding": "gzip" }), 415, "NotJson");
    const unknown = await post(url, { camera: 5, kamera: "front" });
    expectProblem(unknown, 400, "BadRequest");
    expect(unknown.json["errors"]).toMatchObject([{ path: "body.camera" }, { path: "body", message: 'unknown key "kamera"' }]);
    for (const body of [[], null, 1, { __proto__: null, constructor: 1 }]) expectProblem(await post(url, body), 400, "BadRequest");
  });

  it("gets headers that keep browsers out, whatever comes of it", async () => {
    for (const path of ["/health", "/api/nothing", "/api/status"]) {
      const { headers } = await ask(served.api + path);
      expect(Object.fromEntries(headers)).toMatchObject({
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      });
      expect(headers.get("x-powered-by")).toBeNull();
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("never fails the program: any text is answered with 202 or a problem of the asker's", async () => {
    await using other = await serveHome(home, { clock: quick() });
    const texts = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.json({ maxDepth: 4 }),
      fc.json().map((text) => text.slice(0, -1)),
    );
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom("resync", "sightings", "approve", "undo"), async (text, verb) => {
        const answer = await post(`${other.api}/api/${verb}`, text);
        expect([202, 400, 404, 409, 415]).toContain(answer.status);
        if (answer.status !== 202) expectProblem(answer, answer.status, String(answer.json["reason"]));
      }),
      { numRuns: 150 },
    );
    expect(other.log.messages("error")).toEqual([]);
  });
});

/** Time of day that flies for the rate limits, so that they do not stand in the way. */
function quick(): ReturnType<typeof createSystemClock> {
  const clock = createSystemClock();
  let calls = 0;
  return { ...clock, monotonic: () => seconds((calls += 10)) };
}
