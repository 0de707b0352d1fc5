import { describe, expect, it } from "vitest";
import { ArpScan, parseArpScanLine, type ArpReply } from "../../../src/adapters/lan/arp-scan.ts";
import { networkOf, type IpAddress, type MacAddress } from "../../../src/domain/addresses.ts";
import { milliseconds, seconds } from "../../../src/domain/duration.ts";
import type { ScanInterface } from "../../../src/ports/search.ts";
import { LayerUnavailable } from "../../../src/ports/sightings.ts";
import { FakeProcesses } from "../../fakes/fake-processes.ts";
import { failureOf } from "../../fakes/failure-of.ts";

const MAC = "0c:79:55:00:00:02" as MacAddress;
const own = "192.168.50.2" as IpAddress;
const on: ScanInterface = { name: "eth0", mac: "02:c5:00:00:00:02" as MacAddress, address: own, network: networkOf(own, 24) };
const signal = new AbortController().signal;

function arpScan(script: Parameters<FakeProcesses["script"]>[1]): { scan: ArpScan; processes: FakeProcesses } {
  const processes = new FakeProcesses();
  processes.script("arp-scan", script);
  return { scan: new ArpScan(processes), processes };
}

async function ask(scan: ArpScan, prefix = 24, how: "first" | "every" = "first"): Promise<{ found: boolean; replies: ArpReply[] }> {
  const replies: ArpReply[] = [];
  const found = await scan.askMac(on, networkOf(own, prefix), MAC, how, (reply) => replies.push(reply), signal);
  return { found, replies };
}

describe("parseArpScanLine", () => {
  it.each([
    ["192.168.50.52\t0c:79:55:00:00:02", "192.168.50.52", "0c:79:55:00:00:02"],
    ["192.168.50.52\t0C:79:55:00:00:02 (DUP: 2)", "192.168.50.52", "0c:79:55:00:00:02"],
    ["192.168.50.52\t0c:79:55:00:00:02\tSome Vendor", "192.168.50.52", "0c:79:55:00:00:02"],
  ])("reads %j", (line, address, mac) => {
    expect(parseArpScanLine(line)).toEqual({ address, mac });
  });

  it.each(["", "Interface: eth0, type: EN10MB", "2 packets received by filter", "192.168.50.52", "192.168.50.300\t0c:79:55:00:00:02"])(
    "finds none in %j",
    (line) => {
      expect(parseArpScanLine(line)).toBeUndefined();
    },
  );
});

describe("askMac", () => {
  it("unicasts to the MAC over the whole network and stops at one answer", async () => {
    const { scan, processes } = arpScan({ lines: ["192.168.50.77\t0c:79:55:00:00:02"] });
    expect(await ask(scan)).toEqual({ found: true, replies: [{ address: "192.168.50.77", mac: MAC }] });
    const args = processes.calls[0]?.args.join(" ");
    expect(args).toContain("-I eth0 --arpspa=192.168.50.2");
    expect(args).toContain(`-M 1 -T ${MAC}`);
    expect(args).toMatch(/ 192\.168\.50\.0\/24$/);
  });

  it("does not stop at one answer where every address of the MAC is wanted", async () => {
    const lines = ["192.168.50.9\t0c:79:55:00:00:02", "192.168.50.77\t0c:79:55:00:00:02"];
    const { scan, processes } = arpScan({ lines });
    expect((await ask(scan, 24, "every")).replies.map(({ address }) => address)).toEqual(["192.168.50.9", "192.168.50.77"]);
    expect(processes.calls[0]?.args).not.toContain("-M");
  });

  it("asks a large network once, a small one twice", async () => {
    const { scan, processes } = arpScan({ exitCode: 1 });
    await ask(scan, 24);
    await ask(scan, 16);
    expect(processes.calls.map(({ args }) => args[args.indexOf("-r") + 1])).toEqual(["2", "1"]);
  });

  it("drops an answer of another MAC", async () => {
    const { scan } = arpScan({ lines: ["192.168.50.77\t0c:79:55:00:00:03"] });
    expect(await ask(scan)).toEqual({ found: false, replies: [] });
  });

  it("takes exit code 1 without a complaint for no answer", async () => {
    const { scan } = arpScan({ exitCode: 1 });
    expect(await ask(scan)).toEqual({ found: false, replies: [] });
  });

  it.each([
    [
      "pcap_activate: eth0: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)\n",
      /capability NET_RAW/,
    ],
    ["You need to be root, or arp-scan must be SUID root, to open a link-layer socket.\n", /capability NET_RAW/],
    ["pcap_activate: eth9: No such device exists\n(No such device exists)\n", /failed on eth0: pcap_activate: eth9/],
    ["pcap_activate: eth0: That device is not up\n", /not up/],
  ])("says what is wrong: %j", async (stderr, message) => {
    const { scan } = arpScan({ exitCode: 1, stderr });
    const error = await failureOf(ask(scan));
    expect(error).toBeInstanceOf(LayerUnavailable);
    expect(error).toMatchObject({ layer: "ask", message: expect.stringMatching(message) });
  });

  it("does not take a warning beside success for a failure", async () => {
    const { scan } = arpScan({ exitCode: 0, stderr: "WARNING: Cannot open MAC/Vendor file", lines: [`192.168.50.77\t${MAC}`] });
    expect((await ask(scan)).found).toBe(true);
  });

  it("says that arp-scan is missing", async () => {
    const error = await failureOf(ask(new ArpScan(new FakeProcesses())));
    expect(error).toMatchObject({ name: "LayerUnavailable", message: expect.stringContaining("install the package arp-scan") });
  });

  it("gives the reason of the abort", async () => {
    const { scan } = arpScan({ hangs: true });
    const controller = new AbortController();
    const failure = failureOf(scan.askMac(on, on.network, MAC, "first", () => undefined, controller.signal));
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await failure).toBe(reason);
  });
});

describe("askAddress", () => {
  it("asks about as long as it may, and never without end", async () => {
    const { scan, processes } = arpScan({});
    const spans = [milliseconds(10), milliseconds(800), seconds(8), seconds(3_600)];
    for (const within of spans) await scan.askAddress(on, "192.168.50.77" as IpAddress, within, () => undefined, signal);
    const requests = processes.calls.map(({ args }) => Number(args[args.indexOf("-r") + 1]));
    const lasting = requests.map((count) => (40 * (1.15 ** count - 1)) / 0.15);
    expect(requests[0]).toBe(1);
    expect(lasting[1]).toBeGreaterThanOrEqual(800);
    expect(lasting[1]).toBeLessThan(1_100);
    expect(lasting[2]).toBeGreaterThanOrEqual(8_000);
    expect(requests[3]).toBe(26);
  });

  it("hears only the address that was asked", async () => {
    const { scan } = arpScan({ lines: ["192.168.50.77\t0c:79:55:00:00:02", "192.168.50.78\t0c:79:55:00:00:03"] });
    const replies: ArpReply[] = [];
    await scan.askAddress(on, "192.168.50.77" as IpAddress, seconds(1), (reply) => replies.push(reply), signal);
    expect(replies).toEqual([{ address: "192.168.50.77", mac: MAC }]);
  });
});
