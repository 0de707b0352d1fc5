import { z } from "zod";
import type { IpAddress, MacAddress } from "../../domain/addresses.ts";
import type { DeviceId, OwnerName, StreamName } from "../../domain/camera.ts";
import type { VendorUid } from "../../domain/vendor-id.ts";
import { instant, milliseconds } from "../../domain/duration.ts";
import type { EvidenceRecord, EvidenceStep } from "../../domain/evidence.ts";
import type { ChangeRecord, DeviceRecord, QuarantineRecord, ShadowRecord } from "../../ports/registry.ts";
import { DatabaseError } from "./database-error.ts";

// The values were written by this program, so texts are taken for what they were when they were stored: addresses and words are not checked again.
const IpText = z.string().transform((text) => text as IpAddress);
const MacText = z.string().transform((text) => text as MacAddress);
const DeviceText = z.string().transform((text) => text as DeviceId);
const StreamText = z.string().transform((text) => text as StreamName);
const OwnerText = z.string().transform((text) => text as OwnerName);
const UidText = z.string().transform((text) => text as VendorUid);
/** One of a set of words. */
const Word = <T extends string>() => z.string().transform((text) => text as T);
const At = z.number().transform(instant);
const Span = z.number().transform(milliseconds);
const Optional = <T>(type: z.ZodType<T>) => type.nullable().transform((value) => value ?? undefined);

/** A value that is stored as JSON. */
export function json<T>(type: z.ZodType<T>): z.ZodType<T> {
  return z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(type);
}

const DeviceRow = z.object({
  id: DeviceText,
  owners: json(z.array(OwnerText)),
  macs: json(z.array(MacText)),
  endpoint: Optional(z.string()),
  realm: Optional(z.string()),
  onvif_port: Optional(z.number()),
  uid: Optional(UidText),
  told_macs: Optional(json(z.array(MacText))),
  shared: Optional(json(z.array(Word<"endpoint" | "uid">()))),
  address: Optional(IpText),
  verified_at: Optional(At),
  history: json(z.array(IpText)),
  switches: json(z.array(z.object({ to: IpText, at: At }))),
  refused_login: Optional(json(z.object({ urlDigest: z.string(), address: IpText, at: At }))),
});

const Evidence = z.object({
  device: DeviceText,
  candidate: IpText,
  layer: Word<EvidenceRecord["layer"]>(),
  at: At,
  took: Span,
  verdict: Word<EvidenceRecord["verdict"]>(),
  reason: z.string(),
  steps: z.array(
    z.object({
      proof: Word<EvidenceStep["proof"]>(),
      outcome: Word<EvidenceStep["outcome"]>(),
      detail: z.string(),
      after: Span,
    }),
  ),
  hostName: z.string().optional(),
});
const EvidenceRow = z.object({ record: json(Evidence) });
const QuarantineRow = z.object({
  server: z.string(),
  place: z.string().nullable(),
  stream: StreamText,
  device: DeviceText,
  sources: json(z.array(z.string())),
  at: At,
});
const ShadowRow = z.object({ server: z.string(), place: z.string().nullable(), stream: StreamText });
const ChangeRow = z.object({
  id: z.number(),
  target: z.string(),
  place: z.string().nullable(),
  before: z.string(),
  after: z.string(),
  at: At,
  state: Word<ChangeRecord["state"]>(),
});

/** @throws DatabaseError where the row is not of the table's form */
export function deviceOf(row: unknown): DeviceRecord {
  const { id, owners, address, verified_at: verifiedAt, history, switches, refused_login, ...rest } = readRow(DeviceRow, row);
  const { macs, endpoint, realm, uid, told_macs: toldMacs, shared, onvif_port: onvifPort } = rest;
  return {
    id,
    owners,
    identity: {
      macs,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(realm === undefined ? {} : { realm }),
      ...(uid === undefined ? {} : { uid }),
      ...(toldMacs === undefined ? {} : { toldMacs }),
      ...(onvifPort === undefined ? {} : { onvifPort }),
      ...(shared === undefined ? {} : { shared }),
    },
    ...(address === undefined ? {} : { address }),
    ...(verifiedAt === undefined ? {} : { verifiedAt }),
    history,
    switches,
    ...(refused_login === undefined ? {} : { refusedLogin: refused_login }),
  };
}

/** @throws as `deviceOf` */
export function evidenceOf(row: unknown): EvidenceRecord {
  const { hostName, ...record } = readRow(EvidenceRow, row).record;
  return hostName === undefined ? record : { ...record, hostName };
}

/** @throws as `deviceOf` */
export function quarantineOf(row: unknown): QuarantineRecord {
  const { place, ...record } = readRow(QuarantineRow, row);
  return place === null ? record : { ...record, place };
}

/** @throws as `deviceOf` */
export function shadowOf(row: unknown): ShadowRecord {
  const { place, ...record } = readRow(ShadowRow, row);
  return place === null ? record : { ...record, place };
}

/** @throws as `deviceOf` */
export function changeOf(row: unknown): ChangeRecord {
  const { place, ...change } = readRow(ChangeRow, row);
  return place === null ? change : { ...change, place };
}

/** @throws DatabaseError where the row is not of the table's form */
export function readRow<T>(type: z.ZodType<T>, row: unknown): T {
  try {
    return type.parse(row);
  } catch (error) {
    throw new DatabaseError(
      "DatabaseUnreadable",
      "a row of the database is not of its table's form: move the database away, then start again",
      {
        cause: error,
      },
    );
  }
}
