import { parseMac, type IpAddress, type MacAddress } from "../../src/domain/addresses.ts";
import { start, type Namespace } from "./programs.ts";
import { eventually } from "./waiting.ts";

/** A DHCPREQUEST that the router acknowledged, as captured on the wire. */
export interface AcknowledgedRequest {
  readonly mac: MacAddress;
  /** The address given. */
  readonly address: IpAddress;
  /** When the kernel saw the request and the acknowledgement, in epoch ms with a fraction. */
  readonly requestAt: number;
  readonly ackAt: number;
}

/** tcpdump at work. */
export interface DhcpCapture extends AsyncDisposable {
  readonly acknowledged: readonly AcknowledgedRequest[];
  /**
   * The first acknowledged request of that MAC address sent after `since` (epoch ms).
   * @throws where there is none within `within` ms
   */
  acknowledgedAfter(mac: MacAddress, since: number, within?: number): Promise<AcknowledgedRequest>;
  stop(): Promise<void>;
}

interface Packet {
  readonly at: number;
  readonly xid: string;
  readonly kind: string;
  readonly mac: MacAddress;
  readonly given: IpAddress | undefined;
}

/**
 * Captures DHCP on eth0 of a namespace; give the router's, where both directions pass (the acknowledgement may be a unicast frame).
 * Needs tcpdump.
 */
export async function captureDhcp(namespace: Namespace): Promise<DhcpCapture> {
  const acknowledged: AcknowledgedRequest[] = [];
  const requests = new Map<string, Packet>();
  const state = { listening: false };
  let lines: string[] = [];

  const onPacket = (packet: Packet): void => {
    const key = `${packet.mac} ${packet.xid}`;
    if (packet.kind === "Request") {
      // Of repeated requests the last one before the answer counts.
      requests.set(key, packet);
      if (requests.size > 1_000) requests.delete(requests.keys().next().value ?? "");
    }
    if (packet.kind !== "ACK" || packet.given === undefined) return;
    const request = requests.get(key);
    if (request !== undefined) acknowledged.push({ mac: packet.mac, address: packet.given, requestAt: request.at, ackAt: packet.at });
  };
  const flush = (): void => {
    const packet = parsePacket(lines);
    lines = [];
    if (packet !== undefined) onPacket(packet);
  };
  const program = start(
    "tcpdump",
    ["-tt", "-l", "-n", "-v", "--immediate-mode", "-Z", "root", "-i", "eth0", "udp and (port 67 or port 68)"],
    {
      ...(namespace === undefined ? {} : { namespace }),
      onLine: (line) => {
        if (/^\d+\.\d+ /.test(line)) lines = [];
        lines.push(line);
        // What is wanted stands before this option (RFC 2131 §2 puts options last, and clients put this one first).
        if (line.includes("DHCP-Message (53)")) flush();
      },
      onComplaint: (line) => {
        if (line.includes("listening on")) state.listening = true;
      },
    },
  );
  await eventually("tcpdump", () => (program.assertRunning(), state.listening), 10_000, 5);
  return {
    acknowledged,
    acknowledgedAfter: (mac, since, within = 10_000) =>
      eventually(
        `an acknowledged DHCPREQUEST of ${mac}`,
        () => acknowledged.find((one) => one.mac === mac && one.requestAt >= since),
        within,
        5,
      ),
    stop: () => program.stop(),
    [Symbol.asyncDispose]: () => program.stop(),
  };
}

function parsePacket(lines: readonly string[]): Packet | undefined {
  const text = lines.join("\n");
  const at = /^(\d+\.\d+) /.exec(text)?.[1];
  const xid = /xid (0x[0-9a-f]+)/.exec(text)?.[1];
  const kind = /DHCP-Message \(53\), length 1: (\w+)/.exec(text)?.[1];
  const mac = parseMac(/Client-Ethernet-Address ([0-9a-f:]+)/.exec(text)?.[1] ?? "");
  if (at === undefined || xid === undefined || kind === undefined || mac === undefined) return undefined;
  const given = /Your-IP (\d+\.\d+\.\d+\.\d+)/.exec(text)?.[1] as IpAddress | undefined;
  return { at: Number(at) * 1000, xid, kind, mac, given };
}
