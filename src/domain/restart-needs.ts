import type { IpAddress } from "./addresses.ts";
import type { OwnerName } from "./camera.ts";
import type { DocumentReading, Occurrence } from "./document.ts";

/** What Frigate runs with, as far as addresses go: by camera. */
export type RunningAddresses = ReadonlyMap<string, { readonly inputs: readonly IpAddress[]; readonly onvif?: IpAddress }>;

/** Where a camera was proved to be, and every address that it left. */
export interface Whereabouts {
  readonly address: IpAddress;
  readonly former: ReadonlySet<IpAddress>;
}

/** An address that Frigate took when it started and that its document has otherwise now. */
export interface RestartNeed {
  readonly camera: string;
  readonly section: "ffmpeg" | "onvif";
  readonly from: IpAddress;
  readonly to: IpAddress;
}

/**
 * What only a restart, or a live change, brings into use: Frigate runs with an address that the camera left, and the document has the one at which it was
 * proved. What a person changed in the document is no need of ours: when that is put into use is theirs to say.
 */
export function restartNeeds(
  reading: DocumentReading,
  running: RunningAddresses,
  whereabouts: (owner: OwnerName) => Whereabouts | undefined,
): readonly RestartNeed[] {
  return [...running].flatMap(([camera, { inputs, onvif }]) => {
    const owner: OwnerName = `camera:${camera}`;
    const where = whereabouts(owner);
    if (where === undefined) return [];
    const written = reading.occurrences.filter(({ owners, address }) => owners.includes(owner) && address === where.address);
    const need = (section: RestartNeed["section"], used: readonly IpAddress[]): readonly RestartNeed[] => {
      const from = used.find((address) => address !== where.address && where.former.has(address));
      const isWritten = written.some((occurrence) => belongsTo(occurrence, section));
      return from === undefined || !isWritten ? [] : [{ camera, section, from, to: where.address }];
    };
    return [...need("ffmpeg", inputs), ...need("onvif", onvif === undefined ? [] : [onvif])];
  });
}

/** Whether the place of a document is one that the need is about. */
export function isPlaceOf(occurrence: Occurrence, need: RestartNeed): boolean {
  return occurrence.address === need.to && occurrence.owners.includes(`camera:${need.camera}`) && belongsTo(occurrence, need.section);
}

function belongsTo({ kind }: Occurrence, section: RestartNeed["section"]): boolean {
  return kind === "variable" || kind === (section === "ffmpeg" ? "input" : "onvif");
}
