/** Work that has to be done in a loop's own turn of a key, because no two passes of a key may run at once. */
export class Turns<K> {
  readonly #waiting = new Map<K, readonly Errand[]>();
  readonly #enqueue: (key: K) => void;

  /** @param enqueue makes the loop call `take` for the key soon */
  constructor(enqueue: (key: K) => void) {
    this.#enqueue = enqueue;
  }

  /** Runs the work in the key's next turn. @throws what the work throws; the signal's reason when aborted before the turn came; where too much waits already */
  async run<T>(key: K, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const waiting = this.#waiting.get(key) ?? [];
    if (waiting.length >= MOST) throw new Error("too many requests wait for this already");
    const done = Promise.withResolvers<T>();
    const errand: Errand = async (turn) => {
      try {
        signal.throwIfAborted();
        done.resolve(await work(AbortSignal.any([signal, turn])));
      } catch (error) {
        done.reject(error);
      }
    };
    const drop = (): void => done.reject(signal.reason);
    signal.addEventListener("abort", drop, { once: true });
    this.#waiting.set(key, [...waiting, errand]);
    this.#enqueue(key);
    try {
      return await done.promise;
    } finally {
      signal.removeEventListener("abort", drop);
    }
  }

  /** Does what is waiting for the key. Never throws: whoever waits for the work gets its error. */
  async take(key: K, signal: AbortSignal): Promise<void> {
    const errands = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    for (const errand of errands) await errand(signal);
  }
}

type Errand = (turn: AbortSignal) => Promise<void>;

/** More than a person asks for at once. */
const MOST = 16;
