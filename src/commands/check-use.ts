import { REASONS } from "../domain/reasons.ts";
import { DocumentError } from "../domain/document.ts";
import { type ConfigTarget, TargetError, type TargetFact } from "../ports/config-target.ts";
import type { CheckItem, CheckProducer } from "./check.ts";

/**
 * How a change of each document would come into use: pull requests, pipelines, pods. Looked at apart from the documents, so that one that does not answer
 * hides nothing of them; what is wrong with a document itself is said there.
 */
export function checkUse(targets: readonly ConfigTarget[]): readonly CheckProducer[] {
  return targets.flatMap((target): readonly CheckProducer[] => {
    if (target.examine === undefined) return [];
    const part = `document ${target.name}`;
    const gather = async (signal: AbortSignal): Promise<readonly CheckItem[]> => {
      try {
        return ((await target.examine?.(signal)) ?? []).map((fact) => itemOf(part, fact));
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof TargetError || error instanceof DocumentError) return [];
        throw error;
      }
    };
    return [{ part, gather }];
  });
}

function itemOf(part: string, { state, found, reason }: TargetFact): CheckItem {
  const nextStep = reason === undefined ? "" : REASONS[reason].nextStep;
  return { part, state, found, ...(nextStep === "" ? {} : { nextStep }) };
}
