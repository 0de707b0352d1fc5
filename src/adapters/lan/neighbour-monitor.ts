import { isHostAddress, parseIp, parseMac, type MacAddress } from "../../domain/addresses.ts";
import { milliseconds, minutes, seconds, type Duration } from "../../domain/duration.ts";
import type { Sighting } from "../../domain/sighting.ts";
import { NeighbourPoll } from "./neighbour-poll.ts";
import type { Clock, Random } from "../../ports/clock.ts";
import { ProgramMissing, type Finished, type Processes } from "../../ports/processes.ts";
import { LayerUnavailable, type SightingSource } from "../../ports/sightings.ts";
import { KnownNeighbours } from "./known-neighbours.ts";
import type { NeighbourEntry, KernelNeighbourTable } from "./neighbour-table.ts";

/** `ip monitor` says nothing when it has subscribed; events of this time are found by the dump that follows. */
const SUBSCRIBING = milliseconds(150);
const FIRST_GAP = seconds(1);
const LONGEST_GAP = seconds(60);
/** A monitor that lived this long had worked: the next gap is short again. */
const WORKED = minutes(1);
const ATTEMPTS_WITHOUT_A_START = 5;

/** One line of `ip monitor neigh`. */
export interface NeighbourEvent {
  readonly entry: NeighbourEntry;
  /** The entry was removed from the table. */
  readonly deleted: boolean;
}

/** Hears each change of the kernel's neighbour table, some milliseconds after it, by iproute2's `ip monitor neigh`. Needs no privilege. */
export class NeighbourMonitor implements SightingSource {
  readonly layer = "neighbours";
  readonly standIn: SightingSource;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #processes: Processes;
  readonly #table: KernelNeighbourTable;

  constructor(clock: Clock, random: Random, processes: Processes, table: KernelNeighbourTable) {
    this.standIn = new NeighbourPoll(clock, table);
    this.#clock = clock;
    this.#random = random;
    this.#processes = processes;
    this.#table = table;
  }

  /**
   * Reports every MAC address at every IPv4 address that is new, changed, or becomes reachable again; at the start and after each restart of the
   * program, what the table holds that was not reported yet, the most recently confirmed first.
   * @throws LayerUnavailable without iproute2, and where its `ip` cannot monitor (busybox)
   */
  async watch(onSighting: (sighting: Sighting) => void, onReady: () => void, signal: AbortSignal): Promise<void> {
    const known = new KnownNeighbours();
    const tell = (entry: NeighbourEntry): void => {
      if (signal.aborted || !known.isNews(entry) || entry.mac === undefined) return;
      onSighting({ layer: this.layer, mac: entry.mac, address: entry.address, at: this.#clock.now() });
    };
    const state = { started: false, failures: 0 };
    let gap = FIRST_GAP;
    while (!signal.aborted) {
      const begin = this.#clock.monotonic();
      try {
        const finished = await this.#session(
          known,
          tell,
          () => {
            state.started = true;
            state.failures = 0;
            onReady();
          },
          signal,
        );
        if (signal.aborted) return;
        state.failures += 1;
        if (!state.started || state.failures >= ATTEMPTS_WITHOUT_A_START) throw unsupported(finished);
      } catch (error) {
        if (signal.aborted) return;
        throw error instanceof ProgramMissing ? missing(error) : error;
      }
      gap = this.#clock.monotonic() - begin >= WORKED ? FIRST_GAP : milliseconds(Math.min(LONGEST_GAP, gap * 2));
      if (!(await this.#pause(gap, signal))) return;
    }
  }

  /** One life of the program. */
  async #session(
    known: KnownNeighbours,
    tell: (entry: NeighbourEntry) => void,
    onStarted: () => void,
    signal: AbortSignal,
  ): Promise<Finished> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const onLine = (line: string): void => {
      const event = parseMonitorLine(line);
      if (event?.deleted === true) known.forget(event.entry);
      else if (event !== undefined) tell(event.entry);
    };
    const following = this.#processes.follow({ file: "ip", args: ["-4", "monitor", "neigh"] }, onLine, either);
    const dump = async (): Promise<void> => {
      await this.#clock.wait("neighbour monitor start", SUBSCRIBING, either);
      const entries = await this.#table.detailed(either);
      for (const entry of entries.toSorted((one, other) => age(one) - age(other))) tell(entry);
      onStarted();
    };
    const dumped = dump();
    try {
      // A dump that fails ends the program, too; one that is cut off by the program's own end does not matter.
      const failed = dumped.then(
        () => new Promise<never>(() => undefined),
        (error: unknown) => (either.aborted ? following : Promise.reject(error)),
      );
      return await Promise.race([following, failed]);
    } finally {
      over.abort();
      await Promise.allSettled([following, dumped]);
    }
  }

  async #pause(gap: Duration, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#clock.wait("neighbour monitor restart", milliseconds(gap * (0.5 + this.#random() / 2)), signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }
}

/**
 * Reads one line of `ip -4 monitor neigh`, such as `192.168.1.50 dev eth0 lladdr 0c:79:55:4b:d4:2a REACHABLE`, with or without `Deleted` before it.
 * @returns undefined for IPv6, for multicast and for anything else
 */
export function parseMonitorLine(line: string): NeighbourEvent | undefined {
  const words = line.trim().split(/\s+/, 32);
  const deleted = words[0]?.toLowerCase() === "deleted";
  const [ip, ...rest] = deleted ? words.slice(1) : words;
  const address = parseIp(ip ?? "");
  const device = valueAfter(rest, "dev");
  if (address === undefined || device === undefined || !isHostAddress(address)) return undefined;
  const mac: MacAddress | undefined = parseMac(valueAfter(rest, "lladdr") ?? "");
  const state = (["REACHABLE", "STALE", "DELAY", "PROBE", "PERMANENT", "NOARP", "FAILED", "INCOMPLETE"] as const).find((name) =>
    rest.includes(name),
  );
  const resolved = mac !== undefined && state !== "FAILED" && state !== "INCOMPLETE";
  return { entry: { address, device, ...(resolved ? { mac } : {}), ...(state === undefined ? {} : { state }) }, deleted };
}

function valueAfter(words: readonly string[], key: string): string | undefined {
  const at = words.indexOf(key);
  return at < 0 ? undefined : words[at + 1];
}

function age(entry: NeighbourEntry): number {
  return entry.confirmed ?? Infinity;
}

function missing(cause: ProgramMissing): LayerUnavailable {
  return new LayerUnavailable("neighbours", "iproute2 is not installed: install the package iproute2.", minutes(10), { cause });
}

function unsupported(finished: Finished): LayerUnavailable {
  const said = finished.stderr.trim().split("\n", 1)[0] ?? "";
  const message = `"ip monitor neigh" does not run here (${said === "" ? `exit code ${finished.exitCode}` : said.slice(0, 200)}): install the package iproute2.`;
  return new LayerUnavailable("neighbours", message, minutes(10));
}
