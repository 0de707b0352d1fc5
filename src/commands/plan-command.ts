import type { DeviceId } from "../domain/camera.ts";
import type { IpAddress } from "../domain/addresses.ts";
import { DocumentError } from "../domain/document.ts";
import { maskCredentials } from "../domain/mask.ts";
import { reasonOf } from "../domain/reasons.ts";
import { TargetError } from "../ports/config-target.ts";
import { placed } from "../reconcilers/fleet.ts";
import { EXIT, type ExitCode, type Invocation } from "./arguments.ts";
import type { Look } from "./paint.ts";
import type { Program } from "./program.ts";
import { resolveAssumptions } from "./plan-input.ts";
import { planLine, renderPlan } from "./plan-report.ts";
import { type PlanDocument, planChanges } from "./plan.ts";

/** Shows what would be written. Reads documents and the database and asks nothing of the network. */
export async function runPlan(
  program: Program,
  invocation: Extract<Invocation, { kind: "plan" }>,
  look: Look,
  output: { readonly print: (text: string) => void; readonly complain: (text: string) => void },
  signal: AbortSignal,
): Promise<ExitCode> {
  const documents: PlanDocument[] = [];
  for (const target of program.targets) {
    const { name, place, format } = target;
    try {
      const { text, revision } = await target.read(signal);
      program.engine.fleet.adopt(target, text, revision);
      documents.push({ name, place, format, text });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DocumentError) && !(error instanceof TargetError)) throw error;
      documents.push({ name, place, format, problem: maskCredentials(placed(target, error)), nextStep: reasonOf(error.reason).nextStep });
    }
  }
  const { devices } = program.engine.fleet;
  const resolved = resolveAssumptions(invocation.assume, devices);
  if (!resolved.ok && !documents.some((document) => "problem" in document)) {
    for (const problem of resolved.problems) output.complain(`${problem}\n`);
    return EXIT.usage;
  }
  const assumed = resolved.ok ? resolved.desired : new Map<DeviceId, IpAddress>();
  const desired = new Map<DeviceId, IpAddress>(invocation.assume.length === 0 ? provedAddresses(program) : assumed);
  const warnings = resolved.ok ? resolved.warnings : [];
  const plan = planChanges({ documents, devices, desired, reveal: invocation.reveal, warnings });
  if (invocation.json) output.print(`${planLine(plan)}\n`);
  else {
    const { stdout, stderr } = renderPlan(plan, look);
    output.print(stdout);
    output.complain(stderr);
  }
  return plan.exitCode;
}

/** Where each device was proved last, in this or an earlier run of the program. */
function provedAddresses(program: Program): readonly (readonly [DeviceId, IpAddress])[] {
  return program.engine.fleet.devices.flatMap(({ id }) => {
    const address = program.registry.device(id)?.address;
    return address === undefined ? [] : [[id, address] as const];
  });
}
