import type { IpAddress } from "./addresses.ts";
import type { OwnerName } from "./camera.ts";
import type { DocumentReading, Occurrence } from "./document.ts";
import type { HostName } from "./host-name.ts";

/** What Frigate runs with, as far as addresses and host names go: by camera. */
export type RunningAddresses = ReadonlyMap<
  string,
  {
    readonly inputs: readonly IpAddress[];
    readonly names?: readonly HostName[];
    readonly onvif?: IpAddress;
    readonly onvifName?: HostName;
  }
>;

/** Where a camera was proved to be, and every address that it left. */
export interface Whereabouts {
  readonly address: IpAddress;
  readonly former: ReadonlySet<IpAddress>;
  /** A person asked that its host name be replaced, and said that the name stands for this address. */
  readonly pinnedAt?: IpAddress;
}

/** An address that Frigate took when it started and that its document has otherwise now. */
export interface RestartNeed {
  /** Of the section `stream`: a stream of its own go2rtc, which starts with it. */
  readonly camera: string;
  readonly section: "ffmpeg" | "onvif" | "stream";
  readonly from: IpAddress;
  /** Frigate goes by this host name, which the document does not have any more. */
  readonly name?: HostName;
  readonly to: IpAddress;
}

/**
 * What only a restart, or a live change, brings into use: Frigate runs with an address that the camera left, and the document has the one at which it was
 * proved. A host name counts as such an address once it was replaced in the document and the camera left the address for which it stood: before, whoever resolves
 * the name finds the camera. What a person changed in the document is no need of ours: when that is put into use is theirs to say.
 */
export function restartNeeds(
  reading: DocumentReading,
  running: RunningAddresses,
  whereabouts: (owner: OwnerName) => Whereabouts | undefined,
): readonly RestartNeed[] {
  return [...running].flatMap(([camera, { inputs, names = [], onvif, onvifName }]) => {
    const owner: OwnerName = `camera:${camera}`;
    const where = whereabouts(owner);
    if (where === undefined) return [];
    const written = reading.occurrences.filter(({ owners, address }) => owners.includes(owner) && address === where.address);
    const need = (section: RestartNeed["section"], used: readonly IpAddress[], by: readonly HostName[]): readonly RestartNeed[] => {
      const from = used.find((address) => address !== where.address && where.former.has(address));
      const to = where.address;
      if (!written.some((occurrence) => occurrence.name === undefined && belongsTo(occurrence, section))) return [];
      if (from !== undefined) return [{ camera, section, from, to }];
      const name = by.find((one) => !isWritten(reading, owner, one));
      if (name === undefined || where.pinnedAt === undefined || where.pinnedAt === to) return [];
      return [{ camera, section, from: where.pinnedAt, to, name }];
    };
    return [
      ...need("ffmpeg", inputs, names),
      ...need("onvif", onvif === undefined ? [] : [onvif], onvifName === undefined ? [] : [onvifName]),
    ];
  });
}

/** Whether the document reaches the camera by the name still. */
function isWritten({ occurrences, leftAlone }: DocumentReading, owner: OwnerName, name: HostName): boolean {
  const folded = name.toLowerCase();
  const isIt = (host: string | undefined): boolean => host?.toLowerCase() === folded;
  return (
    occurrences.some((one) => one.owners.includes(owner) && isIt(one.name)) ||
    leftAlone.some((one) => one.owners.includes(owner) && isIt(one.host))
  );
}

/** Whether the place of a document is one that the need is about. */
export function isPlaceOf(occurrence: Occurrence, need: RestartNeed): boolean {
  const owner: OwnerName = need.section === "stream" ? `stream:${need.camera}` : `camera:${need.camera}`;
  return occurrence.address === need.to && occurrence.owners.includes(owner) && belongsTo(occurrence, need.section);
}

function belongsTo({ kind }: Occurrence, section: RestartNeed["section"]): boolean {
  return kind === "variable" || kind === (section === "ffmpeg" ? "input" : section);
}
