import type { Duration } from "../domain/duration.ts";

interface Item<K> {
  readonly key: K;
  readonly due: Duration;
  readonly order: number;
}

/** Keys by the time they are due at, each at most once: the earliest first, among equals the one that was set first. A binary heap. */
export class DueQueue<K> {
  readonly #heap: Item<K>[] = [];
  readonly #places = new Map<K, number>();
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the key is due; undefined where it is not in the queue. */
  dueOf(key: K): Duration | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#heap[place]?.due;
  }

  /** Sets when the key is due, whatever was set before. */
  set(key: K, due: Duration): void {
    this.delete(key);
    this.#order += 1;
    this.#heap.push({ key, due, order: this.#order });
    this.#rise(this.#heap.length - 1);
  }

  delete(key: K): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    const last = this.#heap.pop();
    if (last === undefined || place === this.#heap.length) return;
    this.#put(last, place);
    this.#rise(place);
    this.#sink(this.#places.get(last.key) ?? place);
  }

  /** The earliest key and its time, left in the queue. */
  first(): { readonly key: K; readonly due: Duration } | undefined {
    return this.#heap[0];
  }

  #put(item: Item<K>, place: number): void {
    this.#heap[place] = item;
    this.#places.set(item.key, place);
  }

  #rise(start: number): void {
    const item = this.#heap[start];
    if (item === undefined) return;
    let place = start;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !before(item, parent)) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(item, place);
  }

  #sink(start: number): void {
    const item = this.#heap[start];
    if (item === undefined) return;
    let place = start;
    for (;;) {
      const left = this.#heap[2 * place + 1];
      if (left === undefined) break;
      const right = this.#heap[2 * place + 2];
      const child = right !== undefined && before(right, left) ? right : left;
      if (!before(child, item)) break;
      const next = child === left ? 2 * place + 1 : 2 * place + 2;
      this.#put(child, place);
      place = next;
    }
    this.#put(item, place);
  }
}

function before<K>(left: Item<K>, right: Item<K>): boolean {
  return left.due < right.due || (left.due === right.due && left.order < right.order);
}
