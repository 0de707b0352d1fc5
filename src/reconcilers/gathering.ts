import type { DeviceId } from "../domain/camera.ts";
import type { HostEdit } from "../domain/document.ts";
import { type Duration, milliseconds, seconds } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import type { ConfigTarget, TargetName } from "../ports/config-target.ts";
import { devicesOfOwners, mayBeSwap } from "./document-wishes.ts";
import type { Fleet } from "./fleet.ts";

/** How long a change may be held back so that two cameras that swapped addresses are written as one. */
const SWAP_WINDOW = milliseconds(2000);
/** Whether two cameras that may have swapped are settled is looked at this often. */
const LOOK = milliseconds(100);
/** A document is read anew this often, to see what people changed in it. */
const REREAD = seconds(10);

/** How long until a document is read anew. */
export function rereadOf({ pace }: ConfigTarget): Duration {
  return pace?.reread ?? REREAD;
}

export interface GatheringPorts {
  readonly fleet: Fleet;
  readonly clock: Clock;
  /** Looks at a camera anew. */
  readonly look: (device: DeviceId) => void;
}

interface Held {
  readonly since: Duration;
  isLookedAt: boolean;
}

/**
 * Holds changes back for a while: of any document where two cameras may have swapped, so that they are written as one; of one that is slow or costly to
 * change always, so that several cameras make one change, and so that each was looked at a second time before.
 */
export class Gathering {
  readonly #ports: GatheringPorts;
  readonly #held = new Map<TargetName, Held>();

  constructor(ports: GatheringPorts) {
    this.#ports = ports;
  }

  /** True while a change of the document, or of any, is held back. */
  pending(name?: TargetName): boolean {
    return name === undefined ? this.#held.size > 0 : this.#held.has(name);
  }

  /** Nothing is to be changed any more, or it was. */
  drop(name: TargetName): void {
    this.#held.delete(name);
  }

  /**
   * How long these edits wait still, undefined where they do not. A document that is costly to change is costly to read, too: it is not looked at again
   * before there is something to do, unless a camera settles meanwhile.
   */
  holds(target: ConfigTarget, edits: readonly HostEdit[]): Duration | undefined {
    const { fleet, clock } = this.#ports;
    const isSwap = mayBeSwap(fleet, edits);
    const gather = target.pace?.gather ?? milliseconds(0);
    const window = Math.max(isSwap ? SWAP_WINDOW : 0, gather);
    if (window === 0) return undefined;
    const now = clock.monotonic();
    const held = this.#held.get(target.name) ?? { since: now, isLookedAt: false };
    this.#held.set(target.name, held);
    const waited = now - held.since;
    if (waited >= window) return undefined;
    if (gather > 0 && !held.isLookedAt && waited >= gather / 2) {
      held.isLookedAt = true;
      for (const device of new Set(edits.flatMap((edit) => devicesOfOwners(fleet, edit.owners)))) this.#ports.look(device);
    }
    if (isSwap || gather === 0) return LOOK;
    return milliseconds(Math.max(1, (held.isLookedAt ? window : gather / 2) - waited));
  }
}
