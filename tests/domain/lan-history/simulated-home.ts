import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import { resolve, stillHeld, type BindingDecision, type FlowingFrames, type JudgedAddress } from "../../../src/domain/binding.ts";
import type { Device, DeviceId, Identity } from "../../../src/domain/camera.ts";
import { candidatesInOrder, noteSighting, withoutCandidate, type Candidate } from "../../../src/domain/candidates.ts";
import { instant, milliseconds, seconds } from "../../../src/domain/duration.ts";
import { learn } from "../../../src/domain/enrolment.ts";
import { loginOutcome, mayLogin, maySwitch, noteLogin, type LoginState, type SwitchState } from "../../../src/domain/policy.ts";
import type { Layer } from "../../../src/domain/sighting.ts";
import { createVerifier, type Verifier } from "../../../src/reconcilers/verifier.ts";
import type { FakeClock } from "../../fakes/fake-clock.ts";
import type { SimulatedLan } from "./simulated-lan.ts";

export const PASSWORD = "canary-lan";

/** One configured device as the program knows it, and the one stream of it that go2rtc holds. */
export interface Bound {
  readonly index: number;
  readonly verifier: Verifier;
  identity: Identity;
  address: IpAddress;
  history: readonly IpAddress[];
  switches: SwitchState["switches"];
  thawedAt: number;
  /** Where go2rtc reads the stream from. */
  streamAt: IpAddress;
  parked: boolean;
  candidates: readonly Candidate[];
  logins: LoginState;
  readonly configuredMacs: readonly MacAddress[];
}

export interface Told {
  readonly bound: Bound;
  readonly decision: BindingDecision;
  readonly judged: readonly JudgedAddress[];
  readonly frames: readonly FlowingFrames[];
  readonly macs: readonly MacAddress[];
  /** Those of every other device. */
  readonly othersMacs: readonly MacAddress[];
}

const never = new AbortController().signal;

/** The smallest program around the verifier: it looks, resolves and acts as the binding loop does, and tells the test of each decision first. */
export class SimulatedHome {
  readonly devices: Bound[] = [];
  readonly #clock: FakeClock;
  readonly #lan: SimulatedLan;
  readonly #tell: (told: Told) => void;

  constructor(clock: FakeClock, lan: SimulatedLan, tell: (told: Told) => void) {
    this.#clock = clock;
    this.#lan = lan;
    this.#tell = tell;
  }

  /** Learns a device at its configured address, as on the day of installation. */
  async enrol(index: number, address: IpAddress, configuredMacs: readonly MacAddress[]): Promise<boolean> {
    const owner = { identity: { macs: [] }, configuredMacs, peers: this.#peers(index), formerAddresses: [] };
    const prober = this.#lan.proberFor(index);
    const neighbour = await prober.neighbour(address, configuredMacs, seconds(3), never);
    const connect = await prober.connect(address, 554, seconds(3), never);
    const endpoint = await prober.endpoint(address, [80], seconds(3), never);
    const greeting = await prober.greeting(address, 554, "/main", seconds(3), never);
    const learned = learn(owner, { address, neighbour, connect, endpoint, greeting, framesFlow: false });
    if (learned.kind !== "learned") return false;
    const { identity } = learned;
    const rest = { history: [], switches: [], thawedAt: -1, parked: false, candidates: [], logins: [], configuredMacs };
    const verifier = createVerifier({ prober, table: this.#lan, clock: this.#clock });
    this.devices.push({ index, verifier, identity, address, streamAt: address, ...rest });
    return true;
  }

  sighted(mac: MacAddress, address: IpAddress, layer: Layer): void {
    for (const bound of this.devices) {
      if (!this.macsOf(bound).includes(mac)) continue;
      bound.candidates = noteSighting(bound.candidates, { layer, address, at: this.#clock.now() });
    }
  }

  macsOf(bound: Bound): readonly MacAddress[] {
    return [...new Set([...bound.identity.macs, ...bound.configuredMacs])];
  }

  /** Whether frames of *some* camera arrive on the stream, and by which MAC. */
  frames(bound: Bound): readonly FlowingFrames[] {
    const host = bound.parked ? undefined : this.#lan.reached(bound.streamAt);
    const flows = host !== undefined && host.portOpen && !host.frozen && (host.password ?? PASSWORD) === PASSWORD;
    return flows ? [{ address: bound.streamAt, holder: this.#lan.entry(bound.streamAt) }] : [];
  }

  /** One look at one device: current address, candidates, and where it is lost, its MACs asked. */
  async pass(bound: Bound): Promise<void> {
    const judged: JudgedAddress[] = [];
    const current = await this.#verify(bound, bound.address, "configured");
    judged.push(current);
    if (current.verdict !== "verified") this.#ask(bound);
    for (const candidate of candidatesInOrder(bound.candidates, bound.history.slice(0, 2), bound.address, this.#clock.now())) {
      const verdict = await this.#verify(bound, candidate.address, candidate.layer);
      bound.candidates = withoutCandidate(bound.candidates, candidate.address);
      judged.push(verdict);
      if (verdict.verdict === "verified") break;
    }
    const frames = this.frames(bound);
    const decision = resolve({
      macs: this.macsOf(bound),
      peers: this.#peers(bound.index),
      current: bound.address,
      configured: [bound.streamAt],
      judged: judged.map((one) => stillHeld(one, this.#lan.entry(one.address), this.macsOf(bound))),
      frames,
    });
    this.#act(bound, decision, judged, frames);
  }

  #act(bound: Bound, decision: BindingDecision, judged: readonly JudgedAddress[], frames: readonly FlowingFrames[]): void {
    const now = this.#clock.now();
    const guard = { switches: bound.switches, thawedAt: instant(bound.thawedAt) };
    if (decision.kind === "switch" && !maySwitch(guard, now).ok) return;
    this.#tell({
      bound,
      decision,
      judged,
      frames,
      macs: this.macsOf(bound),
      othersMacs: this.#peers(bound.index).flatMap((peer) => peer.macs),
    });
    if (decision.kind === "switch") {
      bound.history = [bound.address, ...bound.history.filter((address) => address !== bound.address)].slice(0, 10);
      bound.switches = [...bound.switches, { to: decision.to, at: now }];
      bound.address = decision.to;
      bound.streamAt = decision.to;
      bound.parked = false;
    } else if (decision.kind === "quarantine") {
      bound.parked = true;
    } else if (decision.kind === "keep" || decision.kind === "conflict") {
      bound.streamAt = bound.address;
      bound.parked = false;
    }
  }

  /** Asking the MAC where it is (an arp-scan on a real LAN). */
  #ask(bound: Bound): void {
    for (const mac of this.macsOf(bound)) for (const address of this.#lan.answersFor(mac)) this.sighted(mac, address, "ask");
  }

  async #verify(bound: Bound, candidate: IpAddress, layer: Layer): Promise<JudgedAddress> {
    const urlDigest = "digest";
    const framesFlow = this.frames(bound).some((one) => one.holder !== undefined && this.macsOf(bound).includes(one.holder));
    const { permission } = mayLogin(bound.logins, { urlDigest, address: candidate, framesFlow }, this.#clock.now());
    const { identity, history, address } = bound;
    const outcome = await bound.verifier.verify(
      {
        device: this.#deviceOf(bound),
        identity,
        peers: this.#peers(bound.index),
        formerAddresses: [address, ...history],
        candidate,
        layer,
        login: permission,
        within: milliseconds(layer === "dhcp" ? 10_000 : 6000),
      },
      never,
    );
    const at = this.#clock.now();
    if (outcome.login !== undefined) {
      bound.logins = noteLogin(bound.logins, { urlDigest, address: candidate, at, outcome: loginOutcome(outcome.login) });
    }
    const { verdict, reason, foreign, present, mac } = outcome;
    return { address: candidate, verdict, reason, foreign, present, at, ...(mac === undefined ? {} : { mac }) };
  }

  #deviceOf({ index, configuredMacs, streamAt }: Bound): Device {
    return {
      id: `device-${index}` as DeviceId,
      title: `device ${index}`,
      owners: [],
      addresses: [streamAt],
      streams: [],
      streamPort: 554,
      onvifPorts: [80],
      loginUrl: `rtsp://viewer:${PASSWORD}@${streamAt}:554/main`,
      streamPath: "/main",
      allowBasic: false,
      configuredMacs,
    };
  }

  #peers(index: number): readonly Identity[] {
    return this.devices
      .filter((other) => other.index !== index)
      .map((other) => ({ ...other.identity, macs: [...other.identity.macs, ...other.configuredMacs] }));
  }
}
