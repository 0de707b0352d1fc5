import type { StreamName } from "../../domain/camera.ts";
import { milliseconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ApiAnswer, ApiRequest } from "./api.ts";
import { parsePreloads } from "./streams.ts";

const AGAIN_AFTER = milliseconds(500);

/**
 * Preloads a stream again with its old query where it was preloaded: a preload holds the stream object of before the PUT (go2rtc
 * internal/streams/preload.go). The call dials the camera, which may need a moment: it is tried twice. Versions before 1.9.11 have no preload.
 * @returns whether it was preloaded again
 */
export async function renewPreload(
  name: StreamName,
  call: (request: ApiRequest) => Promise<ApiAnswer>,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const list = await call({ method: "GET", path: "api/preload" });
  const query = list.status === 200 ? parsePreloads(list.text).get(name) : undefined;
  if (query === undefined) return false;
  const put: ApiRequest = { method: "PUT", path: "api/preload", query: [["src", name], ...new URLSearchParams(query)] };
  if ((await call(put)).status === 200) return true;
  await clock.wait("go2rtc preload", AGAIN_AFTER, signal);
  return (await call(put)).status === 200;
}
