import { type IpAddress, isLocallyAdministered, type MacAddress } from "../domain/addresses.ts";
import { type BindingDecision, type FlowingFrames, type JudgedAddress, resolve, spokenTwice, stillHeld } from "../domain/binding.ts";
import type { Device, DeviceId, Identity } from "../domain/camera.ts";
import type { Candidate } from "../domain/candidates.ts";
import { type Duration, hours, milliseconds, seconds } from "../domain/duration.ts";
import type { EvidenceRecord } from "../domain/evidence.ts";
import type { Tell } from "../domain/notice.ts";
import { withoutParking } from "../domain/told-identity.ts";
import type { LoginPermission } from "../domain/verification.ts";
import type { Clock } from "../ports/clock.ts";
import type { NeighbourTable } from "../ports/neighbour-table.ts";
import type { ConnectProber, EndpointProber, NeighbourProber, VendorProber } from "../ports/prober.ts";
import type { Registry } from "../ports/registry.ts";
import type { ConfirmedAddresses } from "./confirmed-addresses.ts";
import type { Fleet } from "./fleet.ts";
import type { Holds } from "./holds.ts";
import type { IdentitySearch } from "./identity-search.ts";
import type { Logins } from "./logins.ts";
import type { Pointing } from "./pointing.ts";
import { presentFirst } from "./present-first.ts";
import type { Searches } from "./searches.ts";
import { whereSaid } from "./said-twice.ts";
import type { SightingDesk } from "./sighting-desk.ts";
import type { StreamWatch } from "./stream-watch.ts";
import type { Unproved } from "./unproved.ts";
import { recordOf } from "./switching.ts";
import type { Verification, Verifier } from "./verifier.ts";
import { judgedOf, lookWhereWritten, takeOver, WRITTEN_WITHIN } from "./where-written.ts";

/** Verdicts of a device that are remembered, so that one that repeats itself is recorded once in a while: some cameras ask for an address forever. */
const NOTED = 32;
const NOTED_AGAIN = hours(1);
/** A camera on two interfaces of one network answers at its present address this fast. */
const STILL_THERE = milliseconds(250);
const QUICK = seconds(2);

export interface LookingPorts {
  readonly fleet: Fleet;
  readonly holds: Holds;
  readonly registry: Registry;
  readonly verifier: Verifier;
  readonly prober: ConnectProber & EndpointProber & NeighbourProber & VendorProber;
  readonly table: NeighbourTable;
  readonly desk: SightingDesk;
  readonly searches: Searches;
  readonly identitySearch: Pick<IdentitySearch, "want">;
  readonly streams: StreamWatch;
  readonly pointing: Pointing;
  readonly logins: Logins;
  readonly clock: Clock;
  readonly tell: Tell;
  /** A device with an unknown MAC address answers where the device was looked for. */
  readonly confirmed: ConfirmedAddresses;
  /** Nothing can prove the device where it may be. */
  readonly unproved: Pick<Unproved, "noticed">;
  readonly onOtherMac: (device: DeviceId, address: IpAddress, mac: MacAddress) => void;
}

/** What a look at one device's addresses came to. */
export interface Look {
  readonly decision: BindingDecision;
  readonly evidence: ReadonlyMap<IpAddress, EvidenceRecord>;
}

/** Looks at every address where one device may be, and decides by what was proved there. Changes nothing but what is remembered of proofs. */
export class Looking {
  readonly #ports: LookingPorts;
  readonly #noted = new Map<DeviceId, ReadonlyMap<IpAddress, { readonly key: string; readonly at: Duration }>>();

  constructor(ports: LookingPorts) {
    this.#ports = ports;
  }

  /** The device is gone from the documents. */
  forget(id: DeviceId): void {
    this.#noted.delete(id);
  }

  /** The MAC of a different device that answers at the address just now. */
  async strangerAt(device: Device, address: IpAddress, signal: AbortSignal): Promise<MacAddress | undefined> {
    const macs = this.#ports.fleet.macsOf(device);
    const reading = macs.length === 0 ? undefined : await this.#ports.prober.neighbour(address, macs, seconds(1), signal);
    return reading?.found === "mac" && !reading.gateway && !macs.includes(reading.mac) ? reading.mac : undefined;
  }

  /** @throws the signal's reason when aborted; what the prober throws */
  async look(device: Device, current: IpAddress, signal: AbortSignal): Promise<Look> {
    const { fleet, desk, streams, prober, table } = this.#ports;
    const macs = fleet.macsOf(device);
    const candidates = this.#candidates(device, current);
    // Nearly every look is of a camera that nobody watches and that is where it was: only its address is asked then.
    const idle = candidates.length === 0 && !streams.mayFlow(device) ? await this.#stillAt(device, current, [], signal) : undefined;
    if (idle !== undefined) return { decision: { kind: "keep", address: current, reason: "Healthy" }, evidence: new Map() };
    const endSample = await streams.sampleFlow(device, signal);
    const verify = (address: IpAddress): Promise<Verification> =>
      this.#verify(device, { address, layer: "audit", at: this.#ports.clock.now() }, false, signal, WRITTEN_WITHIN);
    const parts = { fleet, prober, verify, note: (record: EvidenceRecord) => this.note(record) };
    const written = this.#isKnownByWord(device) ? await lookWhereWritten(parts, device, current, signal) : undefined;
    if (written?.decision !== undefined) return { decision: written.decision, evidence: written.evidence };
    const stillThere =
      candidates.length === 0 ? "timeout" : prober.connect(current, device.streamPort, STILL_THERE, signal).catch(() => "timeout" as const);
    const everywhere = candidates.length === 0 ? [] : [current, ...candidates.map((one) => one.address)];
    const said = await whereSaid(prober, device, fleet.identityOf(device), macs, everywhere, signal);
    // What was told is no memory: it is not kept for being said twice.
    if (said.length > 1 && written !== undefined)
      return { decision: { kind: "unknown", search: false, reason: "IdentityShared" }, evidence: written.evidence };
    if (said.length > 1) this.#noteShared(device);
    const judged: JudgedAddress[] = [...(written?.judged ?? [])];
    const evidence = new Map<IpAddress, EvidenceRecord>(written?.evidence);
    const others = candidates.filter(({ address }) => !evidence.has(address));
    for (const candidate of await presentFirst(prober, others, macs, device.streamPort, signal)) {
      const before = judged.some((one) => one.verdict === "verified");
      const verification = await this.#verify(device, candidate, false, signal, before ? QUICK : undefined);
      judged.push(judgedOf(verification));
      evidence.set(candidate.address, verification.evidence);
      // Where no MAC speaks for the device, another one may say the same of itself elsewhere.
      if (verification.verdict === "verified") {
        if (verification.byIdentity) continue;
        break;
      }
      // Where it answers and is not usable a person must act: that is looked at again and goes on being said.
      if (!verification.present || verification.foreign) desk.drop(device.id, candidate.address);
      this.note(verification.evidence);
    }
    const elsewhere = judged.some((one) => one.verdict === "verified");
    const frames = await endSample();
    if (written === undefined && (!elsewhere || (await stillThere) === "open"))
      judged.push(await this.#lookAtCurrent(device, current, frames, elsewhere, evidence, signal));
    if (spokenTwice(judged).length > 1) this.#noteShared(device);
    // Sampling took its time.
    const standing = await Promise.all(judged.map(async (one) => stillHeld(one, await table.macOf(one.address), macs)));
    const decision = resolve({ macs, peers: this.peersOf(device), current, configured: device.addresses, judged: standing, frames });
    return { decision: written === undefined ? decision : withoutParking(decision), evidence };
  }

  /** Nothing was learned of it here, and no person said where it is: it is known by what other copies of the program tell. */
  #isKnownByWord(device: Device): boolean {
    return this.#ports.fleet.toldOf(device) !== undefined && this.#ports.confirmed.addressOf(device.id) === undefined;
  }

  /** Proves the device once more where it is, and spends a login on it: `logins.mayRepeat` was asked. */
  tryLogin(device: Device, address: IpAddress, signal: AbortSignal): Promise<Verification> {
    return this.#verify(device, { address, layer: "stream", at: this.#ports.clock.now() }, false, signal, undefined, "allowed");
  }

  peersOf(device: Device): readonly Identity[] {
    return this.#ports.fleet.peersOf(device);
  }

  /** Every address at which it was proved or that it left. */
  formerOf(device: Device): readonly IpAddress[] {
    return [...this.#ports.pointing.knownAddresses(device)];
  }

  /** The device is not where it should be: it is searched for. */
  async want(device: Device, signal: AbortSignal): Promise<void> {
    if (device.battery === true) return;
    const { searches, fleet, tell } = this.#ports;
    const current = fleet.addressOf(device);
    const news = !searches.isMissing(device.id);
    await searches.want(device.id, fleet.macsOf(device), this.formerOf(device), signal);
    this.#ports.identitySearch.want(device, fleet.identityOf(device), this.formerOf(device));
    if (news && current !== undefined)
      tell({ kind: "lost", device: device.id, address: current, message: `${device.title} does not answer at ${current}` });
  }

  /** Keeps a record of a decision, once an hour while it repeats itself at an address. */
  note(evidence: EvidenceRecord): void {
    const { device, candidate, verdict, reason } = evidence;
    const noted = new Map(this.#noted.get(device));
    const key = `${verdict} ${reason}`;
    const at = this.#ports.clock.monotonic();
    const known = noted.get(candidate);
    if (known?.key === key && at - known.at < NOTED_AGAIN) return;
    noted.delete(candidate);
    this.#noted.set(device, new Map([...noted, [candidate, { key, at }] as const].slice(-NOTED)));
    this.#ports.registry.addEvidence(evidence);
    this.#ports.tell({ kind: "refused", device, evidence });
  }

  /** Sighted addresses, and those that a person wrote into a document or confirmed. */
  #candidates(device: Device, current: IpAddress): readonly Candidate[] {
    const { desk, pointing, clock, holds } = this.#ports;
    const known = pointing.knownAddresses(device);
    const sighted = desk.candidates(device.id, current);
    const confirmed = this.#ports.confirmed.addressOf(device.id) ?? [];
    const told = new Set([device.addresses.filter((address) => !known.has(address)), confirmed].flat());
    const written = [...told].filter((address) => !sighted.some((candidate) => candidate.address === address));
    const all = [...sighted, ...written.map((address): Candidate => ({ address, layer: "configured", at: clock.now() }))];
    return all.filter((candidate) => candidate.address !== current && !holds.has(device.id, candidate.address));
  }

  /** A settled device whose port is open, and whose MAC is no other device's, is where it was; undefined where that has to be proved. */
  async #stillAt(
    device: Device,
    current: IpAddress,
    frames: readonly FlowingFrames[],
    signal: AbortSignal,
  ): Promise<JudgedAddress | undefined> {
    const { fleet, table, prober, clock, searches } = this.#ports;
    const macs = fleet.macsOf(device);
    const madeUp = macs.length > 0 && macs.every(isLocallyAdministered);
    if (fleet.settled(device.id) === undefined || searches.isMissing(device.id) || madeUp) return undefined;
    const flows = frames.some((frame) => frame.address === current && frame.holder !== undefined && macs.includes(frame.holder));
    const open = flows || (await prober.connect(current, device.streamPort, QUICK, signal)) === "open";
    const mac = await table.macOf(current);
    const sound =
      mac !== undefined &&
      macs.includes(mac) &&
      !isLocallyAdministered(mac) &&
      !this.peersOf(device).some((peer) => peer.macs.includes(mac));
    if (open && sound)
      return { address: current, verdict: "verified", reason: "Verified", foreign: false, present: true, mac, at: clock.now() };
    if (!open) await this.want(device, signal);
    return undefined;
  }

  async #lookAtCurrent(
    device: Device,
    current: IpAddress,
    frames: readonly FlowingFrames[],
    hurry: boolean,
    evidence: Map<IpAddress, EvidenceRecord>,
    signal: AbortSignal,
  ): Promise<JudgedAddress> {
    const still = await this.#stillAt(device, current, frames, signal);
    if (still !== undefined) return still;
    const verification = await this.#verify(
      device,
      { address: current, layer: "audit", at: this.#ports.clock.now() },
      frames.some((frame) => frame.address === current),
      signal,
      hurry ? seconds(2) : undefined,
    );
    evidence.set(current, verification.evidence);
    if (verification.verdict === "rejected") this.note(verification.evidence);
    return judgedOf(verification);
  }

  /** What it says of itself was heard from two addresses at once: it is no proof any more. */
  #noteShared(device: Device): void {
    const { registry, fleet } = this.#ports;
    const identity = fleet.identityOf(device);
    if (identity.shared !== undefined) return;
    const shared = (["endpoint", "uid"] as const).filter((kind) => identity[kind] !== undefined);
    registry.saveDevice({ ...recordOf(registry, device), identity: { ...identity, shared } });
  }

  /** Proves the device at the address as after a move. Tries a login only where `login`, where the guards allow one, and no frames flow. */
  async rehearse(device: Device, address: IpAddress, login: boolean, signal: AbortSignal): Promise<Verification> {
    const { clock, streams, logins } = this.#ports;
    const frames = login ? await (await streams.sampleFlow(device, signal))() : [];
    const flows = frames.some((frame) => frame.address === address);
    const may = logins.permission(device, address, flows);
    const again = logins.mayTry(device, address) ? "allowed" : "backed-off";
    const tries = may === "accepted-before" ? (flows ? "frames-flow" : again) : may;
    const permission = login ? tries : may === "allowed" || may === "accepted-before" ? "unasked" : may;
    return this.#verify(device, { address, layer: "audit", at: clock.now() }, flows, signal, undefined, permission);
  }

  async #verify(
    device: Device,
    candidate: Candidate,
    framesFlow: boolean,
    signal: AbortSignal,
    within?: Duration,
    login?: LoginPermission,
  ): Promise<Verification> {
    const { verifier, fleet, logins } = this.#ports;
    const confirmed = this.#ports.confirmed.at(device.id, candidate.address);
    // A person's word for an address counts more than what another copy of the program tells.
    const identity = confirmed === undefined ? fleet.identityOf(device) : fleet.learnedOf(device);
    const verification = await verifier.verify(
      {
        device,
        identity,
        peers: this.peersOf(device),
        formerAddresses: this.formerOf(device),
        candidate: candidate.address,
        layer: candidate.layer,
        login: login ?? logins.permission(device, candidate.address, framesFlow),
        confirmed,
        ...(candidate.hostName === undefined ? {} : { hostName: candidate.hostName }),
        ...(within === undefined ? {} : { within }),
      },
      signal,
    );
    const { reason, mac, verdict, said } = verification;
    if (verdict === "verified" && this.#isKnownByWord(device)) takeOver(this.#ports, device, said);
    this.#ports.confirmed.judged(device.id, candidate.address, verdict, reason);
    if (reason === "NoMacHere" || reason === "IdentityShared" || reason === "MacVoid")
      this.#ports.unproved.noticed(device.id, candidate.address);
    if (reason === "OtherMac" && mac !== undefined) this.#ports.onOtherMac(device.id, candidate.address, mac);
    if (verification.login !== undefined) logins.note(device, candidate.address, verification.login);
    const isRefusal = verification.reason === "LoginBackoff" && logins.wasRefused(device, candidate.address);
    return isRefusal
      ? { ...verification, reason: "LoginRefused", evidence: { ...verification.evidence, reason: "LoginRefused" } }
      : verification;
  }
}
