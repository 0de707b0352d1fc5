import type { IpAddress } from "../domain/addresses.ts";
import type { OwnerName } from "../domain/camera.ts";
import { type RestartNeed, restartNeeds, type Whereabouts } from "../domain/restart-needs.ts";
import type { Registry } from "../ports/registry.ts";
import type { RunningState } from "../ports/running-frigate.ts";
import type { Fleet, ReadDocument } from "./fleet.ts";
import type { UntoldStreams } from "./untold-streams.ts";
import { whereaboutsOf } from "./whereabouts.ts";

export interface NeededRestartsPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly untold: Pick<UntoldStreams, "needsOf" | "spend">;
}

/** What a running Frigate is to be restarted for, by what the documents say and where cameras were proved. */
export class NeededRestarts {
  readonly #ports: NeededRestartsPorts;
  /** Addresses that Frigate was seen to use still: a camera that moves often has them in its history no more. */
  readonly #stillUsed = new Map<OwnerName, Set<IpAddress>>();

  constructor(ports: NeededRestartsPorts) {
    this.#ports = ports;
  }

  of(document: ReadDocument, { cameras }: RunningState): readonly RestartNeed[] {
    const { fleet, registry, untold } = this.#ports;
    const whereabouts = (owner: OwnerName): Whereabouts | undefined => whereaboutsOf(fleet, registry, owner, this.#stillUsed.get(owner));
    return [...restartNeeds(document.reading, cameras, whereabouts), ...untold.needsOf(document)];
  }

  /** These are waited for. */
  note(needs: readonly RestartNeed[]): void {
    for (const { camera, from, section } of needs) {
      if (section === "stream") continue;
      const owner: OwnerName = `camera:${camera}`;
      this.#stillUsed.set(owner, new Set([...(this.#stillUsed.get(owner) ?? []), from].slice(-2)));
    }
  }
}

/** Cameras whose size Frigate would have to ask, and that were not proved to be anywhere. */
export function unsizedGone(fleet: Fleet, { reading }: ReadDocument): readonly string[] {
  return reading.cameras.flatMap(({ name, enabled, unsized }) => {
    const id = fleet.deviceOf(`camera:${name}`);
    return enabled && unsized === true && id !== undefined && fleet.settled(id) === undefined ? [name] : [];
  });
}
