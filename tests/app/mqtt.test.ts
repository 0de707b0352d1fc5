import { expect, test } from "vitest";
import { followedBindings, tryMqtt } from "../../src/app/mqtt.ts";
import { MqttOptions } from "../../src/config/mqtt-options.ts";
import type { FileReading, OptionFiles } from "../../src/config/option-files.ts";
import type { Options } from "../../src/config/options.ts";
import { PublisherError } from "../../src/ports/publisher.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

const signal = new AbortController().signal;

function settings(mqtt: Partial<Options["mqtt"]>, reading: FileReading = { kind: "missing" }) {
  const files: OptionFiles = { environment: {}, home: "/", read: () => Promise.resolve(reading) };
  const options = MqttOptions.parse(mqtt);
  return { options, files, installation: "0f2a-installation", clock: new FakeClock(), followed: [] };
}

test("no broker is tried where none is named, or where it is switched off though one is offered", async () => {
  const findBroker = () => Promise.reject(new PublisherError("BrokerUnreachable", "asked for"));
  expect(await tryMqtt(settings({}), signal)).toBeUndefined();
  expect(await tryMqtt({ ...settings({ url: "none" }), findBroker }, signal)).toBeUndefined();
  await expect(tryMqtt({ ...settings({}), findBroker }, signal)).rejects.toThrow("asked for");
});

test("an authority's file that is missing or cannot be read is named", async () => {
  const mqtt = { url: "mqtts://127.0.0.1:9", ca: "/etc/own-ca.pem" };
  await expect(tryMqtt(settings(mqtt), signal)).rejects.toMatchObject({
    reason: "BrokerUntrusted",
    message: "the file /etc/own-ca.pem, named under mqtt.ca, does not exist",
  });
  await expect(tryMqtt(settings(mqtt, { kind: "unreadable", why: "permission denied" }), signal)).rejects.toMatchObject({
    message: "the file /etc/own-ca.pem, named under mqtt.ca, cannot be read: permission denied",
  });
});

test("other copies are followed where they are named and there can be a broker", () => {
  const subscriptions = (mqtt: Partial<Options["mqtt"]>) => followedBindings(settings(mqtt)).flatMap((one) => one.subscriptions);
  expect(subscriptions({ url: "mqtt://broker", follow: ["one", "two"] })).toEqual(["one/+/binding", "two/+/binding"]);
  expect(subscriptions({ url: "mqtt://broker" })).toEqual([]);
  expect(subscriptions({ url: "none", follow: ["one"] })).toEqual([]);
  expect(subscriptions({ follow: ["one"] })).toEqual([]);
});

test.each(["a/#", "+", "/a", "a/", "a//b", "$SYS", "", "a b", "x".repeat(101)])("a base called %s is refused", (base) => {
  expect(MqttOptions.safeParse({ base }).error?.issues.map(({ path }) => path.join("."))).toEqual(["base"]);
  expect(MqttOptions.safeParse({ follow: [base] }).success).toBe(false);
});
