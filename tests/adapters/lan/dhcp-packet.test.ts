import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { claimedAddress, parseDhcpPacket } from "../../../src/adapters/lan/dhcp-packet.ts";
import { DHCLIENT, DHCPCD, UDHCPC } from "./dhcp-samples.ts";

const sample = (name: keyof typeof UDHCPC): Uint8Array => Buffer.from(UDHCPC[name], "base64");

interface Made {
  readonly op?: number;
  readonly ciaddr?: readonly number[];
  readonly chaddr?: readonly number[];
  readonly options: readonly number[];
  readonly file?: readonly number[];
  readonly hardware?: readonly [type: number, length: number];
}

/** A packet laid out by RFC 2131 §2. */
function make({
  op = 1,
  ciaddr = [],
  chaddr = [0x0c, 0x79, 0x55, 0x4b, 0xd4, 0x2a],
  options,
  file = [],
  hardware = [1, 6],
}: Made): Uint8Array {
  const bytes = new Uint8Array(240 + options.length);
  bytes.set([op, ...hardware, 0]);
  bytes.set(ciaddr, 12);
  bytes.set(chaddr, 28);
  bytes.set(file, 108);
  bytes.set([0x63, 0x82, 0x53, 0x63], 236);
  bytes.set(options, 240);
  return bytes;
}

const text = (code: number, value: string): number[] => [code, value.length, ...Buffer.from(value, "latin1")];
const REQUEST = [53, 1, 3];

describe("packets of a real udhcpc", () => {
  it("reads its DISCOVER, which claims nothing", () => {
    const packet = parseDhcpPacket(sample("discover"));
    expect(packet).toMatchObject({ op: "request", type: "discover", mac: "0c:79:55:00:00:01", hostName: "front-door" });
    expect(packet && claimedAddress(packet)).toBeUndefined();
  });

  it("reads its REQUEST by option 50", () => {
    const packet = parseDhcpPacket(sample("request"));
    expect(packet).toMatchObject({ type: "request", mac: "0c:79:55:00:00:01", requestedAddress: "192.168.50.100", hostName: "front-door" });
    expect(packet?.vendorClass).toMatch(/^udhcp /);
    expect(packet?.parameters).toContain(3);
    expect(packet && claimedAddress(packet)).toBe("192.168.50.100");
  });

  it("reads its rebinding REQUEST by ciaddr, as there is no option 50", () => {
    const packet = parseDhcpPacket(sample("rebinding"));
    expect(packet?.requestedAddress).toBeUndefined();
    expect(packet?.clientAddress).toBe("192.168.50.100");
    expect(packet && claimedAddress(packet)).toBe("192.168.50.100");
  });
});

describe("packets of other real clients", () => {
  const read = (base64: string): { type?: string; mac?: string; hostName?: string; claims?: string } => {
    const packet = parseDhcpPacket(Buffer.from(base64, "base64"));
    const claims = packet && claimedAddress(packet);
    if (packet === undefined) return {};
    return { type: packet.type, mac: packet.mac, hostName: packet.hostName ?? "", ...(claims === undefined ? {} : { claims }) };
  };

  it.each([
    ["dhclient's DISCOVER", DHCLIENT.discover, { type: "discover", mac: "0c:79:55:00:00:02", hostName: "dhclient-cam" }],
    [
      "dhclient's REQUEST",
      DHCLIENT.request,
      { type: "request", mac: "0c:79:55:00:00:02", hostName: "dhclient-cam", claims: "192.168.50.101" },
    ],
    [
      "dhclient's INIT-REBOOT",
      DHCLIENT.reboot,
      { type: "request", mac: "0c:79:55:00:00:02", hostName: "dhclient-cam", claims: "192.168.50.101" },
    ],
    ["dhcpcd's DISCOVER", DHCPCD.discover, { type: "discover", mac: "0c:79:55:00:00:03", hostName: "dhcpcd-cam" }],
    ["dhcpcd's REQUEST", DHCPCD.request, { type: "request", mac: "0c:79:55:00:00:03", hostName: "dhcpcd-cam", claims: "192.168.50.102" }],
  ])("reads %s", (_name, base64, expected) => {
    expect(read(base64)).toEqual(expected);
  });
});

describe("parseDhcpPacket", () => {
  it("prefers option 50 to ciaddr", () => {
    const packet = parseDhcpPacket(make({ ciaddr: [10, 0, 0, 1], options: [...REQUEST, 50, 4, 10, 0, 0, 9, 255] }));
    expect(packet && claimedAddress(packet)).toBe("10.0.0.9");
  });

  it.each([
    [1, "discover"],
    [2, "offer"],
    [4, "decline"],
    [5, "ack"],
    [6, "nak"],
    [7, "release"],
    [8, "inform"],
  ])("takes no address from message type %i (%s)", (code, type) => {
    const packet = parseDhcpPacket(make({ ciaddr: [10, 0, 0, 1], options: [53, 1, code, 50, 4, 10, 0, 0, 9, 255] }));
    expect(packet?.type).toBe(type);
    expect(packet && claimedAddress(packet)).toBeUndefined();
  });

  it("takes no address from a server's packet", () => {
    const packet = parseDhcpPacket(make({ op: 2, options: [...REQUEST, 50, 4, 10, 0, 0, 9, 255] }));
    expect(packet?.op).toBe("reply");
    expect(packet && claimedAddress(packet)).toBeUndefined();
  });

  it.each([
    ["0.0.0.0", [0, 0, 0, 0]],
    ["127.0.0.1", [127, 0, 0, 1]],
    ["224.0.0.1", [224, 0, 0, 1]],
    ["255.255.255.255", [255, 255, 255, 255]],
  ])("refuses %s, which no host can have", (_name, octets) => {
    const packet = parseDhcpPacket(make({ options: [...REQUEST, 50, 4, ...octets, 255] }));
    expect(packet && claimedAddress(packet)).toBeUndefined();
  });

  it.each<[string, Made]>([
    ["op 3", { op: 3, options: REQUEST }],
    ["no message type (BOOTP)", { options: [255] }],
    ["message type 0", { options: [53, 1, 0] }],
    ["message type 200", { options: [53, 1, 200] }],
    ["a MAC of zeros", { chaddr: [0, 0, 0, 0, 0, 0], options: REQUEST }],
    ["Token Ring", { hardware: [6, 6], options: REQUEST }],
    ["an 8-byte hardware address", { hardware: [1, 8], options: REQUEST }],
  ])("refuses a packet with %s", (_name, made) => {
    expect(parseDhcpPacket(make(made))).toBeUndefined();
  });

  it("refuses a packet without the magic cookie", () => {
    const bytes = make({ options: REQUEST });
    bytes[236] = 0;
    expect(parseDhcpPacket(bytes)).toBeUndefined();
  });

  it("lets nothing but printable characters into names, and not many", () => {
    const named = parseDhcpPacket(make({ options: [...REQUEST, ...text(12, "cam\u001b[31m\n\u0000x"), 255] }));
    expect(named?.hostName).toBe("cam[31mx");
    const long = parseDhcpPacket(make({ options: [...REQUEST, ...text(12, "a".repeat(255)), 255] }));
    expect(long?.hostName).toBe("a".repeat(64));
    expect(parseDhcpPacket(make({ options: [...REQUEST, ...text(12, "\u0000"), 255] }))).not.toHaveProperty("hostName");
  });

  it("joins an option that is split (RFC 3396) and reads on in the file field (option 52)", () => {
    const split = parseDhcpPacket(make({ options: [...REQUEST, ...text(12, "front-"), 0, 0, ...text(12, "door"), 255] }));
    expect(split?.hostName).toBe("front-door");
    const overloaded = parseDhcpPacket(make({ options: [...REQUEST, 52, 1, 1, 255], file: [...text(12, "in-file"), 255] }));
    expect(overloaded?.hostName).toBe("in-file");
    expect(parseDhcpPacket(make({ options: [...REQUEST, 255], file: [...text(12, "boot"), 255] }))?.hostName).toBeUndefined();
  });

  it("keeps what came before an option that runs past the end", () => {
    const packet = parseDhcpPacket(make({ options: [...REQUEST, 50, 4, 10, 0, 0, 9, 12, 200, 65] }));
    expect(packet && claimedAddress(packet)).toBe("10.0.0.9");
    expect(packet?.hostName).toBeUndefined();
  });

  it("survives every truncation and every changed byte of a real packet", () => {
    const bytes = sample("request");
    for (let length = 0; length <= bytes.length; length += 1) expect(() => parseDhcpPacket(bytes.subarray(0, length))).not.toThrow();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        const packet = parseDhcpPacket(changed);
        expect(packet === undefined || /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(packet.mac)).toBe(true);
      }),
    );
  });

  it("survives arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expect(() => parseDhcpPacket(bytes)).not.toThrow();
        expect(() => parseDhcpPacket(make({ options: [...bytes] }))).not.toThrow();
      }),
    );
  });
});
