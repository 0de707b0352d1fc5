import { rm, utimes, writeFile } from "node:fs/promises";
import { codeOf } from "../../domain/thrown.ts";
import type { Heartbeat } from "../../ports/heartbeat.ts";

/** An empty file that is as old as the last sign of life. @param path belongs into memory (`/dev/shm`): it is touched all the time */
export function createHeartbeatFile(path: string): Heartbeat {
  return {
    async beat() {
      // A file that exists already is not opened, so that nothing but its time changes.
      const now = new Date();
      await utimes(path, now, now).catch(async (error: unknown) => {
        if (codeOf(error) !== "ENOENT") throw error;
        await writeFile(path, "", { flag: "a", mode: 0o600 });
      });
    },
    async end() {
      await rm(path, { force: true }).catch(() => undefined);
    },
  };
}
