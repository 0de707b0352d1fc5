const SHOWN = "***";

/**
 * A value that no output may show: printed, logged, inspected, serialised and put into a template it reads `***`. The value itself is held in a
 * private field, so that neither spreading, `Object.entries` nor `structuredClone` reaches it. Only `reveal` gives it out.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value, for the one call that needs it. Never store or log what it gives. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  /** What `util.inspect` and with it `console` show (Node: util.inspect.custom, a registered symbol). */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return SHOWN;
  }

  [Symbol.toPrimitive](): string {
    return SHOWN;
  }
}
