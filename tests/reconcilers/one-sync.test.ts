import { expect, onTestFinished, test } from "vitest";
import { seconds } from "../../src/domain/duration.ts";
import { LayerUnavailable, type SightingSource } from "../../src/ports/sightings.ts";
import { FakeSightingSource } from "../fakes/fake-sighting-source.ts";
import { at, BACK, FakeHome, FRONT } from "./fake-home.ts";

/** A layer that has something to tell at once, such as a list of leases. */
function list(layer: SightingSource["layer"], tell: SightingSource["watch"]): SightingSource {
  return { layer, tellsAtOnce: true, watch: tell };
}

async function learned(sources: readonly SightingSource[]): Promise<FakeHome> {
  const home = new FakeHome({ ports: { sources, network: { search: false, interfaces: [], ranges: [] } } });
  onTestFinished(() => home.stop());
  for (const [camera, id] of [
    [FRONT, "front"],
    [BACK, "back"],
  ] as const) {
    const identity = { macs: [camera.mac] };
    const owners = [`camera:${camera.name}`, `stream:${camera.name}`] as const;
    home.registry.saveDevice({ id: id as never, owners, identity, address: camera.address, history: [], switches: [] });
  }
  return home;
}

test("one sync takes what lists know at once; it does not begin to listen to what only happens now and then", async () => {
  const dhcp = new FakeSightingSource("dhcp");
  const leases = list("leases", async (onSighting, onReady, signal) => {
    onSighting({ layer: "leases", mac: FRONT.mac, address: at(60), at: home.clock.now() });
    onReady();
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  });
  const home = await learned([dhcp, leases]);
  home.moveSilently(FRONT, FRONT.address, at(60));
  await home.once();
  expect(home.told("moved")).toMatchObject([{ device: "front", to: at(60), evidence: { layer: "leases" } }]);
  expect([dhcp.watches, home.reason("layer/leases")]).toEqual([0, "LayerActive"]);
});

test("a list that is away, or that says nothing, holds the sync up for five seconds at most", async () => {
  const away = list("home_assistant", () => Promise.reject(new LayerUnavailable("home_assistant", "away", seconds(30))));
  const silent = list("leases", (_onSighting, _onReady, signal) => {
    return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  });
  const home = await learned([away, silent]);
  const began = home.clock.monotonic();
  const done = home.engine.once(seconds(90), new AbortController().signal);
  await home.clock.advance(seconds(8));
  expect(home.reason("device/front")).toBe("Healthy");
  expect(home.reason("layer/home_assistant")).toBe("LayerUnavailable");
  await home.clock.advanceUntilIdle(seconds(200));
  expect(await done).toBe(true);
  expect(home.clock.monotonic() - began).toBeGreaterThan(0);
});
