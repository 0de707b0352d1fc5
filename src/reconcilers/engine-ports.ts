import type { StreamName } from "../domain/camera.ts";
import type { CameraOption } from "../domain/devices.ts";
import type { Network } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";
import type { Tell } from "../domain/notice.ts";
import type { HealthPolicy } from "../domain/stream-health.ts";
import type { CameraDetails } from "../ports/camera-details.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { ConfigTarget, TargetName } from "../ports/config-target.ts";
import type { IdentityCaller } from "../ports/identity-caller.ts";
import type { KnownDevices } from "../ports/known-devices.ts";
import type { Log } from "../ports/log.ts";
import type { NeighbourTable } from "../ports/neighbour-table.ts";
import type { PowerControl } from "../ports/power.ts";
import type { Prober } from "../ports/prober.ts";
import type { Registry } from "../ports/registry.ts";
import type { RunningFrigate } from "../ports/running-frigate.ts";
import type { MovedHook } from "../ports/moved-hook.ts";
import type { NeighbourSearch } from "../ports/search.ts";
import type { SightingSource } from "../ports/sightings.ts";
import type { Status } from "../ports/status.ts";
import type { StreamServer } from "../ports/stream-server.ts";
import type { ToldIdentities } from "../ports/told-identities.ts";
import type { PipedDocument } from "./pipelines.ts";
import type { EngineLimits } from "./engine-limits.ts";

/** Everything that the loops need of the world, and what a person chose. */
export interface EnginePorts {
  readonly targets: readonly ConfigTarget[];
  readonly cameras: readonly CameraOption[];
  readonly servers: readonly StreamServer[];
  readonly sources: readonly SightingSource[];
  readonly registry: Registry;
  readonly prober: Prober;
  readonly details: CameraDetails;
  readonly table: NeighbourTable;
  readonly search: NeighbourSearch;
  /** Ways of calling a missing device by what it says of itself; none where absent. */
  readonly callers?: readonly IdentityCaller[];
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly log: Log;
  readonly tell: Tell;
  readonly digest: (text: string) => string;
  readonly interval: Duration;
  readonly policy: (stream: StreamName) => HealthPolicy;
  readonly network: { readonly search: boolean; readonly interfaces: readonly string[]; readonly ranges: readonly Network[] };
  /** Proves and decides, and tells what it would do, but changes neither go2rtc nor a document. */
  readonly dryRun: boolean;
  /** Documents that are written only when a person has approved it. */
  readonly unconfirmed: ReadonlySet<TargetName>;
  readonly limits: EngineLimits;
  /** How often requests of other processes are looked for while it runs; never where absent. */
  readonly requestsEvery?: Duration;
  /** The Frigates that can be asked what they run with, each by the name of its document. */
  readonly frigates?: readonly RunningFrigate[];
  /** Documents that something else brings into use, which restarts their Frigates, too. */
  readonly piped?: readonly PipedDocument[];
  /** Those of them that only a person restarts. */
  readonly neverRestarted?: ReadonlySet<TargetName>;
  /** Who is told of each healed move. */
  readonly hooks?: readonly MovedHook[];
  /** What another program knows of devices. */
  readonly known?: KnownDevices | undefined;
  /** Who has the switches of cameras; nobody where absent. */
  readonly power?: PowerControl | undefined;
  /** What other copies of the program tell of cameras. */
  readonly told?: ToldIdentities | undefined;
}
