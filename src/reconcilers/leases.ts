import type { Device } from "../domain/camera.ts";
import type { ConfigTarget, TargetName } from "../ports/config-target.ts";
import type { LeaseOutcome } from "../ports/document-lease.ts";
import type { Status } from "../ports/status.ts";
import { devicesOfOwners } from "./document-wishes.ts";
import type { Fleet } from "./fleet.ts";

export interface LeasesPorts {
  readonly fleet: Fleet;
  readonly status: Status;
  readonly dryRun: boolean;
}

/** Which documents this copy of the program looks after. Where another one does, it neither writes nor tells go2rtc anything of the cameras in there. */
export class Leases {
  readonly #ports: LeasesPorts;
  readonly #foreign = new Set<TargetName>();

  constructor(ports: LeasesPorts) {
    this.#ports = ports;
  }

  /** Takes or renews the document's lease. @returns false where another copy has it */
  async hold(target: ConfigTarget, signal: AbortSignal): Promise<boolean> {
    if (this.#ports.dryRun || target.lease === undefined) return true;
    const outcome = await target.lease.take(signal);
    this.#show(target, outcome);
    if (outcome.kind === "theirs") this.#foreign.add(target.name);
    else this.#foreign.delete(target.name);
    return outcome.kind !== "theirs";
  }

  /** True where another copy looks after the document. */
  isForeign(name: TargetName): boolean {
    return this.#foreign.has(name);
  }

  /** True where another copy looks after a document that names the device. */
  standsBack(device: Device): boolean {
    const { fleet } = this.#ports;
    return fleet.documents.some(
      ({ target, reading }) =>
        this.#foreign.has(target.name) &&
        reading.occurrences.some((occurrence) => devicesOfOwners(fleet, occurrence.owners).includes(device.id)),
    );
  }

  /** Gives up what is ours: the next copy begins at once. */
  async release(): Promise<void> {
    if (this.#ports.dryRun) return;
    for (const target of this.#ports.fleet.targets) await target.lease?.release();
  }

  #show(target: ConfigTarget, outcome: LeaseOutcome): void {
    const { status } = this.#ports;
    const subject = `target/${target.name}/lease`;
    if (outcome.kind === "theirs") {
      const { host, pid, since } = outcome.holder;
      const message = `${target.place} is looked after by another copy: process ${pid} on ${host}, since ${new Date(since).toISOString()}; nothing is written here, and go2rtc is told nothing`;
      status.set(subject, "problem", "WrittenElsewhere", message);
    } else if (outcome.kind === "none") {
      status.set(subject, "unknown", "NoLease", `${target.place}: ${outcome.why}; never let two copies of the program look after it`);
    } else if (status.get(subject)?.status === "problem") {
      status.set(subject, "ok", "Healthy", `${target.place} is looked after by this copy`);
    }
  }
}
