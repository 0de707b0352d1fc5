import { DocumentError } from "../domain/document.ts";
import { TargetError } from "../ports/config-target.ts";
import type { Program } from "./program.ts";

/** Takes over what the documents say, so that the cameras are known; one that cannot be read is left out. */
export async function adoptDocuments(program: Program, signal: AbortSignal): Promise<void> {
  for (const target of program.targets) {
    try {
      const { text, revision } = await target.read(signal);
      program.engine.fleet.adopt(target, text, revision);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DocumentError) && !(error instanceof TargetError)) throw error;
    }
  }
}
