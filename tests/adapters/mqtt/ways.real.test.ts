import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { MqttPublisher } from "../../../src/adapters/mqtt/mqtt-publisher.ts";
import type { BrokerAddress } from "../../../src/ports/publisher.ts";
import { freePort } from "../../free-port.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { startMosquitto } from "../../world/mosquitto.ts";

const never = new AbortController().signal;

/** An authority of one's own, and a certificate of its for `localhost` and 127.0.0.1. */
async function certificates(folder: string): Promise<{ readonly ca: string; readonly cert: string; readonly key: string }> {
  const [ca, caKey, cert, key, request] = ["ca.pem", "ca.key", "cert.pem", "cert.key", "request.pem"].map((name) => join(folder, name));
  const run = (...args: readonly (string | undefined)[]) => execa("openssl", args.map(String), { timeout: 20_000 });
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run("req", "-x509", ...curve, "-days", "2", "-subj", "/CN=own authority", "-keyout", caKey, "-out", ca);
  const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  await run("req", ...curve, "-subj", "/CN=broker", ...names, "-keyout", key, "-out", request);
  await run("x509", "-req", "-in", request, "-CA", ca, "-CAkey", caKey, "-days", "2", "-copy_extensions", "copy", "-out", cert);
  return { ca: String(ca), cert: String(cert), key: String(key) };
}

test("TLS with an authority of one's own, and WebSockets; an unknown authority and a plain port are refused", async () => {
  const folder = temporaryFolder();
  const { ca, cert, key } = await certificates(folder);
  const [plain, tls, web, webTls] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const secure = [`certfile ${cert}`, `keyfile ${key}`];
  const listener = (port: number, ...more: readonly string[]): readonly string[] => [`listener ${String(port)} 127.0.0.1`, ...more];
  const listeners = [
    ...listener(tls, ...secure),
    ...listener(web, "protocol websockets"),
    ...listener(webTls, "protocol websockets", ...secure),
  ];
  const mosquitto = await startMosquitto({ folder, port: plain, users: { us: "canary" }, more: ["persistence false", ...listeners] });
  onTestFinished(() => mosquitto.stop());
  const authorities = await readFile(ca, "utf8");
  const attempt = async (url: string, more: Partial<BrokerAddress> = {}): Promise<unknown> => {
    const address = { url, username: "us", password: { reveal: () => "canary" }, ...more };
    const publisher = new MqttPublisher({ address: () => Promise.resolve(address), clientId: "test" });
    const heard = Promise.withResolvers<string>();
    const wish = {
      will: { topic: "status", payload: "", retain: false },
      subscriptions: ["here"],
      onMessage: ({ payload }: { readonly payload: Uint8Array }) => heard.resolve(Buffer.from(payload).toString()),
      onTooLong: () => undefined,
    };
    try {
      const session = await publisher.open(wish, never);
      // An empty message clears a kept one, and must not break a WebSocket.
      await session.publish({ topic: "there", payload: "", retain: true }, never);
      await session.publish({ topic: "here", payload: url, retain: false }, never);
      const echo = await heard.promise;
      await session.close();
      return echo;
    } catch (error) {
      return error;
    }
  };
  const urls = {
    tls: `mqtts://localhost:${String(tls)}`,
    address: `mqtts://127.0.0.1:${String(tls)}`,
    web: `ws://127.0.0.1:${String(web)}`,
    webTls: `wss://localhost:${String(webTls)}`,
  };
  for (const url of Object.values(urls)) expect(await attempt(url, { authorities })).toBe(url);
  expect(await attempt(urls.tls)).toMatchObject({ reason: "BrokerUntrusted" });
  expect(await attempt(urls.webTls)).toMatchObject({ reason: "BrokerUntrusted" });
  expect(await attempt(`mqtts://127.0.0.1:${String(plain)}`, { authorities })).toMatchObject({ name: "PublisherError" });
  expect(await attempt(urls.web, { password: { reveal: () => "wrong" } })).toMatchObject({ reason: "BrokerRefusesLogin" });
  expect(await attempt(`ws://127.0.0.1:${String(plain)}`)).toMatchObject({ name: "PublisherError" });
});
