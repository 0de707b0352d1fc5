/** One step of the schema. Once released it is never changed; a later one follows. */
export interface Migration {
  /** Counts from 1 without a gap; becomes the file's `user_version`. */
  readonly version: number;
  /** The first release that knows it: the version to install when an older program meets the file. */
  readonly release: string;
  readonly sql: string;
}

/**
 * Every step in order. SQL stands in TypeScript so that it is in the bundle, too.
 * The table `migration` keeps its form for ever: older programs read from it which release they lack.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    release: "0.1.0",
    sql: `
      CREATE TABLE migration (
        version INTEGER PRIMARY KEY,
        release TEXT NOT NULL
      ) STRICT;

      CREATE TABLE device (
        id TEXT PRIMARY KEY,
        owners TEXT NOT NULL,
        macs TEXT NOT NULL,
        endpoint TEXT,
        realm TEXT,
        address TEXT,
        verified_at REAL,
        history TEXT NOT NULL,
        switches TEXT NOT NULL,
        refused_login TEXT
      ) STRICT;

      CREATE TABLE evidence (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        device TEXT NOT NULL,
        record TEXT NOT NULL
      ) STRICT;
      CREATE INDEX evidence_of_device ON evidence (device, id);

      CREATE TABLE quarantine (
        server TEXT NOT NULL,
        stream TEXT NOT NULL,
        device TEXT NOT NULL,
        sources TEXT NOT NULL,
        at REAL NOT NULL,
        PRIMARY KEY (server, stream)
      ) STRICT;

      CREATE TABLE shadow (
        server TEXT NOT NULL,
        stream TEXT NOT NULL,
        PRIMARY KEY (server, stream)
      ) STRICT;

      CREATE TABLE change (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        target TEXT NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        at REAL NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('begun', 'kept', 'restored', 'abandoned'))
      ) STRICT;
      CREATE INDEX change_of_target ON change (target, state, id);
    `,
  },
  {
    version: 2,
    release: "0.2.0",
    sql: `
      CREATE TABLE restart (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        target TEXT NOT NULL,
        at REAL NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('change', 'restoring')),
        state TEXT NOT NULL CHECK (state IN ('called', 'up', 'safe-mode')),
        before TEXT,
        after TEXT
      ) STRICT;
      CREATE INDEX restart_of_target ON restart (target, id);
    `,
  },
  {
    version: 3,
    release: "0.2.0",
    sql: `
      ALTER TABLE device ADD COLUMN uid TEXT;
      ALTER TABLE device ADD COLUMN told_macs TEXT;
      ALTER TABLE device ADD COLUMN shared TEXT;
    `,
  },
  {
    version: 4,
    release: "0.2.0",
    sql: `
      CREATE TABLE certificate (
        place TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    version: 5,
    release: "0.2.0",
    sql: `
      CREATE TABLE proposal (
        target TEXT PRIMARY KEY,
        id TEXT NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        edits TEXT NOT NULL,
        cameras TEXT NOT NULL,
        evidence TEXT NOT NULL,
        at REAL NOT NULL
      ) STRICT;

      CREATE TABLE hold (
        device TEXT NOT NULL,
        address TEXT NOT NULL,
        why TEXT NOT NULL,
        at REAL NOT NULL,
        circumstances TEXT,
        PRIMARY KEY (device, address)
      ) STRICT;

      CREATE TABLE request (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        action TEXT NOT NULL,
        at REAL NOT NULL,
        until REAL NOT NULL,
        taken INTEGER NOT NULL DEFAULT 0,
        result TEXT
      ) STRICT;

      CREATE TABLE fact (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    version: 6,
    release: "0.2.0",
    sql: `
      ALTER TABLE change ADD COLUMN place TEXT;
      CREATE INDEX change_at_place ON change (place, state, id);
      ALTER TABLE proposal ADD COLUMN place TEXT;
      ALTER TABLE restart ADD COLUMN place TEXT;
      CREATE INDEX restart_at_place ON restart (place, id);
    `,
  },
  {
    version: 7,
    release: "0.2.0",
    sql: `ALTER TABLE device ADD COLUMN onvif_port INTEGER;`,
  },
  {
    version: 8,
    release: "0.2.0",
    sql: `
      ALTER TABLE quarantine ADD COLUMN place TEXT;
      ALTER TABLE shadow ADD COLUMN place TEXT;
    `,
  },
];
