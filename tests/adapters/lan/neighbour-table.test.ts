import { describe, expect, it } from "vitest";
import {
  KernelNeighbourTable,
  parseIpNeighbours,
  parseNtableFulls,
  parseProcArp,
  parseTableFulls,
} from "../../../src/adapters/lan/neighbour-table.ts";
import type { Processes } from "../../../src/ports/processes.ts";

const PROC_ARP = `IP address       HW type     Flags       HW address            Mask     Device
192.168.50.99    0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.50.98    0x1         0x0         0c:79:55:00:00:98     *        eth0
192.168.50.50    0x1         0x2         0c:79:55:00:00:01     *        eth0
192.168.50.60    0x1         0x6         0c:79:55:00:00:60     *        wlan0.20
192.168.50.70    0x1         0xc         00:00:00:00:00:00     *        eth0
`;

describe("parseProcArp", () => {
  it("gives a MAC only to complete entries, a permanent one included", () => {
    expect(parseProcArp(PROC_ARP)).toEqual([
      { address: "192.168.50.99", device: "eth0" },
      { address: "192.168.50.98", device: "eth0" },
      { address: "192.168.50.50", device: "eth0", mac: "0c:79:55:00:00:01" },
      { address: "192.168.50.60", device: "wlan0.20", mac: "0c:79:55:00:00:60" },
      { address: "192.168.50.70", device: "eth0" },
    ]);
  });

  it.each(["", "IP address  HW type", "nonsense\nnonsense nonsense\n1.2.3.4\n1.2.3.4 0x1 zz xx * eth0 x"])("finds no MAC in %j", (text) => {
    expect(parseProcArp(text).filter((entry) => entry.mac !== undefined)).toEqual([]);
  });
});

/** Of iproute2 6.1 `ip -4 -s -j neigh show`. */
const IP_NEIGH =
  '[{"dst":"192.168.50.51","dev":"eth0","lladdr":"0c:79:55:00:00:01","refcnt":1,"used":6,"confirmed":4,"updated":6,"probes":4,"state":["REACHABLE"]},' +
  '{"dst":"192.168.50.9","dev":"eth0","refcnt":1,"used":1,"confirmed":61,"updated":1,"probes":5,"state":["INCOMPLETE"]},' +
  '{"dst":"192.168.50.8","dev":"eth0","used":100,"confirmed":161,"updated":97,"probes":6,"state":["FAILED"]},' +
  '{"dst":"192.168.50.1","dev":"eth0","lladdr":"02:c5:00:00:00:01","used":100,"confirmed":99,"updated":59,"probes":1,"state":["STALE"]},' +
  '{"dst":"fe80::1","dev":"eth0","lladdr":"02:c5:00:00:00:01","router":null,"used":1,"confirmed":1,"updated":1,"probes":1,"state":["STALE"]}]';

describe("parseIpNeighbours", () => {
  it("reads state and age, and leaves IPv6 out", () => {
    expect(parseIpNeighbours(IP_NEIGH)).toEqual([
      { address: "192.168.50.51", device: "eth0", mac: "0c:79:55:00:00:01", state: "REACHABLE", confirmed: 4_000 },
      { address: "192.168.50.9", device: "eth0", state: "INCOMPLETE", confirmed: 61_000 },
      { address: "192.168.50.8", device: "eth0", state: "FAILED", confirmed: 161_000 },
      { address: "192.168.50.1", device: "eth0", mac: "02:c5:00:00:00:01", state: "STALE", confirmed: 99_000 },
    ]);
  });

  it.each(["", "BusyBox v1.35.0 multi-call binary.", "{}", '[1,null,"x",{},{"dst":"1.2.3.4"},{"dst":5,"dev":"eth0"}]'])(
    "finds nothing in %j",
    (text) => {
      expect(parseIpNeighbours(text)).toEqual([]);
    },
  );
});

describe("table_fulls", () => {
  it("sums hexadecimal rows, one a CPU", () => {
    const text =
      "entries  allocs   destroys hash_grows lookups  hits     res_failed rcv_probes_mcast rcv_probes_ucast periodic_gc_runs forced_gc_runs unresolved_discards table_fulls\n" +
      "00000012 00000af1 00000adf 00000003 0001a2b3 00012345 000000ff 00000000 00000000 00000040 00000001 00000000 0000001a\n" +
      "00000012 00000001 00000000 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000010\n";
    expect(parseTableFulls(text)).toBe(0x1a + 0x10);
  });

  it.each(["", "entries allocs\n1 2\n", "entries table_fulls\n1\n", "entries table_fulls\n"])("says unknown of %j", (text) => {
    expect(parseTableFulls(text)).toBeUndefined();
  });

  it("is read of ip ntable where the namespace has no such file", () => {
    const text =
      '[{"family":"inet","name":"arp_cache","thresh1":128,"thresh2":512,"thresh3":1024,"entries":2,"table_fulls":37},{"family":"inet","name":"arp_cache","dev":"eth0","refcnt":1}]';
    expect(parseNtableFulls(text)).toBe(37);
    expect(parseNtableFulls("[{}]")).toBeUndefined();
    expect(parseNtableFulls("usage: ip ntable")).toBeUndefined();
  });
});

describe("KernelNeighbourTable", () => {
  it("asks iproute2 for one address by an argument list", async () => {
    const asked: unknown[] = [];
    const processes: Processes = {
      run: async (command) => {
        asked.push([command.file, ...command.args]);
        return { exitCode: 0, stdout: IP_NEIGH, stderr: "" };
      },
      follow: () => Promise.reject(new Error("not asked for")),
    };
    const entries = await new KernelNeighbourTable(processes).detailed(new AbortController().signal, "192.168.50.51" as never);
    expect(asked).toEqual([["ip", "-4", "-s", "-j", "neigh", "show", "to", "192.168.50.51"]]);
    expect(entries).toHaveLength(4);
  });
});
