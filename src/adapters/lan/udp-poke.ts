import { createSocket, type Socket } from "node:dgram";
import type { IpAddress } from "../../domain/addresses.ts";
import { milliseconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import { knockTcp } from "./tcp-connect.ts";

/** The discard service (RFC 863): no camera listens there. */
const DISCARD = 9;
/** Datagrams to unresolved hosts are charged to their socket's send buffer: one socket stalls at about 277 of them. */
const TARGETS_PER_SOCKET = 200;
/** More at once overflow the kernel's neighbour table, whose limits all namespaces of the machine share. */
const TARGETS_PER_BURST = 256;
const BURST_GAP = milliseconds(1100);

/** Makes the kernel resolve addresses by sending each an empty datagram. Needs no privilege. */
export class UdpPoke {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Pokes every target once: 256 every 1.1 s, 200 a socket.
   * @returns how many were poked; fewer than all only where `stop` was aborted
   */
  async sweep(targets: readonly IpAddress[], stop: AbortSignal): Promise<number> {
    let poked = 0;
    while (poked < targets.length && !stop.aborted) {
      if (poked > 0 && !(await this.#pause(stop))) break;
      const burst = targets.slice(poked, poked + TARGETS_PER_BURST);
      const sockets: Promise<void>[] = [];
      for (let at = 0; at < burst.length; at += TARGETS_PER_SOCKET) {
        sockets.push(pokeAll(burst.slice(at, at + TARGETS_PER_SOCKET), stop));
      }
      await Promise.all(sockets);
      poked += burst.length;
    }
    return poked;
  }

  async #pause(stop: AbortSignal): Promise<boolean> {
    try {
      await this.#clock.wait("poke pacing", BURST_GAP, stop);
      return true;
    } catch (error) {
      if (stop.aborted) return false;
      throw error;
    }
  }
}

/** One empty datagram to one address. Errors only mean that it did not leave. */
export async function pokeOne(address: IpAddress): Promise<void> {
  await pokeAll([address], new AbortController().signal);
}

/**
 * Makes a host answer without speaking to any of its services: a datagram to a closed port brings an ICMP error, a TCP connection a reset.
 * Whoever answers holds the address *and* the MAC that the neighbour table gave when the answer came: the question went to that MAC alone.
 * @returns true as soon as an answer came; false when `stop` is aborted before
 */
export async function knock(address: IpAddress, stop: AbortSignal): Promise<boolean> {
  const either = new AbortController();
  const end = AbortSignal.any([stop, either.signal]);
  const tcp = knockTcp(address, DISCARD, end).then((reading) => reading === "open" || reading === "refused");
  const answered = await firstTrue([tcp, knockUdp(address, end)]);
  either.abort();
  return answered;
}

function knockUdp(address: IpAddress, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const settle = (answered: boolean): void => {
      stop.removeEventListener("abort", giveUp);
      close(socket);
      resolve(answered);
    };
    const giveUp = (): void => settle(false);
    stop.addEventListener("abort", giveUp, { once: true });
    // Only a connected socket is told of ICMP errors (udp(7)); ECONNREFUSED is "port unreachable", said by the host itself.
    socket.on("error", (error: NodeJS.ErrnoException) => error.code === "ECONNREFUSED" && settle(true));
    // Node calls back with the error where the kernel would not connect (no route, no memory): dgram's `connect` has no other way to tell.
    socket.connect(DISCARD, address, (failure?: Error) => {
      if (failure !== undefined) settle(false);
      else if (!stop.aborted) socket.send(new Uint8Array(0), (error) => isRefusal(error) && settle(true));
    });
  });
}

function isRefusal(error: NodeJS.ErrnoException | null): boolean {
  return error?.code === "ECONNREFUSED";
}

async function firstTrue(answers: readonly Promise<boolean>[]): Promise<boolean> {
  const yes = answers.map(async (answer) => {
    if (!(await answer)) throw new Error("no answer");
    return true;
  });
  return Promise.any(yes).catch(() => false);
}

async function pokeAll(targets: readonly IpAddress[], stop: AbortSignal): Promise<void> {
  const socket = createSocket("udp4");
  // A packet that could not leave (no route, a firewall, no buffer) is a host that is not found: nothing else to do.
  socket.on("error", () => undefined);
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = targets.length;
  const done = (): void => {
    left -= 1;
    if (left <= 0) resolve();
  };
  const cut = (): void => resolve();
  stop.addEventListener("abort", cut, { once: true });
  for (const target of targets) socket.send(new Uint8Array(0), DISCARD, target, done);
  if (targets.length === 0 || stop.aborted) resolve();
  await promise;
  stop.removeEventListener("abort", cut);
  close(socket);
}

function close(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // Closed already.
  }
}
