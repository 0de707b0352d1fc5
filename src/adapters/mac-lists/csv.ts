import { type IpAddress, isHostAddress, type MacAddress, parseIp, parseMac } from "../../domain/addresses.ts";
import { type CsvRow, parseCsv } from "../../domain/csv.ts";
import { type BrokenLine, type ListedMac, type MacList, MOST_MACHINES } from "../../domain/mac-list.ts";

/** Which columns hold what, by their names in lower case. */
export interface Columns {
  readonly mac: readonly string[];
  readonly name: readonly string[];
  readonly address: readonly string[];
}

const USUAL: Columns = {
  mac: ["mac", "mac address", "mac_address", "mac-address", "hwaddr", "hw_address", "ethernet", "macaddress"],
  name: ["id", "name", "camera", "hostname", "host", "device"],
  address: ["ip", "address", "ip address", "ip_address", "ip-address", "ipv4", "ipaddress"],
};

/**
 * A list with columns for name, MAC and IP address, in any order and with or without a header; without one each value is told by its form. It is what
 * `export reservations --format csv` writes, and much of what routers hand out.
 */
export function csvList(text: string, columns: Columns = USUAL): MacList {
  const rows = parseCsv(text);
  const header = headerOf(rows[0], columns);
  const lines = (header === undefined ? rows : rows.slice(1)).slice(0, MOST_MACHINES);
  const read = lines.map((row) => (header === undefined ? byForm(row) : byColumn(row, header)));
  return { machines: read.filter((one) => "mac" in one), broken: read.filter((one) => "problem" in one) };
}

interface Header {
  readonly mac: number;
  readonly name: number;
  readonly address: number;
}

/** Where the columns are; undefined where the first row is no header. */
function headerOf(row: CsvRow | undefined, columns: Columns): Header | undefined {
  const names = row?.values.map((value) => value.toLowerCase()) ?? [];
  const at = (known: readonly string[]): number => known.map((name) => names.indexOf(name)).find((index) => index >= 0) ?? -1;
  const mac = at(columns.mac);
  return mac < 0 ? undefined : { mac, name: at(columns.name), address: at(columns.address) };
}

function byColumn({ line, values, unclosed }: CsvRow, header: Header): ListedMac | BrokenLine {
  if (unclosed) return { line, problem: "a quote is opened and not closed: close it" };
  return machine(line, values[header.mac] ?? "", values[header.name], values[header.address]);
}

function byForm({ line, values, unclosed }: CsvRow): ListedMac | BrokenLine {
  if (unclosed) return { line, problem: "a quote is opened and not closed: close it" };
  const mac = values.find((value) => parseMac(value) !== undefined);
  if (mac === undefined) return { line, problem: "holds no MAC address: write name, MAC address and IP address, separated by commas" };
  const address = values.find((value) => parseIp(value) !== undefined);
  return machine(
    line,
    mac,
    values.find((value) => value !== mac && value !== address && value !== ""),
    address,
  );
}

/** The machine that the texts name. An address that no host can have (`0.0.0.0`, empty) counts as absent, for lists are full of them. */
export function machine(line: number, mac: string, name: string | undefined, address: string | undefined): ListedMac | BrokenLine {
  const parsed: MacAddress | undefined = parseMac(mac);
  if (parsed === undefined) {
    const shown = mac === "" ? "has no MAC address" : `${JSON.stringify(mac.slice(0, 40))} is no MAC address`;
    return { line, problem: `${shown}: write six pairs of hexadecimal digits, such as 0c:79:55:4b:d4:2a, or take the line out` };
  }
  const ip: IpAddress | undefined = parseIp(address ?? "");
  return {
    line,
    mac: parsed,
    ...(name === undefined || name === "" ? {} : { name: name.slice(0, 200) }),
    ...(ip === undefined || !isHostAddress(ip) ? {} : { address: ip }),
  };
}
