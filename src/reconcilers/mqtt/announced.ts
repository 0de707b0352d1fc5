import type { Registry } from "../../ports/registry.ts";

/** Under which name the list stands among the facts about this installation. */
const FACT = "mqtt_topics";

/**
 * The topics at which something of ours is retained, on disk: what an earlier run announced and nobody wants any longer is removed by the next one. A
 * topic is listed before anything is published there, and leaves the list after it was emptied.
 */
export class Announced {
  readonly #facts: Pick<Registry["consents"], "fact" | "saveFact">;
  #topics: ReadonlySet<string> | undefined;

  constructor(facts: Pick<Registry["consents"], "fact" | "saveFact">) {
    this.#facts = facts;
  }

  get topics(): ReadonlySet<string> {
    this.#topics ??= new Set(read(this.#facts.fact(FACT)));
    return this.#topics;
  }

  add(topics: readonly string[]): void {
    if (topics.some((topic) => !this.topics.has(topic))) this.#save(new Set([...this.topics, ...topics]));
  }

  remove(topics: readonly string[]): void {
    if (topics.some((topic) => this.topics.has(topic))) this.#save(new Set([...this.topics].filter((topic) => !topics.includes(topic))));
  }

  #save(topics: ReadonlySet<string>): void {
    this.#facts.saveFact(FACT, JSON.stringify([...topics]));
    this.#topics = topics;
  }
}

function read(text: string | undefined): readonly string[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list) ? list.filter((topic) => typeof topic === "string") : [];
  } catch {
    return [];
  }
}
