import type { IpAddress } from "../domain/addresses.ts";
import type { BindingDecision } from "../domain/binding.ts";
import type { Device, DeviceId, Identity } from "../domain/camera.ts";
import { between, type Duration, hours, milliseconds, seconds } from "../domain/duration.ts";
import type { EvidenceRecord } from "../domain/evidence.ts";
import type { ReasonCode } from "../domain/reasons.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { ConfirmedAddresses } from "./confirmed-addresses.ts";
import type { Enrolling } from "./enrolling.ts";
import type { Fleet } from "./fleet.ts";
import { provedAt } from "./held-back.ts";
import type { Holds } from "./holds.ts";
import type { Looking } from "./looking.ts";
import type { Pointing } from "./pointing.ts";
import type { Searches } from "./searches.ts";
import type { SightingDesk } from "./sighting-desk.ts";
import { recordOf, type Switching } from "./switching.ts";

const LOOK_AGAIN = seconds(10);
/** How long a camera is called lost before it is called unreachable. */
const PATIENCE = seconds(60);
/** A sighting at a second address is looked at again while it is so young: the frames from the first may be the last. */
const YOUNG = seconds(30);
/** So many looks may be dropped for newer sightings in a while. */
const INTERRUPTS = 8;
const INTERRUPTED_WITHIN = seconds(60);

export interface BindingsPorts {
  readonly fleet: Fleet;
  readonly holds: Holds;
  readonly registry: Registry;
  readonly looking: Looking;
  readonly enrolling: Enrolling;
  readonly confirmed: Pick<ConfirmedAddresses, "addressOf">;
  readonly switching: Switching;
  readonly desk: SightingDesk;
  readonly searches: Searches;
  readonly pointing: Pointing;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly interval: Duration;
  /** The device was proved to be where it was: documents are compared. */
  readonly onSettled: (device: DeviceId) => void;
  /** Nothing could be learned of the device where it should be. */
  readonly onAbsent: (device: DeviceId) => void;
}

/** Settles where one device is: learns it where nothing is known, looks, and acts on the decision. */
export class Bindings implements Reconciler<DeviceId> {
  readonly name = "binding";
  readonly #ports: BindingsPorts;
  readonly #passes = new Map<DeviceId, AbortController>();
  readonly #interrupts = new Map<DeviceId, readonly Duration[]>();

  constructor(ports: BindingsPorts) {
    this.#ports = ports;
  }

  /** Drops the look that is under way: something newer is to be looked at. Not endlessly: forged sightings must not keep a look from its end. */
  interrupt(id: DeviceId): void {
    const pass = this.#passes.get(id);
    const now = this.#ports.clock.monotonic();
    const recent = (this.#interrupts.get(id) ?? []).filter((at) => now - at < INTERRUPTED_WITHIN);
    if (pass === undefined || recent.length >= INTERRUPTS) return;
    this.#interrupts.set(id, [...recent, now]);
    pass.abort(new Interrupted());
  }

  /** Ends the look that is under way, whatever it found: it was of another camera. */
  drop(id: DeviceId): void {
    this.#passes.get(id)?.abort(new Interrupted());
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const { fleet, enrolling, looking, clock } = this.#ports;
    const device = fleet.device(id);
    const current = device === undefined ? undefined : fleet.addressOf(device);
    if (device === undefined || current === undefined) return {};
    this.#ports.holds.review(device);
    if (fleet.mayBeTold(device)) return { requeueAfter: seconds(1) };
    const known = fleet.macsOf(device).length > 0 || hasIdentity(fleet.identityOf(device));
    if (device.battery === true && this.#ports.desk.candidates(id, current).length === 0) return this.#rest(device, known);
    if (!known && this.#ports.confirmed.addressOf(id) === undefined) {
      if (await enrolling.begin(device, current, signal)) {
        fleet.settle(id, { address: current, hintAt: clock.monotonic() });
        this.#ports.onSettled(id);
      } else this.#ports.onAbsent(id);
      return this.#again(this.#ports.interval);
    }
    const pass = new AbortController();
    this.#passes.set(id, pass);
    try {
      // Acting can be interrupted too: go2rtc may be waited for, and what is left undone is seen at the next look.
      const both = AbortSignal.any([signal, pass.signal]);
      const { decision, evidence } = await looking.look(device, current, both);
      both.throwIfAborted();
      if (device.battery === true) for (const address of evidence.keys()) this.#ports.desk.drop(id, address);
      return await this.#act(device, decision, evidence, both);
    } catch (error) {
      if (pass.signal.aborted && !signal.aborted) return { requeueAfter: milliseconds(0) };
      throw error;
    } finally {
      if (this.#passes.get(id) === pass) this.#passes.delete(id);
    }
  }

  async #act(
    device: Device,
    decision: BindingDecision,
    evidence: ReadonlyMap<IpAddress, EvidenceRecord>,
    signal: AbortSignal,
  ): Promise<Outcome> {
    switch (decision.kind) {
      case "switch": {
        const frozen = await this.#ports.switching.to(device, decision.to, decision.from, evidence.get(decision.to), signal);
        if (frozen !== undefined) return { requeueAfter: frozen };
        return this.#again(this.#ports.interval);
      }
      case "keep":
        if (decision.reason === "Healthy" || decision.reason === "FramesStillFlow") return this.#keep(device, decision.address, signal);
        this.#ports.searches.rest(device.id);
        this.#problem(
          device,
          decision.reason,
          told(evidence.get(decision.address), `${device.title} answers at ${decision.address}, but is not usable there`),
        );
        return this.#again(LOOK_AGAIN);
      case "conflict":
        return this.#keepOne(device, decision.kept, decision.other, decision.reason, evidence.get(decision.other), signal);
      case "quarantine":
        this.#ports.fleet.unsettle(device.id);
        for (const address of decision.addresses) await this.#ports.pointing.quarantine(device, address, decision.mac, signal);
        await this.#ports.looking.want(device, signal);
        return this.#again(LOOK_AGAIN);
      case "unknown":
        this.#ports.fleet.unsettle(device.id);
        if (decision.search) await this.#ports.looking.want(device, signal);
        else this.#ports.searches.rest(device.id);
        this.#showLost(device, decision.reason, evidence);
        return this.#again(LOOK_AGAIN);
    }
  }

  async #keep(device: Device, address: IpAddress, signal: AbortSignal): Promise<Outcome> {
    const { fleet, registry, searches, pointing, clock, status, enrolling } = this.#ports;
    const back = searches.isMissing(device.id);
    const settled = fleet.settled(device.id);
    searches.found(device.id);
    const record = recordOf(registry, device);
    // Once an hour at most while nothing changes: each save is a write to what may be a memory card.
    const hold = this.#ports.holds.of(device.id);
    const proved = provedAt(record, hold === undefined ? [] : [hold]);
    const stale = proved === undefined || between(proved, clock.now()) > hours(1);
    if (stale || record.address !== address || record.owners.join() !== device.owners.join()) {
      registry.saveDevice({ ...record, owners: device.owners, address, verifiedAt: clock.now() });
    }
    if (settled?.address !== address) fleet.settle(device.id, { address, hintAt: clock.monotonic() });
    status.set(`device/${device.id}`, "ok", "Healthy", `${device.title} is at ${address}`);
    // What is parked is put back; all else is left to its present clients where the camera was never gone.
    if (back || pointing.isParked(device.id)) await pointing.point(device, address, clock.monotonic(), signal, { renew: back });
    if (settled === undefined || back) this.#ports.onSettled(device.id);
    await enrolling.complete(device, address, signal);
    return this.#again(this.#ports.interval);
  }

  /** It answers, or delivers, at two addresses: the present one stays, and the other is remembered for a while. */
  async #keepOne(
    device: Device,
    kept: IpAddress,
    other: IpAddress,
    reason: "FramesStillFlow" | "AddressContested",
    evidence: EvidenceRecord | undefined,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { desk, clock, status, looking, interval } = this.#ports;
    if (evidence !== undefined) looking.note({ ...evidence, verdict: "kept", reason });
    await this.#keep(device, kept, signal);
    if (reason === "AddressContested") {
      status.set(`device/${device.id}`, "ok", reason, `${device.title} answers at ${kept} and at ${other}; the first is kept`);
    }
    const sighted = desk.candidates(device.id, kept).find((candidate) => candidate.address === other);
    const young = sighted !== undefined && between(sighted.at, clock.now()) < YOUNG;
    if (!young) desk.drop(device.id, other);
    return this.#again(young ? seconds(1) : interval);
  }

  #showLost(device: Device, reason: ReasonCode, evidence: ReadonlyMap<IpAddress, EvidenceRecord>): void {
    const { status, searches, fleet } = this.#ports;
    const current = fleet.addressOf(device);
    const at = current ?? "its address";
    const gone = reason === "NobodyThere" || reason === "Searching" || reason === "VerificationTimedOut";
    const shown = status.get(`device/${device.id}`)?.reason;
    const hold = this.#ports.holds.of(device.id);
    if (hold !== undefined) {
      const why = hold.why === "undone" ? "a person undid the change" : "no frames came from there";
      const reason = hold.why === "undone" ? "Undone" : "RolledBack";
      if (shown === "NotRolledBack" || shown === reason) return;
      this.#problem(device, reason, `${device.title} is not healed to ${hold.address}: ${why}; it was at ${at} before`);
      return;
    }
    if (gone && device.battery === true) return this.#asleep(device);
    if (!gone) {
      // The reason may be that of another address than the one where it is taken to be.
      const fitting = [...evidence.values()].find((one) => one.reason === reason);
      const record = fitting ?? (current === undefined ? undefined : evidence.get(current));
      this.#problem(device, reason, told(record, `${device.title} could not be proved at ${record?.candidate ?? at}`));
    } else if (searches.missingFor(device.id) < PATIENCE) {
      this.#problem(device, "Searching", `${device.title} does not answer at ${at} and is searched for`);
    } else this.#problem(device, "CameraUnreachable", `${device.title} answers nowhere; it was last proved at ${at}`);
  }

  /** A battery camera that did not announce itself sleeps, and is left so. What was said of it when it was awake stays. */
  #rest(device: Device, known: boolean): Outcome {
    if (!known)
      this.#problem(
        device,
        "NotLearnedYet",
        `${device.title} runs on a battery and is not asked: give its MAC address as mac under cameras`,
      );
    else if (this.#ports.status.get(`device/${device.id}`) === undefined) this.#asleep(device);
    return {};
  }

  #asleep(device: Device): void {
    const words = `${device.title} runs on a battery and is looked at when it announces itself`;
    this.#ports.status.set(`device/${device.id}`, "ok", "BatteryCamera", words);
  }

  #problem(device: Device, reason: ReasonCode, message: string): void {
    const ask = reason === "IdentityDiffers" ? ({ verb: "replace", camera: device.id } as const) : undefined;
    this.#ports.status.set(`device/${device.id}`, "problem", reason, message, ask);
  }

  #again(span: Duration): Outcome {
    return { requeueAfter: milliseconds(span * (0.85 + 0.15 * this.#ports.random())) };
  }
}

/** Something was learned that can prove it where no MAC address is seen. */
function hasIdentity({ endpoint, uid }: Identity): boolean {
  return endpoint !== undefined || uid !== undefined;
}

/** A pass that was ended for the sake of newer facts. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

function told(evidence: EvidenceRecord | undefined, sentence: string): string {
  const failed = evidence?.steps.findLast((step) => step.outcome === "failed");
  return failed === undefined ? sentence : `${sentence}: ${failed.detail}`;
}
