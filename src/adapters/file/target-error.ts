import { codeOf } from "../../domain/thrown.ts";
import { TargetError } from "../../ports/config-target.ts";

/** A file system's error as one sentence that names the place and what to do; anything that is not one as it is. */
export function targetError(place: string, path: string, error: unknown): unknown {
  if (error instanceof TargetError) return error;
  const options = { cause: error };
  switch (codeOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return new TargetError("DocumentMissing", `${place} is not there; correct the path, or create the document`, options);
    case "EACCES":
    case "EPERM":
      return new TargetError(
        "DocumentForbidden",
        `no permission for ${path}; give this program's user read and write permission on ${place} and its folder`,
        options,
      );
    case "EROFS":
      return new TargetError("DocumentForbidden", `${path} is on a read-only file system; mount it writable`, options);
    case "EBUSY":
    case "EXDEV":
      return new TargetError(
        "DocumentForbidden",
        `${path} is mounted as a single file and cannot be replaced; mount its folder instead`,
        options,
      );
    case "ENOSPC":
    case "EDQUOT":
      return new TargetError("DocumentForbidden", `there is no room left beside ${place}; free some space`, options);
    case "ELOOP":
      return new TargetError("DocumentUnreadable", `${place} is a symbolic link to itself; correct it`, options);
    case "EISDIR":
      return new TargetError("DocumentUnreadable", `${place} is not a file; name the document itself`, options);
    default:
      return error;
  }
}
