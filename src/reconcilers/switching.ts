import type { IpAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { between, type Duration, hours, type Instant } from "../domain/duration.ts";
import type { EvidenceRecord } from "../domain/evidence.ts";
import type { Tell } from "../domain/notice.ts";
import { maySwitch } from "../domain/policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeviceRecord, Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Documents } from "./documents.ts";
import type { Fleet } from "./fleet.ts";
import type { Looking } from "./looking.ts";
import type { Pointing } from "./pointing.ts";
import type { Searches } from "./searches.ts";
import type { SightingDesk } from "./sighting-desk.ts";

/** Earlier addresses that are kept of a device. */
const HISTORY = 10;
const SWITCHES = 50;

export interface SwitchingPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly looking: Looking;
  readonly desk: SightingDesk;
  readonly searches: Searches;
  readonly pointing: Pointing;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly status: Status;
  readonly tell: Tell;
  /** Documents may be written while go2rtc is told. */
  readonly onSwitched: (device: DeviceId) => void;
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
    const may = maySwitch({ switches: record.switches }, now);
    if (!may.ok) {
      this.#freeze(device, record, evidence);
      return may.after;
    }
    const hintAt = desk.hintAt(device.id, to);
    const { refusedLogin: _refused, ...rest } = record;
    const history = without([...(from === undefined ? [] : [from]), ...record.history], to).slice(0, HISTORY);
    const switches = [...recent(record, now), { to, at: now }].slice(-SWITCHES);
    registry.saveDevice({ ...rest, owners: device.owners, address: to, verifiedAt: now, history, switches });
    if (evidence !== undefined) registry.addEvidence(evidence);
    fleet.settle(device.id, { address: to, hintAt, ...(from === undefined ? {} : { previous: from }) });
    searches.found(device.id);
    desk.drop(device.id, to);
    if (evidence !== undefined) tell({ kind: "moved", device: device.id, from, to, evidence });
    await documents.prepare(device.id, signal);
    const pointed = pointing.point(device, to, hintAt, signal);
    this.#ports.onSwitched(device.id);
    await pointed;
    status.set(`device/${device.id}`, "ok", "Verified", `${device.title} was proved to be at ${to}`);
    return undefined;
  }

  /** Puts the device back to where it was before a switch after which no frames came; that address is not tried again in this run. */
  async takeBack(id: DeviceId, refused: IpAddress, signal: AbortSignal): Promise<void> {
    const { fleet, registry, clock, pointing, looking } = this.#ports;
    const device = fleet.device(id);
    const former = fleet.settled(id)?.previous;
    if (device === undefined || former === undefined) return;
    looking.refuse(id, refused);
    const record = recordOf(registry, device);
    registry.saveDevice({
      ...record,
      address: former,
      history: [refused, ...without(without(record.history, former), refused)].slice(0, HISTORY),
    });
    fleet.settle(id, { address: former, hintAt: clock.monotonic() });
    await pointing.point(device, former, clock.monotonic(), signal);
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

/** The switches that the guard against flip-flops looks at. */
function recent(record: DeviceRecord, now: Instant): DeviceRecord["switches"] {
  return record.switches.filter((one, index, all) => between(one.at, now) < hours(2) || index === all.length - 1);
}
