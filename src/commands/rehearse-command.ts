import { milliseconds } from "../domain/duration.ts";
import { devicesCalled } from "../domain/device-names.ts";
import type { DeviceId } from "../domain/camera.ts";
import type { IpAddress } from "../domain/addresses.ts";
import { maskCredentials } from "../domain/mask.ts";
import { asError } from "../domain/thrown.ts";
import { TargetError } from "../ports/config-target.ts";
import { EXIT, type ExitCode } from "./arguments.ts";
import type { Rehearsal } from "./camera-arguments.ts";
import { checkExitCode, type CheckItem, renderCheck } from "./check.ts";
import { checkLayers } from "./check-machine.ts";
import { reachNow } from "./check-reach.ts";
import type { Options } from "../config/options.ts";
import { jsonLine } from "./json-line.ts";
import type { Look } from "./paint.ts";
import { keptNames } from "./plan-documents.ts";
import { type PlanDocument, planChanges } from "./plan.ts";
import type { Program } from "./program.ts";
import { ELSEWHERE, identityItem, proofItems, rehearsalVerdict, searchItem, serverItems, writingItems } from "./rehearse.ts";
import { unknownCamera } from "../domain/unknown-camera.ts";

const PATIENCE = milliseconds(20_000);

export interface RehearsalOutput {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

/**
 * Would it work if this camera moved? Proves the camera where it is, works out what would be written and told, looks whether that is permitted, and
 * writes nothing. Tries no login unless asked to, then one.
 */
export async function runRehearsal(
  program: Program,
  options: Pick<Options, "frigate" | "network">,
  rehearsal: Rehearsal,
  how: { readonly json: boolean; readonly look: Look },
  output: RehearsalOutput,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { engine, registry, search, servers, clock } = program;
  const { fleet } = engine;
  const { documents, closed } = await readAll(program, signal);
  const found = devicesCalled(rehearsal.camera, fleet.devices);
  const [device, ...others] = found;
  if (device === undefined || others.length > 0) {
    output.complain(`${unknownCamera(rehearsal.camera, found, fleet.devices)}\n`);
    return EXIT.usage;
  }
  const limit = clock.deadline("rehearsal", PATIENCE, signal);
  const present = fleet.addressOf(device);
  const to = rehearsal.address ?? ELSEWHERE;
  const identity = registry.device(device.id)?.identity;
  const macs = fleet.macsOf(device);
  const desired = new Map<DeviceId, IpAddress>([[device.id, to]]);
  const plan = planChanges({ documents, devices: fleet.devices, desired, keptNames: keptNames(registry), reveal: false, warnings: [] });
  const mayRestart = new Map(options.frigate.map(({ name, restart }) => [name, restart !== "never"] as const));
  const { interfaces, search: enabled } = options.network;
  const isKnown = macs.length > 0 || identity?.endpoint !== undefined;
  const proofs = async (): Promise<readonly CheckItem[]> => {
    if (present === undefined) return [{ part: "not proved", state: "act", found: "no address of it is known" }];
    if (!isKnown) return [];
    const verification = await engine.rehearse(device, present, rehearsal.login, limit);
    if (verification.login !== undefined) program.keepFailedLogin(device.id);
    return proofItems(verification);
  };
  const [searched, layers, proved, told] = await Promise.all([
    searchItem(rehearsal.address ?? present, search, interfaces, enabled, limit),
    checkLayers(program.sources, clock, reachNow(fleet.devices, search)).gather(limit),
    proofs(),
    serverItems(plan, servers, limit),
  ]);
  const where = rehearsal.address === undefined ? `another address (${ELSEWHERE} stands for it)` : rehearsal.address;
  const items: readonly CheckItem[] = [
    { part: "rehearsed", state: "info", found: `${device.title}, now at ${present ?? "no known address"}, as if it were at ${where}` },
    identityItem(device, macs, identity?.endpoint),
    ...layers,
    searched,
    ...proved,
    ...writingItems(plan, closed, mayRestart),
    ...told,
    ...plan.warnings.map((warning): CheckItem => ({ part: "warning", state: "less", found: warning })),
  ];
  const exitCode = checkExitCode(items);
  const verdict = rehearsalVerdict(device.title, items);
  const masked = items.map((item) => ({ ...item, found: maskCredentials(item.found) }));
  output.print(
    how.json
      ? `${jsonLine({ exitCode, camera: device.id, works: exitCode === EXIT.done, verdict, items: masked })}\n`
      : renderCheck(items, how.look, verdict),
  );
  return exitCode;
}

/** Every document as a plan takes it, and why those may not be written that may not. */
async function readAll({ targets, engine }: Program, signal: AbortSignal) {
  const documents: PlanDocument[] = [];
  const closed = new Map<string, string>();
  for (const target of targets) {
    const { name, place, format } = target;
    try {
      const { text, revision } = await target.read(signal);
      engine.fleet.adopt(target, text, revision);
      documents.push({ name, place, format, text });
      await target.checkWritable(signal);
    } catch (error) {
      signal.throwIfAborted();
      const told = maskCredentials(asError(error).message);
      if (documents.some((document) => document.name === name)) closed.set(name, told);
      else documents.push({ name, place, format, problem: told, nextStep: error instanceof TargetError ? "" : "Correct the named line." });
    }
  }
  return { documents, closed };
}
