import { open, stat } from "node:fs/promises";

/** @param size as it was asked for; what was added meanwhile is read when the file is seen to have changed */
export async function readBounded(path: string, size: number, signal: AbortSignal): Promise<string> {
  const file = await open(path, "r");
  try {
    const buffer = Buffer.alloc(size);
    let length = 0;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) return buffer.toString("utf8", 0, length);
      length += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/**
 * What Kea's memfile held before it was tidied: from time to time (`lfc-interval`, an hour where nothing else is said) the server begins an empty file, and
 * what was in the former one is in others beside it, as it reads them itself at its start: what was just tidied (`.completed`), else what was tidied last
 * (`.2`) and what is being tidied (`.1`) (Kea, Administrator Reference Manual, "Memfile"; src/lib/dhcpsrv/memfile_lease_mgr.cc, loadLeasesFromFiles).
 * @returns whole lines; empty where nothing was tidied, or may not be read
 */
export async function readFormerKea(path: string, mostBytes: number, signal: AbortSignal): Promise<string> {
  const read = async (suffix: string): Promise<string> => {
    try {
      const { size } = await stat(path + suffix);
      const text = size > mostBytes ? "" : await readBounded(path + suffix, size, signal);
      return text.slice(0, text.lastIndexOf("\n") + 1);
    } catch {
      signal.throwIfAborted();
      return "";
    }
  };
  const completed = await read(".completed");
  return completed === "" ? (await read(".2")) + (await read(".1")) : completed;
}
