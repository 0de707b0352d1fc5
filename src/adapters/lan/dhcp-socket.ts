import { createSocket, type Socket } from "node:dgram";
import { minutes, seconds } from "../../domain/duration.ts";
import type { Sighting } from "../../domain/sighting.ts";
import type { Clock } from "../../ports/clock.ts";
import { LayerUnavailable, type SightingSource } from "../../ports/sightings.ts";
import { claimedAddress, parseDhcpPacket } from "./dhcp-packet.ts";

/** DHCP servers' port (RFC 2131 §4.1). */
const SERVER_PORT = 67;

/**
 * The limited broadcast address, never the wildcard: of two wildcard sockets with SO_REUSEADDR the later one steals a DHCP server's unicast
 * packets (renewals) on the same machine; bound to this address only broadcasts come here, and the server gets those as well.
 */
const BROADCAST = "255.255.255.255";

/**
 * Hears every DHCPREQUEST that is broadcast on the attached networks, which is what a machine sends when it starts or when its lease is not
 * renewed any more. Needs no raw socket, only the right to bind port 67. Does not hear unicast renewals (same address), servers' answers,
 * relayed networks and machines with a static address.
 */
export class DhcpSocket implements SightingSource {
  readonly layer = "dhcp";
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws LayerUnavailable where the port is taken or may not be bound, or where the socket broke */
  async watch(onSighting: (sighting: Sighting) => void, onReady: () => void, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    try {
      await bind(socket);
      const broken = untilBroken(socket, signal);
      socket.on("message", (bytes) => {
        if (signal.aborted) return;
        const sighting = this.#read(bytes);
        if (sighting !== undefined) onSighting(sighting);
      });
      onReady();
      await broken;
    } finally {
      socket.close();
    }
  }

  #read(bytes: Uint8Array): Sighting | undefined {
    const packet = parseDhcpPacket(bytes);
    const address = packet === undefined ? undefined : claimedAddress(packet);
    if (packet === undefined || address === undefined) return undefined;
    const sighting = { layer: this.layer, mac: packet.mac, address, at: this.#clock.now() } as const;
    return packet.hostName === undefined ? sighting : { ...sighting, hostName: packet.hostName };
  }
}

async function bind(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const refuse = (error: NodeJS.ErrnoException): void => reject(unavailable(error));
  socket.once("error", refuse);
  socket.bind({ port: SERVER_PORT, address: BROADCAST, exclusive: true }, resolve);
  await promise;
  socket.off("error", refuse);
}

function untilBroken(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve();
    socket.on("error", (error) => {
      signal.removeEventListener("abort", stop);
      reject(unavailable(error));
    });
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

function unavailable(cause: NodeJS.ErrnoException): LayerUnavailable {
  switch (cause.code) {
    case "EADDRINUSE":
      return new LayerUnavailable(
        "dhcp",
        "UDP port 67 is held by a DHCP server that does not share it; the other layers go on without it.",
        seconds(60),
        { cause },
      );
    case "EACCES":
    case "EPERM":
      return new LayerUnavailable(
        "dhcp",
        "UDP port 67 may not be bound: run with the capability NET_BIND_SERVICE, or as root.",
        minutes(10),
        { cause },
      );
    default:
      return new LayerUnavailable("dhcp", `The DHCP socket broke (${cause.code ?? cause.message}); it is opened again.`, seconds(5), {
        cause,
      });
  }
}
