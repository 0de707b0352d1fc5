import { writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { listening } from "../listening.ts";
import { temporaryFolder } from "../temporary-folder.ts";

it("a sync that a signal ends, as a Job's deadline does, ends with 1: not everything was done", async () => {
  const folder = temporaryFolder();
  const silent = createServer();
  const options = {
    data_dir: join(folder, "data"),
    frigate: { via: "none" },
    go2rtc: [{ url: `http://127.0.0.1:${await listening(silent)}` }],
    network: { search: false, layers: { dhcp: false, neighbours: false, ws_discovery: false } },
  };
  await writeFile(join(folder, "options.json"), JSON.stringify(options));
  const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
  const sync = execa(process.execPath, [main, "sync", "--once", "--config", join(folder, "options.json")], {
    reject: false,
    timeout: 20_000,
  });
  const [asked] = await once(silent, "connection");
  sync.kill("SIGTERM");
  const { exitCode, stdout, stderr } = await sync;
  asked.destroy();
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: "The sync was ended by SIGTERM before everything came to its end; the next one goes on from there.",
  });
});
