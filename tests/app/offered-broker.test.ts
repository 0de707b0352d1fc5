import { describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { HttpSupervisor } from "../../src/adapters/supervisor/http-supervisor.ts";
import { findOfferedBroker, onceOffered } from "../../src/app/offered-broker.ts";
import { Secret } from "../../src/config/secret.ts";
import { type Duration, milliseconds } from "../../src/domain/duration.ts";
import { FakeStatus } from "../fakes/fake-status.ts";
import { type FakeSupervisor, startFakeSupervisor } from "../fakes/fake-supervisor.ts";

const { signal } = new AbortController();
const MQTT = {
  host: "core-mosquitto",
  port: 1883,
  ssl: false,
  username: "addons",
  password: "canary-first",
  protocol: "3.1.1",
  addon: "core_mosquitto",
};

function partsOf(fake: FakeSupervisor) {
  const clock = createSystemClock();
  const supervisor = new HttpSupervisor({ url: fake.url, token: new Secret(fake.token), clock });
  const quick = { ...clock, wait: (name: string, _span: Duration, end: AbortSignal) => clock.wait(name, milliseconds(20), end) };
  return { supervisor, clock: quick, status: new FakeStatus() };
}

describe("the broker that Home Assistant offers", () => {
  it("is asked for anew each time: its password may have changed", async () => {
    await using fake = await startFakeSupervisor({ state: { mqtt: MQTT } });
    const { supervisor } = partsOf(fake);
    const first = await findOfferedBroker(supervisor, signal);
    expect([first.url, first.username, first.password?.reveal()]).toEqual(["mqtt://core-mosquitto:1883", "addons", "canary-first"]);
    fake.state.mqtt = { ...MQTT, ssl: true, port: 8883, password: "canary-second" };
    const second = await findOfferedBroker(supervisor, signal);
    expect([second.url, second.password?.reveal()]).toEqual(["mqtts://core-mosquitto:8883", "canary-second"]);
  });

  it("that was removed is absent, one of which nobody tells does not answer", async () => {
    await using fake = await startFakeSupervisor();
    const { supervisor } = partsOf(fake);
    await expect(findOfferedBroker(supervisor, signal)).rejects.toMatchObject({ name: "PublisherError", reason: "BrokerAbsent" });
    fake.state.failing = 502;
    await expect(findOfferedBroker(supervisor, signal)).rejects.toMatchObject({
      reason: "BrokerUnreachable",
      message: "Home Assistant's Supervisor cannot answer /services/mqtt now (502)",
    });
  });

  it("is waited for, which is no trouble; nothing that speaks MQTT is made before", async () => {
    await using fake = await startFakeSupervisor({ state: { failing: 502 } });
    const parts = partsOf(fake);
    const spoken: string[] = [];
    const run = onceOffered(parts, () => Promise.resolve(() => Promise.resolve(void spoken.push("spoke"))));
    const running = run(signal);
    const asked = async (count: number): Promise<void> => {
      while (fake.requests.length < count) await parts.clock.wait("", milliseconds(0), signal);
    };
    await asked(2);
    expect(parts.status.all()).toEqual([]);
    fake.state.failing = undefined;
    await asked(fake.requests.length + 2);
    expect(parts.status.changes.map(({ status, reason }) => [status, reason])).toEqual([["ok", "BrokerAbsent"]]);
    expect(spoken).toEqual([]);
    fake.state.mqtt = MQTT;
    await running;
    expect(spoken).toEqual(["spoke"]);
  });

  it("is not waited for beyond the end of the program", async () => {
    await using fake = await startFakeSupervisor();
    const end = new AbortController();
    const running = onceOffered(partsOf(fake), () => Promise.reject(new Error("not yet")))(end.signal);
    end.abort(new Error("enough"));
    await expect(running).resolves.toBeUndefined();
  });
});
