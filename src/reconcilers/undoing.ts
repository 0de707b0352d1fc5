import { type IpAddress, parseIp } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import { DocumentError, type DocumentReading, type HostEdit, hostOf, type Occurrence } from "../domain/document.ts";
import { isHostName } from "../domain/host-name.ts";
import { sameMeaning } from "../domain/same-meaning.ts";
import type { Tell } from "../domain/notice.ts";
import { type Refusal, refused } from "../ports/actions.ts";
import { type ConfigTarget, type Revision, TargetError, type WriteOutcome } from "../ports/config-target.ts";
import type { ChangeRecord, Registry } from "../ports/registry.ts";
import { moveWords, shownDiff } from "./approvals.ts";
import { changeNote } from "./change-notes.ts";
import { devicesOfOwners } from "./document-wishes.ts";
import { type Fleet, placed } from "./fleet.ts";
import type { Holds } from "./holds.ts";
import type { Leases } from "./leases.ts";
import type { OpenChanges } from "./open-changes.ts";
import { ProposedUndos } from "./proposed-undos.ts";
import { changesOf } from "./remembered.ts";

export interface UndoingPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly holds: Holds;
  readonly leases: Leases;
  readonly changes: OpenChanges;
  readonly tell: Tell;
}

/** What was undone of one device: it is to be taken to be at its former address again. */
export interface PutBack {
  readonly device: DeviceId;
  readonly former: IpAddress;
  readonly refused: IpAddress;
}

/** What is held back of one device: an address, or the replacing of a name. */
interface HeldBack {
  readonly device: DeviceId;
  readonly host: HostEdit["from"];
}

export type Undone = { readonly kind: "undone"; readonly message: string; readonly devices: readonly PutBack[] } | Refusal;

/** Puts a document back to what it was before a change of ours, only while it is exactly what we wrote. To be called in the document's own turn. */
export class Undoing {
  readonly #ports: UndoingPorts;
  readonly #proposed: ProposedUndos;

  constructor(ports: UndoingPorts) {
    this.#ports = ports;
    this.#proposed = new ProposedUndos(ports.registry);
  }

  /** The document was changed by us: an undo of what it said before cannot be meant any more. */
  noteWritten(target: ConfigTarget): void {
    this.#proposed.forget(target);
  }

  /** What a person undid by merging what an undo proposed: from now on it holds as if it had been written. */
  merged(target: ConfigTarget, text: string): readonly PutBack[] {
    const undo = this.#proposed.merged(target, text);
    if (undo === undefined) return [];
    const { devices: all, names } = this.#whatFollows(undo.edits);
    // A camera that was proved at its former address meanwhile is why that was merged.
    const devices = all.filter(({ device, former }) => this.#ports.fleet.settled(device)?.address !== former);
    if (devices.length === 0 && names.length === 0) {
      this.#proposed.forget(target);
      return [];
    }
    for (const { device, refused: host } of devices) this.#ports.holds.put(device, host, "undone");
    for (const { device, host } of names) this.#ports.holds.put(device, host, "undone");
    for (const id of undo.changes) this.#ports.registry.consents.undoneChange(id);
    this.#proposed.forget(target);
    this.#ports.tell({ kind: "undone", target: target.name, place: target.place, edits: undo.edits, diff: "" });
    return unique(devices);
  }

  /** The document that was changed last and can be put back. */
  latestTarget(): ConfigTarget | undefined {
    const { fleet, registry } = this.#ports;
    const latest = (target: ConfigTarget): number =>
      this.#ports.changes.of(target.name)?.id ??
      changesOf(registry.consents, target, fleet.targets).find(({ state }) => state === "kept")?.id ??
      0;
    return fleet.targets.filter((target) => latest(target) > 0).toSorted((one, other) => latest(other) - latest(one))[0];
  }

  /** @param to the change whose earlier text is wanted; the latest where absent. @throws the signal's reason when aborted */
  async undo(target: ConfigTarget, to: number | undefined, signal: AbortSignal): Promise<Undone> {
    const { fleet, leases } = this.#ports;
    try {
      if (!(await leases.hold(target, signal)))
        return refused("WrittenElsewhere", `another copy of the program looks after ${target.place}`);
      const { text, revision } = await target.read(signal);
      this.#closeOpen(target, text);
      const chosen = this.#choose(target, text, to);
      if (chosen.kind === "refused") return chosen;
      const edits = editsBetween(target.format.read(text), target.format.read(chosen.text));
      // On disk before the document changes: a crash in between must not heal it back.
      const { devices, names } = this.#whatFollows(edits);
      const held = [...devices.map(({ device, refused: host }) => ({ device, host })), ...names];
      for (const { device, host } of held) this.#ports.holds.put(device, host, "undone");
      const outcome = await this.#write(target, { before: text, revision, after: chosen.text, edits }, held, signal);
      if (outcome.kind !== "written") {
        this.#lift(held);
        if (outcome.kind === "stale") return edited(target);
        this.#proposed.note(target, { changes: chosen.undone.map(({ id }) => id), edits });
        return refused("PullRequestOpen", `the earlier text of ${target.place} waits in ${outcome.where}; it holds once that is merged`);
      }
      for (const change of chosen.undone) this.#ports.registry.consents.undoneChange(change.id);
      fleet.adopt(target, chosen.text, outcome.revision);
      // They count from what the document says now: it may have been looked at while it was written.
      for (const { device, host } of held) this.#ports.holds.put(device, host, "undone");
      this.#ports.tell({
        kind: "undone",
        target: target.name,
        place: target.place,
        edits,
        diff: shownDiff(target.place, text, chosen.text),
      });
      const again = `${target.place} has its earlier text again${edits.length === 0 ? "" : `: ${moveWords(edits)}`}`;
      const stay = [...new Set(names.map(({ host }) => host))].join(", ");
      const message = stay === "" ? again : `${again}; ${stay} stays until somebody asks for a resync`;
      return { kind: "undone", message, devices: unique(devices) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DocumentError) && !(error instanceof TargetError)) throw error;
      return refused(error.reason, placed(target, error));
    }
  }

  /** Whoever was moved is taken to be where it was; a name that is put back says nothing of where its camera is. */
  #whatFollows(edits: readonly HostEdit[]): { readonly devices: readonly PutBack[]; readonly names: readonly HeldBack[] } {
    const { fleet } = this.#ports;
    const each = edits.flatMap(({ owners, from, to }) => devicesOfOwners(fleet, owners).map((device) => ({ device, from, to })));
    const devices = each.flatMap(({ device, from, to }): readonly PutBack[] => {
      const [former, refused] = [parseIp(to), parseIp(from)];
      return former === undefined || refused === undefined ? [] : [{ device, former, refused }];
    });
    return { devices, names: each.flatMap(({ device, to }) => (isHostName(to) ? [{ device, host: to }] : [])) };
  }

  /** A change that could still be taken back by itself stands now, so that it can be undone. */
  #closeOpen(target: ConfigTarget, text: string): void {
    const { changes } = this.#ports;
    const open = changes.of(target.name);
    if (open === undefined) return;
    for (const device of open.devices) changes.noLongerAwaited(device);
    changes.close(target.name, changes.meant(target, text) === open.after ? "kept" : "abandoned");
  }

  #choose(
    target: ConfigTarget,
    text: string,
    to: number | undefined,
  ): { readonly kind: "chosen"; readonly text: string; readonly undone: readonly ChangeRecord[] } | Refusal {
    const { consents } = this.#ports.registry;
    const kept = changesOf(consents, target, this.#ports.fleet.targets).filter(({ state }) => state === "kept");
    // One that a crash kept from being marked: the document has its earlier text already.
    const done = kept[0]?.before === text ? kept.slice(0, 1) : [];
    for (const { id } of done) consents.undoneChange(id);
    const left = kept.slice(done.length);
    const [latest] = left;
    if (latest === undefined) return refused("NothingToUndo", `${target.place} was not changed by this program, or all of it was undone`);
    const isOurs =
      latest.after === text || (target.format.kind === "go2rtc" && sameMeaning(target.format, text, latest.after, latest.before));
    if (!isOurs) return edited(target);
    const last = to === undefined ? 0 : left.findIndex(({ id }) => id === to);
    if (last < 0)
      return refused(
        "NothingToUndo",
        `${target.place} has no text ${String(to)} that could be put back; there is ${left.map(({ id }) => id).join(", ")}`,
      );
    const undone = left.slice(0, last + 1);
    const isChain = undone.every((change, index) => {
      const earlier = undone[index + 1];
      return earlier === undefined || change.before === earlier.after || change.before === earlier.before;
    });
    const oldest = undone.at(-1) ?? latest;
    if (!isChain) return refused("EditedMeanwhile", `${target.place} was edited by somebody after text ${oldest.id}, and is left as it is`);
    return { kind: "chosen", text: oldest.before, undone };
  }

  /** Where the document could not be written and has its text still, nothing was undone: its cameras are not to be held off. */
  async #write(
    target: ConfigTarget,
    text: { readonly before: string; readonly revision: Revision; readonly after: string; readonly edits: readonly HostEdit[] },
    held: readonly HeldBack[],
    signal: AbortSignal,
  ): Promise<WriteOutcome> {
    const { fleet, registry } = this.#ports;
    try {
      return await target.write(text.after, text.revision, signal, changeNote("undo", text.edits, fleet, registry));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TargetError && (await target.read(signal)).text === text.before) this.#lift(held);
      throw error;
    }
  }

  #lift(held: readonly HeldBack[]): void {
    for (const { device, host } of held) this.#ports.holds.lift(device, host);
  }
}

function edited(target: ConfigTarget): Refusal {
  return refused("EditedMeanwhile", `${target.place} was edited since this program wrote it, and is left as it is`);
}

/** Hosts that differ between two readings of one document. go2rtc turns a single source into a list: then the owners tell which place is meant. */
export function editsBetween(from: DocumentReading, to: DocumentReading): readonly HostEdit[] {
  const byPath = ({ path }: Occurrence): string => JSON.stringify(path);
  const byOwners = ({ kind, owners }: Occurrence): string => JSON.stringify([kind, owners.toSorted()]);
  const there = new Map(to.occurrences.flatMap((one) => [[byOwners(one), hostOf(one)] as const, [byPath(one), hostOf(one)] as const]));
  return from.occurrences.flatMap((one) => {
    const other = there.get(byPath(one)) ?? there.get(byOwners(one));
    return other === undefined || other === hostOf(one) ? [] : [{ path: one.path, owners: one.owners, from: hostOf(one), to: other }];
  });
}

function unique(devices: readonly PutBack[]): readonly PutBack[] {
  return [...new Map(devices.map((one) => [one.device, one])).values()];
}
