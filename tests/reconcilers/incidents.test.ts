import { expect, it } from "vitest";
import { type Duration, hours, minutes, seconds } from "../../src/domain/duration.ts";
import type { IncidentMessage } from "../../src/domain/incident-message.ts";
import type { Fleet } from "../../src/reconcilers/fleet.ts";
import { Incidents } from "../../src/reconcilers/incidents.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeStatus } from "../fakes/fake-status.ts";

function scene(registry = new FakeRegistry(), clock = new FakeClock()) {
  const status = new FakeStatus(() => clock.now());
  const messages: IncidentMessage[] = [];
  const fleet = { device: () => undefined, deviceOf: () => undefined } as unknown as Fleet;
  const onMessages = (some: readonly IncidentMessage[]): void => void messages.push(...some);
  const incidents = new Incidents({
    fleet,
    registry,
    status,
    clock,
    onMessages,
    onChange: () => undefined,
    surface: "commands",
    enqueue: () => undefined,
  });
  const pass = async (span: Duration) => {
    await clock.advance(span);
    return incidents.reconcile();
  };
  return { incidents, status, clock, messages, pass, registry };
}

const FIRST = { kind: "first-write", target: "frigate", place: "/c.yml", diff: "@@" } as const;

it("what only happened hangs for a week, and is forgotten then", async () => {
  const { incidents, pass } = scene();
  incidents.note(FIRST);
  expect(await pass(seconds(0))).toEqual({ requeueAfter: hours(168) });
  await pass(hours(167));
  expect(incidents.entries).toMatchObject([{ id: "target/frigate/first_write", verbatim: "@@" }]);
  expect(await pass(hours(1))).toEqual({});
  expect(incidents.entries).toEqual([]);
});

it("what is remembered is written where something opened, closed or was taken away, and not for a change of words", async () => {
  const { incidents, status, pass, registry, clock } = scene();
  const writes: string[] = [];
  const { consents } = registry;
  const saveFact = consents.saveFact.bind(consents);
  consents.saveFact = (name, value) => {
    writes.push(name);
    saveFact(name, value);
  };
  status.set("server/go2rtc", "problem", "ServerRefusesLogin", "one");
  await pass(seconds(0));
  await pass(seconds(30));
  expect([incidents.entries.length, writes]).toEqual([1, ["incidents", "incidents"]]);
  status.set("server/go2rtc", "problem", "ServerRefusesLogin", "other words");
  await pass(seconds(30));
  expect([incidents.entries[0]?.message, writes.length]).toEqual(["other words", 2]);
  incidents.dismiss(["server/go2rtc/problem", "unknown"]);
  expect([[...incidents.dismissed], writes.length]).toEqual([["server/go2rtc/problem"], 3]);

  // Another run remembers it for two minutes without any sign of it.
  const next = scene(registry, clock);
  await next.pass(seconds(0));
  expect([next.incidents.entries.length, [...next.incidents.dismissed]]).toEqual([1, ["server/go2rtc/problem"]]);
  await next.pass(minutes(2));
  await next.pass(seconds(10));
  expect([next.incidents.entries, next.messages.map(({ state }) => state), next.incidents.dismissed.size]).toEqual([[], ["closed"], 0]);
});

it.each([
  ["nothing", undefined],
  ["no JSON", "{"],
  ["another form", '{"open":{"a":1},"notes":[null,7,{"id":"x"}],"dismissed":[7]}'],
  [
    "an unknown reason",
    '{"open":[{"incident":{"id":"x","event":"offline","reason":"NoSuch","title":"","message":"","nextStep":""},"openedAt":1}]}',
  ],
])("a memory of %s is none", async (_what, text) => {
  const registry = new FakeRegistry();
  if (text !== undefined) registry.consents.saveFact("incidents", text);
  const { incidents, pass, messages } = scene(registry);
  await pass(seconds(0));
  expect([incidents.entries, messages, incidents.dismissed.size]).toEqual([[], [], 0]);
});

it("one that this run saw is over when it is over, also soon after the start", async () => {
  const { status, pass, messages, registry, clock } = scene();
  status.set("server/go2rtc", "problem", "ServerRefusesLogin", "one");
  await pass(seconds(0));
  await pass(seconds(30));
  status.set("server/go2rtc", "ok", "Healthy", "fine");
  await pass(seconds(5));
  await pass(seconds(10));
  expect(messages.map(({ state }) => state)).toEqual(["open", "closed"]);

  registry.consents.saveFact("incidents", JSON.stringify({ open: [{ incident: messages[0], openedAt: 1 }], notes: [], dismissed: [] }));
  const next = scene(registry, clock);
  next.status.set("server/go2rtc", "problem", "ServerRefusesLogin", "one");
  await next.pass(seconds(0));
  next.status.set("server/go2rtc", "ok", "Healthy", "fine");
  await next.pass(seconds(5));
  await next.pass(seconds(10));
  expect(next.messages.map(({ state }) => state)).toEqual(["closed"]);
});
