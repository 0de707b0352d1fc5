import type { IpAddress } from "./addresses.ts";
import type { Device, DeviceId } from "./camera.ts";
import type { GroupProblem } from "./devices.ts";
import type { DocumentReading } from "./document.ts";
import { type OwnerFacts, ownerFacts } from "./owner-facts.ts";

/**
 * Cameras that two documents have under one name, at addresses of which the camera was never at one: they may be two cameras, as in two Frigates.
 * @param known every address at which the device was proved or that it left
 */
export function namesakesIn(
  documents: readonly { readonly place: string; readonly reading: DocumentReading }[],
  devices: readonly Pick<Device, "id" | "title" | "owners">[],
  known: (id: DeviceId) => ReadonlySet<IpAddress>,
): readonly GroupProblem[] {
  if (documents.length < 2) return [];
  const facts = ownerFacts(documents.map(({ reading }) => reading)).filter(({ video }) => video.length > 0);
  const byOwner = Map.groupBy(facts, ({ owner }) => owner);
  const at = ({ document, video }: OwnerFacts): string => `${video.join(", ")} in ${documents[document]?.place ?? ""}`;
  return devices.flatMap(({ id, title, owners }): readonly GroupProblem[] => {
    const mine = owners.flatMap((owner) => byOwner.get(owner) ?? []);
    if (mine.every(({ document }) => document === mine[0]?.document)) return [];
    const proved = known(id);
    const here = mine.filter(({ video }) => video.some((address) => proved.has(address)));
    const [first] = here;
    const other = mine.find(({ document }) => !here.some((one) => one.document === document));
    if (first === undefined || other === undefined) return [];
    const message = `${title} is at ${at(first)}, which is looked after, and at ${at(other)}, where it never was and which is left alone`;
    return [{ reason: "NameShared", device: id, message }];
  });
}
