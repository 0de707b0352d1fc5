import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TcpConnect } from "../../../src/adapters/lan/tcp-connect.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import { milliseconds, seconds } from "../../../src/domain/duration.ts";
import type { Sighting } from "../../../src/domain/sighting.ts";
import { describeConnectProber, describeNeighbourProber } from "../../contract/prober.ts";
import { startLan, type Host, type Lan } from "../../world/lan.ts";
import { run, start } from "../../world/programs.ts";
import { lanRoom, without } from "./room.ts";
import { createProcesses } from "../../../src/adapters/system/processes.ts";

const signal = new AbortController().signal;
const CAMERA = "0c:79:55:00:00:01" as MacAddress;
const STRANGER = "0c:79:55:00:00:02" as MacAddress;

/** What every test needs; one LAN serves them all, with an empty neighbour table before each. */
interface World {
  readonly lan: Lan;
  readonly camera: Host;
  readonly stranger: Host;
}

const shared: { world?: World } = {};

function world(): World {
  if (shared.world === undefined) throw new Error("not started");
  return shared.world;
}

/** The camera at .50, the stranger at .51, and nothing in the neighbour table. */
async function reset(): Promise<World> {
  const { lan, camera, stranger } = world();
  for (const [host, at] of [
    [camera, 50],
    [stranger, 51],
  ] as const) {
    await host.flush();
    await host.addAddress(lan.at(at));
  }
  await run("ip", ["neighbour", "flush", "dev", "eth0"]);
  return world();
}

beforeAll(async () => {
  const lan = await startLan();
  shared.world = { lan, camera: await lan.attach("camera", CAMERA), stranger: await lan.attach("stranger", STRANGER) };
});
afterAll(() => shared.world?.lan.stop());

const close = async (): Promise<void> => undefined;

for (const raw of [true, false]) {
  describeNeighbourProber(raw ? "the kernel's table with raw sockets" : "the kernel's table alone", async () => {
    const { lan, camera } = await reset();
    return {
      prober: lanRoom(raw).prober,
      camera: { address: lan.at(50), mac: CAMERA },
      stranger: { address: lan.at(51), mac: STRANGER },
      gateway: { address: lan.at(1), mac: lan.router.host.mac },
      empty: lan.at(99),
      far: "10.1.2.3" as IpAddress,
      moveCamera: async (to) => {
        await camera.flush();
        await camera.addAddress(to);
      },
      close,
    };
  });
}

describeConnectProber("connecting by TCP", async () => {
  const { lan, camera } = await reset();
  const server = start(process.execPath, ["-e", 'require("net").createServer(() => {}).listen(554)'], { namespace: camera.namespace });
  const prober = new TcpConnect(createSystemClock());
  const open = { address: lan.at(50), port: 554 };
  while ((await prober.connect(open.address, open.port, seconds(1), signal)) !== "open")
    await new Promise((resolve) => setTimeout(resolve, 20));
  return { prober, open, refused: { address: lan.at(51), port: 554 }, silent: { address: lan.at(99), port: 554 }, close: server.stop };
});

describe("KernelNeighbourProber", () => {
  it.each([true, false])("sees through an entry that is still REACHABLE after its camera left (raw sockets: %s)", async (raw) => {
    const { lan, camera } = await reset();
    const { prober, table } = lanRoom(raw);
    await prober.neighbour(lan.at(50), [CAMERA], seconds(5), signal);
    await camera.flush();
    await camera.addAddress(lan.at(77));
    const old = (await table.detailed(signal, lan.at(50)))[0];
    expect(old).toMatchObject({ mac: CAMERA, state: "REACHABLE" });
    expect(await prober.neighbour(lan.at(50), [CAMERA], seconds(1), signal)).toEqual({ found: "nobody" });
    const reading = await prober.neighbour(lan.at(77), [CAMERA], seconds(5), signal);
    expect(reading).toMatchObject({ found: "mac", mac: CAMERA, gateway: false });
    expect(reading.found === "mac" && reading.addressesOfMac.toSorted()).toEqual([lan.at(50), lan.at(77)]);
    expect(await table.macOf(lan.at(50))).toBe(CAMERA);
  });

  it("sees at once that another device took the address over, where raw sockets are allowed", async () => {
    const { lan, camera, stranger } = await reset();
    const { prober } = lanRoom();
    await prober.neighbour(lan.at(50), [CAMERA], seconds(5), signal);
    await camera.flush();
    await stranger.flush();
    await stranger.addAddress(lan.at(50));
    // The kernel holds a new MAC back for a second after the last one.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await prober.neighbour(lan.at(50), [CAMERA], milliseconds(800), signal)).toMatchObject({ found: "mac", mac: STRANGER });
    expect(await prober.neighbour(lan.at(50), [STRANGER], seconds(5), signal)).toMatchObject({ found: "mac", mac: STRANGER });
  });

  it("tells the gateway's MAC where the router answers for everybody", async () => {
    const { lan, camera } = await reset();
    await camera.flush();
    await lan.router.proxyArp(true);
    try {
      const { prober } = lanRoom();
      const gateway = lan.router.host.mac;
      for (const host of [50, 60, 61]) {
        expect(await prober.neighbour(lan.at(host), [CAMERA], seconds(1), signal)).toMatchObject({
          found: "mac",
          mac: gateway,
          gateway: true,
        });
      }
      const reading = await prober.neighbour(lan.at(62), [gateway], seconds(5), signal);
      expect(reading.found === "mac" && reading.addressesOfMac.length).toBeGreaterThanOrEqual(4);
    } finally {
      await lan.router.proxyArp(false);
    }
  });

  it("goes on without arp-scan and without iproute2", async () => {
    const { lan } = await reset();
    const { prober } = lanRoom(true, without("arp-scan", without("ip", createProcesses())));
    for (let round = 0; round < 2; round += 1) {
      expect(await prober.neighbour(lan.at(50), [CAMERA], seconds(5), signal)).toMatchObject({ found: "mac", mac: CAMERA });
    }
  });

  it("finds its own address by itself", async () => {
    const { lan } = await reset();
    const reading = await lanRoom().prober.neighbour(lan.home.address, [CAMERA], seconds(5), signal);
    expect(reading).toMatchObject({ found: "mac", mac: lan.home.mac });
  });
});

describe("LanSearch", () => {
  it("finds a host that answers only the kernel's last question", async () => {
    const { lan, camera } = await reset();
    await camera.flush();
    const on = { name: lan.home.interface, mac: lan.home.mac, address: lan.home.address, network: lan.network };
    const seen: Sighting[] = [];
    const sweep = lanRoom(false).search.poke(on, lan.network, [CAMERA], (sighting) => seen.push(sighting), signal);
    await new Promise((resolve) => setTimeout(resolve, 1_400));
    await camera.addAddress(lan.at(50));
    expect((await sweep).complete).toBe(true);
    expect(seen.map(({ mac, address }) => [mac, address])).toEqual([[CAMERA, lan.at(50)]]);
  });
});
