import { readFile } from "node:fs/promises";
import { parseIp, parseMac, type IpAddress, type MacAddress } from "../../domain/addresses.ts";
import { seconds, type Duration } from "../../domain/duration.ts";
import { list, type Plain, plains, readJson } from "../../domain/plain.ts";
import type { NeighbourTable } from "../../ports/neighbour-table.ts";
import { ProgramMissing, type Processes } from "../../ports/processes.ts";

/** The kernel's neighbour states (include/uapi/linux/neighbour.h), as iproute2 prints them. */
const STATES = ["INCOMPLETE", "REACHABLE", "STALE", "DELAY", "PROBE", "FAILED", "NOARP", "PERMANENT"] as const;

export type NeighbourState = (typeof STATES)[number];

/** One row of the kernel's IPv4 neighbour table. */
export interface NeighbourEntry {
  readonly address: IpAddress;
  readonly device: string;
  /** Absent where the address is unresolved or was given up. Present is no proof: an entry outlives its host by half a minute and more. */
  readonly mac?: MacAddress;
  /** Unknown from `/proc/net/arp`. */
  readonly state?: NeighbourState;
  /** How long ago the kernel was last sure, rounded down to whole seconds. Unknown from `/proc/net/arp`. */
  readonly confirmed?: Duration;
}

/** Far more than the kernel's default hard limit of 1,024 (gc_thresh3), for machines where it was raised. */
const MOST_ROWS = 16_384;

/** Reads the neighbour table: fast and without a program, or with state and age by iproute2. */
export class KernelNeighbourTable implements NeighbourTable {
  readonly #processes: Processes;

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  /** Every row of `/proc/net/arp`; well under 1 ms for a small table, 2 – 3 ms for 250 rows. Empty where there is no such file. */
  async quick(): Promise<readonly NeighbourEntry[]> {
    return parseProcArp(await readKernelFile("/proc/net/arp"));
  }

  async macOf(address: IpAddress): Promise<MacAddress | undefined> {
    return (await this.quick()).find((one) => one.address === address && one.mac !== undefined)?.mac;
  }

  /**
   * The rows with state and age, of one address or all, by `ip -s -j neigh`.
   * @throws ProgramMissing without iproute2; the signal's reason when aborted
   */
  async detailed(signal: AbortSignal, address?: IpAddress): Promise<readonly NeighbourEntry[]> {
    const only = address === undefined ? [] : ["to", address];
    const finished = await this.#processes.run({ file: "ip", args: ["-4", "-s", "-j", "neigh", "show", ...only] }, signal);
    return parseIpNeighbours(finished.stdout);
  }

  /**
   * How many new entries the kernel has refused since it started because the table was full, host-wide. By `/proc/net/stat/arp_cache`, which only
   * the machine's own network namespace has; elsewhere by `ip -s ntable`. Undefined where neither tells.
   */
  async overflows(signal: AbortSignal): Promise<number | undefined> {
    const counted = parseTableFulls(await readKernelFile("/proc/net/stat/arp_cache"));
    if (counted !== undefined) return counted;
    try {
      const command = { file: "ip", args: ["-s", "-j", "ntable", "show", "name", "arp_cache"] };
      return parseNtableFulls((await this.#processes.run(command, signal)).stdout);
    } catch (error) {
      if (error instanceof ProgramMissing) return undefined;
      throw error;
    }
  }
}

/**
 * Reads `/proc/net/arp`. Only rows with flag 0x2 (ATF_COM, include/uapi/linux/if_arp.h) have a MAC address; the others show zeros or what was.
 * @returns one entry a row; rows that are none are left out
 */
export function parseProcArp(text: string): NeighbourEntry[] {
  return text
    .split("\n", MOST_ROWS)
    .slice(1)
    .flatMap((line) => {
      const [ip, , flags, hardware, , device] = line.trim().split(/\s+/);
      const address = parseIp(ip ?? "");
      if (address === undefined || device === undefined) return [];
      const complete = (Number(flags) & 2) !== 0;
      const mac = complete ? parseMac(hardware ?? "") : undefined;
      return [mac === undefined ? { address, device } : { address, device, mac }];
    });
}

/**
 * Reads the output of `ip -s -j neigh`; IPv6 rows are left out.
 * @returns an empty list where it is not JSON (busybox's `ip` has no `-j`)
 */
export function parseIpNeighbours(text: string): NeighbourEntry[] {
  return rows(text).flatMap((row) => {
    const address = parseIp(String(row["dst"]));
    const device = row["dev"];
    if (address === undefined || typeof device !== "string") return [];
    const mac = typeof row["lladdr"] === "string" ? parseMac(row["lladdr"]) : undefined;
    const names = list(row["state"]);
    const state = STATES.find((name) => names.includes(name));
    const confirmed = typeof row["confirmed"] === "number" ? seconds(row["confirmed"]) : undefined;
    return [
      {
        address,
        device,
        ...(mac === undefined || state === "FAILED" || state === "INCOMPLETE" ? {} : { mac }),
        ...(state === undefined ? {} : { state }),
        ...(confirmed === undefined ? {} : { confirmed }),
      },
    ];
  });
}

/**
 * Reads the `table_fulls` column of `/proc/net/stat/arp_cache`: hexadecimal, one row a CPU, summed (net/core/neighbour.c, neigh_stat_seq_show).
 * @returns undefined where the column is not there
 */
export function parseTableFulls(text: string): number | undefined {
  const [header, ...lines] = text.trim().split("\n", 8192);
  const column = (header ?? "").trim().split(/\s+/).indexOf("table_fulls");
  if (column < 0) return undefined;
  const counts = lines.map((line) => Number.parseInt(line.trim().split(/\s+/)[column] ?? "", 16));
  return counts.length === 0 || counts.some(Number.isNaN) ? undefined : counts.reduce((sum, count) => sum + count, 0);
}

/** Reads `table_fulls` in the output of `ip -s -j ntable show name arp_cache`. */
export function parseNtableFulls(text: string): number | undefined {
  return rows(text)
    .map((row) => row["table_fulls"])
    .find((count) => typeof count === "number");
}

/** None where it is not JSON: an `ip` that is not iproute2's. */
function rows(text: string): readonly Plain[] {
  return plains(list(readJson(text)).slice(0, MOST_ROWS));
}

/** A kernel file's text, empty where there is no such file (another kernel, or a namespace without it). */
async function readKernelFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
