import { parseIp, parseMac } from "../../src/domain/addresses.ts";
import type { DeviceId, StreamName } from "../../src/domain/camera.ts";
import { instant, milliseconds } from "../../src/domain/duration.ts";
import type { EvidenceRecord } from "../../src/domain/evidence.ts";
import type { Notice } from "../../src/domain/notice.ts";

export function ip(text: string) {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

export function mac(text: string) {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new Error(`${text} is no MAC address`);
  return parsed;
}

export const front = "front" as DeviceId;
const back = "back" as DeviceId;
const stream = (name: string) => name as StreamName;

/** 2026-11-20 21:04:07 UTC. */
export const EVENING = instant(Date.UTC(2026, 10, 20, 21, 4, 7));

const evidence: EvidenceRecord = {
  device: front,
  candidate: ip("192.168.1.77"),
  layer: "dhcp",
  at: EVENING,
  took: milliseconds(212),
  verdict: "verified",
  reason: "Verified",
  steps: [
    { proof: "neighbour", outcome: "passed", detail: "0c:79:55:4b:d4:2a answers, an enrolled MAC address", after: milliseconds(20) },
    { proof: "connect", outcome: "passed", detail: "TCP port 554 is open", after: milliseconds(30) },
    { proof: "identity", outcome: "passed", detail: "ONVIF endpoint reference and RTSP realm as learned", after: milliseconds(90) },
    { proof: "login", outcome: "passed", detail: "the camera accepted the password", after: milliseconds(212) },
  ],
  hostName: "cam-front",
};

const edit = (device: string, from: string, to: string) =>
  ({ path: ["go2rtc", "streams", device, 0], owners: [`stream:${device}`], from: ip(from), to: ip(to) }) as const;

const condition = (
  subject: string,
  status: "ok" | "problem" | "unknown",
  reason:
    | "LoginRefused"
    | "Healthy"
    | "Healed"
    | "Searching"
    | "NotRewritable"
    | "ServerUnreachable"
    | "LayerUnavailable"
    | "NeedsApproval",
  message: string,
): Notice => ({
  kind: "condition",
  condition: { subject, status, reason, message, since: EVENING },
});

const DIFF = `--- a/config/frigate.yml
+++ b/config/frigate.yml
@@ -1,3 +1,3 @@
 go2rtc:
   streams:
-    front: rtsp://***@192.168.1.50/main
+    front: rtsp://***@192.168.1.77/main
`;

/** An evening in which everything happens that can be told; at least one notice of each kind. */
export const evening: readonly Notice[] = [
  { kind: "layer-up", layer: "dhcp" },
  { kind: "layer-down", layer: "neighbours", message: "the program ip is not installed; install iproute2" },
  condition("layer/neighbours", "problem", "LayerUnavailable", "the program ip is not installed"),
  {
    kind: "learned",
    device: front,
    address: ip("192.168.1.50"),
    macs: [mac("0c:79:55:4b:d4:2a")],
    endpoint: "urn:uuid:0c79554b-d42a",
    realm: "IP Camera",
  },
  { kind: "learned", device: back, address: ip("192.168.1.51"), macs: [] },
  { kind: "lost", device: front, address: ip("192.168.1.50"), message: "no video packets for 5.0 s" },
  condition("device/front", "unknown", "Searching", "front is searched for"),
  { kind: "moved", device: front, from: ip("192.168.1.50"), to: ip("192.168.1.77"), evidence },
  {
    kind: "stream-pointed",
    device: front,
    server: "go2rtc",
    stream: stream("front"),
    to: ip("192.168.1.77"),
    calls: ["patch", "put"],
    after: milliseconds(310),
  },
  {
    kind: "stream-pointed",
    device: front,
    server: "go2rtc",
    stream: stream("front_sub"),
    to: ip("192.168.1.77"),
    calls: ["put"],
    after: milliseconds(340),
  },
  {
    kind: "document-written",
    target: "frigate",
    place: "/config/frigate.yml",
    edits: [
      edit("front", "192.168.1.50", "192.168.1.77"),
      edit("front_sub", "192.168.1.50", "192.168.1.77"),
      edit("back", "192.168.1.51", "192.168.1.78"),
    ],
    after: milliseconds(480),
  },
  condition("device/front", "ok", "Healed", "front is at 192.168.1.77 and delivers frames"),
  { kind: "frames", device: front, stream: stream("front"), from: ip("192.168.1.77"), packets: 12, after: milliseconds(900) },
  { kind: "moved", device: back, from: undefined, to: ip("192.168.1.78"), evidence: { ...evidence, device: back, layer: "ask" } },
  {
    kind: "stream-pointed",
    device: back,
    server: "go2rtc",
    stream: stream("back"),
    to: ip("192.168.1.78"),
    calls: ["patch", "put"],
    after: milliseconds(310),
  },
  condition("device/back", "problem", "LoginRefused", "rtsp://viewer:canary@192.168.1.78 answers 401"),
  { kind: "rolled-back", target: "frigate", place: "/config/frigate.yml", message: "no frames of back came from 192.168.1.78 within 20 s" },
  {
    kind: "refused",
    device: back,
    evidence: {
      ...evidence,
      device: back,
      candidate: ip("192.168.1.79"),
      verdict: "rejected",
      reason: "IdentityDiffers",
      steps: [{ proof: "identity", outcome: "failed", detail: 'RTSP realm is "Other", learned was "IP Camera"', after: milliseconds(50) }],
    },
  },
  condition("device/back", "ok", "Healthy", "back answers at 192.168.1.78"),
  {
    kind: "quarantined",
    device: front,
    address: ip("192.168.1.77"),
    mac: mac("14:ea:63:a9:04:08"),
    streams: [stream("front")],
    exposed: [stream("front_exec")],
  },
  { kind: "released", device: front, streams: [stream("front")] },
  { kind: "forgotten", device: front },
  { kind: "frozen", device: front, addresses: [ip("192.168.1.50"), ip("192.168.1.77")] },
  condition("server/go2rtc", "problem", "ServerUnreachable", "http://127.0.0.1:1984 does not answer"),
  condition(
    "target/frigate/left-alone",
    "unknown",
    "NotRewritable",
    "/config/frigate.yml: cameras.gate.ffmpeg.inputs.0.path (variable FRIGATE_GATE) cannot be rewritten here",
  ),
  { kind: "first-write", target: "frigate", place: "/config/frigate.yml", diff: DIFF },
  {
    kind: "proposed",
    target: "frigate",
    place: "/config/frigate.yml",
    id: "a1b2c3d4",
    edits: [edit("front", "192.168.1.50", "192.168.1.77")],
    cameras: [front],
    evidence: [7],
    diff: DIFF,
  },
  condition("target/frigate", "problem", "NeedsApproval", "change a1b2c3d4 of /config/frigate.yml waits"),
  { kind: "undone", target: "frigate", place: "/config/frigate.yml", edits: [edit("front", "192.168.1.77", "192.168.1.50")], diff: DIFF },
];
