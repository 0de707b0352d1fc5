import { createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { MqttPublisher } from "../../../src/adapters/mqtt/mqtt-publisher.ts";
import { refusalOf } from "../../../src/adapters/mqtt/refusals.ts";
import { PublisherError } from "../../../src/ports/publisher.ts";

const place = "mqtt://broker.lan:1883";
const failed = (code: string | number | undefined): Error & { code?: unknown } =>
  Object.assign(new Error("as the library says it"), code === undefined ? {} : { code });

test.each([
  ["ECONNREFUSED", "BrokerUnreachable", "refuses the connection (ECONNREFUSED)"],
  ["ENOTFOUND", "BrokerUnreachable", "is a name that nobody knows (ENOTFOUND)"],
  ["ESOMETHING", "BrokerUnreachable", "cannot be connected to (ESOMETHING)"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "BrokerUntrusted", "shows a certificate that is not to be trusted (DEPTH_ZERO_SELF_SIGNED_CERT)"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "BrokerUntrusted", "shows a certificate that is not to be trusted (ERR_TLS_CERT_ALTNAME_INVALID)"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "BrokerRefuses", "does not speak TLS there (ERR_SSL_WRONG_VERSION_NUMBER)"],
  [1, "BrokerRefuses", "speaks another version of MQTT"],
  [3, "BrokerUnreachable", "is not ready"],
  [5, "BrokerRefusesLogin", "does not let this user in"],
  [134, "BrokerRefusesLogin", "refuses the user name or password"],
  [138, "BrokerRefuses", "has banned this client"],
  [199, "BrokerRefuses", "refuses the connection (code 199)"],
  [undefined, "BrokerRefuses", "does not answer in MQTT"],
] as const)("%s is %s", (code, reason, words) => {
  expect(refusalOf({ place, error: failed(code) })).toMatchObject({ reason, message: `${place} ${words}` });
});

async function answering(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `127.0.0.1:${String(typeof address === "object" ? address?.port : "")}`;
}

async function refusal(url: string): Promise<PublisherError> {
  const publisher = new MqttPublisher({ address: () => Promise.resolve({ url }), clientId: "test" });
  const wish = {
    will: { topic: "t", payload: "", retain: false },
    subscriptions: [],
    onMessage: () => undefined,
    onTooLong: () => undefined,
  };
  const failure: unknown = await publisher.open(wish, new AbortController().signal).catch((error: unknown) => error);
  if (failure instanceof PublisherError) return failure;
  throw new Error("it was not refused", { cause: failure });
}

test("what answers with something else than MQTT, closes at once, or speaks no TLS is told apart", async () => {
  const web = await answering((socket) => socket.on("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")));
  expect(await refusal(`mqtt://${web}`)).toMatchObject({ reason: "BrokerRefuses", message: `mqtt://${web} does not answer in MQTT` });
  const closed = await answering((socket) => socket.end());
  expect(await refusal(`mqtt://${closed}`)).toMatchObject({ reason: "BrokerUnreachable" });
  expect(await refusal(`mqtts://${web}`)).toMatchObject({
    reason: "BrokerRefuses",
    message: expect.stringContaining("does not speak TLS there"),
  });
});

test("the client connects with the password it is told at that moment", async () => {
  const seen: string[] = [];
  const broker = await answering((socket) =>
    socket.once("data", (data) => {
      seen.push(data.toString("latin1"));
      // CONNACK of MQTT 5: bad user name or password.
      socket.end(Buffer.from([0x20, 0x03, 0x00, 0x86, 0x00]));
    }),
  );
  const passwords = ["first-canary", "second-canary"];
  const publisher = new MqttPublisher({
    address: () => Promise.resolve({ url: `mqtt://${broker}`, username: "us", password: { reveal: () => passwords[seen.length] ?? "" } }),
    clientId: "test",
  });
  const wish = {
    will: { topic: "t", payload: "", retain: false },
    subscriptions: [],
    onMessage: () => undefined,
    onTooLong: () => undefined,
  };
  for (const _ of passwords)
    await expect(publisher.open(wish, new AbortController().signal)).rejects.toMatchObject({ reason: "BrokerRefusesLogin" });
  expect(seen.map((text) => passwords.filter((password) => text.includes(password)))).toEqual([["first-canary"], ["second-canary"]]);
});
