import { describe, expect, it } from "vitest";
import { parseIp, parseMac, type IpAddress, type MacAddress } from "../../src/domain/addresses.ts";
import { milliseconds } from "../../src/domain/duration.ts";
import type { GreetingReading, NeighbourReading, Readings, Taken } from "../../src/domain/readings.ts";
import { judge, type Judgement, type Subject } from "../../src/domain/verification.ts";

const mac = (text: string): MacAddress => parseMac(text) ?? expect.unreachable();
const ip = (text: string): IpAddress => parseIp(text) ?? expect.unreachable();

const WIRED = mac("0c:79:55:4b:d4:2a");
const WIFI = mac("0c:79:55:4b:d4:2b");
const STRANGER = mac("00:11:22:33:44:55");
const MADE_UP = mac("02:11:22:33:44:55");
const HERE = ip("192.168.1.77");
const OLD = ip("192.168.1.50");
const EPR = "urn:uuid:4f2e7a10-1111-2222-3333-0c79554bd42a";
const OTHER_EPR = "urn:uuid:4f2e7a10-1111-2222-3333-001122334455";
const SERIAL_REALM = "Login to 4E0A1B2C3D4F";

const subject: Subject = {
  identity: { macs: [WIRED, WIFI], endpoint: EPR, realm: SERIAL_REALM },
  configuredMacs: [],
  peers: [],
  formerAddresses: [OLD],
  streamPort: 554,
  allowBasic: false,
  login: "allowed",
};

const at = <T>(reading: T, time = 0): Taken<T> => ({ reading, at: milliseconds(time) });
const seen = (address: MacAddress, more: Partial<Extract<NeighbourReading, { found: "mac" }>> = {}): Taken<NeighbourReading> =>
  at({ found: "mac", mac: address, gateway: false, addressesOfMac: [HERE], ...more });
const challenge = (realm: string, schemes: readonly ("digest" | "basic")[] = ["digest"]): Taken<GreetingReading> =>
  at({ kind: "challenge", schemes, realm });
const good: Readings = {
  neighbour: seen(WIRED),
  connect: at("open"),
  endpoint: at(EPR),
  greeting: challenge(SERIAL_REALM),
  login: at("accepted"),
};
const without = (readings: Readings, ...proofs: readonly (keyof Readings)[]): Readings =>
  Object.fromEntries(Object.entries(readings).filter(([proof]) => !proofs.some((one) => one === proof)));
const run = (readings: Readings, changes: Partial<Subject> = {}, now = 0): Judgement =>
  judge(HERE, { ...subject, ...changes }, readings, milliseconds(now));
const identity = (changes: Partial<Subject["identity"]>): Partial<Subject> => ({ identity: { macs: [WIRED, WIFI], ...changes } });

describe("the order of proofs", () => {
  it("asks the neighbour table first, then TCP with the identity ahead, then the login", () => {
    expect(run({}).next).toEqual({ kind: "take", proof: "neighbour" });
    expect(run({ neighbour: seen(WIRED) }).next).toEqual({ kind: "take", proof: "connect", ahead: ["endpoint", "greeting"] });
    expect(run(without(good, "endpoint", "greeting", "login")).next).toMatchObject({ kind: "take", proof: "endpoint" });
    expect(run(without(good, "greeting", "login")).next).toMatchObject({ kind: "take", proof: "greeting" });
    expect(run(without(good, "login")).next).toEqual({ kind: "take", proof: "login" });
    expect(run(good).next).toEqual({ kind: "verified", reason: "Verified" });
  });

  it("asks only for an identity that was learned", () => {
    expect(run({ neighbour: seen(WIRED) }, identity({})).next).toMatchObject({ proof: "connect", ahead: [] });
    expect(run({ neighbour: seen(WIRED) }, identity({ endpoint: EPR })).next).toMatchObject({ proof: "connect", ahead: ["endpoint"] });
    expect(run(without(good, "login", "endpoint", "greeting"), identity({})).next).toEqual({ kind: "take", proof: "login" });
  });

  it("writes each step down in words, with its time", () => {
    const { steps } = run({ ...good, connect: at("open", 4), login: at("accepted", 31) }, {}, 31);
    expect(steps.map((step) => [step.proof, step.outcome, step.after])).toEqual([
      ["neighbour", "passed", 0],
      ["connect", "passed", 4],
      ["identity", "passed", 4],
      ["login", "passed", 31],
    ]);
    expect(steps.map((step) => step.detail).join("; ")).toBe(
      "0c:79:55:4b:d4:2a answers, an enrolled MAC address; TCP port 554 is open; " +
        "ONVIF endpoint reference and RTSP realm as learned; the camera accepted the password",
    );
  });
});

describe("the MAC", () => {
  it.each([
    ["the first enrolled", good, {}, "verified"],
    ["the second enrolled (wireless)", { ...good, neighbour: seen(WIFI) }, {}, "verified"],
    ["one from the options", { ...good, neighbour: seen(STRANGER) }, { configuredMacs: [STRANGER] }, "verified"],
  ] as const)("%s is accepted", (_what, readings, changes, kind) => {
    expect(run(readings, changes).next.kind).toBe(kind);
  });

  it("of another device is rejected at once, as foreign, whatever else is equal", () => {
    expect(run({ ...good, neighbour: seen(STRANGER) }).next).toEqual({ kind: "rejected", reason: "OtherMac", foreign: true });
  });

  it("absent: nobody is there, and nobody foreign", () => {
    const { next, present } = run({ ...good, neighbour: at({ found: "nobody" }) });
    expect(next).toEqual({ kind: "rejected", reason: "NobodyThere", foreign: false });
    expect(present).toBe(false);
  });

  it("unknown, with no endpoint learned: not learned yet, and nothing is asked", () => {
    expect(run({}, { identity: { macs: [] } }).next).toEqual({ kind: "rejected", reason: "NotLearnedYet", foreign: false });
    expect(run({}, { identity: { macs: [], realm: SERIAL_REALM } }).next).toMatchObject({ reason: "NotLearnedYet" });
  });

  it("of the gateway is void: only the endpoint or a realm with a serial number helps", () => {
    const proxied = { ...good, neighbour: seen(WIRED, { gateway: true }) };
    expect(run(proxied).next.kind).toBe("verified");
    expect(run(proxied).steps[0]).toMatchObject({ outcome: "skipped" });
    expect(run(proxied, identity({ realm: SERIAL_REALM })).next.kind).toBe("verified");
    expect(run(proxied, identity({ realm: "BC Streaming Media" })).next).toEqual({ kind: "rejected", reason: "MacVoid", foreign: false });
    expect(run(proxied, identity({})).next).toEqual({ kind: "rejected", reason: "MacVoid", foreign: false });
    expect(run({ ...proxied, neighbour: seen(STRANGER, { gateway: true }) }).next.kind).toBe("verified");
  });

  it("on three addresses is asked for there, and void only where it answers", () => {
    const many = [HERE, ip("192.168.1.60"), ip("192.168.1.61")];
    const proxied = { ...good, neighbour: seen(WIRED, { addressesOfMac: many }) };
    expect(run(proxied).next).toEqual({ kind: "take", proof: "others", mac: WIRED, ask: many.slice(1) });
    const answering = { ...proxied, others: at({ mac: WIRED, addresses: many.slice(1) }) };
    expect(run(answering, identity({})).next).toMatchObject({ kind: "rejected", reason: "MacVoid" });
    expect(run(answering).next.kind).toBe("verified");
    const stale = { ...proxied, others: at({ mac: WIRED, addresses: many.slice(1, 2) }) };
    expect(run(without(stale, "endpoint", "greeting"), identity({})).next.kind).toBe("verified");
    const ofAnother = { ...proxied, others: at({ mac: WIFI, addresses: [] }) };
    expect(run(ofAnother).next).toMatchObject({ kind: "take", proof: "others" });
  });

  it("on many addresses that the device held before is no proxy", () => {
    const neighbour = seen(WIRED, { addressesOfMac: [HERE, OLD, ip("192.168.1.51")] });
    expect(run({ ...good, neighbour }).next.kind).toBe("verified");
    const foreign = seen(STRANGER, { addressesOfMac: [HERE, OLD, ip("192.168.1.51")] });
    expect(run({ neighbour: foreign }).next).toMatchObject({ kind: "take", proof: "others" });
  });

  it.each([
    ["made up by the device", { identity: { macs: [MADE_UP] } }, MADE_UP],
    ["of another configured device too", { ...identity({}), peers: [{ macs: [WIRED] }] }, WIRED],
  ])("%s proves nothing by itself", (_what, changes, address) => {
    const readings = { ...good, neighbour: seen(address) };
    expect(run(readings, changes).next).toEqual({ kind: "rejected", reason: "IdentityMissing", foreign: false });
    const enrolled = { macs: [address], endpoint: EPR };
    expect(run(readings, { ...changes, identity: enrolled }).next.kind).toBe("verified");
    const byRealm = { macs: [address], realm: SERIAL_REALM };
    expect(run(readings, { ...changes, identity: byRealm }).next.kind).toBe("verified");
    expect(run(readings, { ...changes, identity: { macs: [address], realm: "IP Camera" } }).next.kind).toBe("rejected");
  });

  it("that proves nothing needs an identity that no other device has", () => {
    const shared = { identity: { macs: [WIRED], endpoint: EPR }, peers: [{ macs: [WIRED], endpoint: EPR.toUpperCase() }] };
    expect(run(good, shared).next).toMatchObject({ kind: "rejected", reason: "IdentityShared" });
    const realms = { identity: { macs: [WIRED], realm: SERIAL_REALM }, peers: [{ macs: [WIRED], realm: SERIAL_REALM }] };
    expect(run(good, realms).next).toMatchObject({ kind: "rejected", reason: "IdentityMissing" });
  });

  it("cannot be seen on a routed network: only an endpoint that was learned helps", () => {
    const routed = { ...good, neighbour: at<NeighbourReading>({ found: "no-layer-2" }) };
    expect(run(routed).next.kind).toBe("verified");
    expect(run(routed, { identity: { macs: [], endpoint: EPR } }).next.kind).toBe("verified");
    const byRealm = run(routed, identity({ realm: SERIAL_REALM }));
    expect(byRealm.next).toEqual({ kind: "rejected", reason: "NoMacHere", foreign: false });
    expect(byRealm.steps.at(-1)).toMatchObject({ proof: "identity", outcome: "failed" });
    expect(byRealm.steps.at(-1)?.detail).toContain("no ONVIF endpoint reference and no maker's number was learned");
    expect(run({ ...routed, endpoint: at(undefined) }).next).toMatchObject({ kind: "again", reason: "IdentityMissing" });
  });
});

describe("a person's word for the address", () => {
  const routed = { ...good, neighbour: at<NeighbourReading>({ found: "no-layer-2" }) };
  const confirmed = { confirmed: { realm: SERIAL_REALM } };
  const nothing = { identity: { macs: [] } };

  it("stands in where no MAC address is seen, with what the device said then, and the login decides", () => {
    const judged = run(
      { ...routed, greeting: at({ kind: "challenge", schemes: ["digest"], realm: SERIAL_REALM }) },
      { ...nothing, ...confirmed },
    );
    expect(judged).toMatchObject({ next: { kind: "verified" }, present: true });
    expect(judged.byIdentity).toBeUndefined();
    expect(run(without(routed, "login"), { ...nothing, confirmed: {} }).next).toEqual({ kind: "take", proof: "login" });
    expect(run({ ...routed, login: at("unauthorized") }, { ...nothing, confirmed: {} }).next).toMatchObject({ reason: "LoginRefused" });
  });

  it("stands in for nothing where it was not given, where the device says something else, or where a MAC address is seen", () => {
    expect(run(routed, nothing).next).toMatchObject({ reason: "NotLearnedYet" });
    const other = at<GreetingReading>({ kind: "challenge", schemes: ["digest"], realm: "another" });
    expect(run({ ...without(routed, "login"), greeting: other }, { ...nothing, ...confirmed }).next).toMatchObject({
      reason: "IdentityDiffers",
    });
    expect(run({ ...good, neighbour: seen(STRANGER) }, { ...confirmed }).next).toMatchObject({ reason: "OtherMac" });
    expect(run({ ...good, neighbour: seen(STRANGER) }, { ...nothing, ...confirmed }).next).toMatchObject({ reason: "NoMacHere" });
  });
});

describe("TCP", () => {
  it.each(["refused", "unreachable", "timeout"] as const)("%s: tried again, and PortClosed when time is up", (reading) => {
    expect(run({ ...good, connect: at(reading) }).next).toMatchObject({ kind: "again", proofs: ["connect"], reason: "PortClosed" });
  });
});

describe("the identity without a password", () => {
  it("blocks where the endpoint or the realm differs, as foreign, before any login", () => {
    const differs = { kind: "rejected", reason: "IdentityDiffers", foreign: true };
    expect(run({ ...without(good, "login"), endpoint: at(OTHER_EPR) }).next).toEqual(differs);
    expect(run({ ...without(good, "login"), greeting: challenge("Login to 999999999") }).next).toEqual(differs);
    expect(run({ ...good, greeting: challenge("TP-LINK Streaming Media") }, identity({ realm: "BC Streaming Media" })).next).toEqual(
      differs,
    );
  });

  it("compares UUIDs without case", () => {
    expect(run({ ...good, endpoint: at(EPR.toUpperCase()) }).next.kind).toBe("verified");
  });

  it("lets an equal realm stand in for a silent endpoint only beside a sound MAC", () => {
    const silent = { ...without(good, "login"), endpoint: at<string | undefined>(undefined) };
    expect(run(silent).next).toEqual({ kind: "take", proof: "login" });
    const hopes = { kind: "again", proofs: ["endpoint", "greeting"], reason: "IdentityMissing" };
    expect(run({ ...silent, neighbour: seen(WIRED, { gateway: true }) }).next).toMatchObject(hopes);
    expect(run(silent, { peers: [{ macs: [WIRED] }] }).next).toMatchObject(hopes);
    expect(run(silent, identity({ endpoint: EPR })).next).toMatchObject(hopes);
    expect(run({ ...silent, greeting: at({ kind: "no-answer" }) }).next).toMatchObject(hopes);
  });

  it.each([
    [{ kind: "no-answer" }, "again", "IdentityMissing"],
    [{ kind: "refused", status: 503 }, "again", "IdentityMissing"],
    [{ kind: "refused", status: 404 }, "rejected", "StreamPathMissing"],
    [{ kind: "open" }, "rejected", "IdentityMissing"],
    [{ kind: "not-rtsp" }, "rejected", "IdentityMissing"],
    [{ kind: "challenge", schemes: ["digest"] }, "again", "IdentityMissing"],
  ] as const)("where only a realm was learned and the answer is %j: %s %s", (greeting, kind, reason) => {
    const { next } = run({ ...without(good, "login"), greeting: at(greeting) }, identity({ realm: SERIAL_REALM }));
    expect(next).toMatchObject({ kind, reason });
    expect(next).not.toMatchObject({ foreign: true });
  });

  it("is recorded as skipped where nothing was learned to compare", () => {
    expect(run(good, identity({})).steps.find((step) => step.proof === "identity")).toMatchObject({ outcome: "skipped" });
  });

  it("shows a stranger's words bounded and quoted", () => {
    const { steps } = run({ ...good, greeting: challenge(`evil"\n${"x".repeat(500)}`) });
    const detail = steps.at(-1)?.detail ?? "";
    expect(detail).toContain(String.raw`evil\"\n`);
    expect(detail.length).toBeLessThan(250);
  });
});

describe("the login", () => {
  it.each([
    ["unauthorized", "LoginRefused"],
    ["not-found", "StreamPathMissing"],
    ["basic-only", "BasicRefused"],
  ] as const)("%s: rejected as %s, not as foreign, the device being present", (login, reason) => {
    const { next, present } = run({ ...good, login: at(login) });
    expect(next).toEqual({ kind: "rejected", reason, foreign: false });
    expect(present).toBe(true);
  });

  it("without an answer is tried again", () => {
    expect(run({ ...good, login: at("no-answer") }).next).toMatchObject({
      kind: "again",
      proofs: ["login"],
      reason: "VerificationTimedOut",
    });
  });

  it.each(["no-password", "frames-flow", "accepted-before"] as const)("%s: skipped, said so, and verified", (login) => {
    const { next, steps } = run(without(good, "login"), { login });
    expect(next.kind).toBe("verified");
    expect(steps.at(-1)).toMatchObject({ proof: "login", outcome: "skipped" });
  });

  it("is not tried while backed off, which blocks", () => {
    expect(run(without(good, "login"), { login: "backed-off" }).next).toEqual({ kind: "rejected", reason: "LoginBackoff", foreign: false });
  });

  it("is not even begun where the greeting offers only Basic, unless that is allowed", () => {
    const basic = { ...without(good, "login"), greeting: challenge(SERIAL_REALM, ["basic"]) };
    expect(run(basic).next).toMatchObject({ kind: "rejected", reason: "BasicRefused" });
    expect(run(basic, { allowBasic: true }).next).toEqual({ kind: "take", proof: "login" });
    expect(run({ ...basic, greeting: challenge(SERIAL_REALM, ["basic", "digest"]) }).next).toEqual({ kind: "take", proof: "login" });
  });

  it("needs an identity that was said within the last four seconds", () => {
    const late = { ...without(good, "login"), neighbour: at(seen(WIRED).reading, 5000) };
    expect(run(late, {}, 5000).next).toMatchObject({ kind: "again", proofs: ["endpoint", "greeting"] });
    expect(run({ ...late, endpoint: at(EPR, 1000) }, {}, 5000).next).toMatchObject({ kind: "again", proofs: ["greeting"] });
    expect(run({ ...late, login: at("accepted", 5000) }, {}, 5000).next.kind).toBe("verified");
  });

  it("and the verdict need a MAC that was seen within the last second", () => {
    expect(run(without(good, "login"), {}, 1000).next).toEqual({ kind: "take", proof: "login" });
    expect(run(without(good, "login"), {}, 1001).next).toEqual({ kind: "take", proof: "neighbour" });
    expect(run(good, {}, 1001).next).toEqual({ kind: "take", proof: "neighbour" });
    expect(run(without(good, "login"), { login: "frames-flow" }, 1001).next).toEqual({ kind: "take", proof: "neighbour" });
  });
});

const UID = "reolink:9527000ABCDEF123" as const;
const OTHER_UID = "reolink:9527000ABCDEF124" as const;

describe("a maker's number", () => {
  const routed: Readings = { ...good, neighbour: at({ found: "no-layer-2" }), uid: at(UID) };
  const learned = { identity: { macs: [], uid: UID } };

  it("is asked for where it was learned, with the other questions that need no password", () => {
    const { next } = run({ neighbour: seen(WIRED) }, identity({ uid: UID, realm: SERIAL_REALM }));
    expect(next).toEqual({ kind: "take", proof: "connect", ahead: ["uid", "greeting"] });
    expect(run(without(routed, "uid", "login"), learned).next).toMatchObject({ kind: "take", proof: "uid" });
  });

  it("proves the device where no MAC can be seen, and says that nothing else did", () => {
    const { next, steps, byIdentity } = run(routed, learned);
    expect(next.kind).toBe("verified");
    expect(byIdentity).toBe(true);
    expect(steps.find((step) => step.proof === "identity")?.detail).toBe("maker's number as learned");
    expect(run({ ...routed, neighbour: seen(WIRED) }, identity({ uid: UID })).byIdentity).toBeUndefined();
  });

  it("that differs blocks, whatever the MAC says", () => {
    const { next } = run({ ...good, uid: at(OTHER_UID) }, identity({ uid: UID }));
    expect(next).toEqual({ kind: "rejected", reason: "IdentityDiffers", foreign: true });
  });

  it("that is not said (yet) is waited for; a realm does not stand in for it", () => {
    const silent = { ...routed, uid: at(undefined) };
    expect(run(silent, { identity: { macs: [], uid: UID, realm: SERIAL_REALM } }).next).toMatchObject({
      kind: "again",
      proofs: ["uid", "greeting"],
      reason: "IdentityMissing",
    });
  });

  it("stands in for an endpoint reference that is not answered, and the other way round", () => {
    const both = { identity: { macs: [], endpoint: EPR, uid: UID } };
    expect(run({ ...routed, endpoint: at(undefined) }, both).next.kind).toBe("verified");
    expect(run({ ...routed, uid: at(undefined) }, both).next.kind).toBe("verified");
  });

  it("that another configured device has too is no proof, nor is one that was heard from two addresses", () => {
    const twin = { ...learned, peers: [{ macs: [], uid: UID }] };
    expect(run(routed, twin).next).toEqual({ kind: "rejected", reason: "IdentityShared", foreign: false });
    const heardTwice = { identity: { macs: [], uid: UID, endpoint: EPR, shared: ["endpoint", "uid"] as const } };
    expect(run(routed, heardTwice).next).toMatchObject({ reason: "IdentityShared" });
    expect(run(routed, heardTwice).steps.at(-1)?.detail).toContain("another device has the same");
    expect(run({ ...routed, neighbour: seen(WIRED) }, { identity: { ...heardTwice.identity, macs: [WIRED] } }).next.kind).toBe("verified");
  });

  it("helps where the endpoint reference is shared", () => {
    const changes = { identity: { macs: [], endpoint: EPR, uid: UID }, peers: [{ macs: [], endpoint: EPR }] };
    expect(run(routed, changes).next.kind).toBe("verified");
    expect(run({ ...routed, uid: at(undefined) }, changes).next).toMatchObject({ kind: "again", proofs: ["uid", "greeting"] });
  });
});

it("a MAC address that the device only told of proves nothing", () => {
  const told = { identity: { macs: [], toldMacs: [WIRED], endpoint: EPR } };
  expect(run({ ...good, neighbour: seen(WIRED, { gateway: true }) }, told).next.kind).toBe("verified");
  expect(run({ ...good, neighbour: seen(WIRED), endpoint: at(undefined) }, told).next).toMatchObject({ reason: "IdentityMissing" });
});
