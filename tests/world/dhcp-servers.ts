import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, part } from "../parts.ts";
import type { Host } from "./lan.ts";
import { start, type Program } from "./programs.ts";

/** Where `script/bootstrap` put Kea and ISC's server with their libraries. */
const ROOT = join(cacheFolder, "dhcp-servers");

/** What Kea needs to run outside its package, which has its files under /var: libraries, no lock, and files where the configuration says (from 2.6.3 on). */
export function keaEnvironment(folder: string): Record<string, string> {
  const libraries = readdirSync(join(ROOT, "usr/lib"), { withFileTypes: true }).filter(
    (one) => one.isDirectory() && one.name.includes("-linux-"),
  );
  return {
    LD_LIBRARY_PATH: libraries.map((one) => join(ROOT, "usr/lib", one.name)).join(":"),
    KEA_LOCKFILE_DIR: "none",
    KEA_PIDFILE_DIR: folder,
    KEA_DHCP_DATA_DIR: folder,
    KEA_LFC_EXECUTABLE: join(ROOT, "usr/sbin/kea-lfc"),
    KEA_LOGGER_DESTINATION: "stderr",
  };
}

/** Path of Kea's DHCPv4 server. */
export const keaProgram = (): string => part("dhcp-servers", "usr/sbin/kea-dhcp4");

/** Starts Kea at a host; it tidies its lease file every second. @param subnet what stands in its only `subnet4`, @param leases path of its lease file */
export async function startKea(host: Host, folder: string, subnet: unknown, leases: string): Promise<Program> {
  const configuration = join(folder, "kea-dhcp4.conf");
  const Dhcp4 = {
    "interfaces-config": { interfaces: ["eth0"] },
    "lease-database": { type: "memfile", persist: true, name: leases, "lfc-interval": 1 },
    "valid-lifetime": 3600,
    authoritative: true,
    subnet4: [subnet],
  };
  await writeFile(configuration, JSON.stringify({ Dhcp4 }));
  return start(keaProgram(), ["-c", configuration], { namespace: host.namespace, env: keaEnvironment(folder) });
}

/** Starts ISC's DHCP server at a host. @param subnet the declaration of its only subnet, @param leases path of its lease file */
export async function startIsc(host: Host, folder: string, subnet: string, leases: string): Promise<Program> {
  const configuration = join(folder, "dhcpd.conf");
  await writeFile(configuration, `default-lease-time 3600;\nauthoritative;\nping-check false;\n${subnet}\n`);
  await writeFile(leases, "");
  const files = ["-cf", configuration, "-lf", leases, "-pf", join(folder, "dhcpd.pid")];
  return start(part("dhcp-servers", "usr/sbin/dhcpd"), ["-4", "-f", "-d", ...files, "eth0"], { namespace: host.namespace });
}
