import { z } from "zod";
import type { CertificatePins } from "../../ports/certificate-pins.ts";
import type { Sql } from "./database.ts";

const Row = z.object({ place: z.string(), fingerprint: z.string() });

type InTransaction = <T>(work: (sql: Sql) => T) => T;

/** The part of the registry that remembers certificates. */
export function certificatePins(inOne: InTransaction, readOnly: InTransaction): CertificatePins {
  return {
    certificates: () =>
      readOnly((sql) => {
        const rows = sql.prepare("SELECT place, fingerprint FROM certificate ORDER BY place").all();
        return new Map(rows.map((row) => Row.parse(row)).map(({ place, fingerprint }) => [place, fingerprint]));
      }),
    saveCertificate: (place, fingerprint) =>
      inOne((sql) => {
        sql.prepare("INSERT OR REPLACE INTO certificate (place, fingerprint) VALUES (?, ?)").run(place, fingerprint);
      }),
  };
}
