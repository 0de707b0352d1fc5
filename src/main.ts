import manifest from "../package.json" with { type: "json" };
import { systemOptionFiles } from "./adapters/system/option-files.ts";
import { createSystemClock } from "./adapters/system/clock.ts";
import { writeNewFile } from "./adapters/file/new-file.ts";
import { Fault, onFault } from "./adapters/system/faults.ts";
import { createHeartbeatFile } from "./adapters/file/heartbeat-file.ts";
import { createLog } from "./adapters/system/log.ts";
import { createProgram } from "./app.ts";
import { runAdopt } from "./commands/adopt-command.ts";
import { EXIT, type ExitCode, type Invocation, parseArguments } from "./commands/arguments.ts";
import { runApprove } from "./commands/approve-command.ts";
import { runAskOfCamera } from "./commands/ask-camera.ts";
import { runAsk } from "./commands/ask-command.ts";
import { runCheck } from "./commands/check-command.ts";
import { runExport } from "./commands/export-command.ts";
import { helpText } from "./commands/help.ts";
import { runImport } from "./commands/import-command.ts";
import { noticeLine } from "./commands/json-line.ts";
import { narrator } from "./commands/narrate.ts";
import { wantsColour } from "./commands/paint.ts";
import { runPlan } from "./commands/plan-command.ts";
import type { Program } from "./commands/program.ts";
import { runRehearsal } from "./commands/rehearse-command.ts";
import { runSync } from "./commands/sync-command.ts";
import { runUndo } from "./commands/undo-command.ts";
import { loadOptions } from "./config/load.ts";
import { formatIgnored, formatProblems } from "./config/problems.ts";
import { maskCredentials } from "./domain/mask.ts";
import type { Notice } from "./domain/notice.ts";
import { reasonOf } from "./domain/reasons.ts";
import type { Action } from "./ports/actions.ts";
import type { Log } from "./ports/log.ts";
import { keepBeating } from "./runtime/beating.ts";

type Working = Exclude<Invocation, { kind: "help" | "version" | "refused" }>;

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    // A second signal means that the person does not want to wait for the orderly end.
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new Error(`ended by ${name}`));
  });
}
// A defect that nobody awaited must not end the program on the spot, nor go on unseen: it is told, and the program ends in order.
onFault((error) => stop.abort(new Fault("a defect", { cause: error })));
// A reader that goes away (`| head`) is no error.
process.stdout.on("error", () => stop.abort(new Error("ended because standard output was closed")));

process.exit(await main(process.argv.slice(2)).catch(endOf));

async function main(argv: readonly string[]): Promise<ExitCode> {
  const invocation = parseArguments(argv);
  switch (invocation.kind) {
    case "help":
      print(helpText(invocation.command));
      return EXIT.done;
    case "version":
      print(manifest.version);
      return EXIT.done;
    case "refused":
      complain(invocation.message);
      return EXIT.usage;
    default:
      return work(invocation);
  }
}

async function work(invocation: Working): Promise<ExitCode> {
  const files = systemOptionFiles();
  const clock = createSystemClock();
  const loaded = await loadOptions(invocation.config, files, stop.signal);
  if (!loaded.ok) {
    complain(formatProblems(loaded.problems));
    return EXIT.usage;
  }
  const { options, sources } = loaded;
  if (sources.ignored.length > 0) complain(formatIgnored(sources.ignored));
  const level = invocation.logLevel ?? options.log_level;
  const look = { colour: wantsColour(process.stdout.isTTY, process.env) };
  const looks =
    invocation.kind === "plan" ||
    invocation.kind === "check" ||
    ((invocation.kind === "sync" || invocation.kind === "import") && invocation.dryRun);
  const dryRun = looks || invocation.kind === "export" || (invocation.kind === "adopt" && invocation.adoption === undefined);
  let program: Program | undefined;
  const titleOf = (id: string): string => program?.engine.fleet.devices.find((device) => device.id === id)?.title ?? id;
  // In Home Assistant a person has no command line, but a page.
  const voice = narrator(look, titleOf, sources.homeAssistant ? "page" : "commands");
  const tell = (notice: Notice): void => {
    // What is wrong at the end of a sync stands in its report, once.
    if (invocation.kind !== "run" && (notice.kind === "condition" || notice.kind === "refused")) return;
    const at = clock.now();
    const lines = invocation.json ? [noticeLine(notice, at)] : voice.tell(notice, at);
    const quiet = invocation.json || (invocation.kind !== "sync" && !(invocation.kind === "adopt" && invocation.adoption !== undefined));
    if (invocation.kind === "run" || !quiet) for (const line of lines) print(line);
  };
  const flush = (): void => {
    for (const line of voice.flush(clock.now())) print(line);
  };
  try {
    const log = createLog({ level });
    const compose = () => createProgram({ options, files, log, tell, ...manifest, dryRun }, stop.signal);
    program = await compose();
    switch (invocation.kind) {
      case "run":
        for (;;) {
          const ended = await run(program, log, stop.signal);
          if (ended !== "changed") return ended;
          program.close();
          program = undefined;
          program = await compose();
        }
      case "sync":
        return await runSync(program, invocation, look, { write, flush }, stop.signal);
      case "plan":
        return await runPlan(program, invocation, look, { print: write, complain: warn }, stop.signal);
      case "adopt":
        if (invocation.adoption !== undefined && program.runLock.isTaken())
          return await runAskOfCamera(
            program,
            { verb: "adopt", ...invocation.adoption },
            { json: invocation.json, look },
            { write, complain: warn },
            stop.signal,
          );
        return await runAdopt(program, invocation, look, { print: write, complain: warn, flush }, stop.signal);
      case "check":
        if (invocation.rehearse !== undefined)
          return await runRehearsal(
            program,
            options,
            invocation.rehearse,
            { json: invocation.json, look },
            { print: write, complain: warn },
            stop.signal,
          );
        return await runCheck(program, { options, sources, node: process.versions.node }, invocation, look, write, stop.signal);
      case "export":
        return await runExport(program, invocation, { print: write, complain: warn, writeFile: writeNewFile }, stop.signal);
      case "import":
        return await runImport(program, invocation, look, { print: write, complain: warn, read: files.read }, stop.signal);
      case "forget": {
        const action = { verb: "forget", camera: invocation.camera } as const;
        return await runAsk(program, action, { json: invocation.json, look }, { write, complain: warn }, stop.signal);
      }
      case "approve":
        return await runApprove(program, invocation, look, { write, complain: warn }, stop.signal);
      case "undo":
        return await runUndo(program, invocation, look, { write, complain: warn }, stop.signal);
      case "resync":
      case "reconnect":
        return await runAskOfCamera(program, actionOf(invocation), { json: invocation.json, look }, { write, complain: warn }, stop.signal);
      default:
        return invocation satisfies never;
    }
  } catch (error) {
    if (invocation.kind === "sync" && stop.signal.aborted && !(stop.signal.reason instanceof Fault)) {
      complain(`The sync was ${endedBy(stop.signal.reason)} before everything came to its end; the next one goes on from there.`);
      return EXIT.later;
    }
    if (stop.signal.aborted || !(error instanceof Error) || error.name !== "DatabaseError") throw error;
    complain(error.message);
    return EXIT.person;
  } finally {
    if (invocation.kind === "run" && !invocation.json) flush();
    program?.close();
  }
}

function actionOf(
  invocation: Extract<Working, { kind: "resync" | "reconnect" }>,
): Extract<Action, { readonly verb: "resync" | "reconnect" }> {
  switch (invocation.kind) {
    case "resync":
      return { verb: "resync", ...(invocation.camera === undefined ? {} : { camera: invocation.camera }) };
    case "reconnect":
      return { verb: "reconnect", camera: invocation.camera, ...(invocation.force === true ? { force: true } : {}) };
  }
}

/** @returns "changed" where the program is to be put together anew */
async function run(program: Program, log: Log, signal: AbortSignal): Promise<ExitCode | "changed"> {
  if (!program.runLock.take()) {
    complain("Another camera-shepherd runs on this database; stop it, or give this one a data_dir of its own.");
    return EXIT.person;
  }
  const serve = await program.prepareHttp();
  const publish = await program.prepareMqtt();
  const notify = await program.prepareNotifications?.();
  const changed = new AbortController();
  const either = AbortSignal.any([signal, changed.signal]);
  const watch = program.changed(either).then(
    () => changed.abort(new Error("other Frigates run")),
    (error: unknown) => {
      if (!either.aborted) throw error;
    },
  );
  const place = process.env["CAMERA_SHEPHERD_HEARTBEAT"];
  const alive = place === undefined ? [] : [keepBeating(createHeartbeatFile(place), program.clock, log, either)];
  await Promise.all([program.engine.run(either), serve(either), publish(either), notify?.(either), watch, ...alive]);
  if (changed.signal.aborted && !signal.aborted) return "changed";
  return signal.reason instanceof Fault ? showFault(signal.reason.cause) : EXIT.done;
}

function endedBy(reason: unknown): string {
  return reason instanceof Error ? reason.message : "ended";
}

/** What the program ends with where something was thrown. */
function endOf(error: unknown): ExitCode {
  if (stop.signal.reason instanceof Fault) return showFault(stop.signal.reason.cause);
  return stop.signal.aborted ? EXIT.done : showFault(error);
}

/** Tells a defect so that a person can report it, without a secret. */
function showFault(error: unknown): ExitCode {
  const { title, nextStep } = reasonOf("InternalError");
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  complain(maskCredentials(`${title} (InternalError): ${what}\n→ ${nextStep}`));
  return EXIT.later;
}

function write(text: string): void {
  process.stdout.write(text);
}

function warn(text: string): void {
  process.stderr.write(text);
}

function print(line: string): void {
  write(`${line}\n`);
}

function complain(message: string): void {
  warn(`${message.trimEnd()}\n`);
}
