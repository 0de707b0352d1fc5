import { type IpAddress, parseIp } from "../domain/addresses.ts";
import { formatDuration, between, type Instant, seconds } from "../domain/duration.ts";
import { REASONS } from "../domain/reasons.ts";
import type { ConfigTarget } from "../ports/config-target.ts";
import type { Consents } from "../ports/consents.ts";
import type { ConnectProber } from "../ports/prober.ts";
import type { RunLock } from "../ports/run-lock.ts";
import { moveWords } from "../reconcilers/approvals.ts";
import { proposalsOf } from "../reconcilers/remembered.ts";
import type { CheckItem, CheckProducer } from "./check.ts";

/** Changes that wait for a person. */
export function checkApprovals(consents: Pick<Consents, "proposals">, targets: readonly ConfigTarget[], now: Instant): CheckProducer {
  return {
    part: "approvals",
    gather: () =>
      Promise.resolve(
        proposalsOf(consents, targets).map(({ id, target, edits, at }): CheckItem => {
          const place = targets.find(({ name }) => name === target)?.place ?? target;
          const found = `${place}: change ${id} has waited ${formatDuration(between(at, now))} for approval: ${moveWords(edits)}`;
          return { part: `document ${target}`, state: "act", found, nextStep: `camera-shepherd approve ${id}` };
        }),
      ),
  };
}

/** Which copy of the program looks after which document. Nothing where none does. */
export function checkLeases(targets: readonly ConfigTarget[], now: Instant): CheckProducer {
  return {
    part: "leases",
    gather: async (signal) => {
      const held = targets.map(async ({ name, lease }): Promise<readonly CheckItem[]> => {
        const holder = await lease?.holder(signal);
        if (holder === undefined) return [];
        const { host, pid, since } = holder;
        const found = `looked after by process ${String(pid)} on ${host}, for ${formatDuration(between(since, now))}`;
        return [{ part: `document ${name}`, state: "info", found }];
      });
      return (await Promise.all(held)).flat();
    },
  };
}

interface HttpOptions {
  readonly host: string;
  readonly port: number | "none";
  readonly metrics_port: number | "none";
}

/** Whether the HTTP listeners that the options ask for answer. Nothing where they ask for none. */
export function checkListeners(options: HttpOptions, runLock: Pick<RunLock, "isTaken">, connect: ConnectProber["connect"]): CheckProducer {
  const asked = [
    ["HTTP API", options.port],
    ["HTTP metrics", options.metrics_port],
  ] as const;
  const item = async (part: string, port: number, signal: AbortSignal): Promise<CheckItem> => {
    const place = `${options.host}:${String(port)}`;
    if (!runLock.isTaken()) return { part, state: "info", found: `${place}, once run runs` };
    const address = reachable(options.host);
    if (address === undefined) return { part, state: "info", found: `${place}: not tried` };
    if ((await connect(address, port, seconds(2), signal)) === "open") return { part, state: "ok", found: `${place} answers` };
    return { part, state: "absent", found: `${place} does not answer, though run runs`, nextStep: REASONS.PortUnavailable.nextStep };
  };
  return {
    part: "HTTP",
    gather: (signal) => Promise.all(asked.flatMap(([part, port]) => (port === "none" ? [] : [item(part, port, signal)]))),
  };
}

/** Where a listener on the host is reached from this machine; undefined where that is no IPv4 address. */
function reachable(host: string): IpAddress | undefined {
  return parseIp(["0.0.0.0", "localhost", "::"].includes(host) ? "127.0.0.1" : host);
}
