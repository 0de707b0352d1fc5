import type { IpAddress } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import { devicesCalled } from "../domain/device-names.ts";
import { after, instant, milliseconds, seconds } from "../domain/duration.ts";
import { type Ask, nextStepOf } from "../domain/next-step.ts";
import { type ReasonCode, reasonOf } from "../domain/reasons.ts";
import { type Action, type ActionResult, refused } from "../ports/actions.ts";
import { ONE_SYNC } from "../reconcilers/engine-limits.ts";
import { unwrittenWords } from "../reconcilers/resyncing.ts";
import { EXIT, type ExitCode } from "./arguments.ts";
import { jsonLine } from "./json-line.ts";
import { type Look, paint, printable } from "./paint.ts";
import type { Program } from "./program.ts";
import { outcomeOf } from "./sync-command.ts";
import { type DeviceOutcome, exitCodeOfReason } from "./sync-report.ts";

/** So long a command waits for the running program. */
const PATIENCE = seconds(30);
const LOOK = milliseconds(100);
/** … and the running program so long for what a resync comes to: other requests wait meanwhile. */
const RESYNCED_WITHIN = seconds(10);

type AskedProgram = Pick<Program, "registry" | "clock" | "engine" | "runLock" | "status">;

export interface AskOutput {
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** Has an action done by the program that runs on the same memory; where none runs, does it here, after a look at every camera. Prints what came of it. */
export async function runAsk(
  program: AskedProgram,
  action: Action,
  how: { readonly json: boolean; readonly look: Look },
  output: AskOutput,
  signal: AbortSignal,
): Promise<ExitCode> {
  const isElsewhere = program.runLock.isTaken();
  if (!isElsewhere && !how.json)
    output.complain(
      `No camera-shepherd runs on this database (in ${printable(program.runLock.folder)}): it is done here, once every camera was looked at.\n`,
    );
  const result = isElsewhere ? await askRunning(program, action, signal) : await doHere(program, action, signal);
  const by = isElsewhere ? "running" : "here";
  output.write(how.json ? `${jsonLine({ ...result, by, exitCode: exitOf(result, action) })}\n` : resultWords(result, how.look, action));
  return exitOf(result, action);
}

async function askRunning({ registry, clock }: AskedProgram, action: Action, signal: AbortSignal): Promise<ActionResult> {
  const { consents } = registry;
  const now = clock.now();
  const until = after(now, PATIENCE);
  const id = consents.addRequest(action.verb === "resync" ? { ...action, wait: RESYNCED_WITHIN } : action, now, until);
  const start = clock.monotonic();
  try {
    while (clock.monotonic() - start < PATIENCE) {
      await clock.wait("the running program's answer", LOOK, signal);
      const answer = consents.answerOf(id);
      if (answer !== undefined) return answer;
    }
  } finally {
    consents.removeRequest(id);
  }
  return refused("RequestUnanswered", "the running program did not answer within 30 s");
}

async function doHere(program: AskedProgram, action: Action, signal: AbortSignal): Promise<ActionResult> {
  const { engine, registry } = program;
  const before = new Map(registry.devices().map((record) => [record.id, record.address]));
  let result: ActionResult = refused("Searching", "not every camera could be looked at in time");
  await engine.once(ONE_SYNC, signal, async (limit) => {
    result = await engine.actions.perform(action, limit);
  });
  return withOutcomes(program, action, before, result);
}

/** A resync that was done here has come to its end: its answer says what it came to. */
function withOutcomes(
  program: AskedProgram,
  action: Action,
  before: ReadonlyMap<DeviceId, IpAddress | undefined>,
  result: ActionResult,
): ActionResult {
  if (result.kind === "refused" || action.verb !== "resync") return result;
  const { fleet } = program.engine;
  const looked = action.camera === undefined ? fleet.devices : devicesCalled(action.camera, fleet.devices);
  const outcomes = looked.map((device) => outcomeOf(program, device, before.get(device.id)));
  const unwritten = unwrittenWords({ fleet, status: program.status }, action.camera === undefined ? undefined : looked);
  return { ...result, message: [result.message, ...outcomes.flatMap(cameWords), ...unwritten].join("; ") };
}

/** What came of one camera that was looked at again; nothing where it is where it was. */
function cameWords({ title, outcome, from, address, message }: DeviceOutcome): readonly string[] {
  if (outcome === "unchanged") return [];
  return [outcome === "healed" ? `${title} was healed from ${from ?? "?"} to ${address ?? "?"}` : message];
}

function exitOf(result: ActionResult, action: Action): ExitCode {
  if (result.kind === "accepted") return EXIT.done;
  if (isEditedForGood(result, action)) return EXIT.person;
  // As where the name is known to be nobody's before anything is asked.
  if (result.reason === "CameraUnknown") return EXIT.usage;
  const code = exitCodeOfReason(result.reason);
  return code === EXIT.done ? EXIT.person : code;
}

/** A text that somebody edited since is never undone, however often it is asked for; an approved change is worked out anew. */
function isEditedForGood(result: ActionResult, action: Action): action is Extract<Action, { readonly verb: "undo" }> {
  return action.verb === "undo" && result.kind === "refused" && result.reason === "EditedMeanwhile";
}

/** What became of a request, for a person at a command line. */
export function resultWords(result: ActionResult, look: Look, action: Action): string {
  // As it is written: it may begin with a camera's name or a path.
  const sentence = printable(`${result.message}.`);
  if (result.kind === "accepted") return `${paint(look, "green", "done")}     ${sentence}\n`;
  const { title } = reasonOf(result.reason);
  const nextStep = isEditedForGood(result, action)
    ? `Put back by hand what you need. ${nextStepOf(result.reason, "commands", earlierText(action))}`
    : nextStepOf(result.reason, "commands", askAfter(result.reason, action));
  const next = nextStep === "" ? "" : `         → ${nextStep}\n`;
  return `${paint(look, "red", "refused")}  ${title}: ${sentence}\n${next}`;
}

/** What is to be asked for instead, by the words that the refused one had; undefined where these say nothing of it. */
export function askAfter(reason: ReasonCode, action: Action): Ask | undefined {
  if (reason !== "IdentityDiffers" || action.verb !== "adopt" || !("mac" in action)) return undefined;
  return { verb: "replace", camera: action.camera as DeviceId, mac: action.mac };
}

function earlierText({ target, to }: Extract<Action, { readonly verb: "undo" }>): Ask {
  return { verb: "earlier", ...(target === undefined ? {} : { target }), ...(to === undefined ? {} : { to }) };
}

/** `2026-11-27 06:40:01 UTC`. */
export function momentWords(at: number): string {
  return `${new Date(instant(at)).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
