import { describe, expect, test } from "vitest";
import { type MacAddress, parseIp } from "../../src/domain/addresses.ts";
import type { JudgedAddress } from "../../src/domain/binding.ts";
import type { DeviceId, OwnerName } from "../../src/domain/camera.ts";
import { instant } from "../../src/domain/duration.ts";
import type { ReasonCode } from "../../src/domain/reasons.ts";
import {
  decideWhereWritten,
  fitsGivenMacs,
  isLearned,
  type ToldIdentity,
  toldIdentity,
  withoutParking,
  writtenAddresses,
} from "../../src/domain/told-identity.ts";

const ip = (text: string) => parseIp(text) ?? expect.unreachable(text);
const mac = (last: string): MacAddress => `0c:79:55:4b:d4:${last}` as MacAddress;
const FRONT = { id: "front" as DeviceId, owners: ["camera:front", "stream:front_sub"] as readonly OwnerName[] };
const told = (more: Partial<ToldIdentity> = {}): ToldIdentity => ({
  camera: "front",
  owners: [],
  macs: [mac("20")],
  endpoint: "urn:uuid:a",
  ...more,
});

describe("what is told of a camera", () => {
  test("is taken from those who call it by its id; its MAC addresses only help to find it", () => {
    const all = [
      told({ realm: "r", uid: "reolink:95270000ABCDEF", shared: ["uid"] }),
      told({ camera: "back", owners: FRONT.owners, endpoint: "urn:uuid:b" }),
    ];
    expect(toldIdentity(FRONT, all)).toEqual({
      macs: [],
      toldMacs: [mac("20")],
      endpoint: "urn:uuid:a",
      realm: "r",
      uid: "reolink:95270000ABCDEF",
      shared: ["uid"],
    });
  });

  test("else from those who know one of its names in the documents; from nobody else", () => {
    expect(toldIdentity(FRONT, [told({ camera: "hall", owners: ["stream:front_sub"] })])?.endpoint).toBe("urn:uuid:a");
    expect(toldIdentity(FRONT, [told({ camera: "hall", owners: ["camera:hall"] })])).toBeUndefined();
    expect(toldIdentity(FRONT, [])).toBeUndefined();
  });

  test("is put together where several tell the same, and believed in nothing where they contradict one another", () => {
    const other = told({ macs: [mac("21"), mac("22"), mac("23"), mac("24")], endpoint: "URN:UUID:A", realm: "r" });
    expect(toldIdentity(FRONT, [told(), other])).toEqual({
      macs: [],
      toldMacs: [mac("20"), mac("21"), mac("22"), mac("23")],
      endpoint: "urn:uuid:a",
      realm: "r",
    });
    expect(toldIdentity(FRONT, [told(), told({ endpoint: "urn:uuid:b" })])).toBeUndefined();
    expect(toldIdentity(FRONT, [told({ realm: "r" }), told({ realm: "s" })])).toBeUndefined();
    const uids = ["reolink:95270000ABCDEF", "reolink:95270000ABCDEE"] as const;
    expect(
      toldIdentity(
        FRONT,
        uids.map((uid) => told({ uid })),
      ),
    ).toBeUndefined();
  });

  test("counts only where nothing was learned, and where a person gave MAC addresses, with one of them", () => {
    expect([undefined, { macs: [] }, { macs: [], toldMacs: [mac("20")] }].map(isLearned)).toEqual([false, false, false]);
    expect(
      [{ macs: [mac("20")] }, { macs: [], endpoint: "e" }, { macs: [], realm: "r" }, { macs: [], uid: "tplink:x" as never }].map(isLearned),
    ).toEqual([true, true, true, true]);
    const identity = { macs: [], toldMacs: [mac("20")] };
    expect([[], [mac("21")], [mac("21"), mac("20")]].map((given) => fitsGivenMacs(identity, given))).toEqual([true, false, true]);
  });
});

describe("where the documents have a camera that is known by what was told alone", () => {
  const judged = (reason: ReasonCode, more: Partial<JudgedAddress> = {}): JudgedAddress => ({
    address: ip("10.9.0.2"),
    verdict: reason === "Verified" ? "verified" : "rejected",
    reason,
    foreign: reason === "IdentityDiffers",
    present: false,
    at: instant(0),
    ...more,
  });
  const peers = [{ macs: [], endpoint: "urn:uuid:b", uid: "reolink:95270000ABCDEF" as const }];

  test("it is kept where it says what was told", () => {
    expect(decideWhereWritten([judged("PortClosed"), judged("Verified", { address: ip("10.9.0.3") })], peers)).toEqual({
      kind: "keep",
      address: ip("10.9.0.3"),
      reason: "Healthy",
    });
  });

  test("it may be looked for elsewhere where nobody is, or another camera of the home says that it took the address", () => {
    expect(decideWhereWritten([judged("PortClosed"), judged("NobodyThere")], peers)).toBeUndefined();
    expect(decideWhereWritten([judged("IdentityDiffers", { said: { endpoint: "URN:UUID:B" } })], peers)).toBeUndefined();
    expect(decideWhereWritten([judged("IdentityDiffers", { said: { uid: "reolink:95270000ABCDEF" } })], peers)).toBeUndefined();
  });

  test.each([
    ["says that it is another one", judged("IdentityDiffers", { said: { endpoint: "urn:uuid:c" } }), "ToldIdentityDiffers"],
    ["says nothing of itself", judged("IdentityMissing"), "ToldIdentityDiffers"],
    ["says nothing of itself, and a peer says nothing either", judged("IdentityDiffers", { said: {} }), "ToldIdentityDiffers"],
    ["has the MAC address of nobody", judged("OtherMac"), "ToldIdentityDiffers"],
    ["refuses the password", judged("LoginRefused"), "LoginRefused"],
    ["is slow", judged("VerificationTimedOut"), "VerificationTimedOut"],
    ["cannot be proved", judged("NoMacHere"), "NoMacHere"],
  ] as const)("a device there that %s weighs more than the message", (_name, one, reason) => {
    expect(decideWhereWritten([judged("PortClosed"), one], peers)).toEqual({ kind: "unknown", search: false, reason });
  });

  test("nothing is parked; all else stays as it was decided", () => {
    const parked = { kind: "quarantine", addresses: [ip("10.9.0.2")], mac: undefined, reason: "IdentityDiffers" } as const;
    expect(withoutParking(parked)).toEqual({ kind: "unknown", search: true, reason: "Searching" });
    const kept = { kind: "keep", address: ip("10.9.0.2"), reason: "Healthy" } as const;
    expect(withoutParking(kept)).toBe(kept);
  });

  test("each address of the documents is looked at once, four at most", () => {
    const addresses = [2, 3, 4, 5, 6].map((last) => ip(`10.9.0.${String(last)}`));
    expect(writtenAddresses({ addresses }, ip("10.9.0.3"))).toEqual([3, 2, 4, 5].map((last) => ip(`10.9.0.${String(last)}`)));
  });
});
