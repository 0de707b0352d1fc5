import { randomInt } from "node:crypto";
import type { IpAddress } from "../../domain/addresses.ts";
import { milliseconds, type Duration } from "../../domain/duration.ts";
import { vendorUid, type VendorAnswer } from "../../domain/vendor-id.ts";
import type { Datagrams, UdpQuestion } from "../../ports/datagrams.ts";
import type { ScanInterface } from "../../ports/search.ts";
import type { VendorDiscovery } from "../../ports/vendor-discovery.ts";
import { readMessage, writeMessage } from "./packet.ts";

/** Which number a device has is asked here, before any login (reolink-aio 0.22, `baichuan/udp_protocol.py`, `connect`). */
const ASKED_AT = 2015;
/** Where a device hears its own number called (neolink, `bc_protocol/connection/discovery.rs`). */
const CALLED_AT = [2015, 2018];
const AGAIN = milliseconds(500);
/** As `reolink-aio` has it. */
const MTU = 1350;

/** Asks Reolink devices for their UID, and calls one by its UID. Needs no password; cameras that run on a battery do not hear it in their sleep. */
export class ReolinkUid implements VendorDiscovery {
  readonly maker = "reolink";
  readonly by = "uid";
  readonly #datagrams: Datagrams;

  constructor(datagrams: Datagrams) {
    this.#datagrams = datagrams;
  }

  /** @throws the signal's reason when aborted */
  uid(address: IpAddress, within: Duration, signal: AbortSignal): Promise<VendorAnswer | undefined> {
    return this.#datagrams.ask(address, whoAreYou(), within, signal);
  }

  /** Calls one device on an interface's network: no other answers. @throws the signal's reason when aborted */
  async call(on: ScanInterface, uid: string, within: Duration, onAnswer: (from: IpAddress) => void, signal: AbortSignal): Promise<void> {
    const number = /^reolink:([0-9A-Z-]+)$/.exec(uid)?.[1];
    if (number === undefined) return;
    await this.#datagrams.askNetwork(on, areYou(number), within, (_heard, from) => onAnswer(from), signal);
  }
}

function whoAreYou(): UdpQuestion<VendorAnswer> {
  const transaction = randomInt(1, 1_000_000);
  const xml = "<P2P><C2D_S><to><port>0</port></to></C2D_S></P2P>";
  return {
    ports: [ASKED_AT],
    message: writeMessage({ transaction, xml }),
    again: AGAIN,
    read: (bytes) => {
      const message = readMessage(bytes);
      if (message?.transaction !== transaction) return undefined;
      const uid = vendorUid("reolink", textOf(message.xml, "uid"));
      return uid === undefined ? undefined : { uid };
    },
  };
}

/** The device answers with `D2C_C_R` and the caller's number (`cid`), and its own (`did`). */
function areYou(number: string): UdpQuestion<true> {
  const transaction = randomInt(1, 1_000_000);
  const caller = randomInt(10_000, 100_000);
  const xml =
    `<P2P><C2D_C><uid>${number}</uid><cli><port>0</port></cli><cid>${String(caller)}</cid>` +
    `<mtu>${String(MTU)}</mtu><debug>0</debug><p>WIN</p></C2D_C></P2P>`;
  return {
    ports: CALLED_AT,
    message: writeMessage({ transaction, xml }),
    again: AGAIN,
    read: (bytes) => {
      const message = readMessage(bytes);
      if (message?.transaction !== transaction || !message.xml.includes("<D2C_C_R>")) return undefined;
      return textOf(message.xml, "cid") === String(caller) ? true : undefined;
    },
  };
}

function textOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>\\s*([^<>]{1,128}?)\\s*</${name}>`).exec(xml)?.[1];
}
