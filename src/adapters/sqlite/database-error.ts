import { codeOf } from "../../domain/thrown.ts";
export type DatabaseReason = "DatabaseUnreadable" | "DatabaseTooNew" | "DatabaseTooOld" | "DatabaseForbidden";

/** The database cannot be used: the message names the file and the remedy. The file was left as it is. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly reason: DatabaseReason;
  constructor(reason: DatabaseReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const UNREADABLE = [11, 26];
const FILE_ERRORS = ["EACCES", "EPERM", "EROFS", "ENOSPC", "EISDIR", "ENOENT"];
/** A part of the path is a file. */
const NO_FOLDER = ["ENOTDIR", "EEXIST"];
const FORBIDDEN = [3, 8, 10, 13, 14, 23];

/** The error that a failure of SQLite on this file means; anything else comes back as it is. */
export function databaseErrorOf(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseError) return error;
  const code = codeOf(error);
  if (code !== undefined && NO_FOLDER.includes(code))
    return new DatabaseError("DatabaseForbidden", `${path} cannot be made (${code}): data_dir must be a folder, and part of it is a file`, {
      cause: error,
    });
  if (code !== undefined && FILE_ERRORS.includes(code))
    return new DatabaseError("DatabaseForbidden", `${path} cannot be written (${code}): give this user permission and space`, {
      cause: error,
    });
  if (!("errcode" in error) || typeof error.errcode !== "number") return error;
  const primary = error.errcode & 0xff;
  if (UNREADABLE.includes(primary))
    return new DatabaseError(
      "DatabaseUnreadable",
      `${path} is damaged or no database (${error.message}): move it away, then start again; as Home Assistant's app, restore the app from a backup, or note its options, uninstall it and install it again`,
      {
        cause: error,
      },
    );
  if (FORBIDDEN.includes(primary))
    return new DatabaseError(
      "DatabaseForbidden",
      `${path} cannot be opened or written (${error.message}): give this user permission and space`,
      {
        cause: error,
      },
    );
  return error;
}
