import { describe, expect, it } from "vitest";
import { parseNetwork, type IpAddress, type MacAddress } from "../../../src/domain/addresses.ts";
import { seconds } from "../../../src/domain/duration.ts";
import { ArpScan } from "../../../src/adapters/lan/arp-scan.ts";
import { LanSearch, type NeighbourSearchParts } from "../../../src/adapters/lan/neighbour-search.ts";
import type { NeighbourEntry } from "../../../src/adapters/lan/neighbour-table.ts";
import type { ScanInterface } from "../../../src/ports/search.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeProber } from "../../fakes/fake-prober.ts";
import { FakeProcesses } from "../../fakes/fake-processes.ts";

const { signal } = new AbortController();
const REPEATER = "e8:9c:25:00:00:77" as MacAddress;
const at = (host: number): IpAddress => `192.168.50.${String(host)}` as IpAddress;
const network = parseNetwork("192.168.50.0/24") ?? expect.unreachable();
const on: ScanInterface = { name: "eth0", mac: "02:c5:00:00:00:02" as MacAddress, address: at(2), network };
const entry = (host: number): NeighbourEntry => ({ address: at(host), mac: REPEATER, device: "eth0" }) as NeighbourEntry;

/** A table that has the repeater's MAC at these hosts, and more of it half a second later. */
function room(before: readonly number[], later: readonly number[]) {
  const clock = new FakeClock();
  const prober = new FakeProber(clock);
  for (const host of before) prober.put(at(host), { mac: REPEATER });
  const processes = new FakeProcesses();
  processes.script("arp-scan", { lines: [9, 41].map((host) => `${at(host)}\t${REPEATER}`) });
  const table = {
    quick: async () => [...before, ...(clock.monotonic() < seconds(0.5) ? [] : later)].map(entry),
    overflows: async () => 0,
  };
  const poke = { sweep: async () => 253 };
  const parts = { clock, prober, table, poke, arpScan: new ArpScan(processes), interfaces: {} } as unknown as NeighbourSearchParts;
  return { clock, processes, search: new LanSearch(parts) };
}

async function poked(before: readonly number[], later: readonly number[]) {
  const { clock, search } = room(before, later);
  const seen: IpAddress[] = [];
  const done = search.poke(on, network, [REPEATER], ({ address }) => seen.push(address), signal);
  await clock.advance(seconds(5));
  return { seen, report: await done };
}

describe("a MAC address that answers for several addresses, as a repeater's does", () => {
  it("is swept for to the end: the first address found may be another camera's", async () => {
    const { seen, report } = await poked([9, 32], [41]);
    expect(seen.toSorted()).toEqual([at(32), at(41), at(9)]);
    expect(report.complete).toBe(true);
  });

  it("is asked for every address that it holds", async () => {
    const { search, processes } = room([9, 32], []);
    const seen: IpAddress[] = [];
    await search.ask(on, REPEATER, ({ address }) => seen.push(address), signal);
    expect(processes.calls[0]?.args).not.toContain("-M");
    expect(seen).toEqual([at(9), at(41)]);
  });
});

describe("a MAC address with one address in the table", () => {
  it("ends the sweep, and the question, when it is found", async () => {
    expect((await poked([9], [41])).seen).toEqual([at(9)]);
    const { search, processes } = room([9], []);
    await search.ask(on, REPEATER, () => undefined, signal);
    expect(processes.calls[0]?.args).toContain("-M");
  });
});
