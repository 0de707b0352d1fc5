import { type ImportVerdict, type Listable, planImport } from "../domain/mac-import.ts";
import type { BrokenLine } from "../domain/mac-list.ts";
import type { FileReading } from "../config/option-files.ts";
import { recordOf } from "../reconcilers/switching.ts";
import { EXIT, type ExitCode, type Invocation } from "./arguments.ts";
import { adoptDocuments } from "./documents-read.ts";
import { jsonLine } from "./json-line.ts";
import { counted, type Look, paint, printable } from "./paint.ts";
import type { Program } from "./program.ts";

export interface ImportOutput {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  readonly read: (path: string, signal: AbortSignal) => Promise<FileReading>;
}

/** Takes MAC addresses of a list into what is learned of the configured cameras. Nothing is proved by it: each counts as one of `cameras[].mac` does. */
export async function runImport(
  program: Program,
  invocation: Extract<Invocation, { kind: "import" }>,
  look: Look,
  output: ImportOutput,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { file, format, force, dryRun, json } = invocation;
  const reading = await output.read(file, signal);
  if (reading.kind !== "text") {
    output.complain(reading.kind === "missing" ? `${file} is not there: correct its name\n` : `${file} cannot be read: ${reading.why}\n`);
    return EXIT.person;
  }
  await adoptDocuments(program, signal);
  const { fleet } = program.engine;
  const cameras = fleet.devices.map((device): Listable => {
    const address = fleet.addressOf(device);
    return { device, macs: fleet.macsOf(device), addresses: [...device.addresses, ...(address === undefined ? [] : [address])] };
  });
  const list = program.readMacList(reading.text, format);
  const { verdicts, macs } = planImport(list.machines, cameras, force);
  for (const device of fleet.devices) {
    const own = macs.get(device.id);
    if (own === undefined || dryRun) continue;
    const record = recordOf(program.registry, device);
    program.registry.saveDevice({ ...record, owners: device.owners, identity: { ...record.identity, macs: own } });
  }
  const code = exitCode(verdicts, list.broken);
  if (json) output.print(`${jsonLine({ file, dryRun, exitCode: code, lines: verdicts, broken: list.broken })}\n`);
  else {
    output.print(verdicts.map((verdict) => verdictLine(file, verdict, look)).join(""));
    output.complain(list.broken.map(({ line, problem }) => `${file}:${line}: ${printable(problem)}\n`).join(""));
    output.print(`${summary(verdicts, list.broken, dryRun)}\n`);
  }
  return code;
}

/** A person must act on a broken line, on one that was refused, and on a list that says nothing of any camera. */
function exitCode(verdicts: readonly ImportVerdict[], broken: readonly BrokenLine[]): ExitCode {
  const isFine = broken.length === 0 && verdicts.every(({ kind }) => kind !== "refused") && verdicts.some(({ kind }) => kind !== "other");
  return isFine ? EXIT.done : EXIT.person;
}

function verdictLine(file: string, { line, mac, kind, message, warning }: ImportVerdict, look: Look): string {
  const colour = { taken: "green", known: "dim", other: "dim", refused: "yellow" } as const;
  const text = `${file}:${line}: ${mac} ${kind === "other" || kind === "refused" ? "not taken: " : ""}${message}`;
  return `${paint(look, colour[kind], printable(`${text}${warning === undefined ? "" : `; ${warning}`}`))}\n`;
}

function summary(verdicts: readonly ImportVerdict[], broken: readonly BrokenLine[], dryRun: boolean): string {
  const count = (kind: ImportVerdict["kind"]): number => verdicts.filter((verdict) => verdict.kind === kind).length;
  if (verdicts.every(({ kind }) => kind === "other"))
    return "No line names a configured camera: give the cameras' names of Frigate, or their addresses.";
  const taken = `${counted(count("taken"), "MAC address", "MAC addresses")} ${dryRun ? "would be taken" : "taken"}`;
  return `${taken}, ${count("known")} known already, ${count("refused") + broken.length} to be corrected, ${count("other")} of no camera.`;
}
