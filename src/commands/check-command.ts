import type { Sources } from "../config/load.ts";
import type { Options } from "../config/options.ts";
import { networkOf } from "../domain/addresses.ts";
import { DocumentError } from "../domain/document.ts";
import { TargetError } from "../ports/config-target.ts";
import { type Processes, ProgramMissing } from "../ports/processes.ts";
import type { NeighbourSearch } from "../ports/search.ts";
import { LayerUnavailable } from "../ports/sightings.ts";
import type { ExitCode, Invocation } from "./arguments.ts";
import { checkCameras, checkDocuments, checkOptions, checkServers } from "./check-home.ts";
import { checkDataFolder, checkInterfaces, checkLayers, checkNode, checkProgram, type ProgramReading } from "./check-machine.ts";
import { checkExitCode, checkLine, gatherChecks, renderCheck } from "./check.ts";
import type { Look } from "./paint.ts";
import type { Program } from "./program.ts";

export interface CheckFacts {
  readonly options: Options;
  readonly sources: Sources;
  /** As `process.versions.node` has it. */
  readonly node: string;
}

/** Looks at every part that the program depends on, and at every camera. Changes nothing. */
export async function runCheck(
  program: Program,
  facts: CheckFacts,
  invocation: Extract<Invocation, { kind: "check" }>,
  look: Look,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { options, sources } = facts;
  const { engine, processes, search, clock, registry } = program;
  for (const target of program.targets) {
    try {
      const { text, revision } = await target.read(signal);
      engine.fleet.adopt(target, text, revision);
    } catch (error) {
      signal.throwIfAborted();
      // Said in the document's own line.
      if (!(error instanceof DocumentError) && !(error instanceof TargetError)) throw error;
    }
  }
  const items = await gatherChecks(
    [
      checkOptions(sources.document, sources.withoutEffect, options.frigate),
      checkNode(facts.node),
      checkDataFolder(options.data_dir, () => program.probeDataFolder()),
      checkProgram("iproute2", "Install the package iproute2.", "changes of the neighbour table are seen late", (stop) =>
        versionOf(processes, "ip", ["-V"], stop),
      ),
      checkProgram("arp-scan", "Install the package arp-scan.", "a camera's MAC cannot be asked for its address", (stop) =>
        arpScan(processes, search, stop),
      ),
      checkInterfaces(search, options.network.interfaces),
      checkLayers(program.sources, clock),
      checkDocuments(program.targets, whyNone(program)),
      checkServers(program.servers),
      checkCameras(engine.fleet.devices, registry, clock.now()),
    ],
    clock,
    signal,
  );
  print(invocation.json ? `${checkLine(items)}\n` : renderCheck(items, look));
  return checkExitCode(items);
}

function whyNone(program: Program): string {
  const several = program.searched.find((found) => found.kind === "several");
  if (several !== undefined) return `several were found and one must be named: ${several.paths.join(", ")}`;
  return program.searched.length === 0 ? "none is named" : "none was found in the usual places";
}

async function versionOf(processes: Processes, file: string, args: readonly string[], signal: AbortSignal): Promise<ProgramReading> {
  try {
    const { stdout, stderr } = await processes.run({ file, args }, signal);
    const text = `${stdout}\n${stderr}`;
    const line = text.split("\n").find((candidate) => candidate.trim() !== "") ?? "";
    return /busybox/i.test(text) ? { kind: "other", what: "BusyBox's, which cannot do it" } : { kind: "found", version: line.trim() };
  } catch (error) {
    if (error instanceof ProgramMissing) return { kind: "missing" };
    throw error;
  }
}

/** Its version, and whether raw sockets are allowed: asks our own MAC for our own address, which disturbs nobody. */
async function arpScan(processes: Processes, search: NeighbourSearch, signal: AbortSignal): Promise<ProgramReading> {
  const reading = await versionOf(processes, "arp-scan", ["--version"], signal);
  const [on] = (await search.interfaces(signal)).filter((one) => one.avoid === undefined);
  if (reading.kind !== "found" || on === undefined) return reading;
  try {
    await search.ask({ ...on, network: networkOf(on.address, 32) }, on.mac, () => undefined, signal);
    return reading;
  } catch (error) {
    if (!(error instanceof LayerUnavailable)) throw error;
    return { kind: "forbidden", version: reading.version, why: error.message };
  }
}
