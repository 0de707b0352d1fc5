import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { formatReservations } from "../../../src/adapters/reservations/formats.ts";
import { keaEnvironment, keaProgram } from "../../world/dhcp-servers.ts";
import { SAMPLES } from "./samples.ts";

/** What Kea says of a configuration whose subnet has these reservations. */
async function check(reservations: string): Promise<{ readonly exitCode: number | undefined; readonly said: string }> {
  const folder = await mkdtemp(join(tmpdir(), "kea-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "kea-dhcp4.conf");
  const subnet = reservations.replace(
    "{",
    '{ "id": 1, "subnet": "192.168.1.0/24", "pools": [{ "pool": "192.168.1.100 - 192.168.1.200" }],',
  );
  await writeFile(path, `{ "Dhcp4": { "lease-database": { "type": "memfile", "persist": false }, "subnet4": [${subnet}] } }`);
  const { exitCode, stdout, stderr } = await execa(keaProgram(), ["-t", path], {
    env: keaEnvironment(folder),
    reject: false,
    timeout: 10_000,
  });
  return { exitCode, said: stdout + stderr };
}

test("Kea loads the reservations, and refuses what only looks like them", async () => {
  const text = formatReservations("kea", SAMPLES);
  const loaded = await check(text);
  expect([loaded.exitCode, loaded.said.includes("ERROR")], loaded.said).toEqual([0, false]);
  const refused = [
    [text.replace("192.168.1.21", "192.168.1.20"), "already a reservation for this address"],
    [text.replace("192.168.1.20", "10.0.0.20"), "not within the IPv4 subnet"],
    [text.replace("hw-address", "mac"), 'unexpected keyword "mac"'],
    [text.replace(/"0c:79:55:4b:d4:2a"/, '"front"'), "invalid host identifier value"],
    [text.replace("},", "}"), "syntax error"],
  ] as const;
  for (const [broken, why] of refused) {
    const { exitCode, said } = await check(broken);
    expect([broken === text, exitCode === 0, said]).toEqual([false, false, expect.stringContaining(why)]);
  }
});
