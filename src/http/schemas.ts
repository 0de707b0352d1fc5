import { z } from "zod";
import { type IpAddress, type MacAddress, parseIp, parseMac } from "../domain/addresses.ts";

// What goes in and out of the API. Names of fields are part of it: other people's automations depend on them.

const time = z.iso.datetime().meta({ description: "ISO 8601, UTC" });
const word = z.string().min(1).max(200);

/** A MAC address in any usual form, read into ours. */
const mac = z
  .string()
  .max(20)
  .refine((text) => parseMac(text) !== undefined, "must be a MAC address, such as 0c:79:55:4b:d4:2a")
  .meta({ examples: ["0c:79:55:4b:d4:2a"] });

const address = z
  .string()
  .max(15)
  .refine((text) => parseIp(text) !== undefined, "must be an IPv4 address, such as 192.168.1.20")
  .meta({ examples: ["192.168.1.20"] });

/** @throws TypeError where the text was not checked by the schema before */
export function macOf(text: string): MacAddress {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new TypeError("an unchecked MAC address");
  return parsed;
}

/** @throws TypeError where the text was not checked by the schema before */
export function addressOf(text: string): IpAddress {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new TypeError("an unchecked address");
  return parsed;
}

export const CameraPath = z.strictObject({ camera: word.meta({ description: "id, title, name in a document, or present address" }) });
export const EvidenceQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, "must be a number from 1 to 100")
    .refine((text) => Number(text) >= 1 && Number(text) <= 100, "must be a number from 1 to 100")
    .optional(),
});
export const ResyncBody = z.strictObject({
  camera: word.optional(),
  wait: z.boolean().optional().meta({ description: "answer only when it has come to something, or after 8 s, and say to what" }),
});
export const ReconnectBody = z.strictObject({
  force: z
    .boolean()
    .optional()
    .meta({ description: "streams that deliver video to somebody, too: who watches stays on the old connection" }),
});
export const AdoptBody = z
  .strictObject({
    mac: mac.optional(),
    address: address.optional().meta({ description: "where nothing can prove the camera, such as behind a router" }),
    replace: z
      .boolean()
      .optional()
      .meta({ description: "the device took the place of the camera that was learned: what was learned of the old one is dropped" }),
  })
  .refine((body) => (body.mac === undefined) !== (body.address === undefined), "needs mac or address, one of the two")
  .refine((body) => body.replace !== true || body.mac !== undefined, "replace needs mac, that of the new camera");
export const ApproveBody = z.strictObject({ id: word.optional().meta({ description: "the change; absent where only one waits" }) });
export const UndoBody = z.strictObject({
  target: word.optional().meta({ description: "the document; absent: the one that was changed last" }),
});
export const SightingBody = z
  .strictObject({
    mac: mac.optional(),
    endpoint: word.optional().meta({ description: "ONVIF endpoint reference" }),
    address,
    hostname: word.optional().meta({ description: "kept as evidence only" }),
  })
  .refine((body) => (body.mac === undefined) !== (body.endpoint === undefined), "needs mac or endpoint, one of the two");

export const Accepted = z.strictObject({ accepted: z.literal(true), message: z.string() });
export const Alive = z.strictObject({ status: z.literal("ok"), version: z.string() });
export const Ready = z.strictObject({
  ready: z.boolean(),
  reasons: z.array(z.strictObject({ subject: z.string(), reason: z.string(), message: z.string() })),
});
const ConditionShown = z.strictObject({
  subject: z.string(),
  status: z.enum(["ok", "problem", "unknown"]),
  reason: z.string(),
  title: z.string(),
  severity: z.enum(["info", "warning", "error"]),
  message: z.string(),
  nextStep: z.string(),
  ask: z.looseObject({ verb: z.string() }).optional().meta({ description: "what can be asked for about it, and what it is about" }),
  since: time,
});
export const StatusShown = z.strictObject({
  version: z.string(),
  ready: z.boolean(),
  layers: z.array(z.strictObject({ layer: z.string(), active: z.boolean(), message: z.string() })),
  conditions: z.array(ConditionShown),
});
export const CameraShown = z.strictObject({
  id: z.string(),
  title: z.string(),
  owners: z.array(z.string()),
  streams: z.array(z.string()),
  configured: z.array(z.string()),
  address: z.string().optional(),
  proved: z.boolean(),
  verifiedAt: time.optional(),
  history: z.array(z.string()),
  macs: z.array(z.string()),
  lastMove: time.optional(),
  clockOffsetMs: z.number().optional(),
  fps: z.number().optional(),
  bitRate: z.number().optional().meta({ description: "kbit/s" }),
  endpoint: z.string().optional(),
  realm: z.string().optional(),
  connected: z.boolean(),
  conditions: z.array(ConditionShown),
});
export const CamerasShown = z.strictObject({ cameras: z.array(CameraShown) });
export const EvidenceShown = z.strictObject({
  evidence: z.array(
    z.strictObject({
      candidate: z.string(),
      layer: z.string(),
      at: time,
      tookMs: z.number(),
      verdict: z.string(),
      reason: z.string(),
      hostName: z.string().optional(),
      steps: z.array(z.strictObject({ proof: z.string(), outcome: z.string(), detail: z.string(), afterMs: z.number() })),
    }),
  ),
});
export const PlanShown = z.strictObject({
  changed: z.boolean(),
  warnings: z.array(z.string()),
  documents: z.array(
    z.looseObject({
      target: z.string(),
      place: z.string(),
      diff: z.string().meta({ description: "unified diff, credentials masked" }),
      restart: z.array(z.string()).meta({ description: "cameras that Frigate reads only when it starts" }),
      problem: z.string().optional(),
      nextStep: z.string().optional(),
    }),
  ),
  streams: z.array(z.looseObject({ device: z.string(), stream: z.string() })),
});
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  reason: z.string(),
  nextStep: z.string().meta({ description: "what whoever asked does next; empty where nothing is to be done" }),
  ask: z.looseObject({ verb: z.string() }).optional().meta({ description: "what can be asked for about it" }),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});
export const ProposalsShown = z.strictObject({
  proposals: z.array(
    z.strictObject({
      id: z.string(),
      target: z.string(),
      cameras: z.array(z.string()),
      diff: z.string(),
      at: time,
    }),
  ),
});
export const ChangesShown = z.strictObject({
  changes: z.array(z.strictObject({ id: z.int(), target: z.string(), at: time, state: z.string(), diff: z.string() })),
});
