import type { Adoption } from "../domain/adoption.ts";
import { contenderWords, placeWords } from "../domain/adoption-words.ts";
import type { DeviceId } from "../domain/camera.ts";
import { devicesCalled } from "../domain/device-names.ts";
import { type ActionResult, refused } from "../ports/actions.ts";
import { ONE_SYNC } from "../reconcilers/engine-limits.ts";
import type { Fleet } from "../reconcilers/fleet.ts";
import { EXIT, type ExitCode, type Invocation } from "./arguments.ts";
import type { AdoptionWord } from "./camera-arguments.ts";
import { adoptDocuments } from "./documents-read.ts";
import { jsonLine } from "./json-line.ts";
import { type Look, paint, printable } from "./paint.ts";
import type { Program } from "./program.ts";
import { askAfter } from "./ask-command.ts";
import { nextStepOf } from "../domain/next-step.ts";
import { unknownCamera } from "../domain/unknown-camera.ts";
import { outcomeOf } from "./sync-command.ts";
import { renderSync, type SyncResult, syncExitCode, syncLine } from "./sync-report.ts";
import { milliseconds } from "../domain/duration.ts";

export interface AdoptOutput {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Prints what is still to be told of what was done. */
  readonly flush: () => void;
}

/** `adopt` lists what waits for a person; `adopt CAMERA=MAC`, or `CAMERA=ADDRESS`, takes that person's word, then proves and heals the camera. */
export function runAdopt(
  program: Program,
  invocation: Extract<Invocation, { kind: "adopt" }>,
  look: Look,
  output: AdoptOutput,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { adoption } = invocation;
  return adoption === undefined
    ? listAdoptions(program, invocation.json, look, output, signal)
    : adoptOne(program, adoption, invocation.json, look, output, signal);
}

/** Looks once, without changing anything, and shows which devices may be the cameras that are not known. */
async function listAdoptions(program: Program, json: boolean, look: Look, { print }: AdoptOutput, signal: AbortSignal): Promise<ExitCode> {
  await program.engine.once(ONE_SYNC, signal);
  const { adoptions } = program.engine.adoptions;
  const { fleet } = program.engine;
  const exitCode = listExitCode(adoptions, fleet);
  const titleOf = (id: DeviceId): string => fleet.device(id)?.title ?? id;
  print(json ? `${jsonLine({ exitCode, cameras: adoptions })}\n` : renderAdoptions(adoptions, titleOf, fleet.devices.length, look));
  return exitCode;
}

/** Where a document cannot be read and none names a camera, a person must act. */
export function listExitCode(adoptions: readonly Adoption[], { devices, complete }: Pick<Fleet, "devices" | "complete">): ExitCode {
  if (adoptions.some(({ kind }) => kind !== "none") || (devices.length === 0 && !complete)) return EXIT.person;
  return adoptions.length > 0 ? EXIT.later : EXIT.done;
}

/** What was found out of each camera that nothing is known of. */
export function renderAdoptions(adoptions: readonly Adoption[], titleOf: (id: DeviceId) => string, cameras: number, look: Look): string {
  if (adoptions.length === 0)
    return cameras === 0
      ? "No camera is known here: no configuration that was read names one. camera-shepherd check shows what is missing.\n"
      : "Nothing to adopt: every camera is known.\n";
  const width = Math.min(24, Math.max(...adoptions.map(({ camera }) => titleOf(camera).length)));
  const indent = " ".repeat(width + 2);
  const lines = adoptions.flatMap((adoption) => {
    const [first = "", ...more] = adoptionLines(adoption, titleOf);
    const title = paint(look, "bold", printable(titleOf(adoption.camera)).padEnd(width));
    return [`${title}  ${printable(first)}`, ...more.map((line) => `${indent}${printable(line)}`)];
  });
  const waiting = adoptions.some(({ kind }) => kind !== "none") ? ["", "No password is sent to any of these before you confirm it."] : [];
  return [...lines, ...waiting, ""].join("\n");
}

function adoptionLines(adoption: Adoption, titleOf: (id: DeviceId) => string): readonly string[] {
  const { camera } = adoption;
  switch (adoption.kind) {
    case "proposed":
      return [
        `is probably ${contenderWords(adoption.device)}`,
        `the only device that fits: ${adoption.evidence.join(", ")}`,
        `→ camera-shepherd adopt ${camera}=${adoption.device.mac}`,
      ];
    case "second": {
      const { device, evidence } = adoption;
      return [
        `is missing, and ${device.address} says that it is this camera (${evidence.join(", ")})`,
        `its MAC address ${device.mac} was not learned: a second network interface of it, or another device`,
        `→ camera-shepherd adopt ${camera}=${device.mac}`,
      ];
    }
    case "address": {
      const { devices, rivals } = adoption;
      const others = rivals.length === 0 ? "" : `, or ${rivals.map(titleOf).join(", ")}`;
      return [
        `is missing, and nothing that proves it can be seen where ${devices.length === 1 ? "this device" : "one of these devices"} may be it${others}:`,
        ...devices.map((device) => `  ${placeWords(device)}`),
        "→ Look which it is, in the router's list or in a browser, then:",
        ...devices.map(({ address }) => `  camera-shepherd adopt ${camera}=${address}`),
      ];
    }
    case "unclear": {
      const { devices, rivals } = adoption;
      const others =
        rivals.length === 0 ? "" : `; ${devices.length === 1 ? "it fits" : "they fit"} ${rivals.map(titleOf).join(", ")} as well`;
      return [
        devices.length === 1 ? `may be one device${others}:` : `may be any of these ${String(devices.length)} devices${others}:`,
        ...devices.map((device) => `  ${contenderWords(device)}`),
        "→ Compare the MAC addresses with the stickers on the cameras, or unplug one and see which address is gone, then:",
        ...devices.map(({ mac }) => `  camera-shepherd adopt ${camera}=${mac}`),
      ];
    }
    case "none":
      return [
        "was not found",
        ...adoption.near.map(({ device, why }) => `  not ${contenderWords(device)}: ${why}`),
        `→ Is it switched on, and on this network? If you know its MAC address: camera-shepherd adopt ${camera}=MAC`,
      ];
  }
}

async function adoptOne(
  program: Program,
  adoption: AdoptionWord,
  json: boolean,
  look: Look,
  output: AdoptOutput,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { engine, clock } = program;
  const { camera } = adoption;
  const start = clock.monotonic();
  await adoptDocuments(program, signal);
  const found = devicesCalled(camera, engine.fleet.devices);
  const [device, ...others] = found;
  if (device === undefined || others.length > 0) {
    output.complain(`${unknownCamera(camera, found, engine.fleet.devices)}\n`);
    return EXIT.usage;
  }
  let word: ActionResult = refused("VerificationTimedOut", "the cameras could not be looked at in time");
  // Those that answer where they should be are learned first: what is theirs is nobody else's.
  const finished = await engine.once(ONE_SYNC, signal, async (limit) => {
    word = await engine.actions.perform({ verb: "adopt", ...adoption, camera: device.id }, limit);
    if (word.kind === "accepted" && !json) output.print(`${word.message}\n`);
  });
  if (word.kind === "refused") {
    const nextStep = nextStepOf(word.reason, "commands", askAfter(word.reason, { verb: "adopt", ...adoption }));
    output.complain(`${word.message}: nothing was changed\n${nextStep === "" ? "" : `→ ${nextStep}\n`}`);
    return EXIT.person;
  }
  const result: SyncResult = {
    devices: [outcomeOf(program, engine.fleet.device(device.id) ?? device, undefined)],
    conditions: [],
    dryRun: false,
    finished,
    took: milliseconds(clock.monotonic() - start),
  };
  if (!json) output.flush();
  output.print(json ? `${syncLine(result)}\n` : renderSync(result, look));
  return syncExitCode(result);
}
