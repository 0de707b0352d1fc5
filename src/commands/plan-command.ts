import type { DeviceId } from "../domain/camera.ts";
import type { IpAddress } from "../domain/addresses.ts";
import { EXIT, type ExitCode, type Invocation } from "./arguments.ts";
import type { Look } from "./paint.ts";
import type { Program } from "./program.ts";
import { resolveAssumptions } from "./plan-input.ts";
import { planLine, renderPlan } from "./plan-report.ts";
import { heldWarnings, keptNames, provedAddresses, readPlanDocuments } from "./plan-documents.ts";
import { planChanges } from "./plan.ts";

/** Shows what would be written. Reads documents and the database and asks nothing of the network. */
export async function runPlan(
  program: Program,
  invocation: Extract<Invocation, { kind: "plan" }>,
  look: Look,
  output: { readonly print: (text: string) => void; readonly complain: (text: string) => void },
  signal: AbortSignal,
): Promise<ExitCode> {
  const documents = await readPlanDocuments(
    program.targets,
    (target, { text, revision }) => program.engine.fleet.adopt(target, text, revision),
    signal,
  );
  const { devices } = program.engine.fleet;
  const resolved = resolveAssumptions(invocation.assume, devices);
  if (!resolved.ok && !documents.some((document) => "problem" in document)) {
    for (const problem of resolved.problems) output.complain(`${problem}\n`);
    return EXIT.usage;
  }
  const assumed = resolved.ok ? resolved.desired : new Map<DeviceId, IpAddress>();
  const desired = new Map<DeviceId, IpAddress>(invocation.assume.length === 0 ? provedAddresses(devices, program.registry) : assumed);
  const warnings = [...(resolved.ok ? resolved.warnings : []), ...heldWarnings(devices, program.registry, "commands")];
  const plan = planChanges({ documents, devices, desired, keptNames: keptNames(program.registry), reveal: invocation.reveal, warnings });
  if (invocation.json) output.print(`${planLine(plan)}\n`);
  else {
    const { stdout, stderr } = renderPlan(plan, look);
    output.print(stdout);
    output.complain(stderr);
  }
  return plan.exitCode;
}
