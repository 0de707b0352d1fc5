import type { IpAddress, MacAddress } from "./addresses.ts";
import { milliseconds, type Duration } from "./duration.ts";
import type { EvidenceStep } from "./evidence.ts";
import { canMeet, identityNeed, identityProof, type IdentityNeed } from "./identity-proof.ts";
import { enrolledMacs, macProof, type MacOwner, type MacProof } from "./mac-proof.ts";
import type { Readings } from "./readings.ts";
import type { ReasonCode } from "./reasons.ts";
import { shortened } from "./short-words.ts";
import type { SaidThere } from "./unproved.ts";

/**
 * Whether one login may be spent on this verification, and why not. `backed-off` blocks; with the others the proofs before decide: there is no
 * password to try, the stream itself proves it (packets grow), it was accepted at this very address before, or a rehearsal was to try none.
 */
export type LoginPermission = "allowed" | "no-password" | "frames-flow" | "accepted-before" | "unasked" | "backed-off";

/** What a candidate address is judged by. */
export interface Subject extends MacOwner {
  readonly streamPort: number;
  readonly allowBasic: boolean;
  readonly login: LoginPermission;
  /** A person said that the camera is at the candidate, and this is what the device there said then. Stands in where no MAC address can speak for it. */
  readonly confirmed?: SaidThere;
}

/** Questions that a device answers to anybody. */
type Saying = "endpoint" | "uid" | "greeting";

export type NextStep =
  | { readonly kind: "take"; readonly proof: "neighbour" | "login" }
  /** `ahead`: needs no password either and is asked for next, so it may be taken at the same time. */
  | { readonly kind: "take"; readonly proof: "connect" | Saying; readonly ahead: readonly Saying[] }
  /** Which of these addresses does the MAC answer for just now? */
  | { readonly kind: "take"; readonly proof: "others"; readonly mac: MacAddress; readonly ask: readonly IpAddress[] }
  | { readonly kind: "verified"; readonly reason: "Verified" }
  /** `foreign`: a *different* device answers there. */
  | { readonly kind: "rejected"; readonly reason: ReasonCode; readonly foreign: boolean }
  /** The device may answer in a moment: these proofs are to be taken anew. `reason` holds if there is no time left for that. */
  | {
      readonly kind: "again";
      readonly proofs: readonly ("connect" | Saying | "login")[];
      readonly after: Duration;
      readonly reason: ReasonCode;
    };

export interface Judgement {
  readonly next: NextStep;
  /** What was proved so far, in words for a person. */
  readonly steps: readonly EvidenceStep[];
  /** An enrolled MAC answers at the address, whatever came of the later proofs. */
  readonly present: boolean;
  /** No MAC speaks for it: what it says of itself is the only proof, and two devices may say the same. */
  readonly byIdentity?: true;
}

/** A login goes to an address, and an address is accepted, only if its MAC was seen this recently: the device may have left since. */
const FRESH = milliseconds(1000);
/** What a device said of itself counts for this long before a login; longer than its slowest answer and a new look at its MAC take together. */
const LASTING = milliseconds(4000);
const SOON = milliseconds(250);
const LATER = milliseconds(1000);

/**
 * The next step of proving that the device at `candidate` is the enrolled one. Pure: the same readings give the same step. Judges in a fixed order
 * (MAC, TCP, identity without a password, login) and never asks for the login before all earlier proofs passed.
 * @param now from the start of the verification, like the readings' times
 */
export function judge(candidate: IpAddress, subject: Subject, readings: Readings, now: Duration): Judgement {
  const { endpoint, uid } = subject.identity;
  const isKnown = enrolledMacs(subject).length > 0 || endpoint !== undefined || uid !== undefined;
  if (!isKnown && subject.confirmed === undefined) return rejected([], "NotLearnedYet");
  const { neighbour } = readings;
  if (neighbour === undefined) return { next: { kind: "take", proof: "neighbour" }, steps: [], present: false };
  const mac = macProof(candidate, subject, neighbour.reading, readings.others?.reading);
  const seen: EvidenceStep = { proof: "neighbour", ...macWords(mac), after: neighbour.at };
  if (mac.kind === "undecided") return { next: { kind: "take", proof: "others", mac: mac.mac, ask: mac.ask }, steps: [], present: false };
  if (mac.kind === "nobody") return rejected([seen], "NobodyThere");
  if (mac.kind === "other") return rejected([seen], "OtherMac", true);
  const present = mac.kind === "sound" || mac.kind === "weak";
  if (subject.confirmed !== undefined && maskedHere(mac)) {
    const confirmed = { ...subject, identity: { ...subject.confirmed, ...subject.identity } };
    const of = { subject: confirmed, readings, need: "no-contradiction", now, macAt: neighbour.at, isConfirmed: true } as const;
    return { ...judgeDevice(of, [seen]), present: true };
  }
  const need = identityNeed(mac);
  if (!canMeet(need, subject)) return { ...rejected([seen, lacking(subject, neighbour.at)], lackOf(mac, subject)), present };
  const judgement = { ...judgeDevice({ subject, readings, need, now, macAt: neighbour.at, isConfirmed: false }, [seen]), present };
  return mac.kind === "void" || mac.kind === "none" ? { ...judgement, byIdentity: true } : judgement;
}

/** No MAC address of the device itself can be seen from here. A gateway's own is no camera's. */
function maskedHere(mac: MacProof): boolean {
  return (mac.kind === "none" && mac.why === "no-layer-2") || (mac.kind === "void" && mac.why === "proxy");
}

/** Why the proof cannot be given here, whatever the device answers. */
function lackOf(mac: MacProof, { identity }: Subject): ReasonCode {
  if (identity.endpoint !== undefined || identity.uid !== undefined) return "IdentityShared";
  if (mac.kind === "void") return "MacVoid";
  return mac.kind === "none" ? "NoMacHere" : "IdentityMissing";
}

/** Which proof is missing, in words. */
function lacking({ identity }: Subject, after: Duration): EvidenceStep {
  const learned = (["endpoint", "uid"] as const).filter((kind) => identity[kind] !== undefined).map((kind) => NAMES[kind]);
  const detail =
    learned.length === 0
      ? `no ${NAMES.endpoint} and no ${NAMES.uid} was learned that could stand in for the MAC address`
      : `another device has the same ${learned.join(" and ")}, so it proves nothing`;
  return { proof: "identity", outcome: "failed", detail, after };
}

interface Case {
  readonly subject: Subject;
  readonly readings: Readings;
  readonly need: IdentityNeed;
  readonly now: Duration;
  readonly macAt: Duration;
  /** A person's word stands in for the missing proof. */
  readonly isConfirmed: boolean;
}

type Verdict = Omit<Judgement, "present">;

/** Everything after the MAC: TCP, identity, login. */
function judgeDevice(of: Case, steps: readonly EvidenceStep[]): Verdict {
  const { subject, readings } = of;
  const { endpoint, uid, realm } = subject.identity;
  const ahead: readonly Saying[] = [
    ...(endpoint === undefined ? [] : (["endpoint"] as const)),
    ...(uid === undefined ? [] : (["uid"] as const)),
    ...(realm === undefined ? [] : (["greeting"] as const)),
  ];
  if (readings.connect === undefined) return { next: { kind: "take", proof: "connect", ahead }, steps };
  const { reading, at } = readings.connect;
  const port = `TCP port ${String(subject.streamPort)}`;
  if (reading !== "open") {
    return again(
      [...steps, { proof: "connect", outcome: "failed", detail: `${port}: ${reading}`, after: at }],
      ["connect"],
      SOON,
      "PortClosed",
    );
  }
  const connected: readonly EvidenceStep[] = [...steps, { proof: "connect", outcome: "passed", detail: `${port} is open`, after: at }];
  const missing = ahead.find((proof) => readings[proof] === undefined);
  if (missing !== undefined) return { next: { kind: "take", proof: missing, ahead }, steps: connected };
  return judgeIdentity(of, connected);
}

function judgeIdentity(of: Case, steps: readonly EvidenceStep[]): Verdict {
  const { endpoint, uid, greeting } = of.readings;
  const proof = identityProof(of.need, of.subject, { endpoint: endpoint?.reading, uid: uid?.reading, greeting: greeting?.reading });
  const after = milliseconds(Math.max(endpoint?.at ?? 0, uid?.at ?? 0, greeting?.at ?? 0, of.readings.connect?.at ?? 0));
  const said = (outcome: EvidenceStep["outcome"], detail: string): readonly EvidenceStep[] => [
    ...steps,
    { proof: "identity", outcome, detail, after },
  ];
  if (proof.kind === "differs") {
    return rejected(
      said("failed", `${NAMES[proof.what]} is ${quote(proof.seen)}, learned was ${quote(proof.learned)}`),
      "IdentityDiffers",
      true,
    );
  }
  if (greeting?.reading.kind === "refused" && greeting.reading.status === 404) {
    return rejected(said("failed", "the RTSP server does not know the stream path (404)"), "StreamPathMissing");
  }
  if (proof.kind === "silent") {
    const failed = said("failed", `it does not say its ${NAMES[proof.what]}, which was learned`);
    return proof.lasting
      ? rejected(failed, "IdentityMissing")
      : again(failed, proof.what === "realm" ? ["greeting"] : [proof.what, "greeting"], LATER, "IdentityMissing");
  }
  if (of.isConfirmed) {
    const same = proof.by.length === 0 ? "" : `, and it says the same ${proof.by.map((what) => NAMES[what]).join(" and ")}`;
    return judgeLogin(of, said("passed", `nothing proves the camera here; a person confirmed it${same}`));
  }
  if (proof.by.length === 0) return judgeLogin(of, said("skipped", "nothing was learned that could be compared without a password"));
  const equal = proof.by.map((what) => NAMES[what]).join(" and ");
  return judgeLogin(of, said("passed", `${equal} as learned`));
}

function judgeLogin(of: Case, steps: readonly EvidenceStep[]): Verdict {
  const { readings, subject } = of;
  const said = (outcome: EvidenceStep["outcome"], detail: string): readonly EvidenceStep[] => [
    ...steps,
    { proof: "login", outcome, detail, after: readings.login?.at ?? of.now },
  ];
  const greeting = readings.greeting?.reading;
  const basicOnly = greeting?.kind === "challenge" && greeting.schemes.length > 0 && !greeting.schemes.includes("digest");
  const basicRefused = said("failed", "it offers only Basic, which would show the password; nothing was sent");
  if (subject.login === "backed-off") return rejected(said("failed", "not tried: it failed or was refused here before"), "LoginBackoff");
  if (subject.login !== "allowed") return accepted(of, said("skipped", SKIPPED[subject.login]));
  if (basicOnly && !subject.allowBasic) return rejected(basicRefused, "BasicRefused");
  if (readings.login === undefined) {
    const stale = (["endpoint", "uid", "greeting"] as const).filter((proof) => of.now - (readings[proof]?.at ?? of.now) > LASTING);
    if (stale.length > 0) return again(steps, stale, milliseconds(0), "VerificationTimedOut");
    return fresh(of) ? { next: { kind: "take", proof: "login" }, steps } : { next: ANEW, steps };
  }
  switch (readings.login.reading) {
    case "accepted":
      return accepted(of, said("passed", "the camera accepted the password"));
    case "unauthorized":
      return rejected(said("failed", "the camera refused the password (401)"), "LoginRefused");
    case "not-found":
      return rejected(said("failed", "the camera does not know the stream path (404)"), "StreamPathMissing");
    case "basic-only":
      return rejected(basicRefused, "BasicRefused");
    case "no-answer":
      return again(said("failed", "no answer to DESCRIBE"), ["login"], LATER, "VerificationTimedOut");
  }
}

function accepted(of: Case, steps: readonly EvidenceStep[]): Verdict {
  return { next: fresh(of) ? { kind: "verified", reason: "Verified" } : ANEW, steps };
}

function fresh(of: Case): boolean {
  return of.now - of.macAt <= FRESH;
}

const ANEW = { kind: "take", proof: "neighbour" } as const;

const NAMES = { endpoint: "ONVIF endpoint reference", uid: "maker's number", realm: "RTSP realm" } as const;

const SKIPPED: Readonly<Record<Exclude<LoginPermission, "allowed" | "backed-off">, string>> = {
  "no-password": "there is no password to try",
  "frames-flow": "frames flow already",
  unasked: "no login was to be tried",
  "accepted-before": "the password was accepted at this address before",
};

function rejected(steps: readonly EvidenceStep[], reason: ReasonCode, foreign = false): Judgement {
  return { next: { kind: "rejected", reason, foreign }, steps, present: false };
}

function again(
  steps: readonly EvidenceStep[],
  proofs: Extract<NextStep, { kind: "again" }>["proofs"],
  wait: Duration,
  reason: ReasonCode,
): Verdict {
  return { next: { kind: "again", proofs, after: wait, reason }, steps };
}

/** As evidence shows what a stranger's device said: bounded, and without control characters. */
function quote(text: string): string {
  return JSON.stringify(shortened(text, 80));
}

/** The MAC proof in a person's words. */
function macWords(mac: MacProof): Pick<EvidenceStep, "outcome" | "detail"> {
  switch (mac.kind) {
    case "sound":
      return { outcome: "passed", detail: `${mac.mac} answers, an enrolled MAC address` };
    case "weak": {
      const why = mac.why === "shared" ? "another configured device has it too" : "the device made it up itself";
      return { outcome: "passed", detail: `${mac.mac} answers, an enrolled MAC address, but no proof by itself: ${why}` };
    }
    case "void": {
      const why = mac.why === "gateway" ? "it is the gateway's" : "it answers for many addresses, as a proxy does";
      return { outcome: "skipped", detail: `${mac.mac} answers and proves nothing: ${why}` };
    }
    case "none": {
      const why = mac.why === "no-layer-2" ? "the address is not on a network of this machine" : "no MAC address was learned";
      return { outcome: "skipped", detail: `no MAC address to compare: ${why}` };
    }
    case "other":
      return { outcome: "failed", detail: `${mac.mac} answers, which is not an enrolled MAC address` };
    case "undecided":
    case "nobody":
      return { outcome: "failed", detail: "nobody answers ARP at the address" };
  }
}
