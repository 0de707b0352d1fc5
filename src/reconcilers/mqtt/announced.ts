import { type Facts, keepTexts, keptTexts } from "./kept-texts.ts";

/** Under which name the list stands among the facts about this installation. */
const FACT = "mqtt_topics";

/**
 * The topics at which something of ours is retained, on disk: what an earlier run announced and nobody wants any longer is removed by the next one. A
 * topic is listed before anything is published there, and leaves the list after it was emptied.
 */
export class Announced {
  readonly #facts: Facts;
  #topics: ReadonlySet<string> | undefined;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  get topics(): ReadonlySet<string> {
    this.#topics ??= keptTexts(this.#facts, FACT);
    return this.#topics;
  }

  add(topics: readonly string[]): void {
    if (topics.some((topic) => !this.topics.has(topic))) this.#save(new Set([...this.topics, ...topics]));
  }

  remove(topics: readonly string[]): void {
    if (topics.some((topic) => this.topics.has(topic))) this.#save(new Set([...this.topics].filter((topic) => !topics.includes(topic))));
  }

  #save(topics: ReadonlySet<string>): void {
    keepTexts(this.#facts, FACT, topics);
    this.#topics = topics;
  }
}
