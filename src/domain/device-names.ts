import { type Device, nameOf } from "./camera.ts";

/**
 * The devices that a person may mean: by id, then by title or a name in the documents (upper and lower case alike), then by the address that the
 * documents give. Several where the word is not clear, none where it fits nothing.
 */
export function devicesCalled(word: string, devices: readonly Device[]): readonly Device[] {
  const folded = word.toLowerCase();
  const ways: readonly ((device: Device) => boolean)[] = [
    (device) => device.id === word,
    (device) => device.title.toLowerCase() === folded || device.owners.some((owner) => nameOf(owner).toLowerCase() === folded),
    (device) => device.addresses.some((address) => address === word),
  ];
  for (const way of ways) {
    const found = devices.filter(way);
    if (found.length > 0) return found;
  }
  return [];
}
