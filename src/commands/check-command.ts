import type { Sources } from "../config/load.ts";
import type { Options } from "../config/options.ts";
import { DocumentError } from "../domain/document.ts";
import { TargetError } from "../ports/config-target.ts";
import type { ExitCode, Invocation } from "./arguments.ts";
import { checkBroker } from "./check-broker.ts";
import { checkFrigates } from "./check-frigates.ts";
import { checkGrouping } from "./check-grouping.ts";
import { checkCameras, reachOf } from "./check-cameras.ts";
import { checkHomeAssistant, checkPower } from "./check-home-assistant.ts";
import { checkDocuments, checkNames, checkOptions, checkServers } from "./check-home.ts";
import { checkDataFolder, checkInterfaces, checkLayers, checkNode, checkProgram } from "./check-machine.ts";
import { checkReach, checkRestful, reachNow } from "./check-reach.ts";
import { checkApprovals, checkLeases, checkListeners } from "./check-running.ts";
import { checkUse } from "./check-use.ts";
import { checkSupervisor } from "./check-supervisor.ts";
import { checkExitCode, checkLine, gatherChecks, renderCheck } from "./check.ts";
import type { Look } from "./paint.ts";
import type { Fleet } from "../reconcilers/fleet.ts";
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
  const { engine, search, clock, registry } = program;
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
  const reach = reachNow(engine.fleet.devices, search);
  const layers = program.sources.map(({ layer }) => layer);
  const items = await gatherChecks(
    [
      checkOptions(sources.document, sources.withoutEffect),
      checkNode(facts.node),
      checkSupervisor(program.hosted),
      checkDataFolder(options.data_dir, () => program.probeDataFolder()),
      checkProgram("iproute2", "Install the package iproute2.", "changes of the neighbour table are seen late", program.readIproute2),
      checkProgram("arp-scan", "Install the package arp-scan.", "a camera's MAC cannot be asked for its address", program.readArpScan),
      checkInterfaces(search, options.network.interfaces),
      checkLayers(program.sources, clock, reach),
      checkHomeAssistant(program.homeAssistant),
      checkPower(options.cameras, program.power),
      checkBroker(program.tryBroker, () => (options.mqtt.follow.length === 0 ? undefined : titlesOfTold(engine.fleet))),
      checkFrigates(program.frigates, program.ways),
      checkReach(engine.fleet.devices, reach, { layers, identityOf: (id) => registry.device(id)?.identity }),
      checkDocuments(program.targets),
      ...checkUse(program.targets),
      checkApprovals(registry.consents, program.targets, clock.now()),
      checkLeases(program.targets, clock.now()),
      checkListeners(options.http, program.runLock, program.connect),
      checkNames(options, engine.fleet.complete ? engine.fleet.documents.map(({ reading }) => reading) : []),
      checkServers(program.servers),
      checkCameras(engine.fleet.devices, registry, clock.now(), (stop) =>
        reachOf(layers, search, options.network.interfaces, options.network.search, stop),
      ),
      checkGrouping(program.status),
      checkRestful(engine.fleet.devices, engine.fleet.disabled),
    ],
    clock,
    signal,
  );
  print(invocation.json ? `${checkLine(items)}\n` : renderCheck(items, look));
  return checkExitCode(items);
}

function titlesOfTold(fleet: Fleet): readonly string[] {
  return fleet.devices.filter((device) => fleet.toldOf(device) !== undefined).map(({ title }) => title);
}
