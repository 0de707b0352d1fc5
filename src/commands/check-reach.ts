import type { Device } from "../domain/camera.ts";
import type { DisabledCamera } from "../domain/devices.ts";
import { reachOf } from "../domain/reach.ts";
import type { NeighbourSearch } from "../ports/search.ts";
import type { CheckItem, CheckProducer } from "./check.ts";

const WHY = {
  "docker-desktop": "it runs in Docker Desktop, whose virtual machine is on none of your networks",
  container: "it runs in a container with a network of its own",
  routed: "a router is between them",
} as const;

/** Whether this machine is on its cameras' networks: only there it sees MAC addresses and DHCP. */
export function checkReach(devices: readonly Device[], search: Pick<NeighbourSearch, "interfaces">): CheckProducer {
  const part = "layer 2";
  return {
    part,
    gather: async (signal) => {
      const reach = reachOf(
        devices.flatMap((device) => device.addresses),
        await search.interfaces(signal),
      );
      return reach === undefined ? [] : [reachItem(part, reach)];
    },
  };
}

function reachItem(part: string, reach: NonNullable<ReturnType<typeof reachOf>>): CheckItem {
  if (reach.kind === "all") return { part, state: "ok", found: "this machine is on every camera's network" };
  const without = "MAC addresses and DHCP are not seen";
  if (reach.kind === "some") {
    const found = `${reach.beyond.join(", ")}: behind a router, where ${without}`;
    return { part, state: "less", found, nextStep: "Run a second copy on that network, or enable ONVIF on these cameras." };
  }
  return {
    part,
    state: "less",
    found: `this machine is on no camera's network: ${WHY[reach.why]}; ${without}, so a camera that moves is found only by what else was learned of it`,
    nextStep: {
      "docker-desktop": "Run it on a Linux machine on the cameras' network; Docker Desktop cannot give it one.",
      container: "Run the container with network_mode: host.",
      routed: "Run it on the cameras' network, or enable ONVIF on the cameras.",
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
