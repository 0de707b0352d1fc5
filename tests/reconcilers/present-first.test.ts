import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/domain/candidates.ts";
import { milliseconds, seconds } from "../../src/domain/duration.ts";
import type { Layer } from "../../src/domain/sighting.ts";
import { presentFirst } from "../../src/reconcilers/present-first.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeProber } from "../fakes/fake-prober.ts";
import { FakeSightingSource } from "../fakes/fake-sighting-source.ts";
import { at, FakeHome, FRONT, movedText, STRANGER } from "./fake-home.ts";

const never = new AbortController().signal;
const clock = new FakeClock();

function candidate(host: number, layer: Layer = "neighbours"): Candidate {
  return { address: at(host), layer, at: clock.now() };
}

async function ordered(prober: FakeProber, candidates: readonly Candidate[]): Promise<readonly string[]> {
  const order = presentFirst(prober, candidates, [FRONT.mac], 554, never);
  await clock.advance(seconds(1));
  return (await order).map(({ address }) => address);
}

describe("the order in which candidates are proved", () => {
  it("begins with what DHCP told, then where the camera answers; the rest keeps its order", async () => {
    const prober = new FakeProber(clock);
    prober.put(at(64), { mac: FRONT.mac });
    prober.put(at(62), { mac: STRANGER });
    const candidates = [candidate(60, "dhcp"), candidate(61), candidate(62), candidate(63), candidate(64)];
    expect(await ordered(prober, candidates)).toEqual([at(60), at(64), at(61), at(62), at(63)]);
  });

  it("has those with an open stream port before the others where a repeater answers for several", async () => {
    const prober = new FakeProber(clock);
    prober.put(at(61), { mac: FRONT.mac, connect: "refused" });
    prober.put(at(62), { mac: STRANGER, connect: "open" });
    prober.put(at(63), { mac: FRONT.mac, connect: "open" });
    expect(await ordered(prober, [candidate(61), candidate(62), candidate(63)])).toEqual([at(63), at(61), at(62)]);
  });

  it("asks nobody where there is nothing to choose between", async () => {
    const prober = new FakeProber(clock);
    expect(await ordered(prober, [candidate(60, "dhcp"), candidate(61)])).toEqual([at(60), at(61)]);
    expect(prober.calls).toEqual([]);
  });
});

describe("after a restart", () => {
  it("ten addresses that the camera left long ago do not delay the one where it is", async () => {
    const neighbours = new FakeSightingSource("neighbours");
    const home = new FakeHome({ cameras: [FRONT], ports: { sources: [neighbours] } });
    const before = home.text;
    await home.start();
    home.leave(at(20));
    home.place(FRONT, at(90));
    const stale = [70, 71, 72, 73, 74, 75, 76, 77, 78, 79];
    const earlier = home.clock.now();
    await home.pass(milliseconds(1));
    for (const host of stale) neighbours.tell({ mac: FRONT.mac, address: at(host), at: home.clock.now() });
    neighbours.tell({ mac: FRONT.mac, address: at(90), at: earlier });
    await home.pass(seconds(8));
    expect(home.text).toBe(movedText(before, at(20), at(90)));
    await home.stop();
  });
});
