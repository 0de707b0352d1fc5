import { describe, expect, it, onTestFinished } from "vitest";
import { NeighbourMonitor, parseMonitorLine } from "../../../src/adapters/lan/neighbour-monitor.ts";
import { KernelNeighbourTable } from "../../../src/adapters/lan/neighbour-table.ts";
import { seconds } from "../../../src/domain/duration.ts";
import type { Sighting } from "../../../src/domain/sighting.ts";
import { ProgramMissing, type Finished, type Processes } from "../../../src/ports/processes.ts";
import { LayerUnavailable } from "../../../src/ports/sightings.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

describe("parseMonitorLine", () => {
  it.each([
    ["192.168.50.20 dev eth0 lladdr 02:00:00:00:00:21 REACHABLE ", "192.168.50.20", "02:00:00:00:00:21", "REACHABLE"],
    ["192.168.50.20 dev wlan0 lladdr 02:00:00:00:00:21 router STALE", "192.168.50.20", "02:00:00:00:00:21", "STALE"],
    ["192.168.50.20 dev eth0 FAILED ", "192.168.50.20", undefined, "FAILED"],
    ["192.168.50.20 dev eth0 lladdr 02:00:00:00:00:21 FAILED", "192.168.50.20", undefined, "FAILED"],
  ])("reads %j", (line, address, mac, state) => {
    const event = parseMonitorLine(line);
    expect(event?.deleted).toBe(false);
    expect([event?.entry.address, event?.entry.mac, event?.entry.state]).toEqual([address, mac, state]);
  });

  it.each(["Deleted 192.168.50.20 dev eth0 lladdr 02:00:00:00:00:21 STALE", "delete 192.168.50.20 dev eth0"])("tells %j", (line) => {
    expect(parseMonitorLine(line)?.deleted ?? "none").toBe(line.startsWith("Deleted") ? true : "none");
  });

  it.each([
    "",
    "fe80::1 dev eth0 lladdr 02:00:00:00:00:21 router REACHABLE",
    "224.0.0.22 dev eth0 lladdr 01:00:5e:00:00:16 NOARP",
    "192.168.50.20 lladdr 02:00:00:00:00:21 REACHABLE",
    "miss 192.168.50.20 dev eth0 INCOMPLETE",
    "Usage: ip [OPTIONS] address|route",
  ])("leaves %j out", (line) => {
    expect(parseMonitorLine(line)).toBeUndefined();
  });
});

interface Life {
  readonly onLine: (line: string) => void;
  readonly end: (finished: Finished) => void;
}

/** iproute2 whose monitor lives until the test ends it. */
function iproute(dump: () => string): { readonly processes: Processes; readonly lives: Life[] } {
  const lives: Life[] = [];
  const processes: Processes = {
    run: async () => ({ exitCode: 0, stdout: dump(), stderr: "" }),
    follow: async (_command, onLine, signal) => {
      const { promise, resolve } = Promise.withResolvers<Finished>();
      const abort = (): void => resolve({ exitCode: undefined, stdout: "", stderr: "" });
      signal.addEventListener("abort", abort, { once: true });
      lives.push({ onLine, end: resolve });
      const finished = await promise;
      signal.removeEventListener("abort", abort);
      signal.throwIfAborted();
      return finished;
    },
  };
  return { processes, lives };
}

function row(address: string, mac: string, confirmed: number): string {
  return `{"dst":"${address}","dev":"eth0","lladdr":"${mac}","confirmed":${confirmed},"state":["REACHABLE"]}`;
}

function watch(processes: Processes): {
  clock: FakeClock;
  told: string[];
  ready: () => number;
  stop: () => void;
  ended: Promise<unknown>;
} {
  const clock = new FakeClock();
  const monitor = new NeighbourMonitor(clock, () => 0.5, processes, new KernelNeighbourTable(processes));
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const told: string[] = [];
  const state = { ready: 0 };
  const onSighting = (sighting: Sighting): unknown => told.push(`${sighting.mac} ${sighting.address}`);
  const ended = failureOf(monitor.watch(onSighting, () => (state.ready += 1), controller.signal));
  return { clock, told, ready: () => state.ready, stop: () => controller.abort(), ended };
}

const A = "0c:79:55:00:00:01";
const B = "0c:79:55:00:00:02";

describe("NeighbourMonitor", () => {
  it("tells what the table holds at the start, the most recently confirmed first, then what is new or changes", async () => {
    const { processes, lives } = iproute(() => `[${row("192.168.50.50", A, 9)},${row("192.168.50.77", A, 2)}]`);
    const { clock, told, ready } = watch(processes);
    await clock.advance(seconds(1));
    expect(ready()).toBe(1);
    expect(told.splice(0)).toEqual([`${A} 192.168.50.77`, `${A} 192.168.50.50`]);
    const say = (line: string): void => lives[0]?.onLine(line);
    say(`192.168.50.50 dev eth0 lladdr ${A} STALE`);
    say(`192.168.50.50 dev eth0 lladdr ${A} DELAY`);
    say(`192.168.50.50 dev eth0 lladdr ${A} PROBE`);
    expect(told).toEqual([]);
    say(`192.168.50.50 dev eth0 lladdr ${A} REACHABLE`);
    say(`192.168.50.50 dev eth0 lladdr ${A} REACHABLE`);
    expect(told.splice(0)).toEqual([`${A} 192.168.50.50`]);
    say(`192.168.50.50 dev eth0 lladdr ${B} STALE`);
    say(`192.168.50.60 dev eth0 lladdr ${B} STALE`);
    expect(told.splice(0)).toEqual([`${B} 192.168.50.50`, `${B} 192.168.50.60`]);
    say("192.168.50.60 dev eth0  FAILED");
    say(`192.168.50.60 dev eth0 lladdr ${B} STALE`);
    say(`Deleted 192.168.50.50 dev eth0 lladdr ${B} STALE`);
    say(`192.168.50.50 dev eth0 lladdr ${B} STALE`);
    expect(told.splice(0)).toEqual([`${B} 192.168.50.60`, `${B} 192.168.50.50`]);
  });

  it("starts again when the program ends, and then tells only what was missed", async () => {
    let table = `[${row("192.168.50.50", A, 1)}]`;
    const { processes, lives } = iproute(() => table);
    const { clock, told, ready } = watch(processes);
    await clock.advance(seconds(90));
    expect(told.splice(0)).toHaveLength(1);
    table = `[${row("192.168.50.50", A, 1)},${row("192.168.50.60", B, 1)}]`;
    lives[0]?.end({ exitCode: undefined, stdout: "", stderr: "" });
    await clock.advance(seconds(3));
    expect(lives).toHaveLength(2);
    expect(ready()).toBe(2);
    expect(told).toEqual([`${B} 192.168.50.60`]);
  });

  it("waits longer each time the program dies young", async () => {
    const { processes, lives } = iproute(() => "[]");
    const { clock } = watch(processes);
    const starts: number[] = [];
    for (let life = 0; life < 4; life += 1) {
      await clock.advance(seconds(0.2));
      while (lives.length <= life) await clock.advance(seconds(0.1));
      starts.push(clock.monotonic());
      await clock.advance(seconds(0.2));
      lives[life]?.end({ exitCode: 1, stdout: "", stderr: "" });
    }
    const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
    expect(gaps.toSorted((one, other) => one - other)).toEqual(gaps);
    expect(gaps[2]).toBeGreaterThan((gaps[0] ?? 0) * 2);
  });

  it("says that iproute2 is missing", async () => {
    const refuse = (): Promise<never> => Promise.reject(new ProgramMissing("ip"));
    const { clock, ended, told } = watch({ run: refuse, follow: refuse });
    await clock.advance(seconds(1));
    const error = await ended;
    expect(error).toBeInstanceOf(LayerUnavailable);
    expect(error).toMatchObject({ layer: "neighbours", message: expect.stringContaining("iproute2") });
    expect(told).toEqual([]);
  });

  it("says that an ip without a monitor will not do", async () => {
    const { processes, lives } = iproute(() => "BusyBox v1.35.0");
    const { clock, ended, ready } = watch(processes);
    await clock.settle();
    lives[0]?.end({ exitCode: 1, stdout: "", stderr: "BusyBox v1.35.0 multi-call binary.\nUsage: ip" });
    await clock.advance(seconds(1));
    expect(await ended).toMatchObject({ name: "LayerUnavailable", message: expect.stringContaining("BusyBox v1.35.0") });
    expect(ready()).toBe(0);
  });

  it("ends quietly with its signal", async () => {
    const { processes } = iproute(() => "[]");
    const { clock, ended, stop } = watch(processes);
    await clock.advance(seconds(1));
    stop();
    expect(await ended).toBeUndefined();
    expect(clock.pending()).toEqual([]);
  });
});
