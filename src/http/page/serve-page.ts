import { minutes, seconds } from "../../domain/duration.ts";
import type { IpAddress } from "../../domain/addresses.ts";
import type { Random } from "../../ports/clock.ts";
import type { Status } from "../../ports/status.ts";
import { backoffDelay, type BackoffPolicy } from "../../runtime/backoff.ts";
import { keepListening, type Listen } from "../listener.ts";
import { createPage, type PageParts } from "./page-web.ts";

/** Where Home Assistant's ingress calls the page; undefined where that is not known yet. @throws the signal's reason when aborted */
export type FindPlace = (signal: AbortSignal) => Promise<{ readonly host: IpAddress; readonly port: number } | undefined>;

export interface ServePageParts extends PageParts {
  readonly findPlace: FindPlace;
  readonly listen: Listen;
  readonly random: Random;
  readonly status: Status;
}

const AGAIN: BackoffPolicy = { initial: seconds(2), factor: 2, max: minutes(5), jitter: 0.25 };
const LOCAL = "127.0.0.1";

/**
 * Keeps the page open until the signal aborts, for Home Assistant and, with nothing but `/health`, for this machine. At the start of the machine the
 * address may not be there yet: it is tried again.
 */
export async function servePage(parts: ServePageParts, signal: AbortSignal): Promise<void> {
  const { findPlace, clock, random } = parts;
  try {
    for (let attempt = 1; ; attempt += 1) {
      const place = await findPlace(signal);
      if (place !== undefined) {
        const web = createPage(parts, signal);
        const hosts = [...new Set<string>([place.host, LOCAL])];
        const { port } = place;
        await Promise.all(
          hosts.map((host) =>
            keepListening({ ...parts, web, host, port, subject: host === place.host ? "http/page" : "http/page-health" }, signal),
          ),
        );
        return;
      }
      await clock.wait("the page's address", backoffDelay(AGAIN, attempt, random), signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
