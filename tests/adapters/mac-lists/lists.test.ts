import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMacList } from "../../../src/adapters/mac-lists/read-mac-list.ts";
import { parseCsv } from "../../../src/domain/csv.ts";

const FRONT = { mac: "0c:79:55:4b:d4:2a", name: "front", address: "192.168.1.20" };

describe("a list as CSV", () => {
  it.each([
    ["with a header in any order", "IP,Name,MAC\n192.168.1.20,front,0C-79-55-4B-D4-2A\n", 2],
    ["separated by semicolons, with CRLF and a byte-order mark", "\uFEFFname;mac;ip\r\nfront;0c:79:55:4b:d4:2a;192.168.1.20\r\n", 2],
    ["without a header, told by form", "0c79.554b.d42a\tfront\t192.168.1.20", 1],
    ["with quotes and line ends within them", 'mac,note,name,ip\n0c:79:55:4b:d4:2a,"a, ""b""\n\nc",front,192.168.1.20\n', 2],
    ["with empty lines", "\n\nname,mac,ip\n\n,,\nfront,0c:79:55:4b:d4:2a,192.168.1.20\n", 6],
  ])("%s", (_title, text, line) => {
    expect(readMacList(text)).toEqual({ machines: [{ line, ...FRONT }], broken: [] });
  });

  it("names each broken line with the remedy, and reads the others", () => {
    const text =
      'name,mac,ip\nfront,0c:79:55:4b:d4,192.168.1.20\nempty,,192.168.1.21\ngate,0c:79:55:4b:d4:2c,0.0.0.0\n"open,0c:79:55:4b:d4:2d,1\n';
    const { machines, broken } = readMacList(text);
    expect(machines).toEqual([{ line: 4, mac: "0c:79:55:4b:d4:2c", name: "gate" }]);
    expect(broken.map(({ line }) => line)).toEqual([2, 3, 5]);
    expect(broken.map(({ problem }) => problem)).toEqual([
      expect.stringContaining('"0c:79:55:4b:d4" is no MAC address: write six pairs'),
      expect.stringContaining("has no MAC address"),
      "a quote is opened and not closed: close it",
    ]);
    expect(readMacList("front 0c:79:55:4b:d4:2a\n").broken).toMatchObject([
      { line: 1, problem: expect.stringContaining("separated by commas") },
    ]);
  });
});

describe("a list of", () => {
  it("NetAlertX: devMac, devName and devLastIP among many columns, its Internet left out", () => {
    const text = `"devMac","devName","devOwner","devComments","devLastIP"
"Internet","Internet","House","","84.1.2.3"
"0c:79:55:4b:d4:2a","front","House","line one
line two","192.168.1.20"
"broken","x","","","192.168.1.21"
`;
    expect(readMacList(text)).toEqual({
      machines: [{ line: 3, ...FRONT }],
      broken: [{ line: 5, problem: expect.stringContaining('"broken" is no MAC address') }],
    });
  });

  it.each([
    ["older keys", JSON.stringify([{ ID: 1, Name: "", DNS: "front", IP: "192.168.1.20", Mac: "0c:79:55:4b:d4:2a", Hw: "x", Known: 1 }])],
    ["keys of its document", JSON.stringify([{ id: 1, name: "front", ip: "192.168.1.20", mac: "0c:79:55:4b:d4:2a" }])],
  ])("WatchYourLAN with %s", (_title, text) => {
    expect(readMacList(text)).toEqual({ machines: [{ line: 1, ...FRONT }], broken: [] });
  });

  it("WatchYourLAN, printed over lines, names the line", () => {
    const list = [{ Mac: "nonsense" }, { Name: "front", IP: "192.168.1.20", Mac: "0c:79:55:4b:d4:2a" }, 7];
    const { machines, broken } = readMacList(JSON.stringify(list, undefined, 2));
    expect(machines).toEqual([{ line: 8, ...FRONT }]);
    expect(broken).toMatchObject([{ line: 3 }, { line: 8, problem: expect.stringContaining("has no MAC address") }]);
    for (const text of ["[1,", "{}"])
      expect(readMacList(text).broken).toMatchObject([{ line: 1, problem: expect.stringContaining("/api/all") }]);
  });
});

it("any text is read to its end, with a MAC address or a message for each line", () => {
  const part = fc.constantFrom(
    '"',
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "0c:79:55:4b:d4:2a",
    "192.168.1.20",
    "name",
    "mac",
    "devMac",
    "[",
    "{",
    "front",
  );
  const property = fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
    const text = parts.join("");
    const rows = parseCsv(text);
    expect(rows.map(({ line }) => line)).toEqual([...new Set(rows.map(({ line }) => line))].toSorted((one, other) => one - other));
    for (const format of ["csv", "netalertx", "watchyourlan", undefined] as const) {
      const { machines, broken } = readMacList(text, format);
      for (const { line } of [...machines, ...broken]) expect(line).toBeGreaterThan(0);
    }
  });
  expect(() => fc.assert(property, { numRuns: 2000 })).not.toThrow();
});
