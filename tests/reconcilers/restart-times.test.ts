import { expect, it } from "vitest";
import { hours, minutes } from "../../src/domain/duration.ts";
import { RestartTimes } from "../../src/reconcilers/restart-times.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";

const PLACE = "http://127.0.0.1:5000";
const [ONE, OTHER] = [{ name: "frigate" }, { name: "renamed" }];

it("counts over runs by the wall clock, under whichever name the Frigate has", async () => {
  const [registry, clock] = [new FakeRegistry(), new FakeClock()];
  const first = new RestartTimes(registry, clock);
  expect(first.of(PLACE, ONE)).toEqual([]);
  first.add(PLACE, ONE);
  await clock.advance(minutes(20));
  first.add(PLACE, ONE);
  const next = new RestartTimes(registry, clock);
  expect(next.of(PLACE, OTHER)).toEqual([minutes(20), 0]);
  expect(next.of("http://127.0.0.1:5001", OTHER)).toEqual([]);
});

it("a clock that was set meanwhile, as after a start without a battery clock, makes no restart older for the next run", async () => {
  const [registry, clock] = [new FakeRegistry(), new FakeClock()];
  const first = new RestartTimes(registry, clock);
  first.add(PLACE, ONE);
  await clock.advance(minutes(5));
  clock.jump(hours(72));
  first.review();
  await clock.advance(minutes(5));
  expect(new RestartTimes(registry, clock).of(PLACE, ONE)).toEqual([0]);
});

it("takes over what an earlier version kept by name", () => {
  const [registry, clock] = [new FakeRegistry(), new FakeClock()];
  registry.beginRestart(ONE, "change", clock.now());
  expect(new RestartTimes(registry, clock).of(PLACE, ONE)).toEqual([0]);
});
