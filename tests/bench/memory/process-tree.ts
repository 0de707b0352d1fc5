import { readdir, readFile } from "node:fs/promises";

/** One process as /proc tells it (proc(5)). */
export interface ProcessReading {
  readonly pid: number;
  readonly command: string;
  /** Its share of memory: what it has alone, and of what it shares its part; bytes. */
  readonly pss: number;
  /** Of that, memory that no file backs: heap and stacks; bytes. */
  readonly anonymous: number;
  /** Processor time of itself and of those children that it has waited for; ms. */
  readonly cpu: number;
}

/** A clock tick as /proc counts it is 10 ms on every Linux that Node runs on (USER_HZ, asm/param.h). */
const TICK = 10;

/**
 * Reads a process and all that descend from it. The sum of `cpu` only grows: what a child used is its parent's when it has ended.
 * Processes that end meanwhile are left out.
 */
export async function readTree(root: number): Promise<readonly ProcessReading[]> {
  const stats = await allStats();
  const pids = new Set([root]);
  for (let before = 0; before !== pids.size;) {
    before = pids.size;
    for (const { pid, parent } of stats) if (pids.has(parent)) pids.add(pid);
  }
  const readings = await Promise.all(stats.filter(({ pid }) => pids.has(pid)).map(reading));
  return readings.filter((one) => one !== undefined);
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly cpu: number;
}

async function allStats(): Promise<readonly Stat[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map(async (pid) => parseStat(await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ""))));
  return stats.filter((one) => one !== undefined);
}

/** Reads /proc/PID/stat: the command in brackets may hold spaces and brackets. */
export function parseStat(text: string): Stat | undefined {
  const match = /^(\d+) \((.*)\) \S (\d+) /s.exec(text);
  if (match === null) return undefined;
  // The third field, the state, is the first after the command; utime is the 14th, then stime, cutime, cstime.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid: Number(match[1]), parent: Number(match[3]), command: match[2] ?? "", cpu: ticks * TICK };
}

async function reading({ pid, command, cpu }: Stat): Promise<ProcessReading | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
  if (text === "") return undefined;
  return { pid, command, pss: kilobytes("Pss") * 1024, anonymous: kilobytes("Pss_Anon") * 1024, cpu };
}
