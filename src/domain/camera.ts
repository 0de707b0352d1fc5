import type { IpAddress, MacAddress } from "./addresses.ts";
import type { HostName } from "./host-name.ts";
import type { VendorUid } from "./vendor-id.ts";

declare const brand: unique symbol;

/** The key of a device: stable while its address changes. Taken from `cameras[].id`, else from the first name the documents give it. */
export type DeviceId = string & { readonly [brand]: "DeviceId" };

/** The name of a stream in go2rtc. */
export type StreamName = string & { readonly [brand]: "StreamName" };

/**
 * Who a place in a document belongs to: a camera of Frigate's (`camera:front`), a stream of go2rtc's (`stream:front_sub`), or the device that a person
 * named for the text (`device:front`: its id, or a name of it in the documents).
 */
export type OwnerName = `camera:${string}` | `stream:${string}` | `device:${string}`;

/** What it is called there. */
export function nameOf(owner: OwnerName): string {
  return owner.slice(owner.indexOf(":") + 1);
}

/** What is known of a device besides its address. Empty until it was learned. */
export interface Identity {
  /** Every network interface of the device: wired and wireless have one each. */
  readonly macs: readonly MacAddress[];
  /** ONVIF endpoint reference, a `urn:uuid:…` that is the same on every interface (ONVIF Core §7.3.1). */
  readonly endpoint?: string;
  /** TCP port on which its ONVIF service answered. No proof, only where to ask first. */
  readonly onvifPort?: number;
  /** Realm of the RTSP server's challenge. A vendor's constant for some makers, so equal realms prove little and different ones much. */
  readonly realm?: string;
  /** The maker's own number for it, which it says without a password. */
  readonly uid?: VendorUid;
  /** MAC addresses that the device itself told of. They help to find it and prove nothing: nobody saw them on the wire. */
  readonly toldMacs?: readonly MacAddress[];
  /** What of its identity another device says too: it was heard from two addresses at once. No proof by itself ever after. */
  readonly shared?: readonly ("endpoint" | "uid")[];
}

/** One physical thing with one address: a camera, or a recorder with several cameras behind it. The unit that moves. */
export interface Device {
  readonly id: DeviceId;
  /** As a person calls it: the camera's name, or the first of several. */
  readonly title: string;
  readonly owners: readonly OwnerName[];
  /** Every address that the documents give it now: one, or several where they disagree. */
  readonly addresses: readonly IpAddress[];
  /** Streams of go2rtc that read from it, with the sources as the document has them. */
  readonly streams: readonly ConfiguredStream[];
  /** Where a stream client connects: TCP port of the first RTSP or HTTP source; 554 unless the documents tell. */
  readonly streamPort: number;
  /** Ports on which its ONVIF service may listen, the likeliest first. */
  readonly onvifPorts: readonly number[];
  /**
   * One stream URL with credentials that is fit for a login check, its host still the document's; absent where there is none
   * (no password, placeholder that cannot be resolved, not RTSP).
   */
  readonly loginUrl?: string;
  /** Path and query of that URL (or of any RTSP source), for a DESCRIBE that carries no password. */
  readonly streamPath: string;
  /** True where a person allowed Basic for this camera. */
  readonly allowBasic: boolean;
  /** MAC addresses that the options give; added to the learned ones. */
  readonly configuredMacs: readonly MacAddress[];
  /** It runs on a battery: nothing may wake it, so it is neither searched nor asked, only looked at when it announces itself. */
  readonly battery?: true;
  /** The switch or button that cuts or resets its power, by its name in Home Assistant. */
  readonly power?: string;
}

/** One go2rtc stream as a document describes it. */
export interface ConfiguredStream {
  readonly name: StreamName;
  readonly sources: readonly StreamSource[];
}

/** One source of a stream. */
export interface StreamSource {
  /** The scalar as YAML gives it, credentials and placeholders included. Never logged: see `maskCredentials`. */
  readonly text: string;
  /** The camera's address in it; absent for a self reference (`ffmpeg:front#audio=opus`), a hostname, a device file. */
  readonly address?: IpAddress;
  /** The text with every placeholder replaced; absent where one is unknown here. Only such a source may be sent to go2rtc. */
  readonly resolved?: string;
  /** Where the text names the camera by a name that is taken for `address`, as it is in `resolved`: that name, and `resolved` with it. */
  readonly named?: { readonly host: HostName; readonly resolved: string };
  /** Why go2rtc's API would refuse it: white space, or `exec:`, `echo:`, `expr:`. Such a stream needs its file edited and a restart. */
  readonly refusedByApi?: "white-space" | "command";
}

/** Whether the device is the one that is meant: by a name of the documents, or as a person named it, where its id counts first. */
export function isOwnedBy({ id, owners }: Pick<Device, "id" | "owners">, owner: OwnerName): boolean {
  if (!owner.startsWith("device:")) return owners.includes(owner);
  const name = owner.slice(7);
  return id === name || owners.includes(`camera:${name}`) || owners.includes(`stream:${name}`);
}
