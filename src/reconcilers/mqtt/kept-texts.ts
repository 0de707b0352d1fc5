import { list, readJson } from "../../domain/plain.ts";
import type { Registry } from "../../ports/registry.ts";

/** Facts about this installation, on disk. */
export type Facts = Pick<Registry["consents"], "fact" | "saveFact">;

/** A set of texts that was kept under a name; empty where none was, or where it cannot be read. */
export function keptTexts(facts: Facts, name: string): ReadonlySet<string> {
  return new Set(list(readJson(facts.fact(name) ?? "")).filter((text) => typeof text === "string"));
}

/** Keeps a set of texts instead of the one before. */
export function keepTexts(facts: Facts, name: string, texts: ReadonlySet<string>): void {
  facts.saveFact(name, JSON.stringify([...texts]));
}
