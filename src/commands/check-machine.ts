import { formatNetwork } from "../domain/addresses.ts";
import { milliseconds } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import type { NeighbourSearch, ScanInterface } from "../ports/search.ts";
import { LayerUnavailable, type SightingSource } from "../ports/sightings.ts";
import type { ReachNow } from "./check-reach.ts";
import type { CheckItem, CheckProducer } from "./check.ts";
import { layerWords } from "./wording.ts";

/** What there is of a program; `src/adapters/system/programs.ts` reads it. */
export type ProgramReading =
  | { readonly kind: "found"; readonly version: string }
  | { readonly kind: "missing" }
  | { readonly kind: "forbidden"; readonly version: string; readonly why: string }
  | { readonly kind: "other"; readonly what: string };

const LEAST_NODE = 24;

/** @param version as `process.versions.node` has it */
export function checkNode(version: string): CheckProducer {
  const part = "Node.js";
  const fit = Number.parseInt(version, 10) >= LEAST_NODE;
  const item: CheckItem = fit
    ? { part, state: "ok", found: version }
    : { part, state: "act", found: version, nextStep: `Install Node.js ${LEAST_NODE} or newer.` };
  return { part, gather: () => Promise.resolve([item]) };
}

/**
 * @param probe tries to write there and opens the database without changing it; gives what it found, throws where a person must act
 */
export function checkDataFolder(folder: string, probe: (signal: AbortSignal) => Promise<string>): CheckProducer {
  const part = "data folder";
  return {
    part,
    gather: async (signal) => {
      try {
        return [{ part, state: "ok", found: `${folder}: ${await probe(signal)}` }];
      } catch (error) {
        signal.throwIfAborted();
        const why = error instanceof Error ? error.message : "it cannot be used";
        const nextStep = `Give the program's user write permission on ${folder}, or name another folder under data_dir.`;
        return [{ part, state: "act", found: `${folder}: ${why}`, nextStep }];
      }
    },
  };
}

/** @param without what is worse without the program */
export function checkProgram(
  part: string,
  install: string,
  without: string,
  read: (signal: AbortSignal) => Promise<ProgramReading>,
): CheckProducer {
  return { part, gather: async (signal) => [programItem(part, install, without, await read(signal))] };
}

function programItem(part: string, install: string, without: string, reading: ProgramReading): CheckItem {
  switch (reading.kind) {
    case "found":
      return { part, state: "ok", found: reading.version };
    case "missing":
      return { part, state: "less", found: `not installed: ${without}`, nextStep: install };
    case "other":
      return { part, state: "less", found: `${reading.what}: ${without}`, nextStep: install };
    case "forbidden": {
      const nextStep = "Give the program NET_RAW (docker: cap_add: [NET_RAW]), or run it as root.";
      return { part, state: "less", found: `${reading.version}, but ${reading.why}: ${without}`, nextStep };
    }
  }
}

/** Ways of noticing that hear what a camera sends on its own network, which no router passes on. */
const ON_THE_WIRE: ReadonlySet<SightingSource["layer"]> = new Set(["dhcp", "neighbours", "ws_discovery"]);

const DEAF = "this machine is on no camera's network, so nothing of the cameras arrives";

/** Starts each way of noticing until it is up, and stops it at once. One that is up where nothing of the cameras arrives hears nothing, and that is said. */
export function checkLayers(sources: readonly SightingSource[], clock: Clock, reachNow: ReachNow): CheckProducer {
  const part = "noticing";
  const one = async (source: SightingSource, signal: AbortSignal): Promise<CheckItem> => {
    const named = { part: `noticing ${source.layer}` };
    const [found, reach] = await Promise.all([tried(source, clock, signal), reachNow(signal)]);
    const isDeaf = reach?.kind === "none" && ON_THE_WIRE.has(source.layer);
    if (found === undefined && isDeaf) return { ...named, state: "less", found: `${layerWords(source.layer)}: up, but ${DEAF}` };
    if (found === undefined) return { ...named, state: "ok", found: layerWords(source.layer) };
    return { ...named, state: "less", found: `${layerWords(source.layer)}: ${found}` };
  };
  return {
    part,
    gather: async (signal) => {
      if (sources.length === 0)
        return [{ part, state: "less", found: "every layer is switched off", nextStep: "Switch one on under network.layers." }];
      return Promise.all(sources.map((source) => one(source, signal)));
    },
  };
}

/** Undefined where the layer came up; else why not. */
async function tried(source: SightingSource, clock: Clock, signal: AbortSignal): Promise<string | undefined> {
  const stop = new AbortController();
  const both = AbortSignal.any([stop.signal, clock.deadline(`try ${source.layer}`, milliseconds(3000), signal)]);
  let up = false;
  const ready = (): void => {
    up = true;
    stop.abort();
  };
  try {
    await source.watch(() => undefined, ready, both);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LayerUnavailable) return error.message;
    if (!both.aborted) throw error;
  }
  return up ? undefined : "it did not start within 3 s";
}

/** Which interfaces are searched, and which are not and why. @param named those of `network.interfaces` */
export function checkInterfaces(search: Pick<NeighbourSearch, "interfaces">, named: readonly string[]): CheckProducer {
  const part = "interfaces";
  return {
    part,
    gather: async (signal) => {
      const found = await search.interfaces(signal);
      const missing = named.filter((name) => !found.some((one) => one.name === name));
      const items = found.map((one) => interfaceItem(one, named));
      const none = items.every(({ state }) => state !== "ok");
      const nextStep = "Name the interface of your cameras under network.interfaces; in Docker use network_mode: host.";
      return [
        ...items,
        ...missing.map((name): CheckItem => ({
          part: `interface ${name}`,
          state: "act",
          found: "there is no such interface",
          nextStep: "Correct network.interfaces.",
        })),
        ...(none && missing.length === 0
          ? [{ part, state: "less", found: "none is searched: a camera that moves silently is not found", nextStep } as const]
          : []),
      ];
    },
  };
}

function interfaceItem(one: ScanInterface, named: readonly string[]): CheckItem {
  const part = `interface ${one.name}`;
  const where = `${one.address} in ${formatNetwork(one.network)}`;
  if (named.includes(one.name)) return { part, state: "ok", found: `${where}: searched, because it is named` };
  if (named.length > 0) return { part, state: "info", found: `${where}: not searched, because others are named` };
  return one.avoid === undefined
    ? { part, state: "ok", found: `${where}: searched` }
    : { part, state: "info", found: `${where}: not searched: ${one.avoid}` };
}
