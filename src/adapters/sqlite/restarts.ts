import { z } from "zod";
import { instant } from "../../domain/duration.ts";
import type { RestartLog, RestartRecord } from "../../ports/restart-log.ts";
import { DatabaseError } from "./database-error.ts";
import type { Sql } from "./database.ts";

const MOST_RESTARTS = 100;

const Row = z.object({
  id: z.number(),
  target: z.string(),
  place: z.string().nullable(),
  at: z.number().transform(instant),
  kind: z.enum(["change", "restoring"]),
  state: z.enum(["called", "up", "safe-mode"]),
  before: z.string().nullable(),
  after: z.string().nullable(),
});

/** By its place; those of the first releases, and where no place is asked for, by the name. */
const OF_DOCUMENT = "CASE WHEN place IS NULL OR ?2 IS NULL THEN target = ?1 ELSE place = ?2 END";

type InTransaction = <T>(work: (sql: Sql) => T) => T;

/** The part of the registry that remembers restarts. */
export function restartLog(inOne: InTransaction, readOnly: InTransaction): RestartLog {
  return {
    restarts: ({ name, place = null }) =>
      readOnly((sql) => sql.prepare(`SELECT * FROM restart WHERE ${OF_DOCUMENT} ORDER BY id DESC`).all(name, place).map(restartOf)),
    beginRestart: ({ name, place = null }, kind, at, texts) =>
      inOne((sql) => {
        const insert = sql.prepare(
          "INSERT INTO restart (target, place, kind, at, state, before, after) VALUES (?, ?, ?, ?, 'called', ?, ?)",
        );
        const { lastInsertRowid } = insert.run(name, place, kind, at, texts?.before ?? null, texts?.after ?? null);
        const oldest = `SELECT id FROM restart WHERE ${OF_DOCUMENT} ORDER BY id DESC LIMIT 1 OFFSET ?3`;
        sql.prepare(`DELETE FROM restart WHERE (${OF_DOCUMENT}) AND id <= (${oldest})`).run(name, place, MOST_RESTARTS);
        return Number(lastInsertRowid);
      }),
    settleRestart: (id, state) =>
      inOne((sql) => {
        sql.prepare("UPDATE restart SET state = ? WHERE id = ?").run(state, id);
        // They hold passwords: no longer than they are needed.
        if (state === "up") sql.prepare("UPDATE restart SET before = NULL, after = NULL WHERE id = ?").run(id);
      }),
  };
}

function restartOf(row: unknown): RestartRecord {
  const result = Row.safeParse(row);
  if (!result.success) throw new DatabaseError("DatabaseUnreadable", "a stored restart is not of the known form", { cause: result.error });
  const { before, after, place, ...rest } = result.data;
  const record = place === null ? rest : { ...rest, place };
  return before === null || after === null ? record : { ...record, texts: { before, after } };
}
