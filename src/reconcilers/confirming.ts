import type { IpAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { saysTheSame } from "../domain/unproved.ts";
import { type ActionResult, refused } from "../ports/actions.ts";
import { ConfirmedAddresses } from "./confirmed-addresses.ts";
import type { Holds } from "./holds.ts";
import { Unproved, type UnprovedPorts } from "./unproved.ts";

export interface ConfirmingPorts extends UnprovedPorts {
  readonly holds: Pick<Holds, "lift">;
  /** The device is to be proved at the address. */
  readonly onNews: (device: DeviceId, news: boolean) => void;
}

/** Cameras that nothing can prove: where they may be, and what a person said of that. */
export interface Confirming {
  readonly unproved: Unproved;
  readonly confirmed: ConfirmedAddresses;
  readonly confirm: (device: Device, address: IpAddress, signal: AbortSignal) => Promise<ActionResult>;
}

export function createConfirming(ports: ConfirmingPorts): Confirming {
  const parts = { ...ports, unproved: new Unproved(ports), confirmed: new ConfirmedAddresses(ports) };
  const { unproved, confirmed } = parts;
  return { unproved, confirmed, confirm: (device, address, signal) => confirmAddress(parts, device, address, signal) };
}

type Parts = ConfirmingPorts & Pick<Confirming, "unproved" | "confirmed">;

/**
 * A person says that the camera is at the address, where nothing can prove it. The device there is asked once more, without a password; then the word stands in
 * for the missing proof, for this address alone, and the login decides. @throws the signal's reason when aborted
 */
async function confirmAddress(ports: Parts, device: Device, address: IpAddress, signal: AbortSignal): Promise<ActionResult> {
  const { fleet, unproved, confirmed, holds, onNews } = ports;
  const { id, title } = device;
  if (fleet.settled(id)?.address === address) return { kind: "accepted", message: `${title} is known to be at ${address} already` };
  const owner = unproved.claims(device).get(address);
  if (owner !== undefined) return refused("DuplicateCamera", `${address} is the address of ${owner}, not of ${title}`);
  const proposed = unproved.saidAt(id, address);
  // A person's word counts more than what other copies of the program tell.
  const there = await unproved.judge(device, address, signal, (one) => fleet.learnedOf(one));
  if (there.kind === "refused") return refused(there.reason, `${title} is not taken to be at ${address}: ${there.why}`);
  if (proposed !== undefined && !saysTheSame(proposed, there.said)) {
    unproved.forget(id);
    const message = `another device answers at ${address} than the one that was proposed for ${title}`;
    return refused("IdentityDiffers", message);
  }
  holds.lift(id);
  confirmed.give(id, address, there.said);
  onNews(id, true);
  return { kind: "accepted", message: `${title} is taken to be at ${address}, on your word: its password is tried there, once` };
}
