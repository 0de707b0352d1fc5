import { z } from "zod";
import type { Action, ActionResult } from "../../ports/actions.ts";
import type { Consents } from "../../ports/consents.ts";
import { holdOf, proposalOf, requestOf, resultOf } from "./consent-rows.ts";
import { changeOf } from "./rows.ts";
import type { Sql } from "./database.ts";

const MOST_HOLDS = 100;
const MOST_REQUESTS = 100;

/** How the registry runs statements on its database: all of the work in one transaction, or reading only. */
export interface Access {
  readonly inOne: <T>(work: (sql: Sql) => T) => T;
  readonly readOnly: <T>(work: (sql: Sql) => T) => T;
}

/** The part of the memory that holds what people said and asked for. */
export function createConsents({ inOne, readOnly }: Access): Consents {
  return {
    proposals: () => readOnly((sql) => sql.prepare("SELECT * FROM proposal ORDER BY target").all().map(proposalOf)),
    saveProposal: ({ target, place = null, id, before, after, edits, cameras, evidence, at }) =>
      inOne((sql) => {
        sql.prepare("DELETE FROM proposal WHERE place = ?").run(place);
        sql
          .prepare(
            "INSERT OR REPLACE INTO proposal (target, place, id, before, after, edits, cameras, evidence, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          )
          .run(target, place, id, before, after, JSON.stringify(edits), JSON.stringify(cameras), JSON.stringify(evidence), at);
      }),
    removeProposal: (id) => inOne((sql) => void sql.prepare("DELETE FROM proposal WHERE id = ?").run(id)),
    holds: () => readOnly((sql) => sql.prepare("SELECT * FROM hold ORDER BY device, address").all().map(holdOf)),
    saveHold: ({ device, address, why, at, circumstances }) =>
      inOne((sql) => {
        sql
          .prepare("INSERT OR REPLACE INTO hold (device, address, why, at, circumstances) VALUES (?, ?, ?, ?, ?)")
          .run(device, address, why, at, circumstances ?? null);
        sql.prepare("DELETE FROM hold WHERE rowid NOT IN (SELECT rowid FROM hold ORDER BY at DESC, rowid DESC LIMIT ?)").run(MOST_HOLDS);
      }),
    removeHold: (device, address) =>
      inOne((sql) => void sql.prepare("DELETE FROM hold WHERE device = ? AND address = ?").run(device, address)),
    settledChanges: ({ name, place = null }) =>
      readOnly((sql) =>
        sql
          .prepare("SELECT * FROM change WHERE (target = ? OR place = ?) AND state <> 'begun' ORDER BY id DESC")
          .all(name, place)
          .map(changeOf),
      ),
    undoneChange: (id) => inOne((sql) => void sql.prepare("UPDATE change SET state = 'restored' WHERE id = ? AND state = 'kept'").run(id)),
    addRequest: (action: Action, at, until) =>
      inOne((sql) => {
        const insert = sql.prepare("INSERT INTO request (action, at, until) VALUES (?, ?, ?)");
        const { lastInsertRowid } = insert.run(JSON.stringify(action), at, until);
        sql.prepare("DELETE FROM request WHERE id NOT IN (SELECT id FROM request ORDER BY id DESC LIMIT ?)").run(MOST_REQUESTS);
        return Number(lastInsertRowid);
      }),
    openRequests: (now) => {
      const open = readOnly((sql) => sql.prepare("SELECT * FROM request WHERE taken = 0 ORDER BY id").all().map(requestOf));
      const old = open.filter(({ until }) => until < now);
      if (old.length > 0) inOne((sql) => void sql.prepare("DELETE FROM request WHERE taken = 0 AND until < ?").run(now));
      return open.filter(({ until }) => until >= now);
    },
    takeRequest: (id) => inOne((sql) => Number(sql.prepare("UPDATE request SET taken = 1 WHERE id = ? AND taken = 0").run(id).changes) > 0),
    answerRequest: (id, result: ActionResult) =>
      inOne((sql) => void sql.prepare("UPDATE request SET result = ? WHERE id = ? AND taken = 1").run(JSON.stringify(result), id)),
    answerOf: (id) => {
      const row = readOnly((sql) => sql.prepare("SELECT result FROM request WHERE id = ? AND result IS NOT NULL").get(id));
      return row === undefined ? undefined : resultOf(row);
    },
    removeRequest: (id) => inOne((sql) => void sql.prepare("DELETE FROM request WHERE id = ?").run(id)),
    fact: (name) => {
      const row = readOnly((sql) => sql.prepare("SELECT value FROM fact WHERE name = ?").get(name));
      return row === undefined ? undefined : z.object({ value: z.string() }).parse(row).value;
    },
    saveFact: (name, value) => inOne((sql) => void sql.prepare("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)").run(name, value)),
  };
}
