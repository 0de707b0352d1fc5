import type { IpAddress } from "./addresses.ts";
import { kindOfHost } from "./source-url.ts";

declare const brand: unique symbol;

/** The name of a machine as a document has it, such as `front.lan`. It is never looked up. */
export type HostName = string & { readonly [brand]: "HostName" };

/** What can stand for a camera in a document. */
export type Host = IpAddress | HostName;

/** Whether the text is a name that a person may have given a machine, and no address, placeholder or name of this machine. */
export function isHostName(text: string): text is HostName {
  const kind = kindOfHost(text);
  return kind.kind === "left" && kind.why === "hostname" && /^[\p{L}\p{N}._-]{1,253}$/u.test(text) && !/^[\d.]+$/.test(text);
}
