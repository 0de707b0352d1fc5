import type { IpAddress } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import type { Occurrence } from "../domain/document.ts";
import type { ConfigTarget, TargetName } from "../ports/config-target.ts";
import type { NeighbourTable } from "../ports/neighbour-table.ts";
import type { Registry } from "../ports/registry.ts";
import { devicesOfOwners } from "./document-wishes.ts";
import type { Fleet } from "./fleet.ts";
import type { Holds } from "./holds.ts";
import { changesOf } from "./remembered.ts";

export interface TextMemoryPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly holds: Holds;
  readonly table: NeighbourTable;
  readonly digest: (text: string) => string;
}

/** What is remembered of a text: what it was when it was last right, and which former addresses it did not hold then. */
interface Remembered {
  readonly digest: string;
  readonly gone: Readonly<Record<string, readonly IpAddress[]>>;
}

/**
 * Tells a camera's former address in another program's text from the same address as another device's line. One that came into the text after the camera
 * had left it is nobody's of ours. Where the text was changed unseen, whoever answers to the address now decides: a device that is no camera of this text.
 */
export class TextMemory {
  readonly #ports: TextMemoryPorts;
  readonly #left = new Map<TargetName, ReadonlySet<string>>();

  constructor(ports: TextMemoryPorts) {
    this.#ports = ports;
  }

  /** To be called with each text of a document that was read, before it is judged. */
  async look(target: ConfigTarget, text: string): Promise<void> {
    if (target.format.kind !== "text") return;
    const { digest, fleet } = this.#ports;
    const found = this.#foundIn(target, text);
    const remembered = this.#welcome(target, found);
    const putBack = this.#isPutBack(target, text);
    const left = new Set<string>();
    for (const { id, address } of found) {
      if (putBack || fleet.settled(id)?.address === address) continue;
      const came = remembered?.gone[id]?.includes(address) === true;
      const isChanged = remembered?.digest !== digest(text);
      if (came || (isChanged && (await this.#isAnothers(id, address)))) left.add(`${id} ${address}`);
    }
    this.#left.set(target.name, left);
  }

  /** Whether the occurrence is taken for another device's, and stays as it is. */
  leaves(name: TargetName, { owners, address }: Occurrence): boolean {
    const left = this.#left.get(name);
    return left !== undefined && devicesOfOwners(this.#ports.fleet, owners).some((id) => left.has(`${id} ${address}`));
  }

  /** Nothing is to be changed in the text: former addresses that it does not hold, or that were left alone in it, are no camera's from now on. */
  right(target: ConfigTarget, text: string): void {
    if (target.format.kind !== "text") return;
    const { registry, fleet, holds, digest } = this.#ports;
    const here = new Set(this.#foundIn(target, text).map(({ id, address }) => `${id} ${address}`));
    const before = this.#remembered(target);
    const gone: Record<string, readonly IpAddress[]> = {};
    const devices = new Set(devicesOfOwners(fleet, target.format.follows ?? []));
    // Of a camera that is not found yet the text may be wrong all the same.
    const isSure = [...devices].every((id) => fleet.settled(id) !== undefined);
    for (const id of devices) {
      const settled = fleet.settled(id);
      const known = before?.gone[id] ?? [];
      const former = [...(registry.device(id)?.history ?? []), ...(settled?.previous === undefined ? [] : [settled.previous])];
      const isOver = (address: IpAddress): boolean => {
        const key = `${id} ${address}`;
        if (settled === undefined || holds.has(id, settled.address) || address === settled.address) return known.includes(address);
        return !here.has(key) || this.#left.get(target.name)?.has(key) === true;
      };
      const over = [...new Set([...former, ...known])].filter(isOver).slice(0, MOST);
      if (over.length > 0) gone[id] = over;
    }
    this.#save(target, { digest: isSure ? digest(text) : (before?.digest ?? ""), gone });
  }

  /** A camera that came back to an address which no line of the text has: lines with it are the camera's again from now on. */
  #welcome(target: ConfigTarget, found: readonly { readonly id: DeviceId; readonly address: IpAddress }[]): Remembered | undefined {
    const { fleet } = this.#ports;
    const remembered = this.#remembered(target);
    if (remembered === undefined) return undefined;
    const isHere = (id: string, address: IpAddress): boolean => found.some((one) => one.id === id && one.address === address);
    const stays = ([id, addresses]: readonly [string, readonly IpAddress[]]) =>
      [id, addresses.filter((address) => fleet.settled(id as DeviceId)?.address !== address || isHere(id, address))] as const;
    const left = { ...remembered, gone: Object.fromEntries(Object.entries(remembered.gone).map(stays)) };
    this.#save(target, left);
    return left;
  }

  #save(target: ConfigTarget, remembered: Remembered): void {
    const { consents } = this.#ports.registry;
    const value = JSON.stringify(remembered);
    if (consents.fact(factOf(target.place)) !== value) consents.saveFact(factOf(target.place), value);
    if ((consents.fact(factOf(target.name)) ?? "") !== "") consents.saveFact(factOf(target.name), "");
  }

  /** Former and present addresses of the cameras that stand in the text. */
  #foundIn(target: ConfigTarget, text: string): readonly { readonly id: DeviceId; readonly address: IpAddress }[] {
    return target.format
      .read(text)
      .occurrences.flatMap(({ owners, address }) => devicesOfOwners(this.#ports.fleet, owners).map((id) => ({ id, address })));
  }

  /** Somebody else answers to the address, and not one that answers for the camera too, as a proxy does. */
  async #isAnothers(id: DeviceId, address: IpAddress): Promise<boolean> {
    const { fleet, table } = this.#ports;
    const device = fleet.device(id);
    const settled = fleet.settled(id)?.address;
    const mac = device === undefined ? undefined : await table.macOf(address);
    if (device === undefined || mac === undefined || settled === undefined || fleet.macsOf(device).includes(mac)) return false;
    return (await table.macOf(settled)) !== mac;
  }

  /** The text is what it was before a change of ours that was taken back, by a person or because no frames came. */
  #isPutBack(target: ConfigTarget, text: string): boolean {
    const { registry, fleet } = this.#ports;
    const changes = changesOf(registry.consents, target, fleet.targets);
    const kept = changes.findIndex(({ state }) => state === "kept");
    const since = kept === -1 ? changes : changes.slice(0, kept);
    return since.some(({ state, before }) => state === "restored" && before === text);
  }

  #remembered({ name, place }: ConfigTarget): Remembered | undefined {
    const { consents } = this.#ports.registry;
    // By the name, as the first releases kept it, until it is kept by the place.
    const fact = consents.fact(factOf(place)) ?? consents.fact(factOf(name)) ?? "";
    return fact === "" ? undefined : (JSON.parse(fact) as Remembered);
  }
}

/** More former addresses than are kept of a camera. */
const MOST = 20;

const factOf = (placeOrName: string): string => `text ${placeOrName}`;
