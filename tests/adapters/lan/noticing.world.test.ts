import { createSocket } from "node:dgram";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { DhcpSocket } from "../../../src/adapters/lan/dhcp-socket.ts";
import { NeighbourMonitor } from "../../../src/adapters/lan/neighbour-monitor.ts";
import { NeighbourPoll } from "../../../src/adapters/lan/neighbour-poll.ts";
import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import { seconds } from "../../../src/domain/duration.ts";
import type { Sighting } from "../../../src/domain/sighting.ts";
import type { SightingSource } from "../../../src/ports/sightings.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { dhcpClient } from "../../world/dhcp-client.ts";
import { startLan, type Host, type Lan } from "../../world/lan.ts";
import { run } from "../../world/programs.ts";
import { eventually } from "../../world/waiting.ts";
import { lanRoom } from "./room.ts";

const CAMERA = "0c:79:55:00:00:01" as MacAddress;
const OTHER = "0c:79:55:00:00:02" as MacAddress;
const shared: { lan?: Lan; camera?: Host; other?: Host } = {};

function world(): { lan: Lan; camera: Host; other: Host } {
  const { lan, camera, other } = shared;
  if (lan === undefined || camera === undefined || other === undefined) throw new Error("not started");
  return { lan, camera, other };
}

beforeAll(async () => {
  shared.lan = await startLan();
  shared.camera = await shared.lan.attach("camera", CAMERA);
  shared.other = await shared.lan.attach("other", OTHER);
});
afterAll(() => shared.lan?.stop());
beforeEach(async () => {
  await world().camera.flush();
  await world().other.flush();
  await run("ip", ["neighbour", "flush", "dev", "eth0"]);
});

interface Watch {
  readonly seen: Sighting[];
  readonly pairs: () => string[];
  /** Resolves with the failure, undefined where the source ended with its signal. */
  readonly ended: Promise<unknown>;
  stop(): void;
}

/** Watches until the test is over; resolves when the source is up, or has failed. */
async function watch(source: SightingSource): Promise<Watch> {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const seen: Sighting[] = [];
  const ready = Promise.withResolvers<void>();
  const ended = failureOf(source.watch((sighting) => seen.push(sighting), ready.resolve, controller.signal));
  await Promise.race([ready.promise, ended]);
  return { seen, pairs: () => seen.map(({ mac, address }) => `${mac} ${address}`), ended, stop: () => controller.abort() };
}

describe("DhcpSocket", () => {
  it("hears a real client's request, with its host name, and nothing before it", async () => {
    const { lan, camera } = world();
    const watching = await watch(new DhcpSocket(lanRoom().clock));
    const client = dhcpClient(camera, "front-door");
    const bound = await client.begin(() => undefined);
    await client.end();
    expect(watching.seen).toHaveLength(1);
    expect(watching.seen[0]).toMatchObject({ layer: "dhcp", mac: CAMERA, address: bound.address, hostName: "front-door" });
    expect(lan.router.events.map(({ kind }) => kind)).toContain("DISCOVER");
    watching.stop();
    expect(await watching.ended).toBeUndefined();
  });

  it("hears it again after it was stopped and started, and beside another such socket", async () => {
    const { camera } = world();
    const first = await watch(new DhcpSocket(lanRoom().clock));
    first.stop();
    await first.ended;
    const [one, two] = [await watch(new DhcpSocket(lanRoom().clock)), await watch(new DhcpSocket(lanRoom().clock))];
    const client = dhcpClient(camera, "front-door");
    await client.begin(() => undefined);
    await client.end();
    expect([one.seen.length, two.seen.length]).toEqual([1, 1]);
    expect(first.seen).toEqual([]);
  });

  it("survives what is no DHCP", async () => {
    const { lan, other } = world();
    const watching = await watch(new DhcpSocket(lanRoom().clock));
    await other.addAddress(lan.at(60));
    await run("bash", ["-c", "head -c 600 /dev/urandom | timeout 1 busybox nc -u -b -w1 255.255.255.255 67 || true"], {
      namespace: other.namespace,
    });
    const sender = createSocket("udp4");
    await new Promise<void>((resolve) => sender.bind(0, lan.home.address, resolve));
    sender.setBroadcast(true);
    await new Promise((resolve) => sender.send(new Uint8Array(0), 67, "255.255.255.255", resolve));
    sender.close();
    const client = dhcpClient(world().camera, "front-door");
    await client.begin(() => undefined);
    await client.end();
    expect(watching.seen).toHaveLength(1);
  });

  it("says that the port is taken, and when to try again", async () => {
    const taken = createSocket({ type: "udp4", reuseAddr: false });
    await new Promise<void>((resolve) => taken.bind(67, "0.0.0.0", resolve));
    const watching = await watch(new DhcpSocket(lanRoom().clock));
    taken.close();
    expect(await watching.ended).toMatchObject({ name: "LayerUnavailable", layer: "dhcp", retryAfter: seconds(60) });
    const again = await watch(new DhcpSocket(lanRoom().clock));
    again.stop();
    expect(await again.ended).toBeUndefined();
  });

  it("names the capability that is missing", async () => {
    const program =
      'import { DhcpSocket } from "./src/adapters/lan/dhcp-socket.ts"; import { createSystemClock } from "./src/adapters/system/clock.ts";' +
      "new DhcpSocket(createSystemClock()).watch(() => {}, () => console.log('up'), new AbortController().signal).catch((e) => console.log(e.name, e.message));";
    const node = ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", process.execPath];
    const said = await run("setpriv", [...node, "--input-type=module-typescript", "-e", program]);
    expect(said).toContain("LayerUnavailable");
    expect(said).toContain("NET_BIND_SERVICE");
  });
});

describe("NeighbourMonitor", () => {
  const monitor = (): NeighbourMonitor => {
    const { clock, processes, table } = lanRoom();
    return new NeighbourMonitor(clock, Math.random, processes, table);
  };
  /** Makes the kernel resolve an address. */
  const touch = (address: IpAddress): Promise<unknown> =>
    lanRoom(false).prober.neighbour(address, [], seconds(1), new AbortController().signal);

  it("tells a camera that comes up at an address, and one that takes another's address over", async () => {
    const { lan, camera, other } = world();
    const watching = await watch(monitor());
    await camera.addAddress(lan.at(50));
    await touch(lan.at(50));
    await eventually("the camera", () => watching.pairs().includes(`${CAMERA} ${lan.at(50)}`));
    await camera.flush();
    await other.addAddress(lan.at(50));
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await run("arping", ["-U", "-c", "1", "-I", "eth0", lan.at(50)], { namespace: other.namespace });
    await eventually("the other", () => watching.pairs().includes(`${OTHER} ${lan.at(50)}`));
    expect(watching.seen.every(({ layer }) => layer === "neighbours")).toBe(true);
    watching.stop();
    expect(await watching.ended).toBeUndefined();
  });

  it("tells what the table held before it started", async () => {
    const { lan, camera } = world();
    await camera.addAddress(lan.at(52));
    await touch(lan.at(52));
    const watching = await watch(monitor());
    expect(watching.pairs()).toContain(`${CAMERA} ${lan.at(52)}`);
  });

  it("goes on after its program was killed, and tells what it missed", async () => {
    const { lan, camera } = world();
    const watching = await watch(monitor());
    await camera.addAddress(lan.at(53));
    for (const pid of await childrenRunning("ip -4 monitor neigh")) process.kill(pid, "SIGKILL");
    await touch(lan.at(53));
    await eventually("the camera that came meanwhile", () => watching.pairs().includes(`${CAMERA} ${lan.at(53)}`), 15_000);
    watching.stop();
    expect(await watching.ended).toBeUndefined();
  });
});

/** Processes of this world by their command line; it has process ids of its own, so they are all ours. */
async function childrenRunning(commandLine: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    const text = /^\d+$/.test(name) ? await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "") : "";
    if (text.replaceAll("\0", " ").trim() === commandLine) found.push(Number(name));
  }
  if (found.length === 0) throw new Error(`nothing runs as ${commandLine}`);
  return found;
}

describe("NeighbourPoll", () => {
  it("tells a new camera without iproute2", async () => {
    const { lan, camera } = world();
    const { clock, table } = lanRoom();
    const watching = await watch(new NeighbourPoll(clock, table));
    await camera.addAddress(lan.at(54));
    await lanRoom(false).prober.neighbour(lan.at(54), [], seconds(1), new AbortController().signal);
    await eventually("the camera", () => watching.pairs().includes(`${CAMERA} ${lan.at(54)}`));
    watching.stop();
    expect(await watching.ended).toBeUndefined();
  });
});
