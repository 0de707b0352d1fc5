import { describe, expect, it } from "vitest";
import type { MacOwner } from "../../src/domain/mac-proof.ts";
import type { NeighbourReading } from "../../src/domain/readings.ts";
import { secondMac } from "../../src/domain/second-mac.ts";
import { at, mac, STRANGER } from "../reconcilers/fake-home.ts";

const WIRED = mac("0c:79:55:4b:d4:20");
const WIRELESS = mac("0c:79:55:4b:d4:f0");
const A = at(60);
const owner: MacOwner = {
  identity: { macs: [WIRED], endpoint: "urn:uuid:front", realm: "a camera" },
  configuredMacs: [],
  peers: [{ macs: [STRANGER], endpoint: "urn:uuid:back" }],
  formerAddresses: [],
};
const seen = (changes: Partial<Extract<NeighbourReading, { found: "mac" }>> = {}): NeighbourReading => ({
  found: "mac",
  mac: WIRELESS,
  gateway: false,
  addressesOfMac: [A],
  ...changes,
});
const said = { endpoint: "URN:UUID:FRONT", uid: undefined, greeting: undefined } as const;

describe("another interface of a camera", () => {
  it("is proposed where the device says the endpoint reference or maker's number that was learned", () => {
    expect(secondMac(A, owner, seen(), said)).toEqual({ kind: "proposed", mac: WIRELESS, by: ["endpoint"] });
    const byNumber = { ...owner, identity: { macs: [WIRED], uid: "reolink:9527000ABCDEF123" as const } };
    expect(secondMac(A, byNumber, seen(), { ...said, endpoint: undefined, uid: "reolink:9527000ABCDEF123" })).toMatchObject({
      kind: "proposed",
      by: ["uid"],
    });
  });

  it.each<[string, MacOwner, NeighbourReading, typeof said | { endpoint: string | undefined; uid: undefined; greeting: undefined }]>([
    ["it says nothing", owner, seen(), { ...said, endpoint: undefined }],
    ["it says that it is another", owner, seen(), { ...said, endpoint: "urn:uuid:side" }],
    ["the MAC is made up", owner, seen({ mac: mac("0e:79:55:4b:d4:f0") }), said],
    ["the MAC is another camera's", owner, seen({ mac: STRANGER }), said],
    ["the MAC is the camera's own", owner, seen({ mac: WIRED }), said],
    ["it is the gateway", owner, seen({ gateway: true }), said],
    ["the MAC stands for many addresses", owner, seen({ addressesOfMac: [A, at(61), at(62)] }), said],
    ["nobody answers", owner, { found: "nobody" }, said],
    ["no layer 2 shows a MAC", owner, { found: "no-layer-2" }, said],
    ["a camera of the same series says the same", { ...owner, peers: [{ macs: [STRANGER], endpoint: "urn:uuid:front" }] }, seen(), said],
    ["two devices were heard with it", { ...owner, identity: { ...owner.identity, shared: ["endpoint"] } }, seen(), said],
    [
      "only a realm was learned",
      { ...owner, identity: { macs: [WIRED], realm: "Login to 5K04A2DPAZ1E26F" } },
      seen(),
      { ...said, endpoint: undefined },
    ],
    ["the realm is another", owner, seen(), { ...said, greeting: { kind: "challenge", schemes: ["digest"], realm: "else" } } as never],
  ])("is not proposed where %s", (_why, known, neighbour, answers) => {
    expect(secondMac(A, known, neighbour, answers)).toMatchObject({ kind: "refused" });
  });
});
