import { LimitReached } from "./limit-reached.ts";

interface Flight<T> {
  readonly outcome: Promise<T>;
  readonly stop: AbortController;
  callers: number;
}

interface Lane<Key, T> {
  last: Promise<unknown>;
  readonly flights: Map<Key, Flight<T>>;
}

/** Work in lanes: one piece at a time in each, in order of arrival; whoever asks for work that is under way or waiting shares its outcome. */
export class Lanes<LaneKey, Key, T> {
  readonly #lanes = new Map<LaneKey, Lane<Key, T>>();
  readonly #limit: number;

  /** @param limit how many pieces of work one lane holds, the one under way included */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * The outcome of `work`, or of the work with the same key that this lane holds already. Work is stopped when nobody waits for it any more.
   * @throws LimitReached where the lane is full; what `work` throws; the signal's reason when aborted
   */
  async run(laneKey: LaneKey, key: Key, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const lane = this.#lanes.get(laneKey) ?? { last: Promise.resolve(), flights: new Map<Key, Flight<T>>() };
    this.#lanes.set(laneKey, lane);
    const flight = lane.flights.get(key) ?? this.#start(laneKey, lane, key, work);
    flight.callers += 1;
    let leave = (): void => undefined;
    const left = new Promise<never>((_resolve, reject) => {
      leave = (): void => {
        flight.callers -= 1;
        if (flight.callers === 0) {
          if (lane.flights.get(key) === flight) lane.flights.delete(key);
          flight.stop.abort(signal.reason);
        }
        reject(signal.reason as Error);
      };
    });
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([flight.outcome, left]);
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  #start(laneKey: LaneKey, lane: Lane<Key, T>, key: Key, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    if (lane.flights.size >= this.#limit) throw new LimitReached(`lane ${String(laneKey)}`, this.#limit);
    const stop = new AbortController();
    const outcome = lane.last.then(() => {
      stop.signal.throwIfAborted();
      return work(stop.signal);
    });
    const flight: Flight<T> = { outcome, stop, callers: 0 };
    lane.flights.set(key, flight);
    const settle = (): void => {
      if (lane.flights.get(key) === flight) lane.flights.delete(key);
      if (lane.last === settled && this.#lanes.get(laneKey) === lane) this.#lanes.delete(laneKey);
    };
    const settled: Promise<void> = outcome.then(settle, settle);
    lane.last = settled;
    return flight;
  }
}
