import { createReadStream } from "node:fs";
import { homedir } from "node:os";
import { codeOf } from "../../domain/thrown.ts";

const MOST_BYTES = 1024 * 1024;

const WHY: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ELOOP: "its links go in a circle",
  ENAMETOOLONG: "its name is too long",
};

/** The text of a file, that there is none, or why it cannot be read. */
export type TextReading =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly why: string };

export interface SystemOptionFiles {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly read: (path: string, signal: AbortSignal) => Promise<TextReading>;
}

/**
 * What options are read from on this machine: a copy of the process's environment, and files of at most 1 MiB of UTF-8.
 * A pipe is read too, so that a program may hand a document over without storing it.
 */
export function systemOptionFiles(environment: NodeJS.ProcessEnv = process.env, homeFolder: () => string = homedir): SystemOptionFiles {
  return { environment: { ...environment }, home: homeOf(environment, homeFolder), read };
}

/** The user's folder; `/` for a user that the machine does not know, as a container may have one: Node throws there. */
function homeOf({ HOME }: NodeJS.ProcessEnv, homeFolder: () => string): string {
  if (HOME !== undefined && HOME !== "") return HOME;
  try {
    return homeFolder();
  } catch {
    return "/";
  }
}

async function read(path: string, signal: AbortSignal): Promise<TextReading> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of createReadStream(path, { signal })) {
      if (!(chunk instanceof Uint8Array)) continue;
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_BYTES) return { kind: "unreadable", why: "it is larger than 1 MiB" };
    }
  } catch (error) {
    signal.throwIfAborted();
    const code = codeOf(error) ?? "for an unknown reason";
    return code === "ENOENT" || code === "ENOTDIR" ? { kind: "missing" } : { kind: "unreadable", why: WHY[code] ?? code };
  }
  return decode(Buffer.concat(chunks));
}

function decode(bytes: Uint8Array): TextReading {
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { kind: "unreadable", why: "it is not text in UTF-8" };
  }
}
