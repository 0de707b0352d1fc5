import { describe, expect, it } from "vitest";
import { readLeases } from "../../../src/adapters/leases/read-leases.ts";

const DNSMASQ = `1767225600 0c:79:55:4b:d4:2a 192.168.1.50 front 01:0c:79:55:4b:d4:2a
0 0c:79:55:4b:d4:2b 192.168.1.51 * *
43200 06-0c:79:55:4b:d4:2c 192.168.1.52 garden *
1767225600 00:00:00:00:00:00 192.168.1.53 none *
1767225600 0c:79:55:4b:d4:2d 127.0.0.1 self *
duid 00:01:00:01:2b:ac:be:9f:0c:79:55:4b:d4:2a
1767225600 1234567 fd00::50 front 00:01:00:01
`;

const KEA = `address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
192.168.1.50,0c:79:55:4b:d4:2a,01:0c:79:55:4b:d4:2a,3600,1767225600,1,0,0,front.lan.,0,,0
192.168.1.51,0c:79:55:4b:d4:2b,,4294967295,1767225600,1,0,0,,0,,0
192.168.1.52,0c:79:55:4b:d4:2c,,3600,1767225600,1,0,0,taken-away,0,,0
192.168.1.52,0c:79:55:4b:d4:2c,,0,1767225600,1,0,0,taken-away,0,,0
192.168.1.53,,,86400,1767225600,1,0,0,,1,,0
192.168.1.54,0c:79:55:4b:d4:2d,,3600,1767225600,1,0,0,expired,2,{"a": "b&#x2cc"},0
192.168.1.55,0c:79:55:4b:d4:2e,,3600,1767220000,1,0,0,old,0,,0
192.168.1.55,0c:79:55:4b:d4:2e,,3600,1767225600,1,0,0,new&#x2cname,0,,0
`;

const ISC = `# The format of this file is documented in the dhcpd.leases(5) manual page.
# This lease file was written by isc-dhcp-4.4.1
authoring-byte-order little-endian;

lease 192.168.1.50 {
  starts 4 2026/01/01 00:00:00;
  ends 4 2025/12/31 00:00:00;
  binding state active;
  hardware ethernet 0c:79:55:4b:d4:99;
}
lease 192.168.1.50 {
  starts 4 2026/01/01 00:00:00;
  ends 4 2026/01/01 00:00:00;
  cltt 4 2026/01/01 00:00:00;
  binding state active;
  next binding state free;
  rewind binding state free;
  hardware ethernet 0c:79:55:4b:d4:2a;
  uid "\\001\\014yUK}\\324*";
  client-hostname "front";
}
lease 192.168.1.51 {
  ends never;
  binding state active;
  hardware ethernet 0c:79:55:4b:d4:2b;
}
lease 192.168.1.52 {
  ends epoch 1767225600; # Thu Jan  1 00:00:00 2026
  binding state active;
  hardware ethernet 0c:79:55:4b:d4:2c;
}
lease 192.168.1.53 {
  ends 4 2026/01/01 00:00:00;
  binding state abandoned;
  hardware ethernet 0c:79:55:4b:d4:2d;
}
lease 192.168.1.54 {
  ends 4 2026/01/01 00:00:00;
  binding state active;
  hardware ethernet 0c:79:55:4b:d4:2e;
}
lease 192.168.1.54 {
  binding state free;
  hardware ethernet 0c:79:55:4b:d4:2e;
}
server-duid "\\000\\001";
`;

const ends = Date.UTC(2026, 0, 1);

describe("leases of", () => {
  it.each(["auto", "dnsmasq", "pihole", "openwrt"] as const)("dnsmasq, read as %s", (format) => {
    expect(readLeases(DNSMASQ, format)).toEqual([
      { mac: "0c:79:55:4b:d4:2a", address: "192.168.1.50", ends, hostName: "front" },
      { mac: "0c:79:55:4b:d4:2b", address: "192.168.1.51" },
      { mac: "0c:79:55:4b:d4:2c", address: "192.168.1.52", hostName: "garden" },
    ]);
  });

  it.each(["auto", "kea"] as const)("Kea, read as %s: the last line of an address counts, declined and expired ones are none", (format) => {
    expect(readLeases(KEA, format)).toEqual([
      { mac: "0c:79:55:4b:d4:2a", address: "192.168.1.50", ends, hostName: "front.lan" },
      { mac: "0c:79:55:4b:d4:2b", address: "192.168.1.51" },
      { mac: "0c:79:55:4b:d4:2e", address: "192.168.1.55", ends, hostName: "new,name" },
    ]);
  });

  it.each(["auto", "isc"] as const)("ISC, read as %s: the last declaration counts, abandoned and free ones are none", (format) => {
    expect(readLeases(ISC, format)).toEqual([
      { mac: "0c:79:55:4b:d4:2a", address: "192.168.1.50", ends, hostName: "front" },
      { mac: "0c:79:55:4b:d4:2b", address: "192.168.1.51" },
      { mac: "0c:79:55:4b:d4:2c", address: "192.168.1.52", ends },
    ]);
  });
});

describe("a file that is being written", () => {
  const cut = (text: string, count: number): number => readLeases(text.slice(0, text.length - count), "auto").length;

  it("gives no lease of a line or declaration that is not finished", () => {
    const line = "1767225600 0c:79:55:4b:d4:2a 192.168.1.5";
    expect(readLeases(line, "dnsmasq")).toEqual([]);
    expect(readLeases(`${line}\n`, "dnsmasq")).toHaveLength(1);
    expect(cut(KEA, 1)).toBe(3);
    const declaration = "lease 192.168.1.50 {\n  binding state active;\n  hardware ethernet 0c:79:55:4b:d4:2a;\n}";
    expect([readLeases(declaration, "isc").length, cut(declaration, 1)]).toEqual([1, 0]);
  });

  it.each(["", "\n", "\0\0\0\n", "nonsense\n", "lease {\n}\n", `${"9".repeat(400)} x y z\n`])("is no error as %j", (text) => {
    for (const format of ["auto", "dnsmasq", "kea", "isc"] as const) expect(readLeases(text, format)).toEqual([]);
  });
});
