import type { DeviceId } from "../domain/camera.ts";
import type { MacListFormat, ReservationFormat } from "../domain/list-formats.ts";
import type { MacList } from "../domain/mac-list.ts";
import type { Reservable, Reservations } from "../domain/reservations.ts";
import type { Clock } from "../ports/clock.ts";
import type { ConfigTarget } from "../ports/config-target.ts";
import type { ExaminedFrigate } from "../ports/frigate-facts.ts";
import type { HomeAssistantFacts } from "../ports/home-assistant-facts.ts";
import type { ConnectProber } from "../ports/prober.ts";
import type { PowerControl } from "../ports/power.ts";
import type { Registry } from "../ports/registry.ts";
import type { RunLock } from "../ports/run-lock.ts";
import type { NeighbourSearch } from "../ports/search.ts";
import type { SightingSource } from "../ports/sightings.ts";
import type { Status } from "../ports/status.ts";
import type { StreamServer } from "../ports/stream-server.ts";
import type { Engine } from "../reconcilers/engine.ts";
import type { BrokerTrial } from "../reconcilers/mqtt/try-broker.ts";
import type { ProgramReading } from "./check-machine.ts";
import type { SupervisorChecked } from "./check-supervisor.ts";

/** The program put together and not started: what the commands work with. */
export interface Program {
  readonly engine: Engine;
  readonly targets: readonly ConfigTarget[];
  /** Those that are spoken to over HTTP. */
  readonly frigates: readonly ExaminedFrigate[];
  /** How each document is reached and why so, by the document's name. */
  readonly ways: ReadonlyMap<string, string>;
  readonly servers: readonly StreamServer[];
  readonly registry: Registry;
  /** Whether a copy of the program runs on the same memory. */
  readonly runLock: RunLock;
  readonly status: Status;
  readonly search: NeighbourSearch;
  readonly clock: Clock;
  readonly sources: readonly SightingSource[];
  /** The Home Assistant that is spoken to; undefined where none is. */
  readonly homeAssistant?: HomeAssistantFacts | undefined;
  readonly power?: PowerControl | undefined;
  /** Tries to write in the data folder; gives what it found there, throws where a person must act. */
  probeDataFolder(): Promise<string>;
  readonly connect: ConnectProber["connect"];
  /** Where nothing is stored: stores all the same that a login failed, so that the next process does not try it at once. */
  keepFailedLogin(device: DeviceId): void;
  /** The iproute2 of this machine, and arp-scan with the permission that it needs. */
  readonly readIproute2: (signal: AbortSignal) => Promise<ProgramReading>;
  readonly readArpScan: (signal: AbortSignal) => Promise<ProgramReading>;
  /** What was learned of each camera, and the MAC addresses that the options give. */
  reservables(): readonly Reservable[];
  readonly formatReservations: (format: ReservationFormat, reservations: Reservations) => string;
  readonly readMacList: (text: string, format: MacListFormat | undefined) => MacList;
  /** Puts the HTTP listeners together that the options ask for; what it gives keeps them open. Loads nothing where they ask for none. */
  prepareHttp(): Promise<(signal: AbortSignal) => Promise<void>>;
  /** The same for what speaks through the message broker. */
  prepareMqtt(): Promise<(signal: AbortSignal) => Promise<void>>;
  /** Takes what other copies of the program tell by MQTT, once, for a single sync; what goes wrong is a condition. @throws the signal's reason when aborted */
  hearBindings?(signal: AbortSignal): Promise<void>;
  /** As an app of Home Assistant's; undefined where it is none. */
  readonly hosted: SupervisorChecked | undefined;
  /**
   * Resolves when the program is to be put together anew, because what it was made for has changed outside it.
   * @throws the signal's reason when aborted
   */
  changed(signal: AbortSignal): Promise<void>;
  /** Puts together who is told of incidents; what it gives tells them. Loads nothing where nobody is to be told. */
  prepareNotifications?(): Promise<(signal: AbortSignal) => Promise<void>>;
  /** Tries the message broker; undefined where none is wanted. @throws PublisherError; the signal's reason when aborted */
  readonly tryBroker: (signal: AbortSignal) => Promise<BrokerTrial | undefined>;
  close(): void;
}
