import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { DatabaseError, databaseErrorOf } from "./database-error.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { Migration } from "./migrations.ts";

/** "CShp": tells our files from other programs' (sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x43536870;
/** How long another process may hold the file locked, in milliseconds. */
const BUSY_TIMEOUT = 5000;

/** How many statements are kept ready. Their texts are this program's own, so that there are never many more. */
const MOST_STATEMENTS = 100;

/** What reads and writes of the database are made with: a text that was prepared before is not prepared again. */
export type Sql = Pick<DatabaseSync, "prepare">;

/** An open database and the path it is named by in messages. */
export interface Database {
  readonly path: string;
  readonly sql: DatabaseSync;
  readonly statements: Sql;
}

/**
 * Opens the database for reading and writing, makes it where it is missing (mode 0600, its folder 0700) and brings its schema up to date,
 * each migration in a transaction of its own. SQLite gives the `-wal` and `-shm` files the mode of the main file (os_unix.c
 * `findCreateFileMode`); those of an earlier run are narrowed, too. Commits are durable against a power cut (`synchronous=FULL`).
 * @throws DatabaseError where the file is damaged, foreign, newer than this program, or may not be written; it is never deleted
 */
export function openDatabase(path: string, migrations: readonly Migration[] = MIGRATIONS): Database {
  return guarded(path, () => {
    makeFolder(dirname(path));
    closeSync(openSync(path, "a", 0o600));
    for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
    return opened(path, new DatabaseSync(path, { timeout: BUSY_TIMEOUT }), (sql) => {
      checkOrigin(path, sql, migrations);
      sql.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      checkIntegrity(path, sql);
      migrate(sql, migrations);
    });
  });
}

/**
 * Opens the database without changing anything on the disk: for commands that only look. Where there is none yet, an empty one in memory.
 * @throws DatabaseError as `openDatabase`, and where the schema is older than this program
 */
export function openDatabaseReadOnly(path: string, migrations: readonly Migration[] = MIGRATIONS): Database {
  return guarded(path, () => {
    if (!existsSync(path)) return inMemory(path, migrations);
    // A read-only connection to a WAL database leaves `-wal` and `-shm` behind; without a `-wal` file nobody writes and the main file is complete.
    const url = pathToFileURL(path);
    if (!existsSync(`${path}-wal`)) url.searchParams.set("immutable", "1");
    const database = opened(path, new DatabaseSync(url, { readOnly: true, timeout: BUSY_TIMEOUT }), (sql) => {
      checkOrigin(path, sql, migrations);
      checkIntegrity(path, sql);
    });
    const version = numberOf(database.sql, "PRAGMA user_version");
    if (version === newest(migrations)) return database;
    database.sql.close();
    if (version === 0) return inMemory(path, migrations);
    throw new DatabaseError("DatabaseTooOld", `${path} was written by an older version: start the program once with sync or run`);
  });
}

/** An empty database that vanishes when it is closed. */
export function openDatabaseInMemory(): Database {
  return inMemory(":memory:", MIGRATIONS);
}

/** Makes a folder and those above it. Node's own `recursive` never ends where a folder is there and takes no new one, such as `/proc`. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** Runs `work`, which only reads. @throws DatabaseError; what `work` throws */
export function reading<T>(database: Database, work: (sql: Sql) => T): T {
  return guarded(database.path, () => work(database.statements));
}

/** Runs `work` in one transaction: all of it is kept, or nothing. @throws DatabaseError; what `work` throws */
export function transaction<T>(database: Database, work: (sql: Sql) => T): T {
  return guarded(database.path, () => inTransaction(database.sql, () => work(database.statements)));
}

function inMemory(path: string, migrations: readonly Migration[]): Database {
  return opened(path, new DatabaseSync(":memory:"), (sql) => migrate(sql, migrations));
}

function opened(path: string, sql: DatabaseSync, prepare: (sql: DatabaseSync) => void): Database {
  try {
    prepare(sql);
  } catch (error) {
    sql.close();
    throw error;
  }
  return { path, sql, statements: keptReady(sql) };
}

function keptReady(sql: DatabaseSync): Sql {
  const ready = new Map<string, StatementSync>();
  return {
    prepare: (text) => {
      const known = ready.get(text);
      if (known !== undefined) return known;
      const statement = sql.prepare(text);
      if (ready.size >= MOST_STATEMENTS) ready.clear();
      ready.set(text, statement);
      return statement;
    },
  };
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw databaseErrorOf(error, path);
  }
}

function inTransaction<T>(sql: DatabaseSync, work: () => T): T {
  sql.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    sql.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite rolls back by itself after some errors, such as a full disk.
    if (sql.isTransaction) sql.exec("ROLLBACK");
    throw error;
  }
}

function migrate(sql: DatabaseSync, migrations: readonly Migration[]): void {
  for (const migration of migrations) {
    inTransaction(sql, () => {
      // Read inside the transaction: another process may have been faster.
      if (numberOf(sql, "PRAGMA user_version") >= migration.version) return;
      sql.exec(migration.sql);
      sql.prepare("INSERT INTO migration (version, release) VALUES (?, ?)").run(migration.version, migration.release);
      sql.exec(`PRAGMA user_version = ${migration.version}; PRAGMA application_id = ${APPLICATION_ID}`);
    });
  }
}

function checkOrigin(path: string, sql: DatabaseSync, migrations: readonly Migration[]): void {
  const version = numberOf(sql, "PRAGMA user_version");
  const ours = numberOf(sql, "PRAGMA application_id") === APPLICATION_ID;
  if (!ours && (version > 0 || numberOf(sql, "SELECT count(*) FROM sqlite_schema") > 0))
    throw new DatabaseError("DatabaseUnreadable", `${path} is a database of another program: choose another data_dir`);
  if (version > newest(migrations))
    throw new DatabaseError("DatabaseTooNew", `${path} was written by a newer version: install ${releaseIn(sql)} or a newer one`);
}

function checkIntegrity(path: string, sql: DatabaseSync): void {
  const verdict = valueOf(sql, "PRAGMA quick_check(1)");
  if (verdict !== "ok")
    throw new DatabaseError("DatabaseUnreadable", `${path} is damaged (${String(verdict)}): move it away, then start again`);
}

function newest(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

function releaseIn(sql: DatabaseSync): string {
  const release = valueOf(sql, "SELECT release FROM migration ORDER BY version DESC LIMIT 1");
  return typeof release === "string" ? `version ${release}` : "the version that wrote it";
}

function numberOf(sql: DatabaseSync, query: string): number {
  return Number(valueOf(sql, query));
}

function valueOf(sql: DatabaseSync, query: string): unknown {
  const row = sql.prepare(query).get();
  return row === undefined ? undefined : Object.values(row)[0];
}
