import type { IpAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { between, type Duration, hours, type Instant } from "../domain/duration.ts";
import type { EvidenceRecord } from "../domain/evidence.ts";
import type { Tell } from "../domain/notice.ts";
import { type GuardLimits, maySwitch } from "../domain/policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeviceRecord, Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Documents } from "./documents.ts";
import type { Fleet } from "./fleet.ts";
import type { Holds } from "./holds.ts";
import type { Looking } from "./looking.ts";
import type { Pointing } from "./pointing.ts";
import type { Searches } from "./searches.ts";
import type { SightingDesk } from "./sighting-desk.ts";

/** Earlier addresses that are kept of a device. */
const HISTORY = 10;
const SWITCHES = 50;

export interface SwitchingPorts {
  readonly fleet: Fleet;
  readonly holds: Holds;
  readonly registry: Registry;
  readonly looking: Looking;
  readonly desk: SightingDesk;
  readonly searches: Searches;
  readonly pointing: Pointing;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly status: Status;
  readonly tell: Tell;
  readonly guards: GuardLimits;
  /** Documents may be written while go2rtc is told; once it was told, frames are awaited. */
  readonly onSwitched: (device: DeviceId, isTold: boolean) => void;
  /** The device is to be looked at: where it is, is not known. */
  readonly onTakenBack: (device: DeviceId) => void;
}

/** Moves a device to an address at which it was proved, or back. What is decided is on disk before anything else learns of it. */
export class Switching {
  readonly #ports: SwitchingPorts;

  constructor(ports: SwitchingPorts) {
    this.#ports = ports;
  }

  /** @returns how long the device stays frozen, where it jumps between addresses; undefined where it was switched */
  async to(
    device: Device,
    to: IpAddress,
    from: IpAddress | undefined,
    evidence: EvidenceRecord | undefined,
    signal: AbortSignal,
  ): Promise<Duration | undefined> {
    const { fleet, registry, clock, status, tell, desk, searches, pointing, documents } = this.#ports;
    const record = recordOf(registry, device);
    const now = clock.now();
    const may = maySwitch({ switches: record.switches }, now, this.#ports.guards);
    if (!may.ok) {
      this.#freeze(device, record, evidence);
      return may.after;
    }
    const hintAt = desk.hintAt(device.id, to);
    const { refusedLogin: _refused, ...rest } = record;
    const history = without([...(from === undefined ? [] : [from]), ...record.history], to).slice(0, HISTORY);
    const switches = [...recent(record, now), { to, at: now }].slice(-SWITCHES);
    registry.saveDevice({ ...rest, owners: device.owners, address: to, verifiedAt: now, history, switches });
    const evidenceId = evidence === undefined ? undefined : registry.addEvidence(evidence);
    fleet.settle(device.id, { address: to, hintAt, isVerified: true, ...(from === undefined ? {} : { previous: from }) });
    this.#ports.holds.liftAddresses(device.id);
    searches.found(device.id);
    desk.drop(device.id, to);
    if (evidence !== undefined)
      tell({ kind: "moved", device: device.id, from, to, evidence, ...(evidenceId === undefined ? {} : { evidenceId }) });
    documents.awaitFrames(device.id);
    try {
      const pointed = pointing.point(device, to, hintAt, signal);
      this.#ports.onSwitched(device.id, false);
      await pointed;
    } finally {
      this.#ports.onSwitched(device.id, true);
    }
    status.set(`device/${device.id}`, "ok", "Verified", `${device.title} was proved to be at ${to}`);
    return undefined;
  }

  /** No frames came after a switch: the device is put back to where it was before, and the refused address is held. */
  async takeBack(id: DeviceId, refused: IpAddress, signal: AbortSignal): Promise<void> {
    const former = this.#ports.fleet.settled(id)?.previous;
    if (former === undefined) return;
    this.#ports.holds.put(id, refused, "rolled-back");
    await this.putBack(id, former, refused, signal);
  }

  /**
   * Takes the device to be at a former address again, after the refused one was held. Nobody knows that it is there: it stays unsettled until it is
   * proved, and where a stranger answers by now the streams are parked instead.
   */
  async putBack(id: DeviceId, former: IpAddress, refused: IpAddress, signal: AbortSignal): Promise<void> {
    const { fleet, registry, clock, pointing, looking, holds } = this.#ports;
    const device = fleet.device(id);
    if (device === undefined) return;
    const record = recordOf(registry, device);
    const history = [refused, ...without(without(record.history, former), refused)].slice(0, HISTORY);
    registry.saveDevice({ ...record, address: former, history });
    fleet.unsettle(id);
    holds.review(device);
    const stranger = await looking.strangerAt(device, former, signal);
    if (stranger === undefined) await pointing.point(device, former, clock.monotonic(), signal);
    else await pointing.quarantine(device, former, stranger, signal);
    this.#ports.onTakenBack(id);
  }

  #freeze(device: Device, record: DeviceRecord, evidence: EvidenceRecord | undefined): void {
    const { status, tell, looking } = this.#ports;
    const addresses = [...new Set(record.switches.map((one) => one.to))];
    if (status.get(`device/${device.id}`)?.reason !== "FlipFlop") tell({ kind: "frozen", device: device.id, addresses });
    const message = `${device.title} jumps between ${addresses.join(" and ")}; it is left alone for an hour`;
    status.set(`device/${device.id}`, "problem", "FlipFlop", message);
    if (evidence !== undefined) looking.note({ ...evidence, verdict: "frozen", reason: "FlipFlop" });
  }
}

/** What was learned of a device; of one that nothing was learned of, what the options say. */
export function recordOf(registry: Registry, device: Device): DeviceRecord {
  return (
    registry.device(device.id) ?? {
      id: device.id,
      owners: device.owners,
      identity: { macs: device.configuredMacs },
      history: [],
      switches: [],
    }
  );
}

function without(addresses: readonly IpAddress[], dropped: IpAddress): readonly IpAddress[] {
  return [...new Set(addresses)].filter((address) => address !== dropped);
}

/** The switches that the guard against flip-flops looks at: the last one before the window tells what was held when it began. */
function recent(record: DeviceRecord, now: Instant): DeviceRecord["switches"] {
  const first = record.switches.findIndex((one) => between(one.at, now) < hours(2));
  return record.switches.slice(first === -1 ? -1 : Math.max(0, first - 1));
}
