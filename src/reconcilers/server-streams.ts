import type { IpAddress } from "../domain/addresses.ts";
import type { ConfiguredStream } from "../domain/camera.ts";
import type { StreamServer } from "../ports/stream-server.ts";
import type { ReadDocument } from "./fleet.ts";

interface Around {
  readonly documents: readonly ReadDocument[];
  readonly servers: readonly StreamServer[];
  /** Every address at which the device was proved or that it left. */
  readonly known: ReadonlySet<IpAddress>;
}

/**
 * A device's stream as this server has it. Two Frigates may have streams of one name: each go2rtc is told the sources of its own Frigate's document.
 * Undefined where the stream there is another camera's, which is only called the same: another document says where this device is.
 */
export function streamOn(stream: ConfiguredStream, { document }: StreamServer, around: Around): ConfiguredStream | undefined {
  if (document === undefined) return stream;
  const { documents, servers, known } = around;
  const calledSo = (name: string): ConfiguredStream | undefined =>
    documents.find(({ target }) => target.name === name)?.reading.streams.find((one) => one.name === stream.name);
  const others = servers.flatMap((server) => (server.document === undefined || server.document === document ? [] : [server.document]));
  const elsewhere = others.flatMap((name) => calledSo(name) ?? []);
  const here = calledSo(document);
  if (here === undefined) return elsewhere.length > 0 ? undefined : stream;
  const isKnown = ({ sources }: ConfiguredStream): boolean => sources.some(({ address }) => address !== undefined && known.has(address));
  const hasAddress = here.sources.some(({ address }) => address !== undefined);
  return hasAddress && !isKnown(here) && elsewhere.some(isKnown) ? undefined : here;
}
