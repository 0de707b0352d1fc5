import type { DeviceId } from "../../domain/camera.ts";
import type { DeviceRecord, Registry } from "../../ports/registry.ts";
import { createConsents } from "./consents.ts";
import { reading, transaction } from "./database.ts";
import type { Database, Sql } from "./database.ts";
import { certificatePins } from "./certificates.ts";
import { restartLog } from "./restarts.ts";
import { changeOf, deviceOf, evidenceOf } from "./rows.ts";
import { serverRecords } from "./server-records.ts";

const MOST_HISTORY = 10;
const MOST_SWITCHES = 50;
const MOST_EVIDENCE = 1000;
const SETTLED_CHANGES = 20;
/** Devices whose records are kept as read. */
const MOST_KNOWN = 1000;

/**
 * The program's memory in SQLite. Takes over the database and closes it. A device that is forgotten takes its evidence with it;
 * its quarantined sources stay until they are put back. A change that changed nothing is dropped when it is settled. Every call throws DatabaseError where the file has become unusable.
 * @param settledChanges how many settled changes of each document are kept
 */
export function createRegistry(database: Database, settledChanges: number = SETTLED_CHANGES): Registry {
  const inOne = <T>(work: (sql: Sql) => T): T => transaction(database, work);
  const readOnly = <T>(work: (sql: Sql) => T): T => reading(database, work);
  const known: { version: unknown; readonly devices: Map<DeviceId, DeviceRecord | undefined> } = { version: undefined, devices: new Map() };
  return {
    ...restartLog(inOne, readOnly),
    ...certificatePins(inOne, readOnly),
    consents: createConsents({ inOne, readOnly }),
    devices: () => readOnly((sql) => sql.prepare("SELECT * FROM device ORDER BY id").all().map(deviceOf)),
    device: (id) =>
      readOnly((sql) => {
        // Asked for hundreds of times a minute; only what another program has written since is read anew (sqlite.org/pragma.html#pragma_data_version).
        const version = sql.prepare("PRAGMA data_version").get()?.["data_version"];
        if (version !== known.version || known.devices.size > MOST_KNOWN) known.devices.clear();
        known.version = version;
        if (known.devices.has(id)) return known.devices.get(id);
        const row = sql.prepare("SELECT * FROM device WHERE id = ?").get(id);
        const record = row === undefined ? undefined : deviceOf(row);
        known.devices.set(id, record);
        return record;
      }),
    saveDevice: (record) =>
      inOne((sql) => {
        known.devices.delete(record.id);
        saveDevice(sql, record);
      }),
    forgetDevice: (id) =>
      inOne((sql) => {
        known.devices.delete(id);
        sql.prepare("DELETE FROM device WHERE id = ?").run(id);
        sql.prepare("DELETE FROM evidence WHERE device = ?").run(id);
      }),
    replaceDevice: (record) =>
      inOne((sql) => {
        known.devices.delete(record.id);
        saveDevice(sql, record);
        sql.prepare("DELETE FROM evidence WHERE device = ?").run(record.id);
      }),
    addEvidence: (record) =>
      inOne((sql) => {
        const { lastInsertRowid } = sql
          .prepare("INSERT INTO evidence (device, record) VALUES (?, ?)")
          .run(record.device, JSON.stringify(record));
        sql
          .prepare(
            "DELETE FROM evidence WHERE device = ?1 AND id <= (SELECT id FROM evidence WHERE device = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
          )
          .run(record.device, MOST_EVIDENCE);
        return Number(lastInsertRowid);
      }),
    evidence: (device, limit) =>
      readOnly((sql) =>
        sql
          .prepare("SELECT record FROM evidence WHERE device = ? ORDER BY id DESC LIMIT ?")
          .all(device, Math.max(0, Math.min(MOST_EVIDENCE, Math.trunc(limit))))
          .map(evidenceOf),
      ),
    evidenceId: (device, candidate) =>
      readOnly((sql) => {
        const row = sql
          .prepare(
            "SELECT id FROM evidence WHERE device = ?1 AND json_extract(record, '$.candidate') = ?2 AND json_extract(record, '$.verdict') = 'verified' ORDER BY id DESC LIMIT 1",
          )
          .get(device, candidate);
        return row === undefined ? undefined : Number(row["id"]);
      }),
    ...serverRecords(inOne, readOnly),
    beginChange: ({ name, place = null }, before, after, at) =>
      inOne((sql) => {
        const insert = sql.prepare("INSERT INTO change (target, place, before, after, at, state) VALUES (?, ?, ?, ?, ?, 'begun')");
        return Number(insert.run(name, place, before, after, at).lastInsertRowid);
      }),
    settleChange: (id, state) =>
      inOne((sql) => {
        sql.prepare("UPDATE change SET state = ? WHERE id = ? AND state = 'begun'").run(state, id);
        sql.prepare("DELETE FROM change WHERE id = ? AND state <> 'begun' AND before = after").run(id);
        sql.prepare(PRUNE_CHANGES).run(id, settledChanges);
      }),
    openChanges: () => readOnly((sql) => sql.prepare("SELECT * FROM change WHERE state = 'begun' ORDER BY id").all().map(changeOf)),
    close() {
      if (database.sql.isOpen) database.sql.close();
    },
  };
}

const AT_SAME_PLACE = "coalesce(place, target) = (SELECT coalesce(place, target) FROM change WHERE id = ?1)";

/** Deletes the settled changes beyond the newest ?2 at the place that change ?1 belongs to; by their name where they are from the first releases. */
const PRUNE_CHANGES = `
  DELETE FROM change WHERE state <> 'begun' AND ${AT_SAME_PLACE} AND id <= (
    SELECT id FROM change WHERE state <> 'begun' AND ${AT_SAME_PLACE} ORDER BY id DESC LIMIT 1 OFFSET ?2
  )`;

function saveDevice(sql: Sql, record: DeviceRecord): void {
  const { identity, refusedLogin } = record;
  sql
    .prepare(
      `INSERT OR REPLACE INTO device (id, owners, macs, endpoint, realm, uid, told_macs, shared, onvif_port, address, verified_at, history, switches, refused_login)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      record.id,
      JSON.stringify(record.owners),
      JSON.stringify(identity.macs),
      identity.endpoint ?? null,
      identity.realm ?? null,
      identity.uid ?? null,
      identity.toldMacs === undefined ? null : JSON.stringify(identity.toldMacs),
      identity.shared === undefined ? null : JSON.stringify(identity.shared),
      identity.onvifPort ?? null,
      record.address ?? null,
      record.verifiedAt ?? null,
      JSON.stringify(record.history.slice(0, MOST_HISTORY)),
      JSON.stringify(record.switches.slice(-MOST_SWITCHES)),
      refusedLogin === undefined ? null : JSON.stringify(refusedLogin),
    );
}
