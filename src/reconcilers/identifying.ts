import type { IpAddress } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";
import { readScopes, type SelfDescription } from "../domain/self-description.ts";
import { MAKERS } from "../domain/vendor-id.ts";
import type { DescriptionProber, RtspProber, VendorProber } from "../ports/prober.ts";

export interface WhereToAsk {
  readonly address: IpAddress;
  readonly streamPort: number;
  readonly streamPath: string;
  readonly onvifPorts: readonly number[];
}

/**
 * What the device at an address says of itself without a password: ONVIF endpoint reference and scopes, RTSP realm and server, maker's number. Asks all at
 * once and sends no credential. Empty where nobody answers; the caller decides whether to ask at all.
 * @throws the signal's reason when aborted
 */
export async function identify(
  prober: DescriptionProber & Pick<RtspProber, "greeting"> & VendorProber,
  { address, streamPort, streamPath, onvifPorts }: WhereToAsk,
  within: Duration,
  signal: AbortSignal,
): Promise<SelfDescription> {
  const [onvif, greeting, vendor] = await Promise.all([
    prober.describe(address, onvifPorts, within, signal),
    prober.greeting(address, streamPort, streamPath, within, signal),
    prober.vendor(address, MAKERS, within, signal),
  ]);
  const said = readScopes(onvif.scopes);
  const hardware = said.hardware ?? vendor?.model;
  const mac = said.mac ?? vendor?.mac;
  const challenge = greeting.kind === "challenge" ? greeting : undefined;
  return {
    speaksRtsp: greeting.kind === "challenge" || greeting.kind === "open" || greeting.kind === "refused",
    ...(onvif.endpoint === undefined ? {} : { endpoint: onvif.endpoint }),
    ...(hardware === undefined ? {} : { hardware }),
    ...(said.name === undefined ? {} : { name: said.name }),
    ...(mac === undefined ? {} : { mac }),
    ...(challenge?.realm === undefined ? {} : { realm: challenge.realm }),
    ...(challenge?.server === undefined ? {} : { server: challenge.server }),
    ...(vendor === undefined ? {} : { uid: vendor.uid }),
  };
}
