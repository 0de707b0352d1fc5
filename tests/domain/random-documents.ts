import fc from "fast-check";
import { type IpAddress, parseIp } from "../../src/domain/addresses.ts";
import type { Occurrence } from "../../src/domain/document.ts";
import { DocumentWriter, type HostSpan, type RandomDocument } from "./frigate-documents.ts";

/** One of the numbers from 0, below that. */
export type Choose = (below: number) => number;

const NEW_ADDRESSES = ["192.168.1.1", "192.168.1.13", "10.20.30.40", "192.168.1.131", "8.8.8.8", "192.168.100.200"].flatMap(
  (text) => parseIp(text) ?? [],
);

/** A document, and what else is chosen for it: by a tape of so many bytes, which shrinks well and makes every document reproducible. */
export function randomDocuments(length: number): fc.Arbitrary<{ readonly document: RandomDocument; readonly choose: Choose }> {
  return fc.uint8Array({ minLength: length, maxLength: length, size: "max" }).map((tape) => {
    let at = 0;
    const choose = (below: number): number => {
      const high = tape[at++ % tape.length] ?? 0;
      const low = tape[at++ % tape.length] ?? 0;
      return (high * 256 + low) % below;
    };
    return { document: new DocumentWriter(choose).write(), choose };
  });
}

/** What each device's address becomes: a rotation, or new addresses, some of them beginnings of old ones. */
export function movesOf({ addresses }: RandomDocument, choose: Choose): readonly (IpAddress | undefined)[] {
  if (choose(3) === 0 && addresses.length > 1) return addresses.map((_, index) => addresses[(index + 1) % addresses.length]);
  return addresses.map(() => (choose(5) === 0 ? undefined : NEW_ADDRESSES[choose(NEW_ADDRESSES.length)]));
}

/** By device, as `rewrite` asks by occurrence. */
export function byOwner(
  spans: readonly HostSpan[],
  to: (device: number) => IpAddress | undefined,
): (occurrence: Occurrence) => IpAddress | undefined {
  const device = new Map(spans.flatMap((span) => [...span.owners].map((owner) => [owner, span.device] as const)));
  return (occurrence) => to(device.get(occurrence.owners[0] ?? "camera:") ?? -1);
}

/** The text with other hosts, and every other byte as it was. */
export function replaced({ text, spans }: RandomDocument, to: (device: number) => IpAddress | undefined): string {
  return spans.reduceRight((whole, span) => whole.slice(0, span.start) + (to(span.device) ?? span.address) + whole.slice(span.end), text);
}
