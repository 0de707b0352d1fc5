import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { Device, DeviceId, Identity } from "../domain/camera.ts";
import { milliseconds, seconds, type Duration, type Instant } from "../domain/duration.ts";
import type { EvidenceRecord } from "../domain/evidence.ts";
import { loginUrlAt } from "../domain/login-url.ts";
import { enrolledMacs, isTakenSince } from "../domain/mac-proof.ts";
import type { LoginReading, NeighbourReading, Proof, Readings, Taken } from "../domain/readings.ts";
import type { ReasonCode } from "../domain/reasons.ts";
import type { Layer } from "../domain/sighting.ts";
import type { SaidThere } from "../domain/unproved.ts";
import { outOfTime, outOfTurn } from "../domain/unfinished-proof.ts";
import { makersOf } from "../domain/vendor-id.ts";
import { judge, type Judgement, type LoginPermission, type NextStep, type Subject } from "../domain/verification.ts";
import type { Clock } from "../ports/clock.ts";
import type { NeighbourTable } from "../ports/neighbour-table.ts";
import type { Prober } from "../ports/prober.ts";
import { Lanes } from "../runtime/lanes.ts";

export interface VerifyRequest {
  readonly device: Device;
  /** What was learned of it. */
  readonly identity: Identity;
  /** What is known of every other configured device, the MACs given in the options included. */
  readonly peers: readonly Identity[];
  /** Where the device was proved before, its last address included. */
  readonly formerAddresses: readonly IpAddress[];
  readonly candidate: IpAddress;
  readonly layer: Layer;
  readonly hostName?: string;
  /** The policy's answer; `no-password` is found out here. */
  readonly login: LoginPermission;
  /** A person said that the device is at the candidate, and this is what it said then. */
  readonly confirmed?: SaidThere | undefined;
  /** At most, and by default, the verifier's own limit. */
  readonly within?: Duration;
}

export interface Verification {
  readonly verdict: "verified" | "rejected";
  readonly reason: ReasonCode;
  readonly candidate: IpAddress;
  /** A *different* device answers at the candidate. */
  readonly foreign: boolean;
  /** An enrolled MAC answers at the candidate, whatever came of the later proofs. */
  readonly present: boolean;
  /** The MAC that answers at the candidate, enrolled or not. */
  readonly mac?: MacAddress;
  /** It was judged by what it says of itself alone. */
  readonly byIdentity: boolean;
  /** What the device there said of itself, as far as it was asked. */
  readonly said: Pick<Identity, "endpoint" | "uid" | "realm">;
  /** The outcome of the login, where one was tried. */
  readonly login?: LoginReading;
  readonly evidence: EvidenceRecord;
}

export interface Verifier {
  /**
   * Proves whether the device is at the candidate address, within a limit. One verification a device at a time: a caller with the same
   * candidate joins, one with another waits its turn. Sends no credential before all other proofs passed.
   * @throws LimitReached where too many candidates of the device wait; the signal's reason when aborted; what the prober throws
   */
  verify(request: VerifyRequest, signal: AbortSignal): Promise<Verification>;
}

export interface VerifierPorts {
  readonly prober: Prober;
  readonly table: NeighbourTable;
  readonly clock: Clock;
  /** How long one verification may take; ten seconds where absent. */
  readonly atMost?: Duration;
}

const AT_MOST = seconds(10);
/** Candidates of one device that may wait at once. */
const WAITING = 16;
/** A device that asked for the address by DHCP may take it only after its own duplicate-address probes (RFC 5227 §2.1.1: up to 7 s). */
const ARRIVING = seconds(8);
/** So often a proof is begun anew where another device takes turns with the camera in the neighbour table. */
const CONTESTED_AT_MOST = 2;
/** The kernel gives an address up after 3.0 s (three requests a second apart). */
const RESOLVING = milliseconds(3500);
/** Somebody who is there answers within this; a stranger is then known without waiting for the rest. */
const AT_ONCE = milliseconds(800);
const OTHERS = milliseconds(1200);
const CONNECT = seconds(3);
const ENDPOINT = milliseconds(2500);
const UID = milliseconds(2500);
const GREETING = seconds(3);
const LOGIN = seconds(5);

/** The one place where an address is accepted or refused for a device. Asks; `judge` decides. */
export function createVerifier(ports: VerifierPorts): Verifier {
  const lanes = new Lanes<DeviceId, IpAddress, Verification>(WAITING);
  return {
    verify: (request, signal) => lanes.run(request.device.id, request.candidate, (stop) => verifyOnce(ports, request, stop), signal),
  };
}

async function verifyOnce(
  { prober, table, clock, atMost = AT_MOST }: VerifierPorts,
  request: VerifyRequest,
  signal: AbortSignal,
): Promise<Verification> {
  const at = clock.now();
  const start = clock.monotonic();
  const elapsed = (): Duration => milliseconds(clock.monotonic() - start);
  const within = milliseconds(Math.min(request.within ?? atMost, atMost));
  const finished = new AbortController();
  const limit = clock.deadline("verification", within, AbortSignal.any([signal, finished.signal]));
  const { subject, loginUrl } = subjectOf(request);
  const questions = { prober, request, subject, loginUrl, signal: limit, remaining: () => milliseconds(Math.max(0, within - elapsed())) };
  let readings: Readings = {};
  const asked = new Map<Proof, Promise<Readings>>();
  let round = { taken: false };
  const begin = (step: Extract<NextStep, { kind: "take" }>): void => {
    const turns = round;
    if (asked.has(step.proof)) return;
    const answer = question(step, questions, elapsed, readings.neighbour === undefined).then(async (taken) => {
      if (step.proof !== "neighbour" && (await isTaken(table, request.candidate, subject, readings))) turns.taken = true;
      return taken;
    });
    answer.catch(() => undefined);
    asked.set(step.proof, answer);
  };
  let last: Judgement = judge(request.candidate, subject, readings, elapsed());
  let hoped: Judgement | undefined;
  let contested = 0;
  try {
    for (;;) {
      const { next } = last;
      const decides = next.kind === "verified" || (next.kind === "take" && next.proof === "login");
      if (decides && (round.taken || (await isTaken(table, request.candidate, subject, readings)))) {
        contested += 1;
        // One login an address: it is not repeated.
        if (contested > CONTESTED_AT_MOST || readings.login !== undefined)
          return conclude(request, readings, outOfTurn(last, elapsed()), at, elapsed());
        readings = {};
        round = { taken: false };
        asked.clear();
        last = judge(request.candidate, subject, readings, elapsed());
        continue;
      }
      if (next.kind === "verified" || next.kind === "rejected") return conclude(request, readings, last, at, elapsed());
      if (next.kind === "again") {
        hoped = last;
        await clock.wait("verification retry", next.after, limit);
        readings = without(readings, next.proofs);
        asked.clear();
      } else {
        if ("ahead" in next) for (const proof of next.ahead) if (readings[proof] === undefined) begin({ kind: "take", proof, ahead: [] });
        begin(next);
        readings = { ...readings, ...(await untilAborted(asked.get(next.proof), limit)) };
        asked.delete(next.proof);
      }
      last = judge(request.candidate, subject, readings, elapsed());
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    return conclude(request, readings, outOfTime(last, hoped, elapsed()), at, elapsed());
  } finally {
    finished.abort();
  }
}

function subjectOf(request: VerifyRequest): { readonly subject: Subject; readonly loginUrl: string | undefined } {
  const { device, identity, peers, formerAddresses, candidate, confirmed } = request;
  const { configuredMacs, streamPort, allowBasic } = device;
  const loginUrl = device.loginUrl === undefined ? undefined : loginUrlAt(device.loginUrl, device.addresses, candidate);
  const login = loginUrl === undefined ? "no-password" : request.login;
  const word = confirmed === undefined ? {} : { confirmed };
  return { subject: { identity, peers, formerAddresses, configuredMacs, streamPort, allowBasic, login, ...word }, loginUrl };
}

interface Questions {
  readonly prober: Prober;
  readonly request: VerifyRequest;
  readonly subject: Subject;
  readonly loginUrl: string | undefined;
  readonly signal: AbortSignal;
  readonly remaining: () => Duration;
}

/** Asks the prober one question; the only lines that know how long each may take. */
async function question(
  step: Extract<NextStep, { kind: "take" }>,
  of: Questions,
  elapsed: () => Duration,
  first: boolean,
): Promise<Readings> {
  const { prober, request, signal } = of;
  const { candidate, device } = request;
  const atMost = (span: Duration): Duration => milliseconds(Math.min(span, of.remaining()));
  const taken = <T>(reading: T): Taken<T> => ({ reading, at: elapsed() });
  switch (step.proof) {
    case "neighbour":
      return { neighbour: taken(await neighbour(of, atMost, first && request.layer === "dhcp")) };
    case "others":
      return { others: taken({ mac: step.mac, addresses: await answeredFor(prober, step.mac, step.ask, atMost(OTHERS), signal) }) };
    case "connect":
      return { connect: taken(await prober.connect(candidate, device.streamPort, atMost(CONNECT), signal)) };
    case "endpoint":
      return { endpoint: taken(await prober.endpoint(candidate, device.onvifPorts, atMost(ENDPOINT), signal)) };
    case "uid": {
      const makers = makersOf(request.identity.uid);
      return { uid: taken((await prober.vendor(candidate, makers, atMost(UID), signal))?.uid) };
    }
    case "greeting":
      return { greeting: taken(await prober.greeting(candidate, device.streamPort, device.streamPath, atMost(GREETING), signal)) };
    case "login": {
      if (of.loginUrl === undefined) return { login: taken("no-answer") };
      return { login: taken(await prober.login(of.loginUrl, device.allowBasic, atMost(LOGIN), signal)) };
    }
  }
}

/** A device that announced itself gets time to arrive; where it should be already, a stranger's answer counts at once. */
async function neighbour(of: Questions, atMost: (span: Duration) => Duration, arriving: boolean): Promise<NeighbourReading> {
  const { prober, request, subject, signal } = of;
  const macs = enrolledMacs(subject);
  if (arriving) return prober.neighbour(request.candidate, macs, atMost(ARRIVING), signal);
  const reading = await prober.neighbour(request.candidate, macs, atMost(AT_ONCE), signal);
  if (reading.found !== "nobody") return reading;
  return prober.neighbour(request.candidate, macs, atMost(milliseconds(RESOLVING - AT_ONCE)), signal);
}

/** Which of the addresses the MAC answers for now: stale entries of a device that moved do not. */
async function answeredFor(
  prober: Prober,
  mac: MacAddress,
  addresses: readonly IpAddress[],
  within: Duration,
  signal: AbortSignal,
): Promise<readonly IpAddress[]> {
  const readings = await Promise.all(addresses.map((address) => prober.neighbour(address, [mac], within, signal)));
  return addresses.filter((_address, index) => {
    const reading = readings[index];
    return reading?.found === "mac" && reading.mac === mac;
  });
}

function without(readings: Readings, proofs: readonly Proof[]): Readings {
  return Object.fromEntries(Object.entries(readings).filter(([proof]) => !proofs.some((dropped) => dropped === proof)));
}

/** Whether packets to the candidate go to another device by now than to the one whose MAC address was seen there. */
async function isTaken(table: NeighbourTable, candidate: IpAddress, subject: Subject, { neighbour }: Readings): Promise<boolean> {
  if (neighbour?.reading.found !== "mac") return false;
  return isTakenSince(neighbour.reading.mac, await table.macOf(candidate), enrolledMacs(subject));
}

function conclude(request: VerifyRequest, readings: Readings, judgement: Judgement, at: Instant, took: Duration): Verification {
  const { next, steps, present } = judgement;
  const verdict = next.kind === "verified" ? "verified" : "rejected";
  const reason = next.kind === "verified" || next.kind === "rejected" ? next.reason : "VerificationTimedOut";
  const { candidate, layer, hostName, device } = request;
  const seen = readings.neighbour?.reading;
  const name = hostName === undefined ? {} : { hostName };
  const [endpoint, uid, greeting] = [readings.endpoint?.reading, readings.uid?.reading, readings.greeting?.reading];
  const realm = greeting?.kind === "challenge" ? greeting.realm : undefined;
  return {
    verdict,
    reason,
    candidate,
    foreign: next.kind === "rejected" && next.foreign,
    present,
    byIdentity: judgement.byIdentity === true,
    said: {
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(uid === undefined ? {} : { uid }),
      ...(realm === undefined ? {} : { realm }),
    },
    ...(seen?.found === "mac" ? { mac: seen.mac } : {}),
    ...(readings.login === undefined ? {} : { login: readings.login.reading }),
    evidence: { device: device.id, candidate, layer, at, took, verdict, reason, steps, ...name },
  };
}

/** The promise's outcome, or the signal's reason: a probe that does not heed its signal holds nobody up. */
async function untilAborted<T>(promise: Promise<T> | undefined, signal: AbortSignal): Promise<T | undefined> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = (): void => reject(signal.reason as Error);
  });
  signal.throwIfAborted();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
