import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { SECOND_CERTIFICATE } from "../../fakes/fake-frigate/certificates.ts";
import { FRIGATE_VERSIONS } from "../../fakes/fake-frigate/versions.ts";
import { FakePins } from "../../fakes/fake-pins.ts";
import { listening } from "../../listening.ts";
import { clientAt, frigates, loginAs, never, VALID } from "./frigates.ts";

const start = frigates();
/** A server that is no Frigate. */
async function otherServer(answers: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer((request, response) => {
    const text = answers[request.url ?? ""];
    response.writeHead(text === undefined ? 404 : 200);
    response.end(text ?? "404 page not found");
  });
  return `http://127.0.0.1:${await listening(server)}`;
}

describe.each(FRIGATE_VERSIONS)("Frigate %s", (version) => {
  test.each(["5000", "8971"])("is understood through port %s", async (port) => {
    const frigate = await start({ version, text: VALID });
    const client = port === "5000" ? clientAt(frigate.url) : clientAt(frigate.secureUrl, { credentials: loginAs("admin") });
    expect(await client.version(never())).toMatch(new RegExp(`^${version}-`));
    expect(await client.configRaw(never())).toBe(VALID);
    expect(await client.schema(never())).toHaveProperty("properties.cameras");
    const changed = VALID.replaceAll("192.168.1.20", "192.168.1.60");
    await client.save(changed);
    expect(frigate.text).toBe(changed);
    expect(await client.configRaw(never())).toBe(changed);
    expect(JSON.stringify(await client.config(never()))).toContain("192.168.1.20");
    await client.restart(never());
    const running = JSON.stringify(await client.config(never()));
    expect(running).toContain("192.168.1.60");
    expect(running).not.toContain("canary");
    expect(frigate.calls.every(({ url }) => url.startsWith("/api/"))).toBe(true);
  });

  test("says which line is wrong, and keeps the document", async () => {
    const frigate = await start({ version, text: VALID });
    const saving = clientAt(frigate.url).save(`${VALID}nonsense: 1\n`);
    await expect(saving).rejects.toMatchObject({
      reason: "FrigateRefused",
      status: 400,
      message: expect.stringMatching(/Line \d+: nonsense/) as string,
    });
    expect(frigate.text).toBe(VALID);
  });
});

describe("the login", () => {
  test("is made where it is asked for, once for all calls, and anew when the session has ended", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    const client = clientAt(frigate.secureUrl, { credentials: loginAs("admin") });
    await Promise.all([client.version(never()), client.stats(never()), client.config(never())]);
    const logins = () => frigate.calls.filter(({ url }) => url === "/api/login").length;
    expect(logins()).toBe(1);
    await client.stats(never());
    expect(logins()).toBe(1);
    frigate.endSessions();
    await client.stats(never());
    expect(logins()).toBe(2);
  });

  test("that two calls wait for is not lost when one of them is given up", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    const client = clientAt(frigate.secureUrl, { credentials: loginAs("admin") });
    const stop = new AbortController();
    frigate.onCall = (url) => {
      if (url === "/api/login") stop.abort(new Error("given up"));
    };
    const calls = await Promise.allSettled([client.stats(stop.signal), client.version(never())]);
    expect(calls.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(calls[0]).toMatchObject({ reason: { message: "given up" } });
  });

  test("that Frigate puts off because of too many is not insisted on", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    frigate.tooManyLogins = true;
    const client = clientAt(frigate.secureUrl, { credentials: loginAs("admin") });
    const refused = { reason: "FrigateRefusesLogin", message: expect.stringContaining("too many logins lately") as string };
    await expect(client.version(never())).rejects.toMatchObject(refused);
    await expect(client.version(never())).rejects.toMatchObject({ reason: "FrigateRefusesLogin" });
    expect(frigate.calls.filter(({ url }) => url === "/api/login")).toHaveLength(1);
  });

  test("that is refused is not repeated", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    const client = clientAt(frigate.secureUrl, { credentials: loginAs("admin", "wrong") });
    for (let count = 0; count < 3; count += 1) {
      await expect(client.version(never())).rejects.toMatchObject({
        reason: "FrigateRefusesLogin",
        message: expect.stringContaining("correct username and password under frigate") as string,
      });
    }
    expect(frigate.calls.filter(({ url }) => url === "/api/login")).toHaveLength(1);
  });

  test("is missed by name", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    await expect(clientAt(frigate.secureUrl).version(never())).rejects.toMatchObject({
      reason: "FrigateRefusesLogin",
      message: expect.stringContaining("set username and password under frigate") as string,
    });
  });
});

describe("a viewer", () => {
  test.each(["0.16.4", "0.17.2", "0.18.0"] as const)("may not write to %s, and it is said what to do", async (version) => {
    const frigate = await start({ version, text: VALID });
    const client = clientAt(frigate.secureUrl, { credentials: loginAs("viewer") });
    await expect(client.save(`${VALID}# mine\n`)).rejects.toMatchObject({
      reason: "FrigateForbids",
      message: expect.stringContaining("give the user the role admin") as string,
    });
    expect(frigate.text).toBe(VALID);
  });

  test("is what anybody is where 8971 has its login switched off", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    frigate.authEnabled = false;
    await expect(clientAt(frigate.secureUrl).configRaw(never())).rejects.toMatchObject({ reason: "FrigateForbids" });
  });
});

describe("a certificate", () => {
  test("is kept at first use; another one is refused before anything is sent", async () => {
    const frigate = await start({ version: "0.16.4", text: VALID });
    const pins = new FakePins();
    const settings = { credentials: loginAs("admin"), pins };
    await clientAt(frigate.secureUrl, settings).version(never());
    expect([...pins.kept]).toEqual([[frigate.secureUrl, expect.stringMatching(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)]]);
    await frigate.renewCertificate(SECOND_CERTIFICATE);
    frigate.calls.length = 0;
    const client = clientAt(frigate.secureUrl, settings);
    await expect(client.version(never())).rejects.toMatchObject({
      reason: "FrigateCertificateChanged",
      message: expect.stringContaining("set certificate under frigate to that value") as string,
    });
    await expect(client.save("a: 1\n")).rejects.toMatchObject({ reason: "FrigateCertificateChanged" });
    expect(frigate.calls).toEqual([]);
  });

  test("that a person names counts, whatever was kept", async () => {
    const frigate = await start({ version: "0.16.4", text: VALID });
    const pins = new FakePins();
    await clientAt(frigate.secureUrl, { credentials: loginAs("admin"), pins }).version(never());
    const [named = ""] = pins.kept.values();
    pins.kept.set(frigate.secureUrl, "AA:BB");
    const settings = { credentials: loginAs("admin"), pins };
    await expect(clientAt(frigate.secureUrl, settings).version(never())).rejects.toMatchObject({ reason: "FrigateCertificateChanged" });
    const certificate = named.replaceAll(":", "").toLowerCase();
    expect(await clientAt(frigate.secureUrl, { ...settings, certificate }).version(never())).toContain("0.16.4");
    const other = clientAt(frigate.secureUrl, { ...settings, certificate: "AA:BB" }).version(never());
    await expect(other).rejects.toMatchObject({
      reason: "FrigateCertificateChanged",
      message: expect.stringContaining(`(SHA-256 ${named}) than the one of certificate under frigate, so nothing was sent`) as string,
    });
    await expect(other).rejects.toThrow("a folder mounted at /etc/letsencrypt/live/frigate keeps the certificate over updates");
  });
});

describe("a wrong address", () => {
  const cases = [
    ["go2rtc", { "/api/": '{"version":"1.9.14","rtsp":{"listen":":8554"}}' }, "is go2rtc, not Frigate"],
    ["some other server", { "/api/version": "hello" }, "is not Frigate"],
  ] as const;
  test.each(cases)("of %s is said", async (_name, answers, words) => {
    const url = await otherServer(answers);
    await expect(clientAt(url).version(never())).rejects.toMatchObject({
      reason: "NotFrigate",
      message: expect.stringContaining(words) as string,
    });
  });

  test("where nobody listens is said", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    const url = frigate.url;
    await frigate.stop();
    await expect(clientAt(url).version(never())).rejects.toMatchObject({
      reason: "FrigateUnreachable",
      message: expect.stringContaining("ECONNREFUSED") as string,
    });
  });

  test("with http on the TLS port, or https on the other, names the remedy", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    await expect(clientAt(frigate.secureUrl.replace("https", "http")).version(never())).rejects.toMatchObject({
      reason: "NotFrigate",
      message: expect.stringContaining("write https://") as string,
    });
    await expect(clientAt(frigate.url.replace("http", "https")).version(never())).rejects.toMatchObject({
      message: expect.stringContaining("write http://") as string,
    });
  });
});

test("what is pending ends with the signal, and a save that was begun does not", async () => {
  const frigate = await start({ version: "0.17.2", text: VALID });
  await expect(clientAt(frigate.url).version(AbortSignal.abort(new Error("shutting down")))).rejects.toThrow("shutting down");
  expect(frigate.calls).toEqual([]);
});

test("a stream of its go2rtc is given one source", async () => {
  const frigate = await start({ version: "0.17.2", text: VALID });
  const client = clientAt(frigate.url);
  await client.putStream("front door", "rtsp://viewer:canary-front@192.168.1.60:554/main", never());
  expect(frigate.streams.get("front door")).toEqual(["rtsp://viewer:canary-front@192.168.1.60:554/main"]);
  expect(Object.keys(await client.streams(never()))).toEqual(["front door"]);
  const refused = client.putStream("front", "exec:rtsp://viewer:canary-front@192.168.1.60", never());
  await expect(refused).rejects.toMatchObject({ reason: "FrigateRefused", message: expect.not.stringContaining("canary") as string });
});

test("0.18 changes a running camera, in memory alone", async () => {
  const frigate = await start({ version: "0.18.0", text: VALID });
  const client = clientAt(frigate.url);
  const inputs = [{ path: "rtsp://viewer:canary-front@192.168.1.60:554/main", roles: ["detect"] }];
  await client.set({ camera: "front", section: "ffmpeg", value: { inputs } }, never());
  expect(frigate.running.cameras["front"]?.ffmpeg.inputs).toEqual(inputs);
  expect(frigate.text).toBe(VALID);
});
