import type { IpAddress, MacAddress } from "../../domain/addresses.ts";
import { milliseconds, minutes, seconds, type Duration } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NeighbourProber, NeighbourReading } from "../../ports/prober.ts";
import type { ScanInterface } from "../../ports/search.ts";
import { LayerUnavailable } from "../../ports/sightings.ts";
import type { ArpScan } from "./arp-scan.ts";
import { isFresh } from "./freshness.ts";
import type { Interfaces } from "./interfaces.ts";
import type { NeighbourEntry, KernelNeighbourTable } from "./neighbour-table.ts";
import { knock, pokeOne } from "./udp-poke.ts";

/**
 * The first datagram makes the kernel ask once; it asks again only after a second. A camera that was just promised its address needs tens of
 * milliseconds before it answers, so without raw sockets one early question costs a second. With them arp-scan goes on asking, and an entry must
 * only exist when the answer comes: its first request leaves 22 – 34 ms after its start.
 */
const POKE_BESIDE_RAW = milliseconds(15);
const POKE_ALONE = milliseconds(300);
const ARRIVAL = milliseconds(1500);
/** Renews the kernel's question where it has given up, which it does 3 s after the first. */
const POKE_AGAIN = milliseconds(300);
const KNOCK_AGAIN = milliseconds(100);
/** Answers over Wi-Fi to a sleepy device take a second. */
const KNOCK_FOR = seconds(2);
const FAST_PHASE = milliseconds(600);
const LOOK_FAST = milliseconds(10);
const LOOK_SLOWLY = milliseconds(50);
/** Ages in the table are whole seconds: looking at them more often tells nothing. */
const LOOK_AT_AGES = milliseconds(500);
/** After arp-scan ended without a conclusion, such as when the kernel holds back a change within a second (neigh/default/locktime). */
const ASK_AGAIN = milliseconds(250);
const ASK_AGAIN_AT_MOST = seconds(2);
const RAW_RETRY = minutes(60);
const MOST_ADDRESSES = 64;

export interface NeighbourProberParts {
  readonly clock: Clock;
  readonly table: KernelNeighbourTable;
  readonly interfaces: Interfaces;
  /** Absent where raw sockets are not to be used. */
  readonly arpScan?: ArpScan;
}

/** Proves which MAC address holds an IP address now, by the kernel's table and whatever may be sent here. */
export class KernelNeighbourProber implements NeighbourProber {
  readonly #parts: NeighbourProberParts;
  /** When raw sockets are tried again after they were refused. */
  #rawFrom: Duration = milliseconds(-Infinity);

  constructor(parts: NeighbourProberParts) {
    this.#parts = parts;
  }

  async neighbour(address: IpAddress, wanted: readonly MacAddress[], within: Duration, signal: AbortSignal): Promise<NeighbourReading> {
    signal.throwIfAborted();
    const { clock, interfaces, table } = this.#parts;
    const own = interfaces.attached().find((one) => one.address === address);
    if (own !== undefined) return { found: "mac", mac: own.mac, gateway: false, addressesOfMac: [address] };
    const on = interfaces.attachedTo(address);
    if (on[0] === undefined) return { found: "no-layer-2" };

    const ended = new AbortController();
    const deadline = clock.deadline("neighbour probe", within, AbortSignal.any([signal, ended.signal]));
    const watch: Watch = {
      address,
      on,
      wanted,
      within,
      started: clock.monotonic(),
      before: entryOf(await table.quick(), address, on),
      answered: new Set(),
      deadline,
    };
    try {
      const mac = await this.#settle(watch);
      signal.throwIfAborted();
      return mac === undefined ? { found: "nobody" } : await this.#reading(address, mac);
    } finally {
      ended.abort();
    }
  }

  async #settle(watch: Watch): Promise<MacAddress | undefined> {
    const gateways = await this.#parts.interfaces.gateways();
    // Read first: nothing may be awaited between the start of the askers and the handling of their failures.
    const entries = await this.#parts.table.quick();
    const askers = [this.#poke(watch), this.#askRaw(watch), this.#lookAtAges(watch), resolveUnknown(gateways, entries)];
    // Each ends by itself at the deadline, or earlier; what they found is in `watch`, and a failure of one must not hide an answer.
    const failed = Promise.withResolvers<never>();
    for (const asker of askers) asker.catch((error: unknown) => watch.deadline.aborted || failed.reject(error));
    return await Promise.race([this.#look(watch), failed.promise]);
  }

  /** Reads the table until it shows a wanted MAC that is fresh; at the deadline whichever fresh one there is. */
  async #look(watch: Watch): Promise<MacAddress | undefined> {
    const { clock, table } = this.#parts;
    for (;;) {
      const mac = freshMac(watch, entryOf(await table.quick(), watch.address, watch.on), this.#elapsed(watch));
      const expected = mac !== undefined && (watch.wanted.length === 0 || watch.wanted.includes(mac));
      if (expected || watch.deadline.aborted) return mac;
      const pause = this.#elapsed(watch) < FAST_PHASE ? LOOK_FAST : LOOK_SLOWLY;
      await clock.wait("neighbour table", pause, watch.deadline).catch(ignoreEnd(watch.deadline));
    }
  }

  async #poke(watch: Watch): Promise<void> {
    const { clock } = this.#parts;
    if (watch.before?.mac !== undefined) {
      // An entry that is there already is not asked for anew by a datagram; an answer is needed.
      await Promise.all([pokeOne(watch.address), this.#knock(watch)]);
      return;
    }
    await clock.wait("first poke", this.#firstPoke(watch.within), watch.deadline);
    while (!watch.deadline.aborted) {
      await pokeOne(watch.address);
      await clock.wait("next poke", POKE_AGAIN, watch.deadline);
    }
  }

  /** A caller who gives less than the kernel's second question takes asks about a host that is there, or not, already. */
  #firstPoke(within: Duration): Duration {
    if (this.#raw() !== undefined) return POKE_BESIDE_RAW;
    return within < ARRIVAL ? milliseconds(0) : POKE_ALONE;
  }

  /** Knocks again and again, sooner than slow hosts answer: an early knock goes to a MAC that has not taken the address yet. */
  async #knock(watch: Watch): Promise<void> {
    const { clock } = this.#parts;
    const answered = new AbortController();
    for (let gap = KNOCK_AGAIN; !answered.signal.aborted; gap = milliseconds(Math.min(seconds(1), gap * 1.5))) {
      const round = clock.deadline("knock", KNOCK_FOR, AbortSignal.any([watch.deadline, answered.signal]));
      this.#knockOnce(watch, round).then((yes) => yes && answered.abort(), ignoreEnd(watch.deadline));
      await clock.wait("next knock", gap, watch.deadline);
    }
  }

  async #knockOnce(watch: Watch, round: AbortSignal): Promise<boolean> {
    const { table } = this.#parts;
    const before = entryOf(await table.quick(), watch.address, watch.on)?.mac;
    const answered = await knock(watch.address, round);
    const after = entryOf(await table.quick(), watch.address, watch.on)?.mac;
    if (answered && before !== undefined && before === after) watch.answered.add(before);
    return answered;
  }

  async #askRaw(watch: Watch): Promise<void> {
    const { clock } = this.#parts;
    const on = watch.on.find((one) => one.name === watch.before?.device) ?? watch.on[0];
    for (let gap = ASK_AGAIN; on !== undefined && !watch.deadline.aborted; gap = milliseconds(Math.min(ASK_AGAIN_AT_MOST, gap * 2))) {
      const arpScan = this.#raw();
      if (arpScan === undefined) return;
      const left = milliseconds(Math.max(0, watch.within - this.#elapsed(watch)));
      try {
        await arpScan.askAddress(on, watch.address, left, (reply) => watch.answered.add(reply.mac), watch.deadline);
      } catch (error) {
        if (!(error instanceof LayerUnavailable)) throw error;
        this.#rawFrom = milliseconds(clock.monotonic() + RAW_RETRY);
        return;
      }
      await clock.wait("next ARP request", gap, watch.deadline);
    }
  }

  /** Where nothing answers a knock, the kernel's own probing may still confirm an old entry, which only its age shows. */
  async #lookAtAges(watch: Watch): Promise<void> {
    if (watch.before?.mac === undefined) return;
    const { clock, table } = this.#parts;
    try {
      let first: NeighbourEntry | undefined;
      const from = this.#elapsed(watch);
      for (; !watch.deadline.aborted; await clock.wait("neighbour ages", LOOK_AT_AGES, watch.deadline)) {
        const now = entryOf(await table.detailed(watch.deadline, watch.address), watch.address, watch.on);
        first ??= now;
        const elapsed = milliseconds(this.#elapsed(watch) - from);
        if (now?.mac !== undefined && first?.mac === now.mac && isFresh(first, now, elapsed)) watch.answered.add(now.mac);
      }
    } catch {
      // The time is over, or there is no iproute2 and so no ages; the other ways go on.
    }
  }

  async #reading(address: IpAddress, mac: MacAddress): Promise<NeighbourReading> {
    const entries = await this.#parts.table.quick();
    const gateways = await this.#parts.interfaces.gateways();
    const ours = this.#parts.interfaces.attached();
    const others = entries.filter((one) => one.mac === mac && one.address !== address && ours.some(({ name }) => name === one.device));
    return {
      found: "mac",
      mac,
      gateway: entries.some((one) => one.mac === mac && gateways.includes(one.address)),
      addressesOfMac: [address, ...new Set(others.map((one) => one.address))].slice(0, MOST_ADDRESSES),
    };
  }

  #raw(): ArpScan | undefined {
    return this.#parts.clock.monotonic() >= this.#rawFrom ? this.#parts.arpScan : undefined;
  }

  #elapsed(watch: Watch): Duration {
    return milliseconds(this.#parts.clock.monotonic() - watch.started);
  }
}

/** One call under way. */
interface Watch {
  readonly address: IpAddress;
  readonly on: readonly ScanInterface[];
  readonly wanted: readonly MacAddress[];
  readonly within: Duration;
  readonly started: Duration;
  /** The address's entry when the call came. */
  readonly before: NeighbourEntry | undefined;
  /** MAC addresses that have proved themselves since, other than by a change of the entry. */
  readonly answered: Set<MacAddress>;
  readonly deadline: AbortSignal;
}

/** The MAC of the entry, where it is known to have spoken since the call came. The table must agree: packets go where it says. */
function freshMac(watch: Watch, now: NeighbourEntry | undefined, elapsed: Duration): MacAddress | undefined {
  if (now?.mac === undefined) return undefined;
  return watch.answered.has(now.mac) || isFresh(watch.before, now, elapsed) ? now.mac : undefined;
}

function entryOf(entries: readonly NeighbourEntry[], address: IpAddress, on: readonly ScanInterface[]): NeighbourEntry | undefined {
  return entries.find((one) => one.address === address && on.some((attached) => attached.name === one.device));
}

/** A gateway can only be recognised by a MAC that the table knows. */
async function resolveUnknown(gateways: readonly IpAddress[], entries: readonly NeighbourEntry[]): Promise<void> {
  const unknown = gateways.filter((gateway) => !entries.some((one) => one.address === gateway && one.mac !== undefined));
  await Promise.all(unknown.slice(0, 4).map((gateway) => pokeOne(gateway)));
}

function ignoreEnd(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}
