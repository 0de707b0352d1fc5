import { describe, expect, it } from "vitest";
import { targets } from "../../../src/adapters/lan/neighbour-search.ts";
import { knock, pokeOne, UdpPoke } from "../../../src/adapters/lan/udp-poke.ts";
import { parseNetwork, type IpAddress, type Network } from "../../../src/domain/addresses.ts";
import { milliseconds } from "../../../src/domain/duration.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

function network(text: string): Network {
  const read = parseNetwork(text);
  if (read === undefined) throw new Error(text);
  return read;
}

/** 600 addresses of this machine's own loopback network. */
const loopback = targets(network("127.0.0.0/22"), "127.0.0.1" as IpAddress).slice(0, 600);

describe("targets", () => {
  it("are every host address but our own", () => {
    expect(targets(network("192.168.50.0/29"), "192.168.50.2" as IpAddress)).toEqual([
      "192.168.50.1",
      "192.168.50.3",
      "192.168.50.4",
      "192.168.50.5",
      "192.168.50.6",
    ]);
    expect(targets(network("192.168.48.0/22"), "192.168.50.2" as IpAddress)).toHaveLength(1021);
  });

  it("are both addresses of a /31 and the one of a /32", () => {
    expect(targets(network("10.0.0.4/31"), "10.0.0.4" as IpAddress)).toEqual(["10.0.0.5"]);
    expect(targets(network("10.0.0.4/32"), "10.0.0.9" as IpAddress)).toEqual(["10.0.0.4"]);
  });
});

describe("sweep", () => {
  it("sends 256 every 1.1 s", async () => {
    const clock = new FakeClock();
    const sweep = new UdpPoke(clock).sweep(loopback, new AbortController().signal);
    const state = { probed: -1 };
    const ended = sweep.then((probed) => (state.probed = probed));
    // Three bursts, so two pauses: whatever the sending itself takes, virtual time is only spent waiting.
    const pauses: number[] = [];
    while (state.probed < 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const waiting = clock.pending()[0];
      if (waiting === undefined) continue;
      pauses.push(waiting.dueIn);
      await clock.advance(waiting.dueIn);
    }
    await ended;
    expect(state.probed).toBe(600);
    expect(pauses).toEqual([1100, 1100]);
  });

  it("stops between two bursts when it is told to", async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const sweep = new UdpPoke(clock).sweep(loopback, stop.signal);
    while (clock.pending().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect(await sweep).toBe(256);
  });

  it("sends nothing when it was told to stop before", async () => {
    expect(await new UdpPoke(new FakeClock()).sweep(loopback, AbortSignal.abort())).toBe(0);
  });
});

describe("knock", () => {
  it("is answered by a machine whose ports are closed", async () => {
    expect(await knock("127.0.0.1" as IpAddress, AbortSignal.timeout(5_000))).toBe(true);
  });

  it("is no answer where the kernel has no way there", async () => {
    // A broadcast address is refused at once, as every address is while the network is down.
    expect(await knock("255.255.255.255" as IpAddress, AbortSignal.timeout(5_000))).toBe(false);
  });

  it("gives up with its signal", async () => {
    expect(await knock("127.0.0.1" as IpAddress, AbortSignal.abort())).toBe(false);
  });
});

describe("pokeOne", () => {
  it("does not fail where nothing can be sent", async () => {
    await expect(
      Promise.race([pokeOne("255.255.255.255" as IpAddress), new Promise((resolve) => setTimeout(resolve, milliseconds(2_000)))]),
    ).resolves.toBeUndefined();
  });
});
