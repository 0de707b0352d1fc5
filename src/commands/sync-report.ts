import type { IpAddress } from "../domain/addresses.ts";
import { type Condition, isForPerson } from "../domain/condition.ts";
import { type Duration, formatDuration } from "../domain/duration.ts";
import { maskCredentials } from "../domain/mask.ts";
import { nextStepOf } from "../domain/next-step.ts";
import { reasonOf, type ReasonCode } from "../domain/reasons.ts";
import { EXIT, type ExitCode } from "./arguments.ts";
import { jsonLine } from "./json-line.ts";
import { type Colour, counted, type Look, paint, printable } from "./paint.ts";

/** What became of one camera. */
export interface DeviceOutcome {
  readonly device: string;
  readonly title: string;
  readonly outcome: "unchanged" | "healed" | "searching" | "refused";
  /** Where it is; absent where that is not known. */
  readonly address?: IpAddress;
  /** Where it was, for one that moved. */
  readonly from?: IpAddress;
  readonly reason: ReasonCode;
  readonly message: string;
}

export interface SyncResult {
  readonly devices: readonly DeviceOutcome[];
  /** Conditions of everything that is no camera: documents, servers, layers. */
  readonly conditions: readonly Condition[];
  readonly dryRun: boolean;
  /** False where the time was up before everything had come to its end. */
  readonly finished: boolean;
  readonly took: Duration;
}

/** Reasons whose severity says something else than whether a person must act *now*: a camera that is off comes back by itself. */
const BY_ITSELF: ReadonlySet<ReasonCode> = new Set(["CameraUnreachable", "InternalError", "EditedMeanwhile"]);
const BY_A_PERSON: ReadonlySet<ReasonCode> = new Set(["RestartNeeded", "ServerRestartNeeded"]);
/** Said, and no failure: the other layers go on. */
const NO_FAILURE: ReadonlySet<ReasonCode> = new Set(["LayerUnavailable", "BrokerUnreachable"]);

/** 0 where the reason is no failure, 1 where it passes by itself, 2 where a person must act. */
export function exitCodeOfReason(reason: ReasonCode): ExitCode {
  if (NO_FAILURE.has(reason)) return EXIT.done;
  if (BY_A_PERSON.has(reason)) return EXIT.person;
  const { severity } = reasonOf(reason);
  if (severity === "info") return EXIT.done;
  return severity === "error" && !BY_ITSELF.has(reason) ? EXIT.person : EXIT.later;
}

/** The gravest of all conditions; only problems count. */
export function exitCodeOfConditions(conditions: readonly Condition[]): ExitCode {
  return gravest(conditions.filter(({ status }) => status === "problem").map(({ reason }) => exitCodeOfReason(reason)));
}

export function syncExitCode(result: SyncResult): ExitCode {
  const devices = result.devices.filter(({ outcome }) => outcome === "searching" || outcome === "refused");
  const searching = devices.map(({ reason }): ExitCode => (exitCodeOfReason(reason) === EXIT.done ? EXIT.later : exitCodeOfReason(reason)));
  return gravest([result.finished ? EXIT.done : EXIT.later, exitCodeOfConditions(result.conditions), ...searching]);
}

function gravest(codes: readonly ExitCode[]): ExitCode {
  if (codes.includes(EXIT.person)) return EXIT.person;
  return codes.includes(EXIT.later) ? EXIT.later : EXIT.done;
}

const COLOURS: Readonly<Record<DeviceOutcome["outcome"], Colour>> = {
  unchanged: "dim",
  healed: "green",
  searching: "yellow",
  refused: "red",
};

/** The result for a person, one line a camera, then what else is wrong, then one sentence. */
export function renderSync(result: SyncResult, look: Look): string {
  const width = Math.min(24, Math.max(0, ...result.devices.map(({ title }) => title.length)));
  const lines = result.devices.flatMap((device) => [
    `${paint(look, COLOURS[device.outcome], device.outcome.padEnd(9))}  ${paint(look, "bold", printable(device.title).padEnd(width))}  ${deviceWords(device, result.dryRun)}`,
    ...next(device.outcome === "unchanged" || device.outcome === "healed" ? "" : nextStepOf(device.reason, "commands")),
  ]);
  const parts = troubles(result).flatMap(({ subject, status, reason, message, ask }) => [
    `${paint(look, reasonOf(reason).severity === "error" ? "red" : "yellow", status === "problem" ? "problem  " : "note     ")}  ${printable(subject)}: ${reasonOf(reason).title}: ${clean(message)}`,
    ...next(nextStepOf(reason, "commands", ask)),
  ]);
  const late = result.finished
    ? []
    : [`${paint(look, "yellow", "late     ")}  not everything came to its end in time; the next sync goes on from there`];
  return [...lines, ...parts, ...late, summary(result), ""].join("\n");
}

function next(step: string): readonly string[] {
  return step === "" ? [] : [`           → ${step}`];
}

function deviceWords(device: DeviceOutcome, dryRun: boolean): string {
  if (device.outcome === "unchanged") return `is at ${device.address ?? "its address"}`;
  const move = device.from === undefined ? (device.address ?? "") : `${device.from} → ${device.address ?? "?"}`;
  if (device.outcome === "healed") return `${move}${dryRun ? " (dry run: nothing was changed)" : ""}`;
  return `${reasonOf(device.reason).title}: ${clean(device.message)}`;
}

/** What a person should see besides the cameras; what is no problem yet is a note, and changes no exit code. */
function troubles({ conditions }: SyncResult): readonly Condition[] {
  return conditions.filter((one) => isForPerson(one) && !one.subject.startsWith("device/"));
}

function summary(result: SyncResult): string {
  const count = (outcome: DeviceOutcome["outcome"]): number => result.devices.filter((device) => device.outcome === outcome).length;
  const parts = [
    count("healed") === 0 ? "" : `${counted(count("healed"), "camera")} ${result.dryRun ? "would be healed" : "healed"}`,
    count("unchanged") === 0 ? "" : `${count("unchanged")} unchanged`,
    count("searching") === 0 ? "" : `${count("searching")} searched for`,
    count("refused") === 0 ? "" : `${count("refused")} refused`,
  ].filter((part) => part !== "");
  return `${parts.length === 0 ? "No camera is known here" : parts.join(", ")} (${formatDuration(result.took)}).`;
}

function clean(message: string): string {
  return printable(maskCredentials(message));
}

/** The result for a program. */
export function syncLine(result: SyncResult): string {
  return jsonLine({
    dryRun: result.dryRun,
    finished: result.finished,
    took: Math.round(result.took),
    exitCode: syncExitCode(result),
    devices: result.devices.map((device) => ({ ...device, nextStep: nextStepOf(device.reason, "commands") })),
    parts: result.conditions
      .filter(({ subject }) => !subject.startsWith("device/"))
      .map(({ subject, status, reason, message, ask }) => ({
        subject,
        status,
        reason,
        message,
        nextStep: nextStepOf(reason, "commands", ask),
      })),
  });
}
