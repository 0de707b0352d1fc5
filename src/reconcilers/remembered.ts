import { documentOf, type OfDocument } from "../domain/remembered-document.ts";
import type { ConfigTarget } from "../ports/config-target.ts";
import type { Consents, ProposalRecord } from "../ports/consents.ts";
import type { ChangeRecord } from "../ports/registry.ts";

type Targets = readonly Pick<ConfigTarget, "name" | "place">[];

/** What waits for a person, of the documents that there are, by the names that these have now. */
export function proposalsOf(consents: Pick<Consents, "proposals">, targets: Targets): readonly ProposalRecord[] {
  return consents.proposals().flatMap((record) => byPresentName(record, targets));
}

/** The settled changes of one of the documents, the newest first, by the name that it has now. */
export function changesOf(consents: Pick<Consents, "settledChanges">, target: Targets[number], targets: Targets): readonly ChangeRecord[] {
  const present = consents.settledChanges(target).flatMap((record) => byPresentName(record, targets));
  return present.filter((record) => record.target === target.name);
}

/** The record, by the name that its document has now; nothing where there is no such document. */
export function byPresentName<T extends OfDocument>(record: T, targets: Targets): readonly T[] {
  const document = documentOf(record, targets);
  return document === undefined ? [] : [{ ...record, target: document.name }];
}
