import type { HostEdit, Rewrite } from "../domain/document.ts";
import { maskDocument } from "../domain/mask-document.ts";
import type { Tell } from "../domain/notice.ts";
import { nameInDiff, unifiedDiff } from "../domain/unified-diff.ts";
import type { Clock } from "../ports/clock.ts";
import type { ConfigTarget, TargetName } from "../ports/config-target.ts";
import type { ProposalRecord } from "../ports/consents.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import { devicesOfOwners } from "./document-wishes.ts";
import type { Fleet } from "./fleet.ts";
import { byPresentName, proposalsOf } from "./remembered.ts";

export interface ApprovalsPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly status: Status;
  readonly tell: Tell;
  readonly digest: (text: string) => string;
  /** Documents that are written only when a person has approved it. */
  readonly unconfirmed: ReadonlySet<TargetName>;
}

/** Changes that wait for a person. One is known by what it changes, so an approval is good for exactly that change and nothing else. */
export class Approvals {
  readonly #ports: ApprovalsPorts;
  readonly #granted = new Map<TargetName, string>();

  constructor(ports: ApprovalsPorts) {
    this.#ports = ports;
  }

  /** Everything that waits, of the documents that there are. */
  all(): readonly ProposalRecord[] {
    return proposalsOf(this.#ports.registry.consents, this.#ports.fleet.targets);
  }

  /** What waits for the document. */
  proposed(target: TargetName): ProposalRecord | undefined {
    return this.all().find((one) => one.target === target);
  }

  /**
   * What waits for a document that has another name now goes by that; what waits for one that is gone is dropped.
   * @param isComplete every document is known: none is only away
   */
  settleIn(isComplete: boolean): void {
    const { fleet, registry } = this.#ports;
    const { consents } = registry;
    const isRight = ({ target, place }: ProposalRecord): boolean => fleet.targets.some((one) => one.name === target && one.place === place);
    const others = consents.proposals().filter((one) => !isRight(one));
    const moved = others.flatMap((one) => byPresentName(one, fleet.targets));
    for (const { id } of isComplete ? others : moved) consents.removeProposal(id);
    for (const one of moved) {
      const place = fleet.targets.find(({ name }) => name === one.target)?.place;
      consents.saveProposal(place === undefined ? one : { ...one, place });
    }
  }

  /** Until it is withdrawn, exactly this change may be written. */
  grant(target: TargetName, id: string): void {
    this.#granted.set(target, id);
  }

  withdraw(target: TargetName): void {
    this.#granted.delete(target);
  }

  /** Whether the change may be written; where not, it is proposed. */
  permits(target: ConfigTarget, before: string, rewrite: Rewrite): boolean {
    const { unconfirmed } = this.#ports;
    if (!unconfirmed.has(target.name)) return true;
    const proposed = this.proposed(target.name);
    // It goes by its id also when the document has another name since.
    const same = proposed?.before === before && proposed.after === rewrite.text ? proposed : undefined;
    const id = same?.id ?? this.#ports.digest(JSON.stringify([target.name, before, rewrite.text])).slice(0, 8);
    if (same !== undefined && this.#granted.get(target.name) === id) return true;
    const proposal = same ?? this.#propose(target, id, before, rewrite);
    const message = `change ${proposal.id} of ${target.place} waits: ${moveWords(proposal.edits)}`;
    this.#ports.status.set(`target/${target.name}`, "problem", "NeedsApproval", message, { verb: "approve", id: proposal.id });
    return false;
  }

  /** The document needs no change, or was changed: what was proposed for it goes, unless it only cannot be judged before its cameras are proved. */
  settle(target: ConfigTarget, text: string): void {
    const { registry, fleet } = this.#ports;
    const proposed = this.proposed(target.name);
    if (proposed === undefined) return;
    const isOpen =
      proposed.before === text && proposed.cameras.some((id) => fleet.device(id) !== undefined && fleet.settled(id) === undefined);
    if (!isOpen) registry.consents.removeProposal(proposed.id);
  }

  #propose(target: ConfigTarget, id: string, before: string, { text: after, edits }: Rewrite): ProposalRecord {
    const { registry, fleet, clock, tell } = this.#ports;
    const cameras = [...new Set(edits.flatMap((edit) => devicesOfOwners(fleet, edit.owners)))];
    const evidence = cameras.flatMap((camera) => {
      const address = fleet.settled(camera)?.address;
      return (address === undefined ? undefined : registry.evidenceId(camera, address)) ?? [];
    });
    const proposal = { id, target: target.name, place: target.place, before, after, edits, cameras, evidence, at: clock.now() };
    registry.consents.saveProposal(proposal);
    tell({
      kind: "proposed",
      target: target.name,
      place: target.place,
      id,
      edits,
      cameras,
      evidence,
      diff: shownDiff(target.place, before, after),
    });
    return proposal;
  }
}

/** What changes in a document, as a person may see it: credentials masked. */
export function shownDiff(place: string, before: string, after: string): string {
  const name = nameInDiff(place);
  return unifiedDiff(before, after, name, maskDocument);
}

/** `192.168.1.50 → 192.168.1.77`, each move once. */
export function moveWords(edits: readonly HostEdit[]): string {
  return [...new Set(edits.map(({ from, to }) => `${from} → ${to}`))].join(", ");
}
