import type { Socket } from "node:dgram";
import { minutes, seconds } from "../../domain/duration.ts";
import type { Sighting } from "../../domain/sighting.ts";
import type { Clock } from "../../ports/clock.ts";
import { LayerUnavailable, type SightingSource } from "../../ports/sightings.ts";
import { whileBound } from "../system/udp-binding.ts";
import { claimedAddress, parseDhcpPacket } from "./dhcp-packet.ts";

/**
 * DHCP servers' port (RFC 2131 §4.1), at the limited broadcast address: only broadcasts come here, and a server on the same machine gets those as well,
 * and its unicast packets (renewals) alone.
 */
const SERVERS = { port: 67, address: "255.255.255.255" };

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
    const listen = async (socket: Socket, over: Promise<void>): Promise<void> => {
      socket.on("message", (bytes) => {
        if (signal.aborted) return;
        const sighting = this.#read(bytes);
        if (sighting !== undefined) onSighting(sighting);
      });
      onReady();
      await over;
    };
    await whileBound(SERVERS, listen, unavailable, signal);
  }

  #read(bytes: Uint8Array): Sighting | undefined {
    const packet = parseDhcpPacket(bytes);
    const address = packet === undefined ? undefined : claimedAddress(packet);
    if (packet === undefined || address === undefined) return undefined;
    const sighting = { layer: this.layer, mac: packet.mac, address, at: this.#clock.now() } as const;
    return packet.hostName === undefined ? sighting : { ...sighting, hostName: packet.hostName };
  }
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
