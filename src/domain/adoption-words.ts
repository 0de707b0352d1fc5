import type { Adoption, Contender } from "./adoption.ts";
import type { DeviceId } from "./camera.ts";
import type { Ask } from "./next-step.ts";
import { shortened } from "./short-words.ts";

/** What a device is told from another by, for a person: `0c:79:55:4b:d4:2a at 192.168.1.77 (realm "BC Streaming Media", ONVIF)`. */
export function contenderWords({ mac, address, endpoint, says }: Contender): string {
  const facts = [...says, ...(endpoint === undefined ? [] : ["ONVIF"])].map((text) => shortened(text, 80));
  return `${mac} at ${address}${facts.length === 0 ? "" : ` (${facts.join(", ")})`}`;
}

/** As `contenderWords`, where no MAC address is seen. */
export function placeWords({ address, says }: Pick<Contender, "address" | "says">): string {
  return `${address}${says.length === 0 ? "" : ` (${says.join(", ")})`}`;
}

/** What a person who knows which device it is asks for. */
export function adoptionAsk(adoption: Exclude<Adoption, { readonly kind: "none" }>): Ask {
  const { camera } = adoption;
  switch (adoption.kind) {
    case "proposed":
    case "second":
      return { verb: "adopt", camera, devices: [adoption.device.mac] };
    case "address":
      return { verb: "adopt", camera, devices: adoption.devices.map(({ address }) => address) };
    case "unclear":
      return { verb: "adopt", camera, devices: adoption.devices.map(({ mac }) => mac) };
  }
}

/** What the matching came to for one camera. */
export function adoptionWords(adoption: Adoption, titleOf: (id: DeviceId) => string): string {
  const { camera } = adoption;
  const title = titleOf(camera);
  switch (adoption.kind) {
    case "proposed": {
      const { device, evidence } = adoption;
      return `${title} is probably ${contenderWords(device)}: the only device that fits: ${evidence.join(", ")}`;
    }
    case "second": {
      const { device, evidence } = adoption;
      return (
        `the device at ${device.address} says that it is ${title} (${evidence.join(", ")}), but ${device.mac} is no MAC address of it that was learned: it has a second ` +
        "network interface, or another device says the same"
      );
    }
    case "address": {
      const { devices, rivals } = adoption;
      const what = devices.length === 1 ? "one device" : `${String(devices.length)} devices`;
      const others = rivals.length === 0 ? "" : `, or ${rivals.map(titleOf).join(", ")}`;
      return (
        `${title} does not answer, and nothing that proves it can be seen where ${what} may be it${others}: ${devices.map(placeWords).join("; ")}. ` +
        `Look which it is, in the router's list or in a browser`
      );
    }
    case "unclear": {
      const { devices, rivals } = adoption;
      const what = devices.length === 1 ? "one device fits" : `${String(devices.length)} devices fit`;
      const others = rivals.length === 0 ? "" : `, and ${rivals.map(titleOf).join(", ")} as well`;
      const list = devices.map(contenderWords).join("; ");
      return `${what} ${title}${others}: ${list}. Compare the MAC addresses with the stickers on the cameras, or unplug one and see which address is gone`;
    }
    case "none": {
      const { near } = adoption;
      if (near.length === 0)
        return `no camera that is not known yet answers on this network: is ${title} switched on, and on this network?`;
      const list = near.map(({ device, why }) => `${contenderWords(device)}: ${why}`).join("; ");
      return `no device fits ${title}. Looked at: ${list}`;
    }
  }
}
