import type { Action } from "../ports/actions.ts";
import { devicesCalled } from "../domain/device-names.ts";
import { EXIT, type ExitCode } from "./arguments.ts";
import { type AskOutput, runAsk } from "./ask-command.ts";
import { adoptDocuments } from "./documents-read.ts";
import type { Look } from "./paint.ts";
import type { Program } from "./program.ts";
import { unknownCamera } from "../domain/unknown-camera.ts";

/** As `runAsk`, for an action that may name a camera: a name that is nobody's is told at once, with the nearest one. */
export async function runAskOfCamera(
  program: Program,
  action: Extract<Action, { readonly verb: "resync" | "reconnect" | "adopt" }>,
  how: { readonly json: boolean; readonly look: Look },
  output: AskOutput,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { fleet } = program.engine;
  if (action.camera !== undefined) {
    await adoptDocuments(program, signal);
    const found = devicesCalled(action.camera, fleet.devices);
    // One that is named in a document that cannot be read now may be known to the program that runs.
    if (found.length !== 1 && fleet.complete) {
      output.complain(`${unknownCamera(action.camera, found, fleet.devices)}\n`);
      return EXIT.usage;
    }
  }
  return runAsk(program, action, how, output, signal);
}
