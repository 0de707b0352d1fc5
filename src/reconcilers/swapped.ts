import type { JudgedAddress } from "../domain/binding.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { milliseconds, seconds } from "../domain/duration.ts";
import { saysToBe, writtenAddresses } from "../domain/told-identity.ts";
import { makersOf } from "../domain/vendor-id.ts";
import type { ConnectProber, EndpointProber, VendorProber } from "../ports/prober.ts";
import type { Fleet } from "./fleet.ts";

const OPEN_WITHIN = milliseconds(1500);
const SAYS_WITHIN = seconds(2);
/** Cameras that changed places in one round; more are for a person. */
const LONGEST_ROUND = 8;

export interface SwappedPorts {
  readonly fleet: Pick<Fleet, "devices" | "identityOf" | "toldOf" | "addressOf">;
  readonly prober: ConnectProber & EndpointProber & VendorProber;
}

/**
 * Whether cameras that are known by what was told alone have changed places, where one answers at another's written address. Two messages can give a camera that
 * never moved the name of its neighbour: then a camera that nobody tells of answers where that neighbour is written. So each one's own place is asked in turn,
 * until the round closes, or nobody is there. Sends no credential.
 * @param said by the camera that answers where `device` is written
 * @throws the signal's reason when aborted
 */
export async function haveSwapped(
  { fleet, prober }: SwappedPorts,
  device: Device,
  said: JudgedAddress["said"],
  signal: AbortSignal,
): Promise<boolean> {
  const round = new Set<DeviceId>([device.id]);
  for (let says = said; says !== undefined && round.size <= LONGEST_ROUND;) {
    const words = says;
    const [camera, ...others] = fleet.devices.filter((one) => saysToBe(words, fleet.identityOf(one)));
    if (camera === undefined || others.length > 0) return false;
    if (round.has(camera.id) || fleet.toldOf(camera) === undefined) return true;
    round.add(camera.id);
    const answers = await Promise.all(
      writtenAddresses(camera, fleet.addressOf(camera)).map(async (address) => {
        if ((await prober.connect(address, camera.streamPort, OPEN_WITHIN, signal)) !== "open") return [];
        const [endpoint, vendor] = await Promise.all([
          prober.endpoint(address, camera.onvifPorts, SAYS_WITHIN, signal),
          prober.vendor(address, makersOf(undefined), SAYS_WITHIN, signal),
        ]);
        return [{ ...(endpoint === undefined ? {} : { endpoint }), ...(vendor === undefined ? {} : { uid: vendor.uid }) }];
      }),
    );
    const there = answers.flat();
    if (there.length === 0) return true;
    if (there.length > 1 || there.some((one) => saysToBe(one, fleet.identityOf(camera)))) return false;
    says = there[0];
  }
  return false;
}
