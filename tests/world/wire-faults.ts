import { join } from "node:path";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import { announceByArp } from "./camera.ts";
import type { Host, Lan } from "./lan.ts";
import { run, start } from "./programs.ts";
import { eventually } from "./waiting.ts";

/**
 * From now on a host answers ARP late or not always, as over weak Wi-Fi; everything else passes. Ends with `await using` or `stop`.
 * @param delay ms; @param loss share of requests that are never answered, 0 to 1
 */
export async function slowArp(host: Host, delay: number, loss: number): Promise<AsyncDisposable & { stop(): Promise<void> }> {
  const ignore = async (value: "0" | "8"): Promise<void> => {
    // 8: "do not reply for all local addresses" (Linux, Documentation/networking/ip-sysctl).
    await run("tee", ["/proc/sys/net/ipv4/conf/eth0/arp_ignore"], { namespace: host.namespace, input: value });
  };
  let ready = false;
  const script = join(import.meta.dirname, "slow-arp.py");
  const program = start("/usr/bin/python3", ["-u", script, "eth0", String(delay), String(loss)], {
    namespace: host.namespace,
    onLine: () => {
      ready = true;
    },
  });
  await eventually("the slow ARP answers", () => (program.assertRunning(), ready));
  await ignore("8");
  const stop = async (): Promise<void> => {
    await program.stop();
    await ignore("0");
  };
  return { stop, [Symbol.asyncDispose]: stop };
}

/** A second host with an address that another one has; both answer ARP, and who asks believes one of them. */
export async function duplicateAddress(lan: Lan, name: string, mac: MacAddress, address: IpAddress, announce = false): Promise<Host> {
  const host = await lan.attach(name, mac);
  await host.addAddress(address);
  if (announce) await announceByArp(host, address);
  return host;
}
