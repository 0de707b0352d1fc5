import { connect } from "node:net";
import type { IpAddress } from "../../domain/addresses.ts";
import type { Duration } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ConnectProber, ConnectReading } from "../../ports/prober.ts";

/** Opens a TCP connection and closes it at once, without sending a byte. */
export class TcpConnect implements ConnectProber {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * "refused" proves that somebody is there as well as "open" does. An address that a camera has left gives "timeout", not "unreachable", for as
   * long as the kernel's neighbour entry lives.
   * @throws the signal's reason when aborted
   */
  async connect(address: IpAddress, port: number, within: Duration, signal: AbortSignal): Promise<ConnectReading> {
    signal.throwIfAborted();
    const deadline = this.#clock.deadline("tcp connect", within, signal);
    const reading = await knockTcp(address, port, deadline);
    signal.throwIfAborted();
    return reading;
  }
}

/** One connection attempt that ends at the latest when `deadline` is aborted, then as "timeout". Never throws. */
export function knockTcp(address: IpAddress, port: number, deadline: AbortSignal): Promise<ConnectReading> {
  if (deadline.aborted) return Promise.resolve("timeout");
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, autoSelectFamily: false });
    const settle = (reading: ConnectReading): void => {
      deadline.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(reading);
    };
    const giveUp = (): void => settle("timeout");
    deadline.addEventListener("abort", giveUp, { once: true });
    socket.once("connect", () => settle("open"));
    // Stays for errors after the end: they would be uncaught otherwise.
    socket.on("error", (error: NodeJS.ErrnoException) => settle(readError(error.code)));
  });
}

function readError(code: string | undefined): ConnectReading {
  switch (code) {
    case "ECONNREFUSED":
    case "ECONNRESET":
      return "refused";
    case "ETIMEDOUT":
      return "timeout";
    default:
      // EHOSTUNREACH (nobody answered ARP), ENETUNREACH, EACCES and EPERM (a local firewall), and what else keeps a packet from leaving.
      return "unreachable";
  }
}
