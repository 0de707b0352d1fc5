import { list, readJson } from "../domain/plain.ts";
import type { Consents } from "../ports/consents.ts";

/** Under which name the list stands among the facts about this installation. */
export const KNOWN_FRIGATES = "frigate_apps";

type Facts = Pick<Consents, "fact" | "saveFact">;

/** Frigates among the apps that are looked after, over restarts of this program: what each is called, by its slug, in the order in which they were found. */
export function knownFrigates(facts: Pick<Facts, "fact">): ReadonlyMap<string, string> {
  return new Map(list(readJson(facts.fact(KNOWN_FRIGATES) ?? "")).filter(isPair));
}

interface KnownFrigate {
  readonly slug: string;
  readonly name: string;
}

/** These are looked after. Those that are not installed just now are not forgotten yet: a Supervisor that starts may not list them all. */
export function learnFrigates(facts: Facts, frigates: readonly KnownFrigate[], installed: readonly { readonly slug: string }[]): void {
  const missing = [...knownFrigates(facts)].filter(([slug]) => !installed.some((app) => app.slug === slug));
  keepFrigates(facts, [...frigates, ...missing.map(([slug, name]) => ({ slug, name }))]);
}

/** These are looked after from now on, and no others. */
export function keepFrigates(facts: Facts, frigates: readonly KnownFrigate[]): void {
  const text = JSON.stringify(frigates.map(({ slug, name }) => [slug, name]));
  if (facts.fact(KNOWN_FRIGATES) !== text) facts.saveFact(KNOWN_FRIGATES, text);
}

function isPair(entry: unknown): entry is readonly [string, string] {
  return Array.isArray(entry) && entry.length === 2 && entry.every((word) => typeof word === "string");
}
