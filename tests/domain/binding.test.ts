import { describe, expect, it } from "vitest";
import { parseIp, parseMac, type IpAddress, type MacAddress } from "../../src/domain/addresses.ts";
import { resolve, type BindingDecision, type BindingInput, type JudgedAddress, spokenTwice, stillHeld } from "../../src/domain/binding.ts";
import { instant } from "../../src/domain/duration.ts";

const mac = (text: string): MacAddress => parseMac(text) ?? expect.unreachable();
const ip = (text: string): IpAddress => parseIp(text) ?? expect.unreachable();

const WIRED = mac("0c:79:55:4b:d4:2a");
const WIFI = mac("0c:79:55:4b:d4:2b");
const TWIN = mac("0c:79:55:4b:d4:ff");
const A = ip("192.168.1.50");
const B = ip("192.168.1.77");
const C = ip("192.168.1.78");

const judged = (address: IpAddress, changes: Partial<JudgedAddress> = {}): JudgedAddress => ({
  address,
  verdict: "verified",
  reason: "Verified",
  foreign: false,
  present: true,
  mac: WIRED,
  at: instant(1000),
  ...changes,
});
const foreign = (address: IpAddress, changes: Partial<JudgedAddress> = {}): JudgedAddress =>
  judged(address, { verdict: "rejected", reason: "OtherMac", foreign: true, present: false, mac: TWIN, ...changes });
const nobody = (address: IpAddress): JudgedAddress => {
  const { mac: _mac, ...rest } = judged(address, { verdict: "rejected", reason: "NobodyThere", present: false });
  return rest;
};
const decide = (changes: Partial<BindingInput>): BindingDecision =>
  resolve({ macs: [WIRED, WIFI], peers: [], current: A, configured: [A], judged: [], frames: [], ...changes });

describe("switch", () => {
  it("to the one verified address when the current one is not", () => {
    expect(decide({ judged: [nobody(A), judged(B)] })).toEqual({ kind: "switch", to: B, from: A });
    expect(decide({ judged: [judged(B)] })).toEqual({ kind: "switch", to: B, from: A });
    expect(decide({ current: undefined, configured: [], judged: [judged(B)] })).toEqual({ kind: "switch", to: B, from: undefined });
  });

  it("never to an address that was rejected or not judged", () => {
    expect(decide({ judged: [nobody(A), nobody(B)] })).toMatchObject({ kind: "unknown", search: true });
    const refused = judged(B, { verdict: "rejected", reason: "LoginRefused" });
    expect(decide({ judged: [nobody(A), refused] })).toEqual({ kind: "unknown", search: false, reason: "LoginRefused" });
  });

  it("prefers the MAC enrolled first, then the latest proof", () => {
    const wifi = judged(B, { mac: WIFI, at: instant(9000) });
    expect(decide({ judged: [nobody(A), wifi, judged(C)] })).toMatchObject({ to: C });
    expect(decide({ judged: [nobody(A), judged(B), judged(C, { at: instant(2000) })] })).toMatchObject({ to: C });
    const unseen = nobody(B);
    expect(decide({ judged: [nobody(A), { ...unseen, verdict: "verified" }, wifi] })).toMatchObject({ to: B });
  });

  it("away from an address that a stranger took", () => {
    expect(decide({ judged: [foreign(A), judged(B)] })).toMatchObject({ kind: "switch", to: B });
  });
});

describe("where no MAC speaks for the device", () => {
  const spoken = (address: IpAddress): JudgedAddress => ({ ...nobody(address), verdict: "verified", reason: "Verified", byIdentity: true });

  it("one address that says the right thing is enough", () => {
    expect(decide({ judged: [nobody(A), spoken(B)] })).toEqual({ kind: "switch", to: B, from: A });
  });

  it("two that say the same prove nothing, and no search helps", () => {
    const judgedBoth = [nobody(A), spoken(B), spoken(C)];
    expect(decide({ judged: judgedBoth })).toEqual({ kind: "unknown", search: false, reason: "IdentityShared" });
    expect(spokenTwice(judgedBoth)).toEqual([B, C]);
    expect(spokenTwice([spoken(B), spoken(B), judged(C)])).toEqual([]);
  });

  it("the present address stays where it says so too", () => {
    expect(decide({ judged: [spoken(A), spoken(B)] })).toMatchObject({ kind: "conflict", kept: A, other: B });
  });

  it("what cannot be proved is not searched for", () => {
    for (const reason of ["IdentityShared", "NoMacHere"] as const) {
      expect(decide({ judged: [{ ...nobody(A), reason }] })).toEqual({ kind: "unknown", search: false, reason });
    }
  });
});

describe("keep", () => {
  it("where the current address is verified", () => {
    expect(decide({ judged: [judged(A)] })).toEqual({ kind: "keep", address: A, reason: "Healthy" });
  });

  it("as a conflict where the device answers at another address too", () => {
    expect(decide({ judged: [judged(A, { mac: WIFI }), judged(B)] })).toEqual({
      kind: "conflict",
      kept: A,
      other: B,
      reason: "AddressContested",
    });
  });

  it("while frames of this device flow, whatever else was verified", () => {
    const frames = [{ address: A, holder: WIFI }];
    expect(decide({ frames, judged: [nobody(A)] })).toEqual({ kind: "keep", address: A, reason: "FramesStillFlow" });
    expect(decide({ frames, judged: [nobody(A), judged(B)] })).toEqual({ kind: "conflict", kept: A, other: B, reason: "FramesStillFlow" });
    expect(decide({ frames, judged: [foreign(A, { mac: WIFI, reason: "IdentityDiffers" })] })).toMatchObject({ kind: "keep", address: A });
    expect(decide({ frames, judged: [foreign(A), judged(B)] })).toMatchObject({ kind: "conflict", kept: A });
    expect(decide({ frames, current: undefined, judged: [judged(B)] })).toMatchObject({ kind: "conflict", kept: A, other: B });
    expect(decide({ frames: [{ address: C, holder: WIRED }], judged: [nobody(A), judged(B)] })).toMatchObject({
      kind: "conflict",
      kept: A,
    });
  });

  it("where it is present and only a person can help", () => {
    const refused = judged(A, { verdict: "rejected", reason: "LoginRefused" });
    expect(decide({ judged: [refused] })).toEqual({ kind: "keep", address: A, reason: "LoginRefused" });
  });
});

describe("frames", () => {
  it("of a twin do not count: the neighbour table has its MAC", () => {
    expect(decide({ frames: [{ address: A, holder: TWIN }], judged: [foreign(A), judged(B)] })).toMatchObject({ kind: "switch", to: B });
    expect(decide({ frames: [{ address: A, holder: undefined }], judged: [judged(B)] })).toMatchObject({ kind: "switch", to: B });
  });

  it("do not count where another device answers with the MAC and this one is proved to be elsewhere", () => {
    const differs = foreign(A, { mac: WIRED, reason: "IdentityDiffers" });
    expect(decide({ frames: [{ address: A, holder: WIRED }], judged: [differs, judged(B)] })).toMatchObject({ kind: "switch", to: B });
  });

  it("under a shared or made-up MAC do not count against a proof that it is another device", () => {
    const differs = foreign(A, { mac: WIRED, reason: "IdentityDiffers" });
    const shared = { frames: [{ address: A, holder: WIRED }], peers: [{ macs: [WIRED] }] };
    expect(decide({ ...shared, judged: [differs, judged(B)] })).toMatchObject({ kind: "switch", to: B });
    const silent = judged(A, { verdict: "rejected", reason: "IdentityMissing" });
    expect(decide({ ...shared, judged: [silent, judged(B)] })).toMatchObject({ kind: "switch", to: B });
    expect(decide({ ...shared, judged: [silent] })).toMatchObject({ kind: "keep", address: A, reason: "FramesStillFlow" });
    expect(decide({ ...shared, judged: [judged(A), judged(B)] })).toMatchObject({ kind: "conflict", kept: A });
    expect(decide({ ...shared, judged: [differs] })).toMatchObject({ kind: "quarantine" });
    const own = mac("02:00:00:00:00:01");
    const madeUp = { macs: [own], frames: [{ address: A, holder: own }] };
    expect(decide({ ...madeUp, judged: [{ ...differs, mac: own }] })).toMatchObject({ kind: "quarantine" });
    expect(decide({ ...madeUp, judged: [{ ...silent, mac: own }, judged(B)] })).toMatchObject({ kind: "conflict", kept: A });
    expect(decide({ ...madeUp, judged: [foreign(A), judged(B)] })).toMatchObject({ kind: "conflict", kept: A });
  });
});

describe("twins that swapped", () => {
  it("are each decided on their own proof, whichever is first", () => {
    const one = decide({ current: A, macs: [WIRED], judged: [foreign(A), judged(B)], frames: [{ address: A, holder: TWIN }] });
    expect(one).toEqual({ kind: "switch", to: B, from: A });
    const other = decide({
      current: B,
      configured: [B],
      macs: [TWIN],
      judged: [foreign(B, { mac: WIRED }), judged(A, { mac: TWIN })],
      frames: [{ address: B, holder: WIRED }],
    });
    expect(other).toEqual({ kind: "switch", to: A, from: B });
  });
});

describe("quarantine", () => {
  it("of an address that a different device holds, while the device is not found", () => {
    expect(decide({ judged: [foreign(A)] })).toEqual({ kind: "quarantine", addresses: [A], mac: TWIN, reason: "OtherMac" });
    expect(decide({ current: B, configured: [A, C], judged: [foreign(A), nobody(B), foreign(C)] })).toMatchObject({
      kind: "quarantine",
      addresses: [A, C],
    });
  });

  it("is not for an address that the documents do not use", () => {
    expect(decide({ judged: [nobody(A), foreign(B)] })).toEqual({ kind: "unknown", search: true, reason: "NobodyThere" });
  });
});

it("knows nothing without a verdict", () => {
  expect(decide({})).toEqual({ kind: "unknown", search: true, reason: "Searching" });
});

it("a proof is void once the table gives its address to another device, and to no other end", () => {
  const proved = judged(B);
  expect(stillHeld(proved, TWIN, [WIRED, WIFI])).toEqual({ ...proved, verdict: "rejected", reason: "AddressContested" });
  for (const holder of [WIRED, WIFI, undefined]) expect(stillHeld(proved, holder, [WIRED, WIFI])).toBe(proved);
  const unseen = { ...nobody(A), verdict: "verified" as const };
  for (const one of [foreign(A), unseen]) expect(stillHeld(one, WIFI, [WIRED])).toBe(one);
});
