import type { Socket } from "node:dgram";
import { parseIp, type IpAddress } from "../../domain/addresses.ts";
import { minutes, seconds } from "../../domain/duration.ts";
import type { Sighting } from "../../domain/sighting.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ScanInterface } from "../../ports/search.ts";
import { LayerUnavailable, type SightingSource } from "../../ports/sightings.ts";
import { whileBound } from "../system/udp-binding.ts";
import { parseHello } from "./messages.ts";
import { GROUP, PORT, probeNetwork } from "./network-probe.ts";

/** How often the interfaces are read anew: one that came up later is joined and asked then. */
const LOOK_AGAIN = seconds(30);
const ANSWERS_FOR = seconds(3);
/** The same Hello again is told so often at most: some firmwares say it every second. */
const TOLD_AGAIN = seconds(10);
const MOST_TOLD = 512;

export interface DiscoveryLayerParts {
  readonly clock: Clock;
  /** Interfaces that may be searched. */
  readonly interfaces: (signal: AbortSignal) => Promise<readonly ScanInterface[]>;
}

/**
 * Hears ONVIF devices that join a network (WS-Discovery Hello), and asks once on every interface who is there. Trusts the address that a packet came from
 * alone. Bound to the group's address, so that no other program's unicast packets are taken away.
 */
export class DiscoveryLayer implements SightingSource {
  readonly layer = "ws_discovery";
  readonly #parts: DiscoveryLayerParts;

  constructor(parts: DiscoveryLayerParts) {
    this.#parts = parts;
  }

  /** @throws LayerUnavailable where the port may not be bound, no interface is there, or the socket broke */
  async watch(onSighting: (sighting: Sighting) => void, onReady: () => void, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { clock, interfaces } = this.#parts;
    const told = new Map<string, number>();
    const tell = (endpoint: string, address: IpAddress): void => {
      const now = clock.monotonic();
      const pair = `${endpoint} ${address}`;
      if (now - (told.get(pair) ?? -Infinity) < TOLD_AGAIN) return;
      told.delete(pair);
      told.set(pair, now);
      for (const oldest of told.keys()) {
        if (told.size <= MOST_TOLD) break;
        told.delete(oldest);
      }
      onSighting({ layer: this.layer, endpoint, address, at: clock.now() });
    };
    const own = new Set<string>();
    const ended = new AbortController();
    const listen = async (socket: Socket, over: Promise<void>): Promise<void> => {
      socket.on("message", (bytes, sender) => {
        const address = parseIp(sender.address);
        if (signal.aborted || address === undefined || own.has(address)) return;
        const hello = parseHello(bytes.toString("utf8"));
        if (hello !== undefined) tell(hello.endpoint, address);
      });
      const either = AbortSignal.any([signal, ended.signal]);
      const first = await interfaces(signal);
      if (first.length === 0)
        throw new LayerUnavailable(this.layer, "No network is there on which cameras could announce themselves.", LOOK_AGAIN);
      const joining = this.#join(socket, first, own, tell, either);
      onReady();
      await Promise.race([over, joining]);
    };
    await whileBound({ port: PORT, address: GROUP }, listen, unavailable, signal).finally(() => ended.abort());
  }

  /** Joins the group on every interface and asks there; ends by the signal alone. */
  async #join(
    socket: Socket,
    first: readonly ScanInterface[],
    own: Set<string>,
    tell: (endpoint: string, address: IpAddress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, interfaces } = this.#parts;
    const joined = new Map<IpAddress, number>();
    for (let now = first; !signal.aborted; now = await interfaces(signal)) {
      for (const on of now) {
        own.add(on.address);
        const since = joined.get(on.address);
        if (since !== undefined && clock.monotonic() - since < ASKED_AGAIN) continue;
        joined.set(on.address, clock.monotonic());
        if (since === undefined) join(socket, on.address);
        const asked = probeNetwork(clock, on, ANSWERS_FOR, ({ endpoint }, from) => tell(endpoint, from), signal);
        // An interface that has just gone cannot be asked.
        asked.catch(() => undefined);
      }
      try {
        await clock.wait("interfaces", LOOK_AGAIN, signal);
      } catch {
        return;
      }
    }
  }
}

/** Devices that said no Hello when they came are found by asking again. */
const ASKED_AGAIN = minutes(15);

function join(socket: Socket, address: IpAddress): void {
  try {
    socket.addMembership(GROUP, address);
  } catch {
    // Joined before, or the interface has just gone.
  }
}

function unavailable(cause: NodeJS.ErrnoException): LayerUnavailable {
  if (cause.code === "EADDRINUSE") {
    const message = "UDP port 3702 is held by a program that does not share it; the other layers go on without it.";
    return new LayerUnavailable("ws_discovery", message, seconds(60), { cause });
  }
  return new LayerUnavailable("ws_discovery", `The discovery socket broke (${cause.code ?? cause.message}).`, seconds(60), { cause });
}
