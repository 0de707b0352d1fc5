import type { Registry } from "../../ports/registry.ts";

/** Facts about this installation, on disk. */
export type Facts = Pick<Registry["consents"], "fact" | "saveFact">;

/** A set of texts that was kept under a name; empty where none was, or where it cannot be read. */
export function keptTexts(facts: Facts, name: string): ReadonlySet<string> {
  try {
    const list: unknown = JSON.parse(facts.fact(name) ?? "[]");
    return new Set(Array.isArray(list) ? list.filter((text) => typeof text === "string") : []);
  } catch {
    return new Set();
  }
}

/** Keeps a set of texts instead of the one before. */
export function keepTexts(facts: Facts, name: string, texts: ReadonlySet<string>): void {
  facts.saveFact(name, JSON.stringify([...texts]));
}
