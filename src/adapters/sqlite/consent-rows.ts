import { z } from "zod";
import type { DeviceId, OwnerName } from "../../domain/camera.ts";
import { instant } from "../../domain/duration.ts";
import type { Host } from "../../domain/host-name.ts";
import type { Action, ActionResult } from "../../ports/actions.ts";
import type { HoldRecord, ProposalRecord, RequestRecord } from "../../ports/consents.ts";
import { json, readRow } from "./rows.ts";

// As in rows.ts: the values were written by this program, and words are not checked again.
const HostText = z.string().transform((text) => text as Host);
const DeviceText = z.string().transform((text) => text as DeviceId);
const OwnerText = z.string().transform((text) => text as OwnerName);
const At = z.number().transform(instant);

const ProposalRow = z.object({
  id: z.string(),
  target: z.string(),
  place: z.string().nullable(),
  before: z.string(),
  after: z.string(),
  edits: json(
    z.array(z.object({ path: z.array(z.union([z.string(), z.number()])), owners: z.array(OwnerText), from: HostText, to: HostText })),
  ),
  cameras: json(z.array(DeviceText)),
  evidence: json(z.array(z.number())),
  at: At,
});
const HoldRow = z.object({
  device: DeviceText,
  address: HostText,
  why: z.string().transform((text) => text as HoldRecord["why"]),
  at: At,
  circumstances: z
    .string()
    .nullable()
    .transform((value) => value ?? undefined),
});
const RequestRow = z.object({
  id: z.number(),
  action: json(z.object({ verb: z.string() }).loose()).transform((action) => action as unknown as Action),
  at: At,
  until: At,
});
const ResultRow = z.object({
  result: json(z.object({ kind: z.string(), message: z.string() }).loose()).transform((result) => result as unknown as ActionResult),
});

/** @throws DatabaseError where the row is not of the table's form */
export function proposalOf(row: unknown): ProposalRecord {
  const { place, ...proposal } = readRow(ProposalRow, row);
  return place === null ? proposal : { ...proposal, place };
}

/** @throws as `proposalOf` */
export function holdOf(row: unknown): HoldRecord {
  const { circumstances, ...hold } = readRow(HoldRow, row);
  return circumstances === undefined ? hold : { ...hold, circumstances };
}

/** @throws as `proposalOf` */
export function requestOf(row: unknown): RequestRecord {
  return readRow(RequestRow, row);
}

/** @throws as `proposalOf` */
export function resultOf(row: unknown): ActionResult {
  return readRow(ResultRow, row).result;
}
