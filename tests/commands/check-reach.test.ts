import { assert, describe, expect, it } from "vitest";
import { parseMac, parseNetwork } from "../../src/domain/addresses.ts";
import type { Device, Identity } from "../../src/domain/camera.ts";
import type { Layer } from "../../src/domain/sighting.ts";
import type { NeighbourSearch } from "../../src/ports/search.ts";
import type { SightingSource } from "../../src/ports/sightings.ts";
import { type CheckItem, checkExitCode } from "../../src/commands/check.ts";
import { checkLayers } from "../../src/commands/check-machine.ts";
import { checkReach, reachNow } from "../../src/commands/check-reach.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { at, FRONT, id, ip } from "../reconcilers/fake-home.ts";

const signal = new AbortController().signal;
const CAMERAS = [{ id: id("front"), title: "front", addresses: [at(20)] }] as unknown as readonly Device[];

/** What a container's interface has. */
const MADE_UP = parseMac("02:42:ac:12:00:02") ?? expect.unreachable();

/** What this machine is on. */
const on = (name: string, network: string, address = "172.18.0.2") => ({
  interfaces: () =>
    Promise.resolve([{ name, mac: MADE_UP, address: ip(address), network: parseNetwork(network) ?? expect.unreachable(network) }]),
});
const BRIDGE = on("eth0", "172.18.0.0/16");
const POD = { interfaces: () => Promise.resolve([]) };
const LAN = on("eth0", "192.168.1.0/24", "192.168.1.10");

/** Ways of noticing that all come up. */
const up = (...layers: readonly Layer[]): readonly SightingSource[] =>
  layers.map((layer) => ({
    layer,
    watch: (_, onReady, stop) =>
      new Promise((resolve) => {
        stop.addEventListener("abort", () => resolve());
        onReady();
      }),
  }));

async function layer2(
  machine: Pick<NeighbourSearch, "interfaces">,
  layers: readonly Layer[] = ["dhcp"],
  identity: Partial<Identity> = {},
): Promise<CheckItem> {
  const identityOf = () => ({ macs: [FRONT.mac], ...identity });
  const [item] = await checkReach(CAMERAS, reachNow(CAMERAS, machine), { layers, identityOf }).gather(signal);
  assert.isDefined(item);
  return item;
}

describe("check where the cameras' network is not visible", () => {
  it.each([
    ["in a container on a bridge", BRIDGE],
    ["in a pod", POD],
  ])("%s, DHCP, neighbours and ONVIF announcements are up, and it is said that they hear nothing", async (_name, machine) => {
    const sources = up("dhcp", "neighbours", "ws_discovery", "mqtt");
    const items = await checkLayers(sources, new FakeClock(), reachNow(CAMERAS, machine)).gather(signal);
    const deaf = ": up, but this machine is on no camera's network, so nothing of the cameras arrives";
    expect(items).toEqual([
      { part: "noticing dhcp", state: "less", found: `DHCP requests${deaf}` },
      { part: "noticing neighbours", state: "less", found: `the neighbour table${deaf}` },
      { part: "noticing ws_discovery", state: "less", found: `ONVIF announcements${deaf}` },
      { part: "noticing mqtt", state: "ok", found: "what other copies of the program tell by MQTT" },
    ]);
  });

  it("on the cameras' network they are as good as they say", async () => {
    const items = await checkLayers(up("dhcp", "neighbours"), new FakeClock(), reachNow(CAMERAS, LAN)).gather(signal);
    expect(items.map(({ state }) => state)).toEqual(["ok", "ok"]);
    expect(await layer2(LAN)).toMatchObject({ state: "ok" });
    expect(await checkLayers([], new FakeClock(), reachNow(CAMERAS, LAN)).gather(signal)).toMatchObject([{ state: "less" }]);
  });

  it("in a container that has nothing else to go by a person is needed, and every way out is named", async () => {
    const item = await layer2(BRIDGE);
    expect(item).toEqual({
      part: "layer 2",
      state: "act",
      found:
        "this machine is on no camera's network: it runs in a container with a network of its own; MAC addresses and DHCP are not seen, so a camera that moves is found by nothing",
      nextStep:
        "Run the container with network_mode: host, or on a macvlan network of the cameras' LAN; or follow a copy of the program that is there (mqtt.follow), or name your router's DHCP lease files (network.lease_files).",
    });
    expect(checkExitCode([item])).toBe(2);
    expect(await layer2(on("eth0", "192.168.65.0/24"))).toMatchObject({
      state: "act",
      nextStep: expect.stringContaining("Docker Desktop"),
    });
  });

  it.each([
    ["follows another copy", ["dhcp", "mqtt"], {}, "only by what other copies of the program tell by MQTT"],
    ["reads lease files", ["leases"], {}, "only by DHCP lease files"],
    ["knows what each camera says of itself", ["dhcp"], { endpoint: "urn:uuid:1" }, "only by what every camera says of itself"],
  ] as const)("one that %s works with less", async (_name, layers, identity, how) => {
    const item = await layer2(BRIDGE, layers, identity);
    expect([item.state, item.found.endsWith(`a camera that moves is found ${how}`)]).toEqual(["less", true]);
  });

  it("behind a router it works with less, and a pod is told of the host's network", async () => {
    const item = await layer2(POD);
    expect(item).toMatchObject({ state: "less", nextStep: expect.stringContaining("(a pod: with hostNetwork)") });
    expect(item.found).toContain("found only by what else was learned of it");
  });
});
