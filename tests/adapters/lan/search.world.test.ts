import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { networkOf, parseMac, type IpAddress, type MacAddress } from "../../../src/domain/addresses.ts";
import { seconds } from "../../../src/domain/duration.ts";
import type { Sighting } from "../../../src/domain/sighting.ts";
import type { ScanInterface, SweepReport } from "../../../src/ports/search.ts";
import { LayerUnavailable } from "../../../src/ports/sightings.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { startLan, type Host, type Lan } from "../../world/lan.ts";
import { run } from "../../world/programs.ts";
import { lanRoom, type Room } from "./room.ts";

const HOSTS = 40;
const signal = new AbortController().signal;
const ABSENT = "0c:79:55:00:99:99" as MacAddress;

const shared: { lan?: Lan; hosts: Host[] } = { hosts: [] };

function lan(): Lan {
  if (shared.lan === undefined) throw new Error("not started");
  return shared.lan;
}

function macOf(index: number): MacAddress {
  const mac = parseMac(`0c79550000${index.toString(16).padStart(2, "0")}`);
  if (mac === undefined) throw new Error(`no MAC ${index}`);
  return mac;
}

/** Host `index` (1 to 40) is at .(100 + index). */
const home = (index: number): IpAddress => lan().at(100 + index);

function host(index: number): Host {
  const found = shared.hosts[index - 1];
  if (found === undefined) throw new Error(`no host ${index}`);
  return found;
}

async function move(index: number, to: IpAddress): Promise<void> {
  await host(index).flush();
  await host(index).addAddress(to);
}

function on(): ScanInterface {
  const { network, home: box } = lan();
  return { name: box.interface, mac: box.mac, address: box.address, network };
}

async function poke(room: Room, wanted: readonly MacAddress[]): Promise<{ report: SweepReport; seen: Sighting[]; took: number }> {
  const seen: Sighting[] = [];
  const begin = performance.now();
  const report = await room.search.poke(on(), lan().network, wanted, (sighting) => seen.push(sighting), signal);
  return { report, seen, took: performance.now() - begin };
}

beforeAll(async () => {
  shared.lan = await startLan();
  for (let index = 1; index <= HOSTS; index += 1) {
    const one = await lan().attach(`h${index}`, macOf(index));
    await one.addAddress(home(index));
    shared.hosts.push(one);
  }
});
afterAll(() => shared.lan?.stop());

beforeEach(async () => {
  await run("ip", ["neighbour", "flush", "dev", "eth0"]);
});

describe("poke", () => {
  it("finds forty hosts of a /24, each once, and stops when all are found", async () => {
    const wanted = Array.from({ length: HOSTS }, (_, index) => macOf(index + 1));
    const { report, seen } = await poke(lanRoom(), wanted);
    const pairs = seen.map(({ mac, address }) => `${mac} ${address}`).toSorted();
    expect(pairs).toEqual(wanted.map((mac, index) => `${mac} ${home(index + 1)}`).toSorted());
    expect(report).toEqual({ probed: 253, overflows: 0, complete: true });
    expect(seen.every(({ layer }) => layer === "poke")).toBe(true);
  });

  it("tells nothing of MACs that nobody asked for", async () => {
    expect((await poke(lanRoom(), [macOf(1)])).seen.map(({ mac }) => mac)).toEqual([macOf(1)]);
  });

  it.each([true, false])("is not fooled by the old address, which is still REACHABLE (raw sockets: %s)", async (raw) => {
    const room = lanRoom(raw);
    await room.prober.neighbour(home(2), [macOf(2)], seconds(5), signal);
    await move(2, lan().at(77));
    try {
      const before = await room.table.detailed(signal, home(2));
      expect(before[0]).toMatchObject({ mac: macOf(2), state: "REACHABLE" });
      const { report, seen } = await poke(room, [macOf(2)]);
      expect(seen.map(({ address }) => address)).toEqual([lan().at(77)]);
      expect(report.complete).toBe(true);
      // With a second MAC that is nowhere, the sweep runs to its end, and still the old address is not told.
      const second = await poke(room, [macOf(2), ABSENT]);
      expect(second.seen.map(({ address }) => address)).toEqual([lan().at(77)]);
      expect(second.report.complete).toBe(false);
    } finally {
      await move(2, home(2));
    }
  });

  it.each([true, false])("finds a host that is where the table has it already (raw sockets: %s)", async (raw) => {
    const room = lanRoom(raw);
    await room.prober.neighbour(home(3), [macOf(3)], seconds(5), signal);
    const { report, seen } = await poke(room, [macOf(3)]);
    expect(seen.map(({ address }) => address)).toEqual([home(3)]);
    expect(report.complete).toBe(true);
  });

  it("calls a MAC absent only after 3.2 s, and does not overflow the table", async () => {
    const { report, seen, took } = await poke(lanRoom(), [ABSENT]);
    expect(seen).toEqual([]);
    expect(report).toEqual({ probed: 253, overflows: 0, complete: false });
    expect(took).toBeGreaterThanOrEqual(3_200);
  });

  it("ends with its signal", async () => {
    const controller = new AbortController();
    const sweep = failureOf(lanRoom().search.poke(on(), lan().network, [ABSENT], () => undefined, controller.signal));
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 200);
    expect(await sweep).toBe(reason);
  });

  it("pokes at most a /22 of a larger network, the one that we are in", async () => {
    const controller = new AbortController();
    // The test before was cut short: what it asked for may still stand in the table.
    const before = new Set((await lanRoom().table.quick()).map(({ address }) => address));
    const large = { ...on(), network: networkOf(on().address, 16) };
    // Only its first burst is sent: that lies in the part around our own address.
    const sweep = failureOf(lanRoom().search.poke(large, large.network, [ABSENT], () => undefined, controller.signal));
    await new Promise((resolve) => setTimeout(resolve, 600));
    controller.abort(new Error("enough"));
    await sweep;
    const touched = (await lanRoom().table.quick()).map(({ address }) => address).filter((address) => !before.has(address));
    expect(touched.filter((address) => !address.startsWith("192.168.48.") && address !== lan().at(1))).toEqual([]);
  });
});

describe("census", () => {
  it("tells of everybody, once each, and of nobody else", async () => {
    const seen: Sighting[] = [];
    const report = await lanRoom().search.census(on(), lan().network, (sighting) => seen.push(sighting), signal);
    const hosts = seen.filter(({ mac }) => mac?.startsWith("0c:79:55:00:00:") === true);
    expect(hosts.map(({ mac, address }) => `${mac} ${address}`).toSorted()).toEqual(
      Array.from({ length: HOSTS }, (_, index) => `${macOf(index + 1)} ${home(index + 1)}`).toSorted(),
    );
    expect(report).toEqual({ probed: 253, overflows: 0, complete: false });
  });
});

describe("ask", () => {
  it("finds where a MAC is, and nobody else hears it", async () => {
    const seen: Sighting[] = [];
    await move(5, lan().at(88));
    try {
      const report = await lanRoom().search.ask(on(), macOf(5), (sighting) => seen.push(sighting), signal);
      expect(seen.map(({ layer, mac, address }) => [layer, mac, address])).toEqual([["ask", macOf(5), lan().at(88)]]);
      expect(report).toMatchObject({ overflows: 0, complete: true });
    } finally {
      await move(5, home(5));
    }
  });

  it("finds nobody where the MAC is absent", async () => {
    const seen: Sighting[] = [];
    const report = await lanRoom().search.ask(on(), ABSENT, (sighting) => seen.push(sighting), signal);
    expect([report.complete, seen]).toEqual([false, []]);
  });

  it("says what is missing without arp-scan, and where the interface is gone", async () => {
    const missing = await failureOf(lanRoom(false).search.ask(on(), ABSENT, () => undefined, signal));
    expect(missing).toBeInstanceOf(LayerUnavailable);
    const gone = await failureOf(lanRoom().search.ask({ ...on(), name: "eth9" }, ABSENT, () => undefined, signal));
    expect(gone).toMatchObject({ layer: "ask", message: expect.stringContaining("eth9") });
  });
});

describe("interfaces", () => {
  it("gives the home network and avoids what is none", async () => {
    await run("ip", ["link", "add", "docker0", "type", "veth", "peer", "name", "other-end"]);
    await run("ip", ["-batch", "-"], { input: "link set docker0 up\nlink set other-end up" });
    await run("ip", ["address", "add", "172.17.0.1/16", "dev", "docker0"]);
    try {
      const found = await lanRoom().search.interfaces(signal);
      expect(found.find(({ name }) => name === "eth0")).toEqual(on());
      expect(found.find(({ name }) => name === "docker0")?.avoid).toBe("a container engine's bridge");
      expect(await lanRoom().interfaces.gateways()).toEqual([lan().at(1)]);
    } finally {
      await run("ip", ["link", "delete", "docker0"]);
    }
  });
});
