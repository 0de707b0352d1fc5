import { formatNetwork, parseIp, parseMac, type IpAddress, type MacAddress, type Network } from "../../domain/addresses.ts";
import { minutes, seconds, type Duration } from "../../domain/duration.ts";
import { ProgramMissing, type Finished, type Processes } from "../../ports/processes.ts";
import type { ScanInterface } from "../../ports/search.ts";
import { LayerUnavailable } from "../../ports/sightings.ts";

/** A host that answered an ARP request. */
export interface ArpReply {
  readonly address: IpAddress;
  readonly mac: MacAddress;
}

/** The gap before the second request for one address, in ms; each further gap is longer by `BACKOFF`. */
const FIRST_GAP = 40;
const BACKOFF = 1.15;
/** 40 ms × 1.15ⁿ: the twenty-sixth request leaves 9 s after the first. */
const MOST_REQUESTS = 26;

/** Sends ARP requests by arp-scan, where raw sockets are allowed. Nothing of it passes through the kernel's neighbour table. */
export class ArpScan {
  readonly #processes: Processes;

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  /**
   * Unicasts a request for every address of `network` to one MAC address, so that nobody else hears it, and ends at the first answer, or where
   * every address of it is wanted at the last. A /24 takes about 50 ms, a /16 about 2.7 s; twice that where the MAC is absent and the network at most a /20.
   * @returns true where it answered
   * @throws LayerUnavailable without arp-scan or permission; the signal's reason when aborted
   */
  async askMac(
    on: ScanInterface,
    network: Network,
    mac: MacAddress,
    how: "first" | "every",
    onReply: (reply: ArpReply) => void,
    signal: AbortSignal,
  ): Promise<boolean> {
    const attempts = network.prefix >= 20 ? "2" : "1";
    const search = [...(how === "first" ? ["-M", "1"] : []), "-T", mac, "-B", "10M", "-r", attempts, "-t", "150", formatNetwork(network)];
    const seen = { any: false };
    await this.#scan(
      on,
      search,
      (reply) => {
        if (reply.mac !== mac) return;
        seen.any = true;
        onReply(reply);
      },
      signal,
    );
    return seen.any;
  }

  /**
   * Asks everybody who holds one address, at first every 40 ms, then less often, until somebody answers or `within` is over; only the first
   * answers are heard.
   * @throws LayerUnavailable without arp-scan or permission; the signal's reason when aborted
   */
  async askAddress(
    on: ScanInterface,
    address: IpAddress,
    within: Duration,
    onReply: (reply: ArpReply) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const requests = String(requestsWithin(within));
    const ask = ["-r", requests, "-t", String(FIRST_GAP), "-b", String(BACKOFF), address];
    await this.#scan(on, ask, (reply) => reply.address === address && onReply(reply), signal);
  }

  async #scan(on: ScanInterface, args: readonly string[], onReply: (reply: ArpReply) => void, signal: AbortSignal): Promise<void> {
    const command = { file: "arp-scan", args: ["-q", "-x", "-I", on.name, `--arpspa=${on.address}`, ...args] };
    const onLine = (line: string): void => {
      const reply = parseArpScanLine(line);
      if (reply !== undefined) onReply(reply);
    };
    try {
      refuse(await this.#processes.follow(command, onLine, signal), on);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof LayerUnavailable) throw error;
      const message =
        error instanceof ProgramMissing
          ? "arp-scan is not installed: install the package arp-scan to search without disturbing other devices."
          : "arp-scan could not be run: check that the program may be executed.";
      throw new LayerUnavailable("ask", message, minutes(10), { cause: error });
    }
  }
}

/** Reads one line of `arp-scan -q -x`: address, tab, MAC address, and `(DUP: n)` after a repeated answer. */
export function parseArpScanLine(line: string): ArpReply | undefined {
  const [ip, hardware] = line.trim().split(/\s+/, 2);
  const address = parseIp(ip ?? "");
  const mac = parseMac(hardware ?? "");
  return address === undefined || mac === undefined ? undefined : { address, mac };
}

/** How many requests with growing gaps fit into `within`. */
function requestsWithin(within: Duration): number {
  const sum = (within * (BACKOFF - 1)) / FIRST_GAP + 1;
  return Math.min(MOST_REQUESTS, Math.max(1, Math.ceil(Math.log(sum) / Math.log(BACKOFF))));
}

/** Exit code 1 also means "fewer hosts answered than -M asks for"; only what it says on standard error tells a failure. */
function refuse(finished: Finished, on: ScanInterface): void {
  if (finished.exitCode === 0 || finished.stderr.trim() === "") return;
  const detail = finished.stderr.trim().split("\n", 2)[0] ?? "";
  if (/permi(?:ssion|tted)|must be root|SUID/i.test(finished.stderr)) {
    throw new LayerUnavailable("ask", "arp-scan may not open a raw socket: run with the capability NET_RAW.", minutes(10), {
      cause: detail,
    });
  }
  throw new LayerUnavailable("ask", `arp-scan failed on ${on.name}: ${detail.slice(0, 200)}`, seconds(60));
}
