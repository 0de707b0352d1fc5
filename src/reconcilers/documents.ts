import type { IpAddress } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import { DocumentError, type HostEdit, type Occurrence } from "../domain/document.ts";
import { milliseconds, seconds } from "../domain/duration.ts";
import { sameMeaning } from "../domain/same-meaning.ts";
import type { Tell } from "../domain/notice.ts";
import type { Clock } from "../ports/clock.ts";
import { type ConfigTarget, type Revision, TargetError, type TargetName, type TargetText } from "../ports/config-target.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { type Outcome, Waiting } from "../runtime/outcome.ts";
import { askForRestart, editsOf, showLeftAlone } from "./document-notes.ts";
import { type Fleet, placed } from "./fleet.ts";

/** How long a change may be held back so that two cameras that swapped addresses are written as one. */
const SWAP_WINDOW = milliseconds(2000);
/** A document is read anew this often, to see what people changed in it. */
const REREAD = seconds(10);

export interface DocumentsPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly status: Status;
  readonly tell: Tell;
  /** Called after the fleet may have changed because somebody edited a document. */
  readonly onRead: () => void;
  /** Called when a document has every address right: what go2rtc stored of our calls may go. */
  readonly onRight: (target: TargetName) => void;
  readonly dryRun: boolean;
  readonly unconfirmed: ReadonlySet<TargetName>;
}

/** A write of this run whose frames are not confirmed yet. */
interface OpenChange {
  readonly id: number;
  readonly before: string;
  readonly after: string;
  readonly revision: Revision | undefined;
  readonly waiting: Set<DeviceId>;
}

/** Heals one document at a time: every settled device's address, as one compare-and-swap a pass. */
export class Documents implements Reconciler<TargetName> {
  readonly name = "document";
  readonly #ports: DocumentsPorts;
  readonly #open = new Map<TargetName, OpenChange>();
  readonly #heldSince = new Map<TargetName, number>();

  constructor(ports: DocumentsPorts) {
    this.#ports = ports;
  }

  /**
   * Reads every document for the first time, and takes up what an earlier run of the program began: see `registry.openChanges`.
   * A document that cannot be read gets a condition; the others are used.
   */
  async load(signal: AbortSignal): Promise<void> {
    const { registry, fleet } = this.#ports;
    for (const change of registry.openChanges()) {
      const target = fleet.targets.find((candidate) => candidate.name === change.target);
      if (target === undefined) registry.settleChange(change.id, "abandoned");
      else this.#open.set(target.name, { ...change, revision: undefined, waiting: new Set() });
    }
    for (const target of fleet.targets) {
      try {
        this.#adopt(target, await target.read(signal));
      } catch (error) {
        this.#show(target, error, signal);
      }
    }
  }

  /**
   * Records what a document that go2rtc itself writes will have to say, before go2rtc is told: its own writer reformats lines and would store a
   * parked source, and only this record can tell that from a person's edit, also after a crash.
   */
  async prepare(device: DeviceId, signal: AbortSignal): Promise<void> {
    const { fleet } = this.#ports;
    const concerned = fleet.documents.filter(
      ({ target, reading }) =>
        target.format.kind === "go2rtc" && reading.occurrences.some((occurrence) => this.#devicesOf(occurrence).has(device)),
    );
    for (const { target } of concerned) {
      if (this.#ports.dryRun) continue;
      const { text } = await target.read(signal);
      const before = this.#meant(target, text);
      this.#begin(target, before, target.format.rewrite(before, (occurrence) => this.#wanted(occurrence)).text, [device]);
    }
  }

  async reconcile(name: TargetName, signal: AbortSignal): Promise<Outcome> {
    const target = this.#ports.fleet.targets.find((candidate) => candidate.name === name);
    if (target === undefined) return {};
    try {
      return await this.#heal(target, await target.read(signal), signal);
    } catch (error) {
      const shown = this.#show(target, error, signal);
      throw new Waiting(shown.reason, REREAD, placed(target, shown), { cause: error });
    }
  }

  /** True while a change is held back for another camera's. */
  pending(): boolean {
    return this.#heldSince.size > 0;
  }

  /** Frames of the device flow from its new address: its change stands. */
  confirm(device: DeviceId): void {
    for (const [name, change] of this.#open) {
      change.waiting.delete(device);
      if (change.waiting.size === 0 && change.revision !== undefined) this.#close(name, change, "kept");
    }
  }

  /**
   * No frames came: puts the device's former address back in every document that is still exactly as we wrote it.
   * @returns the places that were restored and those that somebody edited since
   */
  async restore(
    device: DeviceId,
    signal: AbortSignal,
  ): Promise<{ readonly restored: readonly string[]; readonly foreign: readonly string[] }> {
    const restored: string[] = [];
    const foreign: string[] = [];
    const former = this.#ports.fleet.settled(device)?.previous;
    for (const [name, change] of Array.from(this.#open)) {
      if (!change.waiting.has(device) || former === undefined) continue;
      const target = this.#ports.fleet.targets.find((candidate) => candidate.name === name);
      if (target === undefined) continue;
      const { text, revision } = await target.read(signal);
      if (revision !== change.revision) {
        foreign.push(target.place);
        this.#close(name, change, "abandoned");
        continue;
      }
      const rewrite = target.format.rewrite(text, (occurrence) => (this.#devicesOf(occurrence).has(device) ? former : undefined));
      const outcome = await target.write(rewrite.text, revision, signal);
      if (outcome.kind === "written") {
        restored.push(target.place);
        this.#ports.fleet.adopt(target, rewrite.text, outcome.revision);
        change.waiting.delete(device);
        this.#open.set(name, { ...change, before: text, after: rewrite.text, revision: outcome.revision });
        if (change.waiting.size === 0) this.#close(name, change, "restored");
      } else foreign.push(target.place);
    }
    return { restored, foreign };
  }

  async #heal(target: ConfigTarget, read: TargetText, signal: AbortSignal): Promise<Outcome> {
    const { fleet, status } = this.#ports;
    const meant = this.#adopt(target, read);
    this.#ports.onRead();
    const open = this.#open.get(target.name);
    const rewrite = target.format.rewrite(meant, (occurrence) => this.#wanted(occurrence));
    if (rewrite.text === read.text) {
      this.#heldSince.delete(target.name);
      if (open !== undefined && open.revision === undefined) this.#settleResumed(target.name, open, read);
      showLeftAlone(status, target, fleet);
      this.#ports.onRight(target.name);
      return { requeueAfter: REREAD };
    }
    if (this.#ports.dryRun) return {};
    if (this.#ports.unconfirmed.has(target.name)) {
      const hosts = rewrite.edits.map((edit) => `${edit.from} → ${edit.to}`);
      status.set(`target/${target.name}`, "problem", "NeedsApproval", `${target.place} would change: ${[...new Set(hosts)].join(", ")}`);
      return { requeueAfter: REREAD };
    }
    if (this.#holdsForSwap(target, rewrite.edits)) return { requeueAfter: milliseconds(100) };
    const devices = rewrite.edits.flatMap((edit) => this.#devicesOfOwners(edit.owners));
    const change = open !== undefined && open.after === rewrite.text ? open : this.#begin(target, read.text, rewrite.text, devices);
    const outcome = await target.write(rewrite.text, read.revision, signal);
    if (outcome.kind === "stale") {
      // go2rtc stores what it is being told: that is no person's edit.
      if (this.#meant(target, outcome.current.text) === change.after) return { requeueAfter: milliseconds(100) };
      this.#close(target.name, change, "abandoned");
      throw new Waiting("EditedMeanwhile", milliseconds(300), `${target.place} was edited meanwhile; it is read again`);
    }
    this.#heldSince.delete(target.name);
    this.#open.set(target.name, { ...change, revision: outcome.revision });
    fleet.adopt(target, rewrite.text, outcome.revision);
    this.#tellWritten(target, editsOf(target, read.text, rewrite));
    status.set(`target/${target.name}`, "ok", "Healed", `${target.place} has the cameras' present addresses`);
    askForRestart(status, target, rewrite.edits, fleet);
    return { requeueAfter: milliseconds(500) };
  }

  /** Takes over what the document means: its text, or what we meant where go2rtc rewrote it at our calls. */
  #adopt(target: ConfigTarget, read: TargetText): string {
    const meant = this.#meant(target, read.text);
    this.#ports.fleet.adopt(target, meant, read.revision);
    return meant;
  }

  #meant(target: ConfigTarget, text: string): string {
    const open = this.#open.get(target.name);
    const rewritten =
      open !== undefined &&
      target.format.kind === "go2rtc" &&
      text !== open.after &&
      sameMeaning(target.format, text, open.after, open.before);
    return rewritten ? open.after : text;
  }

  #show(target: ConfigTarget, error: unknown, signal: AbortSignal): DocumentError | TargetError {
    signal.throwIfAborted();
    if (!(error instanceof DocumentError) && !(error instanceof TargetError)) throw error;
    this.#ports.status.set(`target/${target.name}`, "problem", error.reason, placed(target, error));
    return error;
  }

  /** The address that an occurrence should have: its device's, where the one it has is a former one of that device. */
  #wanted(occurrence: Occurrence): IpAddress | undefined {
    const wanted = new Set<IpAddress>();
    for (const id of this.#devicesOf(occurrence)) {
      const settled = this.#ports.fleet.settled(id);
      if (settled === undefined) return undefined;
      const record = this.#ports.registry.device(id);
      const formerly = record?.history.includes(occurrence.address) === true || settled.previous === occurrence.address;
      if (settled.address !== occurrence.address && formerly) wanted.add(settled.address);
    }
    const [address, ...others] = wanted;
    return others.length === 0 ? address : undefined;
  }

  #devicesOf(occurrence: Occurrence): ReadonlySet<DeviceId> {
    return new Set(this.#devicesOfOwners(occurrence.owners));
  }

  #devicesOfOwners(owners: Occurrence["owners"]): readonly DeviceId[] {
    return owners.flatMap((owner) => this.#ports.fleet.deviceOf(owner) ?? []);
  }

  /** Two cameras that swapped are written as one change: waits a little where a wanted address still belongs to an unsettled device. */
  #holdsForSwap(target: ConfigTarget, edits: readonly HostEdit[]): boolean {
    const { fleet, clock } = this.#ports;
    const moving = new Set(edits.flatMap((edit) => this.#devicesOfOwners(edit.owners)));
    const taken = edits.some((edit) => fleet.devices.some((device) => !moving.has(device.id) && device.addresses.includes(edit.to)));
    if (!taken) return false;
    const now = clock.monotonic();
    const since = this.#heldSince.get(target.name) ?? now;
    this.#heldSince.set(target.name, since);
    return now - since < SWAP_WINDOW;
  }

  #begin(target: ConfigTarget, before: string, after: string, devices: readonly DeviceId[]): OpenChange {
    const { registry, clock } = this.#ports;
    const previous = this.#open.get(target.name);
    if (previous !== undefined) registry.settleChange(previous.id, "kept");
    const id = registry.beginChange(target.name, before, after, clock.now());
    const change: OpenChange = { id, before, after, revision: undefined, waiting: new Set([...(previous?.waiting ?? []), ...devices]) };
    this.#open.set(target.name, change);
    return change;
  }

  #close(name: TargetName, change: OpenChange, state: "kept" | "restored" | "abandoned"): void {
    this.#ports.registry.settleChange(change.id, state);
    this.#open.delete(name);
  }

  #settleResumed(name: TargetName, open: OpenChange, read: TargetText): void {
    if (read.text === open.after && open.waiting.size > 0) this.#open.set(name, { ...open, revision: read.revision });
    else this.#close(name, open, read.text === open.after ? "kept" : "abandoned");
  }

  #tellWritten(target: ConfigTarget, edits: readonly HostEdit[]): void {
    const { fleet, clock, tell } = this.#ports;
    const hints = edits.flatMap((edit) => this.#devicesOfOwners(edit.owners)).flatMap((id) => fleet.settled(id)?.hintAt ?? []);
    const after = hints.length === 0 ? {} : { after: milliseconds(clock.monotonic() - Math.min(...hints)) };
    if (edits.length > 0) tell({ kind: "document-written", target: target.name, place: target.place, edits, ...after });
  }
}
