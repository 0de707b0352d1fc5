import type { Loop } from "./loop.ts";

/** Asks for a pass of each of them, by its name. */
export function enqueueAll<K extends string>(loop: Pick<Loop<K>, "enqueue">, ones: readonly { readonly name: K }[]): void {
  for (const { name } of ones) loop.enqueue(name);
}
