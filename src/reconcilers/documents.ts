import type { IpAddress } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import { DocumentError, type HostEdit, type Occurrence } from "../domain/document.ts";
import { milliseconds } from "../domain/duration.ts";
import type { Tell } from "../domain/notice.ts";
import type { Clock } from "../ports/clock.ts";
import { type ConfigTarget, TargetError, type TargetName, type TargetText } from "../ports/config-target.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { type Outcome, Waiting } from "../runtime/outcome.ts";
import { type Approvals, shownDiff } from "./approvals.ts";
import { changeNote } from "./change-notes.ts";
import { editsOf } from "./document-notes.ts";
import { devicesOfOwners, isMadeBy, sinceHint, wantedAt } from "./document-wishes.ts";
import { type Fleet, placed } from "./fleet.ts";
import { Gathering, rereadOf } from "./gathering.ts";
import type { Holds } from "./holds.ts";
import type { Leases } from "./leases.ts";
import type { OpenChange, OpenChanges } from "./open-changes.ts";
import { isRefused } from "./restart-undo.ts";
import { SHRUNK_FOR, Shrinking } from "./shrinking.ts";
import type { TextMemory } from "./text-memory.ts";
import { showPlacesLeft } from "./text-notes.ts";
import type { Turns } from "./turns.ts";

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
  /** Looks at a camera anew. */
  readonly look: (device: DeviceId) => void;
  readonly onWritten: (target: ConfigTarget, edits: readonly HostEdit[]) => void;
  /** Heeds what a person undid by merging a pull request. */
  readonly heedUndone: (target: ConfigTarget, text: string, signal: AbortSignal) => Promise<void>;
  readonly dryRun: boolean;
  readonly unconfirmed: ReadonlySet<TargetName>;
  readonly changes: OpenChanges;
  readonly approvals: Approvals;
  readonly holds: Holds;
  readonly texts: TextMemory;
  readonly leases: Leases;
  /** What people asked to be done with a document, each in its turn. */
  readonly turns: Turns<TargetName>;
}

/** Heals one document at a time: every settled device's address, as one compare-and-swap a pass. */
export class Documents implements Reconciler<TargetName> {
  readonly name = "document";
  readonly #ports: DocumentsPorts;
  readonly #changes: OpenChanges;
  readonly #shrinking: Shrinking;
  readonly #gathering: Gathering;

  constructor(ports: DocumentsPorts) {
    this.#ports = ports;
    this.#changes = ports.changes;
    this.#shrinking = new Shrinking(ports.clock);
    this.#gathering = new Gathering(ports);
  }

  /**
   * Reads every document for the first time, and takes up what an earlier run of the program began: see `registry.openChanges`.
   * A document that cannot be read gets a condition; the others are used.
   */
  async load(signal: AbortSignal): Promise<void> {
    const { targets } = this.#ports.fleet;
    this.#changes.resume(targets);
    for (const target of targets) {
      try {
        await this.#ports.leases.hold(target, signal);
        this.#adopt(target, await target.read(signal));
      } catch (error) {
        this.#show(target, error, signal);
      }
    }
  }

  /** True where every document could be read at least once: what no document names is then really gone. */
  get complete(): boolean {
    return this.#ports.fleet.complete;
  }

  /**
   * Runs what tells go2rtc where a device is. Before, it is recorded what a document that go2rtc itself writes will have to say: its own writer
   * reformats lines, and only this record can tell that from a person's edit, also after a crash. A document that cannot be read hinders nothing.
   */
  async whileTold<T>(device: DeviceId, tell: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#ports.dryRun) return tell();
    return this.#changes.whileTold(device, async () => {
      await this.#prepare(device, signal);
      return tell();
    });
  }

  async reconcile(name: TargetName, signal: AbortSignal): Promise<Outcome> {
    const target = this.#ports.fleet.targets.find((candidate) => candidate.name === name);
    if (target === undefined) return {};
    await this.#ports.turns.take(name, signal);
    return this.heal(target, signal);
  }

  /** One pass of a document, to be called in its turn. @throws Waiting; the signal's reason when aborted */
  async heal(target: ConfigTarget, signal: AbortSignal): Promise<Outcome> {
    try {
      return await this.#heal(target, await target.read(signal), signal);
    } catch (error) {
      const shown = this.#show(target, error, signal);
      throw new Waiting(shown.reason, rereadOf(target), placed(target, shown), { cause: error });
    }
  }

  /** True while a change of the document, or of any, is held back for another camera's. */
  pending(name?: TargetName): boolean {
    return this.#gathering.pending(name);
  }

  /** Frames of the device decide from now on whether its changes stand. */
  awaitFrames(device: DeviceId): void {
    if (!this.#ports.dryRun) this.#changes.awaitFrames(device);
  }

  /** Frames of the device flow from its new address, or there is nothing to judge by: its changes stand. */
  confirm(device: DeviceId): void {
    this.#changes.noLongerAwaited(device);
  }

  /**
   * No frames came from the refused address: puts back what was there before, in every document that still holds what we wrote.
   * @returns the places that were restored, and those that somebody edited since or that cannot be written: they are left as they are
   */
  async restore(
    device: DeviceId,
    refused: IpAddress,
    signal: AbortSignal,
  ): Promise<{ readonly restored: readonly string[]; readonly foreign: readonly string[] }> {
    const restored: string[] = [];
    const foreign: string[] = [];
    for (const [name, change] of this.#changes.awaitedOf(device)) {
      const target = this.#ports.fleet.targets.find((candidate) => candidate.name === name);
      const edits = change.edits.filter((edit) => edit.to === refused && devicesOfOwners(this.#ports.fleet, edit.owners).includes(device));
      if (target === undefined || edits.length === 0 || this.#ports.unconfirmed.has(name)) continue;
      const isRestored = (await this.#ports.leases.hold(target, signal)) && (await this.#takeBack(target, change, device, edits, signal));
      if (!isRestored) this.#changes.close(name, "abandoned");
      (isRestored ? restored : foreign).push(target.place);
    }
    this.#changes.noLongerAwaited(device);
    return { restored, foreign };
  }

  /** Records what the documents that go2rtc writes will have to say. */
  async #prepare(device: DeviceId, signal: AbortSignal): Promise<void> {
    const { fleet, unconfirmed } = this.#ports;
    for (const { target, reading } of fleet.documents) {
      const concerned = reading.occurrences.some((occurrence) => devicesOfOwners(fleet, occurrence.owners).includes(device));
      if (target.format.kind !== "go2rtc" || !concerned || unconfirmed.has(target.name)) continue;
      try {
        const { text } = await target.read(signal);
        const before = this.#changes.meant(target, text);
        const { text: after, edits } = target.format.rewrite(before, (occurrence) => this.#wanted(target, occurrence));
        this.#changes.begin(target, { before, after, edits, devices: [device] });
      } catch (error) {
        this.#show(target, error, signal);
      }
    }
  }

  /** @returns false where the document is not ours any more */
  async #takeBack(
    target: ConfigTarget,
    change: OpenChange,
    device: DeviceId,
    edits: readonly HostEdit[],
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      const { text, revision } = await target.read(signal);
      const meant = this.#changes.meant(target, text);
      if (meant !== change.after) return false;
      const { text: restored } = target.format.rewrite(meant, (occurrence) => edits.find((edit) => isMadeBy(edit, occurrence))?.from);
      const outcome = await target.write(restored, revision, signal, changeNote("undo", edits, this.#ports.fleet, this.#ports.registry));
      if (outcome.kind !== "written") return false;
      this.#ports.fleet.adopt(target, restored, outcome.revision);
      this.#changes.takenBack(target.name, device, restored);
      return true;
    } catch (error) {
      this.#show(target, error, signal);
      return false;
    }
  }

  async #heal(target: ConfigTarget, read: TargetText, signal: AbortSignal): Promise<Outcome> {
    const { fleet, status, approvals, leases, texts } = this.#ports;
    const missing = this.#missing(target, read);
    if (missing.length > 0) {
      const message = `${target.place} lacks ${missing.join(", ")}; it is read again before they are given up`;
      throw new Waiting("CamerasVanished", SHRUNK_FOR, message);
    }
    const isOurs = await leases.hold(target, signal);
    const meant = this.#adopt(target, read);
    this.#ports.onRead();
    await this.#ports.heedUndone(target, meant, signal);
    await texts.look(target, meant);
    const rewrite = target.format.rewrite(meant, (occurrence) => this.#wanted(target, occurrence));
    if (rewrite.text === read.text) {
      this.#gathering.drop(target.name);
      this.#changes.settle(target.name, read.text);
      approvals.settle(target, read.text);
      this.#showRight(target);
      texts.right(target, read.text);
      showPlacesLeft({ status, fleet, texts, complete: this.complete }, target, read.text);
      await target.settled?.(signal);
      this.#ports.onRight(target.name);
      return { requeueAfter: rereadOf(target) };
    }
    if (this.#ports.dryRun) return {};
    if (!isOurs) return { requeueAfter: rereadOf(target) };
    const held = this.#gathering.holds(target, rewrite.edits);
    if (held !== undefined) return { requeueAfter: held };
    if (!approvals.permits(target, read.text, rewrite)) {
      this.#gathering.drop(target.name);
      return { requeueAfter: rereadOf(target) };
    }
    if (isRefused(this.#ports.registry, status, target, rewrite.text)) return { requeueAfter: rereadOf(target) };
    const devices = rewrite.edits.flatMap((edit) => devicesOfOwners(fleet, edit.owners));
    const change = this.#changes.begin(target, { before: read.text, after: rewrite.text, edits: rewrite.edits, devices });
    const note = changeNote("heal", rewrite.edits, fleet, this.#ports.registry);
    const outcome = await target.write(rewrite.text, read.revision, signal, note);
    if (outcome.kind === "proposed") {
      this.#changes.propose(target.name);
      throw new Waiting("PullRequestOpen", rereadOf(target), `the new addresses for ${target.place} wait in ${outcome.where}`);
    }
    if (outcome.kind === "stale") {
      // go2rtc stores what it is being told: that is no person's edit.
      const isBeingTold = target.format.kind === "go2rtc" && this.#changes.isTold(target.name);
      if (isBeingTold || this.#changes.meant(target, outcome.current.text) === change.after) return { requeueAfter: milliseconds(100) };
      this.#changes.close(target.name, "abandoned");
      throw new Waiting("EditedMeanwhile", milliseconds(300), `${target.place} was edited meanwhile; it is read again`);
    }
    this.#gathering.drop(target.name);
    fleet.adopt(target, rewrite.text, outcome.revision);
    approvals.settle(target, rewrite.text);
    const edits = editsOf(target, read.text, rewrite);
    if (edits.length > 0) this.#tellWritten(target, edits, read.text, rewrite.text);
    status.set(`target/${target.name}`, "ok", "Healed", `${target.place} has the cameras' present addresses`);
    this.#ports.onWritten(target, rewrite.edits);
    return { requeueAfter: milliseconds(500) };
  }

  /** Takes over what the document means: its text, or what we meant where go2rtc rewrote it at our calls. */
  #adopt(target: ConfigTarget, read: TargetText): string {
    const meant = this.#changes.meant(target, read.text);
    this.#ports.fleet.adopt(target, meant, read.revision);
    return meant;
  }

  #show(target: ConfigTarget, error: unknown, signal: AbortSignal): DocumentError | TargetError {
    signal.throwIfAborted();
    if (!(error instanceof DocumentError) && !(error instanceof TargetError)) throw error;
    this.#gathering.drop(target.name);
    this.#ports.status.set(`target/${target.name}`, "problem", error.reason, placed(target, error));
    return error;
  }

  /** What was wrong with the document before is over. */
  #showRight(target: ConfigTarget): void {
    const { status } = this.#ports;
    const subject = `target/${target.name}`;
    if (status.get(subject)?.status === "problem")
      status.set(subject, "ok", "Healthy", `${target.place} has the cameras' present addresses`);
  }

  #wanted({ name }: ConfigTarget, occurrence: Occurrence): IpAddress | undefined {
    const { fleet, registry, holds, texts } = this.#ports;
    return texts.leaves(name, occurrence) ? undefined : wantedAt(fleet, registry, holds, occurrence);
  }

  /** Cameras that the text lacks and that are not given up yet. Nothing where it cannot be read: that is said when it is adopted. */
  #missing(target: ConfigTarget, { text, revision }: TargetText): readonly string[] {
    const before = this.#ports.fleet.documents.find((document) => document.target.name === target.name);
    if (before === undefined || before.revision === revision) return [];
    return this.#shrinking.missing(target.name, before.reading, target.format.read(text), revision);
  }

  /** The very first change of a document is shown whole, with the way back. */
  #tellWritten(target: ConfigTarget, edits: readonly HostEdit[], before: string, after: string): void {
    const { fleet, clock, tell, registry } = this.#ports;
    const { name, place } = target;
    tell({ kind: "document-written", target: name, place, edits, ...sinceHint(fleet, clock, edits) });
    if ([place, name].some((key) => registry.consents.fact(`written ${key}`) !== undefined)) return;
    registry.consents.saveFact(`written ${place}`, "yes");
    tell({ kind: "first-write", target: name, place, diff: shownDiff(place, before, after) });
  }
}
