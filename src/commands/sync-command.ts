import type { Device } from "../domain/camera.ts";
import { milliseconds } from "../domain/duration.ts";
import { ONE_SYNC } from "../reconcilers/engine-limits.ts";
import type { ExitCode, Invocation } from "./arguments.ts";
import type { Look } from "./paint.ts";
import type { Program } from "./program.ts";
import { type DeviceOutcome, renderSync, type SyncResult, syncExitCode, syncLine } from "./sync-report.ts";

/** Makes everything right once: for a CronJob, or to see what the program would do (`--dry-run`). */
export async function runSync(
  program: Program,
  invocation: Extract<Invocation, { kind: "sync" }>,
  look: Look,
  output: { readonly write: (text: string) => void; /** Prints what is still to be told of what was done. */ readonly flush: () => void },
  signal: AbortSignal,
): Promise<ExitCode> {
  const start = program.clock.monotonic();
  const before = new Map(program.registry.devices().map((record) => [record.id, record.address]));
  await program.hearBindings?.(signal);
  const finished = await program.engine.once(ONE_SYNC, signal);
  const result: SyncResult = {
    devices: program.engine.fleet.devices.map((device) => outcomeOf(program, device, before.get(device.id))),
    conditions: program.status.all().filter(({ subject }) => !subject.startsWith("device/")),
    dryRun: invocation.dryRun,
    finished,
    took: milliseconds(program.clock.monotonic() - start),
  };
  if (!invocation.json) output.flush();
  output.write(invocation.json ? `${syncLine(result)}\n` : renderSync(result, look));
  return syncExitCode(result);
}

/** What became of one device in this run. @param before where it was proved before the run */
export function outcomeOf(program: Pick<Program, "engine" | "status">, device: Device, before: DeviceOutcome["from"]): DeviceOutcome {
  const settled = program.engine.fleet.settled(device.id);
  const condition = program.status.get(`device/${device.id}`);
  const { id, title } = device;
  const told = {
    device: id,
    title,
    reason: condition?.reason ?? "Searching",
    message: condition?.message ?? `${title} was not proved in time`,
  };
  if (settled === undefined || condition?.status === "problem") {
    const searching = condition === undefined || condition.reason === "Searching" || condition.reason === "CameraUnreachable";
    return { ...told, outcome: searching ? "searching" : "refused" };
  }
  const from =
    settled.previous ??
    device.addresses.find((address) => address !== settled.address) ??
    (before === settled.address ? undefined : before);
  if (from === undefined) return { ...told, outcome: "unchanged", address: settled.address };
  return { ...told, outcome: "healed", address: settled.address, from };
}
