import { type IpAddress, type MacAddress, parseIp, parseMac } from "../domain/addresses.ts";

/** "That camera is this device", by its MAC address or, where none can be seen, by where it is. */
export type AdoptionWord =
  | { readonly camera: string; readonly mac: MacAddress; /** It took the place of the one that was learned. */ readonly replace?: true }
  | { readonly camera: string; readonly address: IpAddress };

/** "What if that camera were at another address?" */
export interface Rehearsal {
  readonly camera: string;
  readonly address?: IpAddress;
  /** One login may be tried. */
  readonly login: boolean;
}

/** `CAMERA=MAC` or `CAMERA=ADDRESS`; a camera's name may hold `=`, these cannot. @returns the complaint where the words are none */
export function readAdoption(text: string, replace: boolean): AdoptionWord | string {
  const at = text.lastIndexOf("=");
  const [camera, written] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()];
  if (at < 0 || camera === "")
    return `adopt needs CAMERA=MAC, such as front=0c:79:55:4b:d4:2a, or CAMERA=ADDRESS, such as front=192.168.1.77, not ${JSON.stringify(text)}`;
  const mac = parseMac(written);
  if (mac !== undefined) return { camera, mac, ...(replace ? { replace } : {}) };
  const address = parseIp(written);
  if (address !== undefined && replace) return `adopt ${text} --replace needs the new camera's MAC address, such as 0c:79:55:4b:d4:2a`;
  if (address !== undefined) return { camera, address };
  return `adopt ${text}: ${JSON.stringify(written)} is no MAC address, such as 0c:79:55:4b:d4:2a, and no IPv4 address`;
}

/** The flags of a rehearsal; undefined where none is wanted. @returns the complaint where they do not fit */
export function readRehearsal(flags: ReadonlyMap<string, readonly string[]>): Rehearsal | string | undefined {
  const [camera] = flags.get("--rehearse") ?? [];
  const [written] = flags.get("--at") ?? [];
  const login = flags.has("--login");
  if (camera === undefined) {
    if (written === undefined && !login) return undefined;
    return `${login ? "--login" : "--at"} belongs to --rehearse CAMERA`;
  }
  const address = written === undefined ? undefined : parseIp(written);
  if (written !== undefined && address === undefined) return `--at: ${JSON.stringify(written)} is not an IPv4 address`;
  return { camera, login, ...(address === undefined ? {} : { address }) };
}
