import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { Behaviour, RequestRecord } from "./behaviour.ts";
import { announceByArp, startCamera, type Camera } from "./camera.ts";
import type { Lan } from "./lan.ts";

export interface ImpostorOptions {
  readonly name: string;
  readonly mac: MacAddress;
  /** The address that it takes, whoever had it. */
  readonly address: IpAddress;
  /** What it asks its victims for. */
  readonly auth: Exclude<Behaviour["auth"], "none">;
  readonly realm?: string;
  /** Takes whatever is offered and shows video; default: refuses everything, so that victims offer again and again. */
  readonly admitAnyone?: boolean;
  readonly paths?: readonly string[];
  /** Tells the LAN by gratuitous ARP; default yes. */
  readonly announce?: boolean;
  /** How long each of its answers takes, in ms. */
  readonly answerDelay?: number;
}

/** A device that is not the camera, at an address that was the camera's, and that keeps what it is offered: see `offers()`. */
export async function startImpostor(lan: Lan, options: ImpostorOptions): Promise<Camera> {
  const impostor = await startCamera(lan, {
    name: options.name,
    mac: options.mac,
    address: options.address,
    static: true,
    auth: options.auth,
    onvif: "none",
    realm: options.realm ?? "Other Device",
    admitAnyone: options.admitAnyone ?? false,
    ...(options.paths === undefined ? {} : { paths: options.paths }),
  });
  if (options.answerDelay !== undefined) await impostor.set({ answerDelay: options.answerDelay });
  if (options.announce ?? true) await announceByArp(impostor.host, options.address);
  return impostor;
}

/** What a request gave away: the password itself, or a hash that can be guessed against offline; undefined where nothing was offered. */
export function givenAway(request: RequestRecord): { readonly kind: "password" | "hash"; readonly text: string } | undefined {
  if (request.offered === undefined) return undefined;
  const basic = /^Basic (\S+)/i.exec(request.offered)?.[1];
  if (basic !== undefined) return { kind: "password", text: Buffer.from(basic, "base64").toString() };
  const clear = /<(?:\w+:)?Password[^>]*#PasswordText"[^>]*>([^<]*)</.exec(request.offered)?.[1];
  return clear === undefined ? { kind: "hash", text: request.offered } : { kind: "password", text: clear };
}
