import type { Producer, StreamState } from "../../ports/stream-server.ts";
import { isIdle } from "./streams.ts";

/**
 * The source to PATCH before the PUT, so that clients of the present stream follow; undefined where that is not safe. PATCH gives every producer
 * of the stream the same URL. That is harmless where one at most is connected, because nobody reaches the others once the PUT has replaced the
 * stream; a second one that was connected for another codec would dial without delay for as long as its clients stay.
 */
export function patchSource(producers: readonly Producer[], sources: readonly string[]): string | undefined {
  if (producers.length !== sources.length) return undefined;
  if (producers.length === 1) return sources[0];
  const connected = producers.flatMap((producer, index) => (isIdle(producer) ? [] : [index]));
  const [only] = connected;
  return connected.length === 1 && only !== undefined ? sources[only] : undefined;
}

/** Video packets of all producers together. */
export function videoPackets(state: StreamState): number {
  return state.producers.reduce((sum, producer) => sum + (producer.videoPackets ?? 0), 0);
}
