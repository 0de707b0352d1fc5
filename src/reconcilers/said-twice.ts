import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { Device, Identity } from "../domain/camera.ts";
import { milliseconds, seconds } from "../domain/duration.ts";
import { sameEndpoint } from "../domain/realm.ts";
import { makersOf } from "../domain/vendor-id.ts";
import type { EndpointProber, NeighbourProber, VendorProber } from "../ports/prober.ts";

const AT_ONCE = milliseconds(50);
const SAYS_WITHIN = seconds(2);

/**
 * Of addresses without layer 2 those at which something says just now what was learned of the device. Asked before any of them is sent a password: of two that
 * say the same one is a stranger. Sends no credential.
 * @throws the signal's reason when aborted
 */
export async function whereSaid(
  prober: NeighbourProber & EndpointProber & VendorProber,
  device: Pick<Device, "onvifPorts">,
  identity: Identity,
  macs: readonly MacAddress[],
  addresses: readonly IpAddress[],
  signal: AbortSignal,
): Promise<readonly IpAddress[]> {
  const { endpoint, uid } = identity;
  if (addresses.length < 2 || (endpoint === undefined && uid === undefined)) return [];
  const says = async (address: IpAddress): Promise<boolean> => {
    const { found } = await prober.neighbour(address, macs, AT_ONCE, signal);
    if (found !== "no-layer-2") return false;
    const [saidEndpoint, saidVendor] = await Promise.all([
      endpoint === undefined ? undefined : prober.endpoint(address, device.onvifPorts, SAYS_WITHIN, signal),
      uid === undefined ? undefined : prober.vendor(address, makersOf(uid), SAYS_WITHIN, signal),
    ]);
    const sameUid = uid !== undefined && saidVendor?.uid === uid;
    return sameUid || (endpoint !== undefined && saidEndpoint !== undefined && sameEndpoint(endpoint, saidEndpoint));
  };
  const answers = await Promise.all(addresses.map(says));
  return addresses.filter((_address, index) => answers[index] === true);
}
