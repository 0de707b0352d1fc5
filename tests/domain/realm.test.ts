import { expect, it } from "vitest";
import { namesOneDevice, sameEndpoint } from "../../src/domain/realm.ts";

it.each(["AXIS_ACCC8E012345", "Login to 4E0A1B2C3D4F", "Login to AJ0123PAZ4567", "cam ac:cc:8e:01:23:45"])(
  "%s names one device",
  (realm) => {
    expect(namesOneDevice(realm)).toBe(true);
  },
);

it.each([
  "BC Streaming Media",
  "TP-LINK Streaming Media",
  "LIVE555 Streaming Media",
  "live555 streaming media",
  "GStreamer RTSP Server",
  "IP Camera",
  "RTSP Server",
  "Embedded Net DVR",
  "Server 2024",
  "",
])("%j may be many a camera's", (realm) => {
  expect(namesOneDevice(realm)).toBe(false);
});

it("compares endpoint references without case and surrounding space", () => {
  expect(sameEndpoint(" urn:uuid:ABC", "urn:uuid:abc ")).toBe(true);
  expect(sameEndpoint("urn:uuid:abc", "urn:uuid:abd")).toBe(false);
});
