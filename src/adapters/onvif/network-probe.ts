import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { parseIp, type IpAddress } from "../../domain/addresses.ts";
import type { Duration } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { IdentityCaller } from "../../ports/identity-caller.ts";
import type { ScanInterface } from "../../ports/search.ts";
import { parseProbeMatch, probeMessage, type Announcement } from "./messages.ts";

/** WS-Discovery's port and group (WS-Discovery April 2005, §2.4). */
export const PORT = 3702;
export const GROUP = "239.255.255.250";
/** More answers than a household has devices: the rest is not read. */
const MOST_ANSWERS = 512;

/**
 * Asks every ONVIF device of an interface's network who it is, and tells each answer with the address that it came from. Our own Probe comes back on
 * other sockets, and is no answer.
 * @throws the signal's reason when aborted
 */
export async function probeNetwork(
  clock: Clock,
  on: ScanInterface,
  within: Duration,
  onAnswer: (answer: Announcement, from: IpAddress) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const deadline = clock.deadline("discovery", within, signal);
  const messageId = `urn:uuid:${randomUUID()}`;
  const message = Buffer.from(probeMessage(messageId), "utf8");
  const socket = createSocket("udp4");
  const { promise, resolve } = Promise.withResolvers<void>();
  let answers = 0;
  socket.on("error", () => resolve());
  socket.on("message", (bytes, sender) => {
    answers += 1;
    if (answers > MOST_ANSWERS) return resolve();
    const from = parseIp(sender.address);
    const answer = parseProbeMatch(bytes.toString("utf8"), messageId);
    if (from !== undefined && from !== on.address && answer !== undefined) onAnswer(answer, from);
  });
  deadline.addEventListener("abort", () => resolve(), { once: true });
  socket.bind({ port: 0, address: on.address, exclusive: true }, () => {
    try {
      socket.setMulticastInterface(on.address);
      socket.setMulticastTTL(1);
      socket.send(message, PORT, GROUP, () => undefined);
    } catch {
      // The interface has just gone: nobody can answer.
      resolve();
    }
  });
  await promise;
  socket.close();
  signal.throwIfAborted();
}

/** Calls an ONVIF device by its endpoint reference: everybody answers, and only that one counts. */
export class DiscoveryCall implements IdentityCaller {
  readonly by = "endpoint";
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async call(
    on: ScanInterface,
    identity: string,
    within: Duration,
    onAnswer: (from: IpAddress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const heard = ({ endpoint }: Announcement, from: IpAddress): void => {
      if (endpoint === identity) onAnswer(from);
    };
    await probeNetwork(this.#clock, on, within, heard, signal);
  }
}
