import { stat } from "node:fs/promises";
import type { IpAddress, MacAddress } from "../../domain/addresses.ts";
import { between, minutes, seconds, type Instant } from "../../domain/duration.ts";
import type { Sighting } from "../../domain/sighting.ts";
import { codeOf } from "../../domain/thrown.ts";
import type { Clock } from "../../ports/clock.ts";
import { LayerUnavailable, type SightingSource } from "../../ports/sightings.ts";
import { type Lease, type LeaseFormat } from "./lease.ts";
import { readBounded, readFormerKea } from "./lease-text.ts";
import { formatOf, readLeases } from "./read-leases.ts";

/** Network file systems tell of no change by themselves, so the files are asked for theirs. */
const EVERY = seconds(5);
/** A server that tidies its file may take it away for a moment: only a file that is missing twice is told. */
const FAILURES = 2;
/** A machine that was just given an address may still be starting: its lease is told again for so long … */
const YOUNG = minutes(1);
/** … so often. */
const AGAIN = seconds(15);
const MOST_BYTES = 8 * 1024 * 1024;

export interface LeaseFile {
  readonly path: string;
  readonly format: LeaseFormat;
}

/** What a file was when it was read last. */
interface Seen {
  readonly state: string;
  readonly leases: readonly Lease[];
}

/** What was told of a MAC address. */
interface Told {
  readonly address: IpAddress;
  readonly ends: Instant | undefined;
  readonly first: Instant;
  readonly last: Instant;
}

/**
 * Tells what the lease files of DHCP servers say of machines that have an address by now: for networks whose packets are not heard here. Every
 * machine's latest lease is told once, and again when it is renewed or another address is in it. A lease is a hint: nobody need be there.
 */
export class LeaseFiles implements SightingSource {
  readonly layer = "leases";
  readonly tellsAtOnce = true;
  /** The files that can be read, while one cannot. */
  readonly standIn: SightingSource;
  readonly #clock: Clock;
  readonly #files: readonly LeaseFile[];
  readonly #seen = new Map<string, Seen>();
  readonly #failures = new Map<string, number>();
  #told = new Map<MacAddress, Told>();

  constructor(clock: Clock, files: readonly LeaseFile[]) {
    this.#clock = clock;
    this.#files = files;
    this.standIn = { layer: this.layer, watch: (onSighting, onReady, signal) => this.#watch(onSighting, onReady, signal, true) };
  }

  /** @throws LayerUnavailable where a file cannot be read; the others are watched meanwhile by the stand-in */
  watch(onSighting: (sighting: Sighting) => void, onReady: () => void, signal: AbortSignal): Promise<void> {
    return this.#watch(onSighting, onReady, signal, false);
  }

  async #watch(onSighting: (sighting: Sighting) => void, onReady: () => void, signal: AbortSignal, lenient: boolean): Promise<void> {
    let ready = false;
    while (!signal.aborted) {
      for (const file of this.#files) {
        const failure = await this.#read(file, signal);
        if (signal.aborted) return;
        if (failure !== undefined && !lenient) throw failure;
      }
      this.#tell(onSighting);
      if (!ready) onReady();
      ready = true;
      try {
        await this.#clock.wait("lease files", EVERY, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  /** Reads the file where it has changed. What it said before is kept while it cannot be read. */
  async #read({ path, format }: LeaseFile, signal: AbortSignal): Promise<LayerUnavailable | undefined> {
    try {
      const { ino, size, mtimeNs } = await stat(path, { bigint: true });
      const state = `${ino} ${size} ${mtimeNs}`;
      if (size > MOST_BYTES) return unavailable(path, `is larger than ${MOST_BYTES / 1024 / 1024} MiB, so it is no list of leases`);
      if (this.#seen.get(path)?.state !== state) {
        const text = await readBounded(path, Number(size), signal);
        const former = formatOf(text, format) === "kea" ? await readFormerKea(path, MOST_BYTES, signal) : "";
        this.#seen.set(path, { state, leases: readLeases(former + text, format) });
      }
      this.#failures.delete(path);
      return undefined;
    } catch (cause) {
      if (signal.aborted) return undefined;
      const failures = (this.#failures.get(path) ?? 0) + 1;
      this.#failures.set(path, failures);
      if (failures < FAILURES && this.#seen.has(path)) return undefined;
      return unavailable(path, whyNot(cause), cause);
    }
  }

  #tell(onSighting: (sighting: Sighting) => void): void {
    const now = this.#clock.now();
    const told = new Map<MacAddress, Told>();
    for (const { mac, address, ends, hostName } of this.#latest(now)) {
      const before = this.#told.get(mac);
      const isNews = before === undefined || before.address !== address || before.ends !== ends;
      const isDue = before !== undefined && between(before.first, now) < YOUNG && between(before.last, now) >= AGAIN;
      const first = isNews ? now : before.first;
      told.set(mac, { address, ends, first, last: isNews || isDue ? now : before.last });
      if (!isNews && !isDue) continue;
      onSighting({ layer: this.layer, mac, address, at: now, ...(hostName === undefined ? {} : { hostName }) });
    }
    this.#told = told;
  }

  /** Of each machine the lease that ends last, of those that have not ended. */
  #latest(now: Instant): Iterable<Lease> {
    const latest = new Map<MacAddress, Lease>();
    for (const file of this.#files) {
      for (const lease of this.#seen.get(file.path)?.leases ?? []) {
        if (lease.ends !== undefined && lease.ends <= now) continue;
        const other = latest.get(lease.mac);
        if (other === undefined || endOf(lease) >= endOf(other)) latest.set(lease.mac, lease);
      }
    }
    return latest.values();
  }
}

function endOf({ ends }: Lease): number {
  return ends ?? Number.POSITIVE_INFINITY;
}

function unavailable(path: string, why: string, cause?: unknown): LayerUnavailable {
  return new LayerUnavailable("leases", `The lease file ${path} ${why}.`, seconds(30), { cause });
}

function whyNot(error: unknown): string {
  const code = codeOf(error);
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return "is not there: correct network.lease_files, or mount its folder (not the single file: servers replace it)";
    case "EACCES":
    case "EPERM":
      return "may not be read: give this program's user read permission on it and its folder";
    case "EISDIR":
      return "is a folder: name the file itself under network.lease_files";
    default:
      return `cannot be read (${code ?? "for an unknown reason"}): correct network.lease_files`;
  }
}
