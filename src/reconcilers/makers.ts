import type { IpAddress } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";
import type { Maker, VendorAnswer } from "../domain/vendor-id.ts";
import type { VendorProber } from "../ports/prober.ts";
import type { VendorDiscovery } from "../ports/vendor-discovery.ts";

/** Asks the wanted makers' ways at once; of several answers that of the first in the list counts, so that a device is the same each time. */
export class AnyMaker implements VendorProber {
  readonly #ways: readonly VendorDiscovery[];

  constructor(ways: readonly VendorDiscovery[]) {
    this.#ways = ways;
  }

  /** @throws the signal's reason when aborted */
  async vendor(address: IpAddress, makers: readonly Maker[], within: Duration, signal: AbortSignal): Promise<VendorAnswer | undefined> {
    const wanted = this.#ways.filter(({ maker }) => makers.includes(maker));
    const answers = await Promise.all(wanted.map((way) => way.uid(address, within, signal)));
    return answers.find((answer) => answer !== undefined);
  }
}
