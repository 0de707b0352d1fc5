import type { Express } from "express";
import type { Duration } from "../domain/duration.ts";
import { minutes, seconds } from "../domain/duration.ts";
import { codeOf } from "../domain/thrown.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Status } from "../ports/status.ts";
import { backoffDelay, type BackoffPolicy } from "../runtime/backoff.ts";

/** Opens a socket for a web application until the signal aborts. @throws an Error with the system's `code` where it cannot */
export type Listen = (
  web: Express,
  where: { readonly host: string; readonly port: number },
  signal: AbortSignal,
) => Promise<{ readonly port: number; readonly ended: Promise<void> }>;

export interface ListenerParts {
  /** `http/api` or `http/metrics`. */
  readonly subject: string;
  readonly web: Express;
  readonly host: string;
  readonly port: number;
  readonly listen: Listen;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly log: Log;
}

const AGAIN: BackoffPolicy = { initial: seconds(2), factor: 2, max: minutes(1), jitter: 0.25 };

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken by another program",
  EACCES: "may not be used by this program's user",
  EADDRNOTAVAIL: "is not an address of this machine",
  ENOTFOUND: "is a name that nobody knows",
};

/** Keeps one port open until the signal aborts. A port that cannot be had is shown and tried again: the cameras are looked after meanwhile. */
export async function keepListening(parts: ListenerParts, signal: AbortSignal): Promise<void> {
  const { subject, web, host, port, listen, clock, random, status, log } = parts;
  const place = `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${String(port)}`;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      const socket = await listen(web, { host, port }, signal);
      attempt = 0;
      status.set(subject, "ok", "Healthy", `http://${place} is open`);
      log.info("http listens", { subject, place });
      await socket.ended;
    } catch (error) {
      if (signal.aborted) return;
      const code = codeOf(error);
      const why = WHY[code ?? ""] ?? "cannot be listened on";
      status.set(subject, "problem", "PortUnavailable", `${place} ${why}${code === undefined ? "" : ` (${code})`}`);
    }
    await pause(backoffDelay(AGAIN, Math.max(1, attempt), random), clock, signal);
  }
}

async function pause(span: Duration, clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    await clock.wait("listen again", span, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
