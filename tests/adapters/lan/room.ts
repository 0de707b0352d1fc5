import { ArpScan } from "../../../src/adapters/lan/arp-scan.ts";
import { Interfaces } from "../../../src/adapters/lan/interfaces.ts";
import { KernelNeighbourProber } from "../../../src/adapters/lan/neighbour-prober.ts";
import { LanSearch } from "../../../src/adapters/lan/neighbour-search.ts";
import { KernelNeighbourTable } from "../../../src/adapters/lan/neighbour-table.ts";
import { UdpPoke } from "../../../src/adapters/lan/udp-poke.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { createProcesses } from "../../../src/adapters/system/processes.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Processes } from "../../../src/ports/processes.ts";
import { ProgramMissing } from "../../../src/ports/processes.ts";

/** The LAN adapters wired as the program wires them. */
export interface Room {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly table: KernelNeighbourTable;
  readonly interfaces: Interfaces;
  readonly arpScan: ArpScan;
  readonly prober: KernelNeighbourProber;
  readonly search: LanSearch;
}

/** @param raw false: as where raw sockets are not allowed */
export function lanRoom(raw = true, processes: Processes = createProcesses()): Room {
  const clock = createSystemClock();
  const table = new KernelNeighbourTable(processes);
  const interfaces = new Interfaces();
  const arpScan = new ArpScan(raw ? processes : without("arp-scan", processes));
  const prober = new KernelNeighbourProber({ clock, table, interfaces, ...(raw ? { arpScan } : {}) });
  const search = new LanSearch({ clock, table, interfaces, arpScan, poke: new UdpPoke(clock), prober });
  return { clock, processes, table, interfaces, arpScan, prober, search };
}

/** A machine where one program is not installed. */
export function without(program: string, processes: Processes): Processes {
  const refuse = (file: string): void => {
    if (file === program) throw new ProgramMissing(program);
  };
  return {
    run: async (command, signal) => {
      refuse(command.file);
      return processes.run(command, signal);
    },
    follow: async (command, onLine, signal) => {
      refuse(command.file);
      return processes.follow(command, onLine, signal);
    },
  };
}
