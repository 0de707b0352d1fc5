import { describe, expect, it } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import type { Identity } from "../../src/domain/camera.ts";
import type { GreetingReading } from "../../src/domain/readings.ts";
import { type AnsweredThere, judgeUnproved, saysTheSame } from "../../src/domain/unproved.ts";

const CAMERA = { streamPort: 554, streamPath: "/h264Preview_01_main" };
const asks = (realm: string, server?: string): GreetingReading => ({
  kind: "challenge",
  schemes: ["digest"],
  realm,
  ...(server === undefined ? {} : { server }),
});
const there = (more: Partial<AnsweredThere> = {}): AnsweredThere => ({
  connect: "open",
  endpoint: undefined,
  greeting: asks("IP Camera"),
  ...more,
});
const nothing: Identity = { macs: [] };

describe("a device where nothing proves the camera", () => {
  it("fits where nothing speaks against it, with what it says", () => {
    const seen = there({ endpoint: "urn:uuid:1", greeting: asks("IP Camera", "Hipcam") });
    expect(judgeUnproved(CAMERA, nothing, [], seen)).toEqual({
      kind: "fits",
      said: { endpoint: "urn:uuid:1", realm: "IP Camera" },
      says: ['realm "IP Camera"', 'server "Hipcam"', "ONVIF"],
    });
    expect(judgeUnproved(CAMERA, { macs: [], realm: "IP Camera" }, [], there())).toMatchObject({ says: ['realm "IP Camera" as learned'] });
    expect(judgeUnproved(CAMERA, nothing, [], there({ greeting: { kind: "open" } }))).toMatchObject({ kind: "fits", said: {} });
  });

  const UID = "reolink:9527000ABCDEF123" as const;
  const OTHER = [{ macs: ["0c:79:55:4b:d4:20" as MacAddress], uid: UID, endpoint: "urn:uuid:2", realm: "Login to 4F02A19PAK" }];
  it.each<[string, string, Identity, AnsweredThere]>([
    ["the port is closed", "PortClosed", nothing, there({ connect: "refused" })],
    ["it does not speak RTSP", "IdentityMissing", nothing, there({ greeting: { kind: "not-rtsp" } })],
    ["it does not know the path", "StreamPathMissing", nothing, there({ greeting: { kind: "refused", status: 404 } })],
    ["it is another maker's", "IdentityDiffers", nothing, there({ greeting: asks("Login to 4F02A19PAX") })],
    ["its realm is not the learned one", "IdentityDiffers", { macs: [], realm: "A" }, there({ greeting: asks("B") })],
    ["it has no realm, and one was learned", "IdentityDiffers", { macs: [], realm: "A" }, there({ greeting: { kind: "open" } })],
    ["its endpoint is not the learned one", "IdentityDiffers", { macs: [], endpoint: "urn:uuid:1" }, there({ endpoint: "urn:uuid:3" })],
    ["its maker's number is another camera's", "DuplicateCamera", nothing, there({ uid: UID })],
    ["its maker's number is not the learned one", "IdentityDiffers", { macs: [], uid: "reolink:9527000ABCDEF999" }, there({ uid: UID })],
    ["its endpoint is another camera's", "DuplicateCamera", nothing, there({ endpoint: "urn:UUID:2" })],
  ])("is refused where %s", (_why, reason, identity, seen) => {
    expect(judgeUnproved(CAMERA, identity, OTHER, seen)).toMatchObject({ kind: "refused", reason });
  });

  it("is refused where its realm names another camera", () => {
    const plain = { streamPort: 554, streamPath: "/main" };
    const seen = there({ greeting: asks("Login to 4F02A19PAK") });
    expect(judgeUnproved(plain, nothing, OTHER, seen)).toMatchObject({ reason: "DuplicateCamera" });
  });

  it("may say what was learned of it though another camera says it too: a person tells them apart", () => {
    expect(judgeUnproved(CAMERA, { macs: [], endpoint: "urn:uuid:2" }, OTHER, there({ endpoint: "urn:uuid:2" }))).toMatchObject({
      kind: "fits",
    });
  });
});

it("says the same only with the same realm and endpoint reference", () => {
  expect(saysTheSame({ endpoint: "urn:uuid:A", realm: "x" }, { endpoint: "urn:uuid:a", realm: "x" })).toBe(true);
  expect(saysTheSame({ endpoint: "urn:uuid:a", realm: "x" }, { realm: "x" })).toBe(false);
  expect(saysTheSame({ realm: "x" }, { realm: "y" })).toBe(false);
});
