import { byPresentServer } from "../../domain/server-records.ts";
import type { QuarantineRecord, Registry, ShadowRecord } from "../../ports/registry.ts";
import type { Sql } from "./database.ts";
import { quarantineOf, shadowOf } from "./rows.ts";

type InTransaction = <T>(work: (sql: Sql) => T) => T;
type ServerRecords = Pick<
  Registry,
  "quarantines" | "saveQuarantine" | "removeQuarantine" | "shadows" | "addShadow" | "removeShadow" | "renameServers"
>;

/** The part of the registry that remembers what was done at each go2rtc. */
export function serverRecords(inOne: InTransaction, readOnly: InTransaction): ServerRecords {
  return {
    quarantines: () => readOnly(quarantinesIn),
    saveQuarantine: (record) => inOne((sql) => saveQuarantine(sql, record)),
    removeQuarantine: (server, stream) =>
      inOne((sql) => {
        sql.prepare("DELETE FROM quarantine WHERE server = ? AND stream = ?").run(server, stream);
      }),
    shadows: () => readOnly(shadowsIn),
    addShadow: (record) => inOne((sql) => addShadow(sql, record)),
    removeShadow: ({ server, stream }) =>
      inOne((sql) => {
        sql.prepare("DELETE FROM shadow WHERE server = ? AND stream = ?").run(server, stream);
      }),
    renameServers: (servers) => {
      const [quarantines, shadows] = readOnly((sql) => [quarantinesIn(sql), shadowsIn(sql)] as const);
      const now = [byPresentServer(quarantines, servers), byPresentServer(shadows, servers)] as const;
      if (keysOf(now) === keysOf([quarantines, shadows])) return;
      inOne((sql) => {
        for (const table of ["quarantine", "shadow"]) sql.prepare(`DELETE FROM ${table}`).run();
        for (const record of now[0]) saveQuarantine(sql, record);
        for (const record of now[1]) addShadow(sql, record);
      });
    },
  };
}

function quarantinesIn(sql: Sql): readonly QuarantineRecord[] {
  return sql.prepare("SELECT * FROM quarantine ORDER BY server, stream").all().map(quarantineOf);
}

function shadowsIn(sql: Sql): readonly ShadowRecord[] {
  return sql.prepare("SELECT * FROM shadow ORDER BY server, stream").all().map(shadowOf);
}

function saveQuarantine(sql: Sql, { server, place, stream, device, sources, at }: QuarantineRecord): void {
  sql
    .prepare("INSERT OR REPLACE INTO quarantine (server, place, stream, device, sources, at) VALUES (?, ?, ?, ?, ?, ?)")
    .run(server, place ?? null, stream, device, JSON.stringify(sources), at);
}

function addShadow(sql: Sql, { server, place, stream }: ShadowRecord): void {
  sql
    .prepare(`INSERT INTO shadow (server, place, stream) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET place = excluded.place WHERE place IS NOT excluded.place`)
    .run(server, place ?? null, stream);
}

/** What tells one record from another, in an order of its own. */
function keysOf(records: readonly (readonly ShadowRecord[])[]): string {
  return JSON.stringify(records.map((some) => some.map(({ server, stream, place }) => JSON.stringify([server, stream, place])).toSorted()));
}
