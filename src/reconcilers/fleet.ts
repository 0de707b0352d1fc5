import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import { type Device, type DeviceId, type Identity, isOwnedBy, type OwnerName } from "../domain/camera.ts";
import { type CameraOption, type DisabledCamera, groupDevices, type GroupProblem } from "../domain/devices.ts";
import { DocumentError, type DocumentReading } from "../domain/document.ts";
import { namesakesIn } from "../domain/namesakes.ts";
import { type ConfigTarget, type Revision, TargetError, type TargetName } from "../ports/config-target.ts";
import { fitsGivenMacs, isLearned } from "../domain/told-identity.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { ToldIdentities } from "../ports/told-identities.ts";

/** A document as it was last read. */
export interface ReadDocument {
  readonly target: ConfigTarget;
  readonly reading: DocumentReading;
  readonly revision: Revision;
}

/** Where a device was proved to be in this run of the program, and where that proof came from. */
export interface Settled {
  readonly address: IpAddress;
  /** Monotonic time of the first hint that led here: what latencies are counted from. */
  readonly hintAt: number;
  /** The address before; absent where it did not move. */
  readonly previous?: IpAddress;
  /** It was proved by all that is known of it, not only learned there. */
  readonly isVerified?: true;
}

export interface FleetPorts {
  readonly targets: readonly ConfigTarget[];
  readonly cameras: readonly CameraOption[];
  readonly registry: Registry;
  readonly status: Status;
  readonly told?: ToldIdentities | undefined;
}

/**
 * What the documents say now, the devices that follow from it, and where each was settled. The one place that the loops share;
 * everything in it can be read anew from the world.
 */
export class Fleet {
  readonly #ports: FleetPorts;
  readonly #documents = new Map<TargetName, ReadDocument>();
  readonly #settled = new Map<DeviceId, Settled>();
  readonly #deviceOfOwner = new Map<OwnerName, DeviceId>();
  #devices: readonly Device[] = [];
  #disabled: readonly DisabledCamera[] = [];
  #grouped: readonly GroupProblem[] = [];
  #isNewlyProved = false;
  #problems: readonly GroupProblem[] = [];

  constructor(ports: FleetPorts) {
    this.#ports = ports;
  }

  get targets(): readonly ConfigTarget[] {
    return this.#ports.targets;
  }

  get devices(): readonly Device[] {
    return this.#devices;
  }

  /** Cameras that are left alone because a person disabled them. */
  get disabled(): readonly DisabledCamera[] {
    return this.#disabled;
  }

  get documents(): readonly ReadDocument[] {
    return [...this.#documents.values()];
  }

  /** True where every document could be read at least once; another program's text names no camera of its own, so it does not count. */
  get complete(): boolean {
    return this.targets.every(({ name, format }) => format.kind === "text" || this.#documents.has(name));
  }

  /** True where the options have the camera, be it disabled there. */
  isOption(id: DeviceId): boolean {
    return this.#ports.cameras.some((option) => option.id === id);
  }

  device(id: DeviceId): Device | undefined {
    return this.#devices.find((device) => device.id === id);
  }

  deviceOf(owner: OwnerName): DeviceId | undefined {
    if (!owner.startsWith("device:")) return this.#deviceOfOwner.get(owner);
    return this.#devices.find((device) => isOwnedBy(device, owner))?.id;
  }

  /** The device's MAC addresses, configured and learned. */
  macsOf(device: Device): readonly MacAddress[] {
    return [...new Set([...device.configuredMacs, ...(this.#ports.registry.device(device.id)?.identity.macs ?? [])])];
  }

  /** What is known of it: what was learned here; only where nothing was, what other copies of the program tell; else nothing. */
  identityOf(device: Device): Identity {
    return this.toldOf(device) ?? this.learnedOf(device);
  }

  /** What was learned of it here; empty where nothing was. */
  learnedOf(device: Device): Identity {
    return this.#ports.registry.device(device.id)?.identity ?? { macs: [] };
  }

  /** What other copies of the program tell of it; undefined where something was learned here, or nobody tells. */
  toldOf(device: Device): Identity | undefined {
    const { told: others } = this.#ports;
    // Where nobody is followed the registry is not asked: this is looked up for every sighting of every device.
    if (others === undefined || isLearned(this.#ports.registry.device(device.id)?.identity)) return undefined;
    const told = others.of(device);
    return told !== undefined && fitsGivenMacs(told, device.configuredMacs) ? told : undefined;
  }

  /** What is known of every other device; for one that was learned here, nothing that was only told. */
  peersOf(device: Device): readonly Identity[] {
    const isTold = this.toldOf(device) !== undefined;
    const known = (other: Device): Identity => (isTold ? this.identityOf(other) : this.learnedOf(other));
    return this.#devices.filter((other) => other.id !== device.id).map((other) => ({ ...known(other), macs: this.macsOf(other) }));
  }

  /** What others tell of it may still come: nothing is to be learned of it before. */
  mayBeTold(device: Device): boolean {
    return this.#ports.told?.isComing() === true && !isLearned(this.#ports.registry.device(device.id)?.identity);
  }

  /** The address for which its host name stands, where a person asked to have that replaced. */
  pinnedAt(id: DeviceId): IpAddress | undefined {
    return this.#ports.cameras.find((option) => option.id === id && option.pinHost === true)?.address;
  }

  /** Where the device is taken to be: proved in this run, else proved earlier, else as the documents have it. */
  addressOf(device: Device): IpAddress | undefined {
    return this.#settled.get(device.id)?.address ?? this.#ports.registry.device(device.id)?.address ?? device.addresses[0];
  }

  settled(id: DeviceId): Settled | undefined {
    return this.#settled.get(id);
  }

  settle(id: DeviceId, settled: Settled): void {
    this.#isNewlyProved ||= this.#settled.get(id)?.address !== settled.address;
    this.#settled.set(id, settled);
  }

  /** Its ONVIF service answered on the port: it is asked there first from now on. */
  noteOnvifPort(id: DeviceId, port: number): void {
    this.#devices = this.#devices.map((device) => (device.id === id ? askedFirst(device, port) : device));
  }

  unsettle(id: DeviceId): void {
    this.#settled.delete(id);
  }

  /**
   * Takes over the text of a document. One that cannot be read keeps its last good reading: a half-written file must not make cameras disappear.
   * @throws DocumentError
   */
  adopt(target: ConfigTarget, text: string, revision: Revision): void {
    if (this.#documents.get(target.name)?.revision === revision) {
      // Many cameras are proved at once when the program starts: what follows from it is said with the next reading.
      if (this.#isNewlyProved) this.#showProblems();
      return;
    }
    this.#documents.set(target.name, { target, reading: target.format.read(text), revision });
    this.#regroup();
  }

  #regroup(): void {
    const known = new Map(this.#ports.registry.devices().flatMap((record) => record.owners.map((owner) => [owner, record.id] as const)));
    for (const [owner, id] of this.#deviceOfOwner) known.set(owner, id);
    const before = this.#devices.map((device) => device.id);
    const { devices, problems, disabled } = groupDevices(
      this.documents.map((document) => document.reading),
      this.#ports.cameras,
      known,
    );
    this.#devices = devices.map((device) => askedFirst(device, this.learnedOf(device).onvifPort));
    this.#disabled = disabled;
    this.#grouped = problems;
    this.#showProblems();
    this.#deviceOfOwner.clear();
    for (const device of devices) for (const owner of device.owners) this.#deviceOfOwner.set(owner, device.id);
    const now = new Set(devices.map((device) => device.id));
    for (const id of before.filter((one) => !now.has(one))) {
      this.#settled.delete(id);
      this.#ports.status.clear(`device/${id}`);
    }
  }

  /** What a person should put right in documents or options; it hinders nothing else. */
  #showProblems(): void {
    const { status } = this.#ports;
    this.#isNewlyProved = false;
    const documents = this.documents.map(({ target, reading }) => ({ place: target.place, reading }));
    const problems = [...this.#grouped, ...namesakesIn(documents, this.#devices, (id) => this.#knownAt(id))];
    const subject = ({ device, reason }: GroupProblem): string => `cameras/${device}/${reason}`;
    const now = new Set(problems.map(subject));
    for (const gone of this.#problems.map(subject)) if (!now.has(gone)) status.clear(gone);
    for (const problem of problems) {
      const isUnseen = problem.reason === "NameShared";
      status.set(subject(problem), isUnseen ? "problem" : "unknown", problem.reason, problem.message);
    }
    this.#problems = problems;
  }

  /** Every address at which it was proved or that it left. */
  #knownAt(id: DeviceId): ReadonlySet<IpAddress> {
    const record = this.#ports.registry.device(id);
    const settled = this.#settled.get(id);
    const all = [record?.address, settled?.address, settled?.previous, ...(record?.history ?? [])];
    return new Set(all.filter((address) => address !== undefined));
  }
}

function askedFirst(device: Device, port: number | undefined): Device {
  if (port === undefined) return device;
  return { ...device, onvifPorts: [port, ...device.onvifPorts.filter((one) => one !== port)] };
}

/** The error's sentence with the document's place in front, and line and column where they are known. */
export function placed(target: ConfigTarget, error: DocumentError | TargetError): string {
  if (error instanceof TargetError) return error.message;
  const at = error.line === undefined ? "" : `:${error.line}${error.column === undefined ? "" : `:${error.column}`}`;
  return `${target.place}${at}: ${error.message}`;
}
