import { randomUUID } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import type { IpAddress } from "../../domain/addresses.ts";
import { parseProbeMatch, probeMessage, type Announcement } from "./messages.ts";

/** WS-Discovery's port and group (WS-Discovery April 2005, §2.4). */
const PORT = 3702;
const GROUP = "239.255.255.250";
/** More answers than a household has devices: the rest is not read. */
const MOST_ANSWERS = 512;

export interface DiscoveryProbe {
  /** What the address itself answered; undefined where it did not before the deadline. */
  readonly answer: Promise<Announcement | undefined>;
  /** Asks once more, by multicast: devices that listen at the group alone do not hear a unicast Probe. */
  askEverybody(): void;
}

/**
 * Sends a WS-Discovery Probe to one address. Answers of other addresses are dropped, and no address that stands in an answer is used.
 * @param from our own address on the network of `address`, where it is directly attached: the multicast leaves there
 */
export function probeByDiscovery(address: IpAddress, from: IpAddress | undefined, deadline: AbortSignal): DiscoveryProbe {
  const messageId = `urn:uuid:${randomUUID()}`;
  const message = Buffer.from(probeMessage(messageId), "utf8");
  const socket = createSocket("udp4");
  const { promise, resolve } = Promise.withResolvers<Announcement | undefined>();
  const state = { answers: 0, bound: false, everybody: false, ended: false };
  const end = (answer: Announcement | undefined): void => {
    if (state.ended) return;
    state.ended = true;
    deadline.removeEventListener("abort", giveUp);
    socket.close();
    resolve(answer);
  };
  const giveUp = (): void => end(undefined);
  socket.on("error", giveUp);
  socket.on("message", (bytes, sender) => {
    state.answers += 1;
    if (state.answers > MOST_ANSWERS) return end(undefined);
    if (sender.address !== address) return;
    const answer = parseProbeMatch(bytes.toString("utf8"), messageId);
    if (answer !== undefined) end(answer);
  });
  if (deadline.aborted) end(undefined);
  else {
    deadline.addEventListener("abort", giveUp, { once: true });
    socket.bind(0, () => {
      send(socket, message, address);
      state.bound = true;
      if (state.everybody) askGroup(socket, message, from);
    });
  }
  return {
    answer: promise,
    askEverybody: () => {
      state.everybody = true;
      if (state.bound && !state.ended) askGroup(socket, message, from);
    },
  };
}

function askGroup(socket: Socket, message: Uint8Array, from: IpAddress | undefined): void {
  if (from === undefined) return;
  try {
    socket.setMulticastInterface(from);
    socket.setMulticastTTL(1);
    send(socket, message, GROUP);
  } catch {
    // The interface has just gone: only the unicast Probe can be answered.
  }
}

/** A Probe that could not leave is one that is not answered. */
function send(socket: Socket, message: Uint8Array, to: string): void {
  socket.send(message, PORT, to, () => undefined);
}
