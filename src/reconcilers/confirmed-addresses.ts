import type { IpAddress } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import { between, hours, type Instant } from "../domain/duration.ts";
import type { ReasonCode } from "../domain/reasons.ts";
import type { SaidThere } from "../domain/unproved.ts";
import type { Clock } from "../ports/clock.ts";
import type { Registry } from "../ports/registry.ts";

/** A person's word is good for so long, if it is not used before. */
const GOOD_FOR = hours(1);
/** The device may answer in a moment: the word is not used up by these. */
const PASSING: readonly ReasonCode[] = ["PortClosed", "NobodyThere", "VerificationTimedOut", "Searching"];

interface Word {
  readonly address: IpAddress;
  readonly said: SaidThere;
  readonly at: Instant;
  /** The camera was taken to the address on it. It stands while the camera stays there, and for nothing else. */
  readonly isUsed: boolean;
}

export interface ConfirmedAddressesPorts {
  readonly registry: Registry;
  readonly clock: Clock;
}

/** What people said where nothing proves a camera: "this address is that camera". For exactly that camera and address, used once, and over after an hour. */
export class ConfirmedAddresses {
  readonly #ports: ConfirmedAddressesPorts;

  constructor(ports: ConfirmedAddressesPorts) {
    this.#ports = ports;
  }

  give(id: DeviceId, address: IpAddress, said: SaidThere): void {
    this.#save(id, { address, said, at: this.#ports.clock.now(), isUsed: false });
  }

  /** Where a person said that the camera is. */
  addressOf(id: DeviceId): IpAddress | undefined {
    return this.#word(id)?.address;
  }

  /** What the device said there when a person confirmed it; undefined where no word stands for the address. */
  at(id: DeviceId, address: IpAddress): SaidThere | undefined {
    const word = this.#word(id);
    return word?.address === address ? word.said : undefined;
  }

  /** The camera was taken to an address: a word for that one is used by it, any other is over. */
  moved(id: DeviceId): void {
    const word = this.#word(id);
    if (word === undefined) return;
    const isUsed = this.#ports.registry.device(id)?.address === word.address;
    this.#save(id, isUsed ? { ...word, isUsed } : undefined);
  }

  /** The address was judged: a refusal ends the word, and so does anything else than a proof once it was used. */
  judged(id: DeviceId, address: IpAddress, verdict: "verified" | "rejected", reason: ReasonCode): void {
    const word = this.#word(id);
    if (word?.address !== address || verdict === "verified") return;
    if (word.isUsed || !PASSING.includes(reason)) this.#save(id, undefined);
  }

  #word(id: DeviceId): Word | undefined {
    const { registry, clock } = this.#ports;
    const fact = registry.consents.fact(confirmedFact(id)) ?? "";
    if (fact === "") return undefined;
    const word = JSON.parse(fact) as Word;
    if (word.isUsed) return registry.device(id)?.address === word.address ? word : undefined;
    // A clock that was set back makes no word last longer.
    return Math.abs(between(word.at, clock.now())) < GOOD_FOR ? word : undefined;
  }

  #save(id: DeviceId, word: Word | undefined): void {
    this.#ports.registry.consents.saveFact(confirmedFact(id), word === undefined ? "" : JSON.stringify(word));
  }
}

/** The name of what is remembered of a person's word for a camera's address; empty where there is none. */
export const confirmedFact = (id: DeviceId): string => `confirmed-address ${id}`;
