import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { formatReservations } from "../../../src/adapters/reservations/formats.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { SAMPLES } from "./samples.ts";

async function check(text: string): Promise<{ readonly exitCode: number | undefined; readonly stderr: string }> {
  const folder = temporaryFolder();
  const path = join(folder, "reservations.conf");
  await writeFile(path, `dhcp-range=192.168.1.100,192.168.1.200,1h\n${text}`);
  const { exitCode, stderr } = await execa("/usr/sbin/dnsmasq", ["--test", `--conf-file=${path}`], { reject: false, timeout: 10_000 });
  return { exitCode, stderr };
}

test("dnsmasq loads the reservations, and refuses what only looks like them", async () => {
  const text = formatReservations("dnsmasq", SAMPLES);
  expect(await check(text)).toMatchObject({ exitCode: 0, stderr: "dnsmasq: syntax check OK." });
  expect(await check(text.replace("192.168.1.20,front", "192.168.1.20,fr ont"))).not.toMatchObject({ exitCode: 0 });
  const twice = await check(text.replace("192.168.1.21", "192.168.1.20"));
  expect([twice.exitCode === 0, twice.stderr]).toEqual([false, expect.stringContaining("duplicate dhcp-host IP address")]);
});
