import type { StreamName } from "../../domain/camera.ts";
import { type Go2rtcApi, said } from "./api.ts";
import { definesStream, removeEntries, StoredEntriesError } from "./stored-entries.ts";

/**
 * The text of the file in which go2rtc stores what its API is told: the first that it was started with (go2rtc internal/api/config.go).
 * @returns undefined where it has none
 * @throws StreamServerError also where the path is hidden
 */
export async function readFirstFile(api: Go2rtcApi): Promise<string | undefined> {
  const answer = await api.call({ method: "GET", path: "api/config" });
  if (answer.status === 200) return answer.text;
  if (answer.status === 410) return undefined;
  // A file that is yet to be made is answered by an empty 404, a path that api.allow_paths hides by one with text.
  if (answer.status === 404 && answer.text.trim() === "") return "";
  throw api.refused("does not show its configuration: allow /api/config in api.allow_paths");
}

/**
 * Removes the entries of these streams from the first file and reads it again; go2rtc's memory does not follow its file.
 * @returns the names that were defined there
 * @throws StreamServerError; the signal's reason when aborted before the file was written
 */
export async function removeStored(api: Go2rtcApi, names: readonly StreamName[], signal: AbortSignal): Promise<readonly StreamName[]> {
  const text = await readFirstFile(api);
  if (text === undefined || names.length === 0) return [];
  const rest = withoutEntries(api, text, names);
  if (rest === text) return [];
  signal.throwIfAborted();
  if ((await readFirstFile(api)) !== text) throw api.refused("had its file edited meanwhile: it is tried again");
  const answer = await api.call({ method: "POST", path: "api/config", body: rest });
  if (answer.status !== 200 || (await readFirstFile(api)) !== rest) {
    throw api.refused(`could not save its file (${said(answer)}): remove ${names.join(", ")} from it by hand`);
  }
  return names.filter((name) => definesStream(text, name) === true);
}

function withoutEntries(api: Go2rtcApi, text: string, names: readonly StreamName[]): string {
  try {
    return removeEntries(text, names);
  } catch (cause) {
    if (!(cause instanceof StoredEntriesError)) throw cause;
    throw api.refused(`keeps ${names.join(", ")} in its file and cannot be rid of it, because ${cause.message}: remove it by hand`, {
      cause,
    });
  }
}
