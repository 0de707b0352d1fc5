import { describe, expect, it } from "vitest";
import { parseIp, parseMac, type IpAddress, type MacAddress } from "../../src/domain/addresses.ts";
import { learn, type Enrolment, type EnrolmentReadings } from "../../src/domain/enrolment.ts";
import type { MacOwner } from "../../src/domain/mac-proof.ts";

const mac = (text: string): MacAddress => parseMac(text) ?? expect.unreachable();
const ip = (text: string): IpAddress => parseIp(text) ?? expect.unreachable();

const MAC = mac("0c:79:55:4b:d4:2a");
const STRANGER = mac("00:11:22:33:44:55");
const HERE = ip("192.168.1.50");
const EPR = "urn:uuid:aaaa";
const blank: MacOwner = { identity: { macs: [] }, configuredMacs: [], peers: [], formerAddresses: [] };
const known: MacOwner = { ...blank, identity: { macs: [MAC], endpoint: EPR, realm: "BC Streaming Media" } };
const camera: EnrolmentReadings = {
  address: HERE,
  neighbour: { found: "mac", mac: MAC, gateway: false, addressesOfMac: [HERE] },
  connect: "open",
  endpoint: EPR,
  greeting: { kind: "challenge", schemes: ["digest"], realm: "BC Streaming Media" },
  framesFlow: false,
};
const neighbour = (address: MacAddress, more: object = {}): Pick<EnrolmentReadings, "neighbour"> => ({
  neighbour: { found: "mac", mac: address, gateway: false, addressesOfMac: [HERE], ...more },
});
const see = (owner: MacOwner, changes: Partial<EnrolmentReadings> = {}): Enrolment => learn(owner, { ...camera, ...changes });

describe("what is learned", () => {
  it("is MAC, endpoint reference and realm", () => {
    expect(see(blank)).toEqual({ kind: "learned", news: true, identity: known.identity });
  });

  it("is no news the second time", () => {
    expect(see(known)).toEqual({ kind: "learned", news: false, identity: known.identity });
    expect(see(known, { endpoint: undefined, greeting: { kind: "open" } })).toMatchObject({ news: false, identity: known.identity });
  });

  it("is added to what was known, never replaced", () => {
    const later = { ...blank, identity: { macs: [MAC] } };
    expect(see(later)).toEqual({ kind: "learned", news: true, identity: known.identity });
    expect(see(known, { endpoint: "urn:uuid:bbbb" })).toMatchObject({ kind: "refused", reason: "IdentityDiffers", foreign: true });
    const realm = { kind: "challenge", schemes: ["digest"], realm: "TP-LINK Streaming Media" } as const;
    expect(see(known, { greeting: realm })).toMatchObject({ kind: "refused", reason: "IdentityDiffers", foreign: true });
  });

  it("includes a MAC from the options once it was seen", () => {
    expect(see({ ...blank, configuredMacs: [MAC] })).toMatchObject({ kind: "learned", identity: { macs: [MAC] } });
    expect(see({ ...blank, configuredMacs: [STRANGER] })).toMatchObject({ kind: "refused", reason: "OtherMac", foreign: true });
  });
});

describe("what is not learned", () => {
  it("a gateway's or proxy's MAC: the endpoint alone, or nothing", () => {
    expect(see(blank, neighbour(MAC, { gateway: true }))).toMatchObject({ kind: "learned", identity: { macs: [], endpoint: EPR } });
    expect(see(blank, { ...neighbour(MAC, { gateway: true }), endpoint: undefined })).toMatchObject({ kind: "refused", reason: "MacVoid" });
    const many = [HERE, ip("192.168.1.60"), ip("192.168.1.61")];
    const proxy = { ...neighbour(MAC, { addressesOfMac: many }), endpoint: undefined };
    expect(see(blank, proxy)).toEqual({ kind: "ask-others", mac: MAC, ask: many.slice(1) });
    expect(see(blank, { ...proxy, others: { mac: MAC, addresses: many.slice(1) } })).toMatchObject({ reason: "MacVoid" });
    expect(see(blank, { ...proxy, others: { mac: MAC, addresses: [] } })).toMatchObject({ kind: "learned", identity: { macs: [MAC] } });
  });

  it("a stranger's MAC at the address of a device that is known", () => {
    expect(see(known, neighbour(STRANGER))).toMatchObject({ kind: "refused", reason: "OtherMac", foreign: true });
  });

  it("another configured device's MAC, unless the endpoint references tell them apart", () => {
    expect(see({ ...blank, peers: [{ macs: [MAC] }] })).toMatchObject({ kind: "refused", reason: "DuplicateCamera" });
    expect(see({ ...blank, peers: [{ macs: [MAC], endpoint: EPR }] })).toMatchObject({ reason: "DuplicateCamera" });
    expect(see({ ...blank, peers: [{ macs: [MAC], endpoint: "urn:uuid:bbbb" }] })).toMatchObject({ kind: "learned" });
  });

  it("a MAC where the endpoint reference, all that was learned, is not said", () => {
    const routed = { ...blank, identity: { macs: [], endpoint: EPR } };
    expect(see(routed, { endpoint: undefined })).toMatchObject({ kind: "refused", reason: "IdentityMissing" });
    expect(see(routed)).toMatchObject({ kind: "learned", news: true, identity: { macs: [MAC] } });
  });

  it.each([
    ["nobody is there", { neighbour: { found: "nobody" } }, "NobodyThere"],
    ["the port is closed", { connect: "refused" }, "PortClosed"],
    ["the device shows no sign of a camera", { endpoint: undefined, greeting: { kind: "not-rtsp" } }, "IdentityMissing"],
    ["the RTSP server does not know the path", { endpoint: undefined, greeting: { kind: "refused", status: 404 } }, "StreamPathMissing"],
    ["there is no layer 2 and no endpoint", { neighbour: { found: "no-layer-2" }, endpoint: undefined }, "NoMacHere"],
  ] as const)("anything where %s", (_what, changes, reason) => {
    expect(see(blank, changes)).toMatchObject({ kind: "refused", reason, foreign: false });
  });

  it("is learned from a device that is no RTSP server while video of it flows", () => {
    const flv = { endpoint: undefined, greeting: { kind: "not-rtsp" }, framesFlow: true } as const;
    expect(see(blank, flv)).toMatchObject({ kind: "learned", identity: { macs: [MAC] } });
  });

  it("without layer 2 it is the endpoint alone", () => {
    expect(see(blank, { neighbour: { found: "no-layer-2" } })).toMatchObject({ kind: "learned", identity: { macs: [], endpoint: EPR } });
  });
});

describe("a maker's number", () => {
  const vendor = { uid: "tplink:80224F5A0000000000000000000000AA", mac: STRANGER } as const;
  const routed = { neighbour: { found: "no-layer-2" }, endpoint: undefined } as const;

  it("is learned, with the MAC address that the device tells of, which nobody has seen", () => {
    const identity = { macs: [], realm: "BC Streaming Media", uid: vendor.uid, toldMacs: [STRANGER] };
    expect(see(blank, { ...routed, vendor })).toEqual({ kind: "learned", news: true, identity });
    expect(see({ ...blank, identity }, { ...routed, vendor })).toMatchObject({ kind: "learned", news: false, identity });
  });

  it("that differs is a stranger's; one that is silent is not enough where it is all that was learned", () => {
    const owner = { ...blank, identity: { macs: [], uid: vendor.uid } };
    const other = { uid: "tplink:80224F5A0000000000000000000000BB" } as const;
    expect(see(owner, { ...routed, vendor: other })).toMatchObject({ kind: "refused", reason: "IdentityDiffers", foreign: true });
    expect(see(owner, routed)).toMatchObject({ kind: "refused", reason: "IdentityMissing" });
  });

  it("tells two cameras with one MAC apart", () => {
    const peers = [{ macs: [MAC], uid: "tplink:80224F5A0000000000000000000000BB" }] as const;
    expect(see({ ...blank, peers }, { endpoint: undefined })).toMatchObject({ reason: "DuplicateCamera" });
    expect(see({ ...blank, peers }, { endpoint: undefined, vendor })).toMatchObject({ kind: "learned" });
  });

  it("keeps what was told and what was heard twice", () => {
    const owner = { ...blank, identity: { macs: [], endpoint: EPR, shared: ["endpoint"] as const, toldMacs: [STRANGER] } };
    const learned = see(owner, { neighbour: { found: "no-layer-2" } });
    expect(learned).toMatchObject({ kind: "learned", identity: { shared: ["endpoint"], toldMacs: [STRANGER] } });
  });
});
