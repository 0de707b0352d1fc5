import { parseMac, type IpAddress } from "../../domain/addresses.ts";
import { milliseconds, type Duration } from "../../domain/duration.ts";
import { plain, readJson } from "../../domain/plain.ts";
import { vendorUid, type VendorAnswer } from "../../domain/vendor-id.ts";
import type { Datagrams, UdpQuestion } from "../../ports/datagrams.ts";
import type { ScanInterface } from "../../ports/search.ts";
import type { VendorDiscovery } from "../../ports/vendor-discovery.ts";
import { HEADER, plainProbe, probeWithKey } from "./probe.ts";

/** Tapo's and newer Kasa's discovery (PyPI python-kasa 0.12, `kasa/discover.py`, `DISCOVERY_PORT_2` and `DISCOVERY_PORT_3`). */
const PORTS = [20_002, 20_004];
const LONGEST = 16_384;
const AGAIN = milliseconds(500);

/** Asks Tapo and Kasa devices for their device id; they tell their MAC address with it, all without a password. */
export class TplinkDeviceId implements VendorDiscovery {
  readonly maker = "tplink";
  readonly by = "uid";
  readonly #datagrams: Datagrams;

  constructor(datagrams: Datagrams) {
    this.#datagrams = datagrams;
  }

  /** @throws the signal's reason when aborted */
  uid(address: IpAddress, within: Duration, signal: AbortSignal): Promise<VendorAnswer | undefined> {
    return this.#datagrams.ask(address, question(), within, signal);
  }

  /** Asks every device on an interface's network; tells only where this one is. @throws the signal's reason when aborted */
  async call(on: ScanInterface, uid: string, within: Duration, onAnswer: (from: IpAddress) => void, signal: AbortSignal): Promise<void> {
    if (!uid.startsWith("tplink:")) return;
    const heard = (answer: VendorAnswer, from: IpAddress): void => {
      if (answer.uid === uid) onAnswer(from);
    };
    await this.#datagrams.askNetwork(on, question(), within, heard, signal);
  }
}

function question(): UdpQuestion<VendorAnswer> {
  return { ports: PORTS, message: probeWithKey(), also: plainProbe(), again: AGAIN, read: readAnswer };
}

/** The address that stands in an answer is not looked at: only where it came from counts. */
export function readAnswer(bytes: Uint8Array): VendorAnswer | undefined {
  if (bytes.length <= HEADER || bytes.length > LONGEST || bytes[0] !== 2) return undefined;
  const result = plain(plain(readJson(Buffer.from(bytes).subarray(HEADER).toString("utf8")))["result"]);
  const uid = vendorUid("tplink", text(result["device_id"]));
  if (uid === undefined) return undefined;
  const mac = parseMac(text(result["mac"]) ?? "");
  return { uid, ...(mac === undefined ? {} : { mac }) };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
