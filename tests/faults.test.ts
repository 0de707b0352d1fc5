import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

/** Runs `run` where the given statement is executed as soon as the program waits for something. */
async function runWith(defect: string): Promise<{ readonly code: number | undefined; readonly errors: string; readonly folder: string }> {
  const folder = temporaryFolder();
  const options = {
    data_dir: join(folder, "data"),
    frigate: { via: "none" },
    network: { search: false, layers: { dhcp: false, neighbours: false, ws_discovery: false } },
  };
  await writeFile(join(folder, "options.json"), JSON.stringify(options));
  const planted = join(folder, "planted.mjs");
  await writeFile(planted, `setTimeout(() => { ${defect} }, 1500);\n`);
  const main = join(import.meta.dirname, "..", "src", "main.ts");
  const ended = await execa(process.execPath, ["--import", planted, main, "run", "--config", join(folder, "options.json")], {
    reject: false,
    timeout: 20_000,
    env: { NO_COLOR: "1" },
  });
  return { code: ended.exitCode, errors: ended.stderr, folder };
}

describe("a defect that nobody awaits", () => {
  it.each([
    ["a rejection", 'Promise.reject(new Error("planted rtsp://viewer:canary@192.0.2.1/"))'],
    ["an exception", 'throw new Error("planted rtsp://viewer:canary@192.0.2.1/")'],
  ])("%s ends the program in order with 1, told without a secret", async (_name, defect) => {
    const { code, errors } = await runWith(defect);
    expect(code, errors).toBe(1);
    expect(errors).toContain("An unexpected error (InternalError): Error: planted rtsp://***@192.0.2.1/");
    expect(errors).toContain("→ Report it with the log");
    expect(errors).not.toContain("canary");
  });
});
