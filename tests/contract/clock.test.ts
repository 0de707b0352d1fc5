import { setTimeout as sleep } from "node:timers/promises";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { clockContract } from "./clock.ts";

clockContract("the fake clock", () => {
  const clock = new FakeClock();
  return {
    clock,
    pass: (span) => clock.advance(span),
    waits: () =>
      clock
        .pending()
        .filter((timer) => timer.kind === "wait")
        .map((timer) => timer.name),
  };
});

clockContract("the system clock", () => {
  const clock = createSystemClock();
  return {
    clock,
    pass: async (span) => {
      const end = clock.monotonic() + span;
      while (clock.monotonic() < end) await sleep(Math.max(1, end - clock.monotonic()));
      await sleep(0);
    },
    waits: () => clock.pending().map((wait) => wait.name),
  };
});
