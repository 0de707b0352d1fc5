import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RunLock } from "../../ports/run-lock.ts";
import { databaseErrorOf } from "./database-error.ts";

/** SQLite's result code where another process holds the lock (sqlite.org/rescode.html#busy). */
const BUSY = 5;
/** Milliseconds: a look of another command at the lock is over by then. */
const PATIENCE = 1000;

/**
 * An exclusive lock on an empty database of its own. The kernel drops it when the process ends, however it ends, so it is never stale, costs nothing while it is
 * held, and is seen from another container, too.
 * @param path the file's; made where it is missing
 */
export function createRunLock(path: string): RunLock {
  let held: DatabaseSync | undefined;
  const lock = (timeout: number): DatabaseSync | undefined => {
    try {
      closeSync(openSync(path, "a", 0o600));
      const sql = new DatabaseSync(path, { timeout });
      try {
        sql.exec("BEGIN EXCLUSIVE");
        return sql;
      } catch (error) {
        sql.close();
        throw error;
      }
    } catch (error) {
      if (error instanceof Error && "errcode" in error && error.errcode === BUSY) return undefined;
      throw databaseErrorOf(error, path);
    }
  };
  return {
    folder: dirname(path),
    take() {
      held ??= lock(PATIENCE);
      return held !== undefined;
    },
    isTaken() {
      if (held !== undefined) return false;
      const mine = lock(0);
      mine?.close();
      return mine === undefined;
    },
    release() {
      held?.close();
      held = undefined;
    },
  };
}
