import { expect, test } from "vitest";
import { checkBroker } from "../../src/commands/check-broker.ts";
import type { CheckItem } from "../../src/commands/check.ts";
import { seconds } from "../../src/domain/duration.ts";
import { tryBroker } from "../../src/reconcilers/mqtt/try-broker.ts";
import { FakeBroker } from "../fakes/fake-broker.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

const PLACE = "mqtt://broker.lan:1883";
const TOPICS = ["base/bridge/check", "homeassistant/device/base/probe"];

async function checked(broker: FakeBroker, heard?: string[]): Promise<readonly CheckItem[]> {
  const clock = new FakeClock();
  const listeners = [{ subscriptions: ["app/+/binding"], onMessage: ({ topic }: { readonly topic: string }) => void heard?.push(topic) }];
  const attempt = (signal: AbortSignal) => tryBroker({ publisher: broker.publisher(), topics: TOPICS, listeners, clock }, signal);
  const producer = checkBroker(attempt, () => heard);
  const items = producer.gather(new AbortController().signal);
  await clock.advance(seconds(3));
  expect([broker.connections, broker.retained.size]).toEqual([0, heard?.length ?? 0]);
  return items;
}

test("a broker that lets us do everything", async () => {
  expect(await checked(new FakeBroker())).toEqual([
    { part: "MQTT broker", state: "ok", found: `${PLACE}: lets us in, publish and listen` },
  ]);
});

test("what other copies tell of cameras that are not learned here", async () => {
  const broker = new FakeBroker();
  const none = await checked(broker, []);
  broker.say("app/front/binding", "{}", true);
  const [, told] = await checked(broker, []);
  expect([none[1]?.found, told]).toEqual([
    "other copies of the program tell of no camera that is not learned here",
    {
      part: "MQTT broker",
      state: "info",
      found: "not learned here, and known by what other copies of the program tell: app/front/binding",
    },
  ]);
});

test("no broker, no line", async () => {
  expect(
    await checkBroker(
      () => Promise.resolve(undefined),
      () => [],
    ).gather(new AbortController().signal),
  ).toEqual([]);
});

test("what it denies, told or in silence, with the remedy", async () => {
  const telling = new FakeBroker();
  telling.deniesPublish = (topic) => topic.startsWith("homeassistant/");
  const nextStep = "Give the user the right to read and write the named topic in the broker's access list.";
  expect(await checked(telling)).toEqual([
    { part: "MQTT broker", state: "act", found: `${PLACE} does not let the user publish to homeassistant/device/base/probe`, nextStep },
  ]);
  const silent = new FakeBroker();
  silent.tellsDenials = false;
  silent.deniesPublish = () => true;
  expect(await checked(silent)).toEqual([
    {
      part: "MQTT broker",
      state: "act",
      found: `${PLACE} passes on nothing of what is published to base/bridge/check and 1 more`,
      nextStep,
    },
  ]);
});

test("a broker that is away, and one that refuses the password", async () => {
  const away = new FakeBroker();
  away.isAway = true;
  expect(await checked(away)).toMatchObject([{ state: "absent", nextStep: "Start the broker, or correct mqtt.url." }]);
  const refusing = new FakeBroker();
  refusing.acceptsLogin = false;
  expect(await checked(refusing)).toMatchObject([{ state: "act", nextStep: "Correct mqtt.username and mqtt.password." }]);
});
