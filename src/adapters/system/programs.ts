import { type Finished, type Processes, ProgramMissing } from "../../ports/processes.ts";

/** What there is of a program that makes noticing or searching better. */
export type ProgramReading =
  | { readonly kind: "found"; readonly version: string }
  | { readonly kind: "missing" }
  /** It is there and may not do what it is for. */
  | { readonly kind: "forbidden"; readonly version: string; readonly why: string }
  /** A program of that name that cannot do what is needed. */
  | { readonly kind: "other"; readonly what: string };

/**
 * iproute2's `ip`. BusyBox has one of that name without JSON output and without `monitor`'s timestamps; it knows no `-V`.
 * @throws the signal's reason when aborted
 */
export async function readIproute2(processes: Processes, signal: AbortSignal): Promise<ProgramReading> {
  const finished = await run(processes, "ip", ["-V"], signal);
  if (finished === undefined) return { kind: "missing" };
  const version = /iproute2-([\w.-]+)/.exec(finished.stdout)?.[1];
  return version === undefined ? { kind: "other", what: "BusyBox's ip, or an unknown one" } : { kind: "found", version };
}

/**
 * arp-scan and whether it may open raw sockets. On the loopback interface it stops before it sends anything, because that has no MAC address:
 * with permission "Could not obtain MAC address for interface lo", without it "You don't have permission to perform this capture" (measured with
 * 1.10.0).
 * @throws the signal's reason when aborted
 */
export async function readArpScan(processes: Processes, signal: AbortSignal): Promise<ProgramReading> {
  const named = await run(processes, "arp-scan", ["--version"], signal);
  if (named === undefined) return { kind: "missing" };
  const version = /arp-scan ([\d.]+)/.exec(named.stdout + named.stderr)?.[1];
  if (version === undefined) return { kind: "other", what: "an unknown arp-scan" };
  const tried = await run(processes, "arp-scan", ["--interface=lo", "127.0.0.1"], signal);
  const refused = tried === undefined || /permission|not permitted/i.test(tried.stderr);
  return refused ? { kind: "forbidden", version, why: "it may not open raw sockets" } : { kind: "found", version };
}

async function run(processes: Processes, file: string, args: readonly string[], signal: AbortSignal): Promise<Finished | undefined> {
  try {
    return await processes.run({ file, args }, signal);
  } catch (error) {
    if (error instanceof ProgramMissing) return undefined;
    throw error;
  }
}
