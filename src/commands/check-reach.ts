import type { Device, DeviceId, Identity } from "../domain/camera.ts";
import type { DisabledCamera } from "../domain/devices.ts";
import { type Reach, reachOf } from "../domain/reach.ts";
import type { Layer } from "../domain/sighting.ts";
import type { NeighbourSearch } from "../ports/search.ts";
import type { CheckItem, CheckProducer } from "./check.ts";
import { layerWords } from "./wording.ts";

const WHY = {
  "docker-desktop": "it runs in Docker Desktop, whose virtual machine is on none of your networks",
  container: "it runs in a container with a network of its own",
  routed: "a router is between them",
} as const;

/** How this machine stands to its cameras just now; undefined where there is nothing to tell. */
export type ReachNow = (signal: AbortSignal) => Promise<Reach | undefined>;

export function reachNow(devices: readonly Device[], search: Pick<NeighbourSearch, "interfaces">): ReachNow {
  return async (signal) => {
    const own = await search.interfaces(signal);
    return reachOf(
      devices.flatMap((device) => device.addresses),
      own,
    );
  };
}

/** What finds a camera where its MAC address is not seen. */
export interface WithoutLayer2 {
  /** The ways of noticing that are asked for. */
  readonly layers: readonly Layer[];
  /** What was learned of a camera that it says of itself, to anybody. */
  readonly identityOf: (device: DeviceId) => Identity | undefined;
}

/**
 * Whether this machine is on its cameras' networks: only there it sees MAC addresses and DHCP. A container that could have the house's network and has
 * nothing else to go by needs a person: a camera that moves would not be found.
 */
export function checkReach(devices: readonly Device[], now: ReachNow, without: WithoutLayer2): CheckProducer {
  const part = "layer 2";
  return {
    part,
    gather: async (signal) => {
      const reach = await now(signal);
      const told = without.layers.filter((layer) => TOLD_BY_OTHERS.has(layer));
      const unknown = devices.filter(({ id }) => {
        const identity = without.identityOf(id);
        return identity?.endpoint === undefined && identity?.uid === undefined;
      });
      return reach === undefined ? [] : [reachItem(part, reach, told, devices.length > 0 && unknown.length === 0)];
    },
  };
}

/** Ways of noticing that need not be on the cameras' network. */
const TOLD_BY_OTHERS: ReadonlySet<Layer> = new Set(["leases", "home_assistant", "mqtt"]);
const ELSE = "follow a copy of the program that is there (mqtt.follow), or name your router's DHCP lease files (network.lease_files)";

function reachItem(part: string, reach: Reach, told: readonly Layer[], isSaid: boolean): CheckItem {
  if (reach.kind === "all") return { part, state: "ok", found: "this machine is on every camera's network" };
  const without = "MAC addresses and DHCP are not seen";
  if (reach.kind === "some") {
    const found = `${reach.beyond.join(", ")}: behind a router, where ${without}`;
    return { part, state: "less", found, nextStep: "Run a second copy on that network, or enable ONVIF on these cameras." };
  }
  const by = [...told.map(layerWords), ...(isSaid ? ["what every camera says of itself"] : [])];
  const rest =
    by.length > 0 ? `only by ${by.join(" and ")}` : reach.why === "routed" ? "only by what else was learned of it" : "by nothing";
  return {
    part,
    state: by.length === 0 && reach.why !== "routed" ? "act" : "less",
    found: `this machine is on no camera's network: ${WHY[reach.why]}; ${without}, so a camera that moves is found ${rest}`,
    nextStep: {
      "docker-desktop": `Run it on a Linux machine on the cameras' network, which Docker Desktop cannot give it; or ${ELSE}.`,
      container: `Run the container with network_mode: host, or on a macvlan network of the cameras' LAN; or ${ELSE}.`,
      routed: `Run it on the cameras' network (a pod: with hostNetwork), or enable ONVIF on the cameras; or ${ELSE}.`,
    }[reach.why],
  };
}

/** Cameras that are left alone because a person said so. */
export function checkRestful(devices: readonly Device[], disabled: readonly DisabledCamera[]): CheckProducer {
  const part = "cameras left alone";
  const battery = devices.filter((device) => device.battery === true);
  const items: readonly CheckItem[] = [
    ...battery.map(({ title }): CheckItem => ({
      part: `camera ${title}`,
      state: "info",
      found: "battery: never searched or asked; it is looked at when it announces itself",
    })),
    ...disabled.map(({ title }): CheckItem => ({
      part: `camera ${title}`,
      state: "info",
      found: "disabled: not watched, not searched, its address not corrected",
    })),
  ];
  return { part, gather: () => Promise.resolve(items) };
}
