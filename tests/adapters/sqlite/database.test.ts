import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DatabaseError, databaseErrorOf } from "../../../src/adapters/sqlite/database-error.ts";
import { openDatabase, openDatabaseInMemory, openDatabaseReadOnly, transaction } from "../../../src/adapters/sqlite/database.ts";
import { MIGRATIONS } from "../../../src/adapters/sqlite/migrations.ts";
import { createRegistry } from "../../../src/adapters/sqlite/registry.ts";
import type { DeviceId } from "../../../src/domain/camera.ts";
import { REASONS } from "../../../src/domain/reasons.ts";

const later = [...MIGRATIONS, { version: MIGRATIONS.length + 1, release: "9.8.7", sql: "CREATE TABLE later (x TEXT) STRICT" }];
let folder = "";
let path = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "database-"));
  path = join(folder, "data", "memory ü?.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function refusal(open: () => unknown): DatabaseError {
  try {
    open();
  } catch (error) {
    if (error instanceof DatabaseError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);
const version = (sql: DatabaseSync) => Number(sql.prepare("PRAGMA user_version").get()?.["user_version"]);

describe("openDatabase", () => {
  test("makes the folder and all its files readable for this user alone, whatever the umask", () => {
    const umask = process.umask(0);
    const database = openDatabase(path);
    process.umask(umask);
    transaction(database, (sql) => sql.prepare("INSERT INTO shadow (server, stream) VALUES ('a', 'b')").run());
    const files = readdirSync(join(folder, "data"));
    expect(files).toHaveLength(3);
    expect(files.map((file) => mode(join(folder, "data", file)))).toEqual(["600", "600", "600"]);
    expect(mode(join(folder, "data"))).toBe("700");
    database.sql.close();
    expect(readdirSync(join(folder, "data"))).toHaveLength(1);
  });

  test("says so where the folder is a file", () => {
    writeFileSync(join(folder, "data"), "");
    const { reason, message } = refusal(() => openDatabase(path));
    expect(reason).toBe("DatabaseForbidden");
    expect(message).toContain("data_dir must be a folder, and part of it is a file");
  });

  test("says so where the folder's own folder takes none, at once", () => {
    const { reason, message } = refusal(() => openDatabase("/proc/nope/deeper/camera-shepherd.db"));
    expect(reason).toBe("DatabaseForbidden");
    expect(message).toMatch(/^\/proc\/nope\/deeper\/camera-shepherd\.db cannot be written \(E[A-Z]+\): /);
  });

  test("narrows a file that others could read", () => {
    openDatabase(path).sql.close();
    chmodSync(path, 0o644);
    openDatabase(path).sql.close();
    expect(mode(path)).toBe("600");
  });

  test("is durable: write-ahead log, every commit synchronised", () => {
    const { sql } = openDatabase(path);
    expect(sql.prepare("PRAGMA journal_mode").get()).toMatchObject({ journal_mode: "wal" });
    expect(sql.prepare("PRAGMA synchronous").get()).toMatchObject({ synchronous: 2 });
    sql.close();
  });

  test("applies missing migrations in order and keeps what is there", () => {
    const first = openDatabase(path);
    createRegistry(first).addShadow({ server: "a", stream: "b" as never });
    first.sql.close();
    const second = openDatabase(path, later);
    expect(version(second.sql)).toBe(later.length);
    expect(second.sql.prepare("SELECT version, release FROM migration").all()).toMatchObject(
      later.map(({ version: number, release }) => ({ version: number, release })),
    );
    expect(createRegistry(second).shadows()).toHaveLength(1);
    second.sql.close();
  });

  test("a migration that fails leaves the file as it was before it", () => {
    openDatabase(path).sql.close();
    const broken = [
      ...MIGRATIONS,
      { version: later.length, release: "9.8.7", sql: "CREATE TABLE half (x TEXT) STRICT; CREATE TABLE device (x)" },
    ];
    expect(() => openDatabase(path, broken)).toThrow("device already exists");
    const { sql } = openDatabase(path);
    expect(version(sql)).toBe(MIGRATIONS.length);
    expect(sql.prepare("SELECT count(*) AS found FROM sqlite_schema WHERE name = 'half'").get()).toMatchObject({ found: 0 });
    sql.close();
  });

  test("numbers its migrations without a gap and names a release for each", () => {
    expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
    for (const { release } of MIGRATIONS) expect(release).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("refuses a newer database and names the version to install", () => {
    openDatabase(path, later).sql.close();
    const bytes = readFileSync(path);
    for (const open of [openDatabase, openDatabaseReadOnly]) {
      const error = refusal(() => open(path));
      expect(error.reason).toBe("DatabaseTooNew");
      expect(error.message).toBe(`${path} was written by a newer version: install version 9.8.7 or a newer one`);
    }
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test("refuses a file that is no database, names it and the remedy, and leaves it alone", () => {
    mkdirSync(join(folder, "data"));
    const text = "cameras: []\n".repeat(500);
    writeFileSync(path, text);
    for (const open of [openDatabase, openDatabaseReadOnly]) {
      const error = refusal(() => open(path));
      expect(error.reason).toBe("DatabaseUnreadable");
      expect(error.message).toContain(path);
      expect(error.message).toContain("move it away");
    }
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("notices damage inside the file", () => {
    const database = openDatabase(path);
    const registry = createRegistry(database);
    for (let count = 0; count < 200; count += 1) registry.beginChange({ name: "frigate" }, "x".repeat(500), "y".repeat(500), 0 as never);
    registry.close();
    const bytes = readFileSync(path);
    bytes.fill(0xaa, 4096 * 3, 4096 * 20);
    writeFileSync(path, bytes);
    expect(refusal(() => openDatabase(path)).reason).toBe("DatabaseUnreadable");
    expect(refusal(() => openDatabaseReadOnly(path)).reason).toBe("DatabaseUnreadable");
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test("refuses another program's database", () => {
    mkdirSync(join(folder, "data"));
    const foreign = new DatabaseSync(path);
    foreign.exec("CREATE TABLE photos (x TEXT)");
    foreign.close();
    const error = refusal(() => openDatabase(path));
    expect(error.message).toContain("database of another program");
  });

  test("a place that cannot hold a file is told with its path", () => {
    mkdirSync(path, { recursive: true });
    const error = refusal(() => openDatabase(path));
    expect(error.reason).toBe("DatabaseForbidden");
    expect(error.message).toContain(path);
    writeFileSync(join(folder, "plain"), "");
    expect(refusal(() => openDatabase(join(folder, "plain", "x.db"))).reason).toBe("DatabaseForbidden");
  });
});

describe("openDatabaseReadOnly", () => {
  test("touches nothing: where there is no database, it is empty and none appears", () => {
    const registry = createRegistry(openDatabaseReadOnly(path));
    expect(registry.devices()).toEqual([]);
    registry.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("reads what is there, leaves no file behind and cannot write", () => {
    const writer = createRegistry(openDatabase(path));
    writer.addShadow({ server: "a", stream: "b" as never });
    writer.close();
    const registry = createRegistry(openDatabaseReadOnly(path));
    expect(registry.shadows()).toHaveLength(1);
    expect(refusal(() => registry.addShadow({ server: "c", stream: "d" as never })).reason).toBe("DatabaseForbidden");
    registry.close();
    expect(readdirSync(join(folder, "data"))).toHaveLength(1);
  });

  test("sees what a running program has just written", () => {
    const writer = createRegistry(openDatabase(path));
    writer.addShadow({ server: "a", stream: "b" as never });
    const reader = createRegistry(openDatabaseReadOnly(path));
    writer.addShadow({ server: "c", stream: "d" as never });
    expect(reader.shadows()).toHaveLength(2);
    reader.close();
    writer.close();
  });

  test("an older database is not brought up to date behind the back of a command that only looks", () => {
    openDatabase(path).sql.close();
    const bytes = readFileSync(path);
    const error = refusal(() => openDatabaseReadOnly(path, later));
    expect(error.reason).toBe("DatabaseTooOld");
    expect(error.message).toContain("start the program once with sync or run");
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test("an empty file counts as no database yet", () => {
    mkdirSync(join(folder, "data"));
    writeFileSync(path, "");
    const registry = createRegistry(openDatabaseReadOnly(path));
    expect(registry.devices()).toEqual([]);
    registry.close();
  });
});

describe("transaction", () => {
  test("keeps all or nothing", () => {
    const database = openDatabaseInMemory();
    const work = () =>
      transaction(database, (sql) => {
        sql.prepare("INSERT INTO shadow (server, stream) VALUES ('a', 'b')").run();
        throw new Error("half way");
      });
    expect(work).toThrow("half way");
    expect(createRegistry(database).shadows()).toEqual([]);
    database.sql.close();
  });

  test("two processes take turns: what one writes the other sees", () => {
    const [first, second] = [createRegistry(openDatabase(path)), createRegistry(openDatabase(path))];
    for (let count = 0; count < 20; count += 1) (count % 2 === 0 ? first : second).addShadow({ server: `${count}`, stream: "x" as never });
    expect(first.shadows()).toHaveLength(20);
    first.close();
    expect(second.shadows()).toHaveLength(20);
    second.close();
  });
});

test("settled changes are pruned to twenty a target, in the file too", () => {
  const database = openDatabase(path);
  const registry = createRegistry(database);
  for (const target of ["frigate", "go2rtc"])
    for (let count = 0; count < 30; count += 1)
      registry.settleChange(registry.beginChange({ name: target }, "a", `${count}`, count as never), "kept");
  const rows = database.sql.prepare("SELECT target, count(*) AS kept, min(after + 0) AS oldest FROM change GROUP BY target").all();
  expect(rows).toMatchObject([
    { target: "frigate", kept: 20, oldest: 10 },
    { target: "go2rtc", kept: 20, oldest: 10 },
  ]);
  registry.close();
});

test("a row that is not of its form is a typed error, not a wrong record", () => {
  const database = openDatabaseInMemory();
  database.sql.exec("INSERT INTO device (id, owners, macs, history, switches) VALUES ('front', 'not json', '[]', '[]', '[]')");
  expect(refusal(() => createRegistry(database).device("front" as DeviceId)).reason).toBe("DatabaseUnreadable");
  database.sql.close();
});

test("each reason of a database error stands in the table", () => {
  const failures = [11, 26, 8, 13, 14, 10 + 256].map((errcode) => databaseErrorOf(Object.assign(new Error("x"), { errcode }), "/x"));
  expect(failures.every((error) => error instanceof DatabaseError && Object.hasOwn(REASONS, error.reason))).toBe(true);
  const unrelated = new Error("unrelated");
  expect(databaseErrorOf(unrelated, "/x")).toBe(unrelated);
  const constraint = Object.assign(new Error("x"), { errcode: 19 });
  expect(databaseErrorOf(constraint, "/x")).toBe(constraint);
});

test("a change is settled once: what is said of it later counts for nothing", () => {
  const database = openDatabaseInMemory();
  const registry = createRegistry(database);
  const change = registry.beginChange({ name: "frigate" }, "a", "b", 1 as never);
  registry.settleChange(change, "restored");
  registry.settleChange(change, "kept");
  expect(database.sql.prepare("SELECT state FROM change").all()).toMatchObject([{ state: "restored" }]);
  registry.close();
});
