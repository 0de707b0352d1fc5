import { describe, expect, onTestFinished, test } from "vitest";
import { hours, minutes, seconds } from "../../../src/domain/duration.ts";
import { type Incoming, PublisherError } from "../../../src/ports/publisher.ts";
import { createBrokerLink, type LinkClient, type LinkSession } from "../../../src/reconcilers/mqtt/broker-link.ts";
import { FakeBroker } from "../../fakes/fake-broker.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeLog } from "../../fakes/fake-log.ts";
import { FakeStatus } from "../../fakes/fake-status.ts";

class Recorder implements LinkClient {
  readonly subscriptions = ["base/cmd/+"];
  readonly heard: string[] = [];
  sessions = 0;
  ended = 0;
  session: LinkSession | undefined;
  work: (session: LinkSession, signal: AbortSignal) => Promise<void> = () => Promise.resolve();

  onMessage({ topic, payload, retained }: Incoming): void {
    this.heard.push(`${topic} ${Buffer.from(payload).toString()}${retained ? " (retained)" : ""}`);
    if (topic === "base/cmd/burst") throw new Error("a defect");
  }

  async onSession(session: LinkSession, signal: AbortSignal): Promise<void> {
    this.sessions += 1;
    this.session = session;
    signal.addEventListener("abort", () => (this.ended += 1), { once: true });
    await this.work(session, signal);
  }
}

function room(broker = new FakeBroker()) {
  const clock = new FakeClock();
  const status = new FakeStatus();
  const log = new FakeLog();
  const client = new Recorder();
  const stop = new AbortController();
  const link = createBrokerLink({
    publisher: broker.publisher(),
    clients: [client],
    statusTopic: "base/status",
    probes: ["homeassistant/device/base/probe"],
    clock,
    random: () => 0,
    status,
    log,
  });
  const running = link.run(stop.signal);
  onTestFinished(() => stop.abort());
  const said = (): readonly string[] => status.changes.map(({ reason }) => reason);
  return { broker, clock, status, log, client, stop, running, said };
}

describe("a connection", () => {
  test("it says that it is there, serves its clients, and says goodbye at the end", async () => {
    const { broker, clock, status, client, stop, running } = room();
    broker.say("elsewhere/cmd/x", "no");
    await clock.settle();
    expect(broker.kept("base/status")).toBe("online");
    expect(status.get("mqtt")).toMatchObject({ status: "ok", reason: "Healthy", message: "connected to mqtt://broker.lan:1883" });
    broker.say("base/cmd/resync", "PRESS");
    broker.say("elsewhere/cmd/x", "no");
    await clock.settle();
    expect(client.heard).toEqual(["base/cmd/resync PRESS"]);
    stop.abort();
    await clock.settle();
    await running;
    expect([broker.kept("base/status"), broker.connections, client.ended]).toEqual(["offline", 0, 1]);
  });

  test("a lost connection comes back by itself, with everything anew, and a short absence is said to nobody", async () => {
    const { broker, clock, client, said } = room();
    await clock.advance(minutes(5));
    broker.drop();
    await clock.settle();
    expect([broker.kept("base/status"), client.ended]).toEqual(["offline", 1]);
    await clock.advance(seconds(1));
    expect([broker.kept("base/status"), client.sessions, broker.connections]).toEqual(["online", 2, 1]);
    expect(said()).toEqual(["Healthy"]);
  });

  test("a broker that is away for an hour: said once, asked at most once a minute, and back within one", async () => {
    const { broker, clock, status, client, said } = room();
    await clock.advance(minutes(5));
    broker.isAway = true;
    broker.drop();
    const before = broker.attempts;
    await clock.advance(hours(1));
    expect(said()).toEqual(["Healthy", "BrokerUnreachable"]);
    expect(status.get("mqtt")?.message).toBe("mqtt://broker.lan:1883 refuses the connection (ECONNREFUSED)");
    expect(broker.attempts - before).toBeLessThan(70);
    broker.isAway = false;
    await clock.advance(minutes(1));
    expect([said().at(-1), client.sessions]).toEqual(["Healthy", 2]);
  });

  test("a broker that a person took away is no trouble; it is asked for once a minute, and found when there is one again", async () => {
    const { broker, clock, status, said } = room();
    await clock.settle();
    broker.isAbsent = true;
    broker.drop();
    await clock.advance(minutes(10));
    expect(status.get("mqtt")).toMatchObject({ status: "ok", reason: "BrokerAbsent" });
    expect(said()).toEqual(["Healthy", "BrokerAbsent"]);
    broker.isAbsent = false;
    await clock.advance(minutes(2));
    expect(status.get("mqtt")).toMatchObject({ status: "ok", reason: "Healthy" });
  });

  test("a refused password is said at once and tried ever more rarely, at most every five minutes", async () => {
    const broker = new FakeBroker();
    broker.acceptsLogin = false;
    const { clock, said } = room(broker);
    await clock.settle();
    expect(said()).toEqual(["BrokerRefusesLogin"]);
    await clock.advance(hours(1));
    expect([said(), broker.attempts]).toEqual([["BrokerRefusesLogin"], 16]);
    broker.acceptsLogin = true;
    await clock.advance(minutes(5));
    expect(said().at(-1)).toBe("Healthy");
  });

  test("one that ends again and again backs off, though each time it could be opened", async () => {
    const { broker, clock, said } = room();
    for (let count = 0; count < 600; count += 1) {
      broker.drop("another client took our name");
      await clock.advance(seconds(1));
    }
    expect(broker.attempts).toBeLessThan(20);
    expect(said()).toContain("BrokerUnreachable");
  });

  test("a broker that accepts the connection and then says nothing is given up after 15 s", async () => {
    const { clock, status } = room(
      Object.assign(new FakeBroker(), {
        publisher: () => ({
          place: "mqtt://hung.lan:1883",
          open: (_wish: unknown, signal: AbortSignal) =>
            new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true })),
        }),
      }),
    );
    await clock.advance(seconds(40));
    expect(status.get("mqtt")).toMatchObject({ reason: "BrokerUnreachable", message: "mqtt://hung.lan:1883 gave no answer within 15 s" });
  });
});

describe("a second copy of the same base", () => {
  test("says goodbye: this one is there all the same, and the other is named", async () => {
    const { broker, clock, status, client } = room();
    await clock.advance(seconds(10));
    broker.say("base/status", "offline", true);
    await clock.advance(seconds(10));
    expect([broker.kept("base/status"), client.sessions]).toEqual(["online", 1]);
    expect(status.get("mqtt")).toMatchObject({ status: "problem", reason: "BaseShared", message: expect.stringContaining("base/status") });
  });
});

describe("what is denied", () => {
  test("a broker that tells: named once, and the rest goes on", async () => {
    const broker = new FakeBroker();
    broker.deniesPublish = (topic) => topic.startsWith("homeassistant/");
    const { clock, status, client, said } = room(broker);
    await clock.settle();
    const message = "mqtt://broker.lan:1883 does not let the user publish to homeassistant/device/base/probe";
    expect(status.get("mqtt")).toMatchObject({ status: "problem", reason: "BrokerDenies", message });
    const { signal } = new AbortController();
    const outcome = client.session?.publish({ topic: "homeassistant/device/front/config", payload: "{}", retain: true }, signal);
    await clock.settle();
    await expect(outcome).resolves.toBe("denied");
    expect(status.get("mqtt")?.message).toBe(`${message} and 1 more`);
    expect([said(), client.ended, broker.connections]).toEqual([["BrokerDenies"], 0, 1]);
  });

  test("a broker that drops in silence is found out by the echo that does not come", async () => {
    const broker = new FakeBroker();
    broker.tellsDenials = false;
    broker.deniesPublish = (topic) => topic === "base/status";
    broker.retained.set("base/status", { topic: "base/status", payload: "online", retain: true });
    const { clock, status, said } = room(broker);
    await clock.advance(seconds(4));
    expect(said()).toEqual([]);
    await clock.advance(seconds(1));
    expect(status.get("mqtt")?.message).toBe("mqtt://broker.lan:1883 passes on nothing of what is published to base/status");
    await clock.advance(hours(1));
    expect(said()).toEqual(["BrokerDenies"]);
  });

  test("a refused subscription is named", async () => {
    const broker = new FakeBroker();
    broker.refusesFilter = (filter) => filter === "base/cmd/+";
    const { clock, status } = room(broker);
    await clock.settle();
    expect(status.get("mqtt")?.message).toBe("mqtt://broker.lan:1883 does not let the user subscribe to base/cmd/+");
  });
});

describe("a client with a defect", () => {
  test("one that throws at a message is logged, and the others hear theirs", async () => {
    const { broker, clock, client, log } = room();
    await clock.settle();
    broker.say("base/cmd/burst", "");
    broker.say("base/cmd/resync", "");
    await clock.settle();
    expect(client.heard).toHaveLength(2);
    expect(log.messages("error")).toEqual(["a message could not be taken"]);
  });

  test("one that fails ends the session, is said, and gets another one", async () => {
    const { broker, clock, client, status } = room();
    client.work = () => (client.sessions === 1 ? Promise.reject(new TypeError("a defect")) : Promise.resolve());
    await clock.settle();
    expect(status.get("mqtt")).toMatchObject({ reason: "InternalError", message: "a defect" });
    await clock.advance(seconds(6));
    expect([status.get("mqtt")?.reason, client.sessions, broker.connections]).toEqual(["Healthy", 2, 1]);
  });

  test("one whose message is oddly refused while the connection stands gets another session", async () => {
    const { clock, client, said } = room();
    client.work = () => (client.sessions === 1 ? Promise.reject(new PublisherError("BrokerRefuses", "code 131")) : Promise.resolve());
    await clock.settle();
    expect(said().at(-1)).toBe("BrokerRefuses");
    await clock.advance(seconds(6));
    expect([said().at(-1), client.sessions]).toEqual(["Healthy", 2]);
  });
});
