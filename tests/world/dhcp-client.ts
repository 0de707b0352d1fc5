import { join } from "node:path";
import type { IpAddress } from "../../src/domain/addresses.ts";
import type { Host } from "./lan.ts";
import { start, type Program } from "./programs.ts";
import { eventually } from "./waiting.ts";

/** An address that a camera's own DHCP client took. */
export interface Bound {
  readonly address: IpAddress;
  /** When it was on the interface, epoch ms. */
  readonly at: number;
}

/** A camera's DHCP client: busybox udhcpc. */
export interface DhcpClient {
  /**
   * Starts from nothing (DISCOVER, REQUEST), as after a power cut; `onBound` is told every lease, renewed ones of another address too.
   * @throws where there is no lease within 15 s
   */
  begin(onBound: (bound: Bound) => void): Promise<Bound>;
  /** Ends it without a packet; the address stays until it is flushed. With `release` it gives its lease back first (RFC 2131 §4.4.6). */
  end(release?: boolean): Promise<void>;
}

/** @param hostName sent as DHCP option 12 */
export function dhcpClient(host: Host, hostName: string): DhcpClient {
  let program: Program | undefined;
  return {
    begin: async (onBound) => {
      let first: Bound | undefined;
      const script = join(import.meta.dirname, "udhcpc-script.sh");
      const client = start("udhcpc", ["-f", "-t", "5", "-T", "1", "-A", "2", "-i", "eth0", "-x", `hostname:${hostName}`, "-s", script], {
        namespace: host.namespace,
        onLine: (line) => {
          const [event, address, microseconds] = line.split(" ");
          if (event !== "bound") return;
          const bound = { address: address as IpAddress, at: Number(microseconds) / 1000 };
          first ??= bound;
          onBound(bound);
        },
      });
      program = client;
      return eventually(`a lease for ${host.namespace}`, () => (client.assertRunning(), first), 15_000, 2);
    },
    end: async (release = false) => {
      if (program === undefined) return;
      if (release) {
        const before = program.complaints.length;
        program.signal("SIGUSR2");
        const said = (): boolean => program?.complaints.slice(before).some((line) => line.includes("entering released state")) ?? true;
        await eventually("the release", said, 3_000, 5);
      }
      program.signal("SIGKILL");
      await program.exited;
      program = undefined;
    },
  };
}
