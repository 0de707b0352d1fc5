import { expect, it } from "vitest";
import { seconds } from "../../src/domain/duration.ts";
import { FakeSightingSource } from "../fakes/fake-sighting-source.ts";
import { at, BACK, FakeHome, FRONT, STRANGER } from "./fake-home.ts";

it("what Home Assistant sees starts work only where it differs from what is known, and then a proof and no more", async () => {
  const core = new FakeSightingSource("home_assistant");
  const home = new FakeHome({ ports: { sources: [core] } });
  await home.start();
  const now = home.clock.now();
  home.prober.calls.length = 0;
  for (const { mac, address } of [FRONT, BACK]) core.tell({ mac, address, at: now });
  core.tell({ mac: STRANGER, address: at(99), at: now });
  await home.clock.settle();
  expect(home.prober.calls).toEqual([]);

  // Nobody is where an old entry says: it is asked who is there, and nothing is told a password.
  core.tell({ mac: FRONT.mac, address: at(88), at: now });
  await home.pass(seconds(15));
  expect(home.prober.calls.some((call) => "address" in call && call.address === at(88))).toBe(true);
  expect([home.told("moved"), home.logins.filter((url) => url.includes(at(88)))]).toEqual([[], []]);

  home.moveSilently(FRONT, at(20), at(77));
  core.tell({ mac: FRONT.mac, address: at(77), at: home.clock.now() });
  await home.pass(seconds(10));
  expect(home.told("moved")).toMatchObject([{ device: "front", from: at(20), to: at(77), evidence: { layer: "home_assistant" } }]);
  await home.stop();
});
