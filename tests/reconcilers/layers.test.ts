import { beforeEach, describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import type { Notice } from "../../src/domain/notice.ts";
import type { Sighting } from "../../src/domain/sighting.ts";
import { LayerUnavailable, type SightingSource } from "../../src/ports/sightings.ts";
import { keepWatching } from "../../src/reconcilers/layers.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeLog } from "../fakes/fake-log.ts";
import { FakeSightingSource } from "../fakes/fake-sighting-source.ts";
import { FakeStatus } from "../fakes/fake-status.ts";
import { at, FakeHome, FRONT } from "./fake-home.ts";

let clock: FakeClock;
let status: FakeStatus;
let log: FakeLog;
let notices: Notice[];
let sightings: Sighting[];
let gaps: number;
let stop: AbortController;

beforeEach(() => {
  clock = new FakeClock();
  status = new FakeStatus();
  log = new FakeLog();
  notices = [];
  sightings = [];
  gaps = 0;
  stop = new AbortController();
});

function watch(source: SightingSource): Promise<void> {
  const onSighting = (sighting: Sighting): void => void sightings.push(sighting);
  const ports = {
    clock,
    random: () => 0.5,
    status,
    log,
    tell: (notice: Notice) => void notices.push(notice),
    onSighting,
    onGap: () => (gaps += 1),
  };
  return keepWatching(source, ports, stop.signal);
}

async function end(watching: Promise<void>): Promise<void> {
  stop.abort();
  await clock.settle();
  await watching;
  expect(clock.pending()).toEqual([]);
}

describe("a layer", () => {
  it("that is not available says so once, is tried again in its own time, and is told when it is up", async () => {
    const source = new FakeSightingSource();
    source.unavailable = new LayerUnavailable("dhcp", "port 67 is taken", seconds(60));
    const watching = watch(source);
    await clock.advance(minutes(10));
    expect(source.watches).toBe(11);
    expect(notices).toEqual([{ kind: "layer-down", layer: "dhcp", message: "port 67 is taken" }]);
    expect(status.get("layer/dhcp")).toMatchObject({ status: "unknown", reason: "LayerUnavailable", message: "port 67 is taken" });
    source.unavailable = undefined;
    await clock.advance(minutes(1));
    expect(notices.at(-1)).toEqual({ kind: "layer-up", layer: "dhcp" });
    expect(status.get("layer/dhcp")?.status).toBe("ok");
    expect(gaps).toBe(0);
    await end(watching);
  });

  it("that was up and is up again had a gap: all is looked at", async () => {
    const source = new FakeSightingSource();
    const watching = watch(source);
    await clock.settle();
    source.ready();
    expect(gaps).toBe(1);
    source.fail(new LayerUnavailable("dhcp", "gone", seconds(30)));
    await clock.advance(minutes(1));
    expect(gaps).toBe(2);
    await end(watching);
  });

  it("that fails unexpectedly is logged, and goes on", async () => {
    const source = new FakeSightingSource();
    const watching = watch(source);
    await clock.settle();
    source.fail(new Error("EIO"));
    await clock.advance(seconds(10));
    expect(log.messages("error")).toEqual(["layer failed"]);
    expect(source.watches).toBe(2);
    await end(watching);
  });

  it("that ends without a word is not begun again without a pause", async () => {
    let begun = 0;
    const watching = watch({ layer: "dhcp", watch: () => Promise.resolve(void (begun += 1)) });
    await clock.advance(seconds(60));
    expect(begun).toBeLessThanOrEqual(13);
    await end(watching);
  });

  it("is stood in for while it is away, and the stand-in's failure does not hurry it", async () => {
    const standIn = new FakeSightingSource("neighbours");
    const unavailable = new LayerUnavailable("neighbours", "no iproute2", seconds(60));
    let begun = 0;
    const source: SightingSource = { layer: "neighbours", standIn, watch: () => Promise.reject(((begun += 1), unavailable)) };
    const watching = watch(source);
    await clock.advance(seconds(1));
    standIn.tell({ mac: FRONT.mac, address: at(60), at: clock.now() });
    expect(sightings).toHaveLength(1);
    standIn.unavailable = new Error("broken");
    standIn.fail(new Error("broken"));
    await clock.advance(minutes(5));
    expect(begun).toBeLessThanOrEqual(6);
    expect(log.messages("error").length).toBeLessThanOrEqual(6);
    await end(watching);
  });
});

it("a home goes on with the layers that it has", async () => {
  const home = new FakeHome();
  home.dhcp.unavailable = new LayerUnavailable("dhcp", "port 67 is taken", seconds(60));
  await home.start();
  home.moveSilently(FRONT, at(20), at(60));
  await home.pass(seconds(45));
  expect(home.text).toContain(at(60));
  home.dhcp.unavailable = undefined;
  await home.stop();
});
