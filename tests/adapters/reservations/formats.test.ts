import { parse as parseToml } from "smol-toml";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readMacList } from "../../../src/adapters/mac-lists/read-mac-list.ts";
import { formatReservations } from "../../../src/adapters/reservations/formats.ts";
import { parseCsv } from "../../../src/domain/csv.ts";
import { RESERVATION_FORMATS } from "../../../src/domain/list-formats.ts";
import { reservationsOf } from "../../../src/domain/reservations.ts";
import { SAMPLES } from "./samples.ts";

const MAC = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const NAMES = ["front", "garden-2", "camera-90", "cmd-c-calc-a1", "tur-sud-unten-x", "made-up"];

const lines = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

describe("reservations for", () => {
  it("dnsmasq: dhcp-host=MAC[,MAC],ADDRESS,NAME, as dnsmasq(8) has it", () => {
    const grammar = /^dhcp-host=(?:(?:[0-9a-f]{2}:){5}[0-9a-f]{2},)+\d{1,3}(?:\.\d{1,3}){3},[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
    const text = formatReservations("dnsmasq", SAMPLES);
    expect(lines(text).filter((line) => !grammar.test(line))).toEqual([]);
    expect(lines(text)[1]).toBe("dhcp-host=0c:79:55:4b:d4:2b,0c:79:55:4b:d4:3b,192.168.1.21,garden-2");
    expect(lines(text)).toHaveLength(6);
    expect(text).toContain("# repeater_a has the MAC address 0c:79:55:4b:d4:2f in common with repeater_b");
    expect(text).toContain("# made_up makes its MAC address 02:00:00:00:00:05 up");
  });

  it("Pi-hole 6: TOML, a list of strings at dhcp.hosts", () => {
    const Schema = z.strictObject({ dhcp: z.strictObject({ hosts: z.array(z.string()) }) });
    const { dhcp } = Schema.parse(parseToml(formatReservations("pihole", SAMPLES)));
    expect(dhcp.hosts[0]).toBe("0c:79:55:4b:d4:2a,192.168.1.20,front");
    expect(dhcp.hosts.map((host) => host.split(",").at(-1))).toEqual(NAMES);
  });

  it("Kea: JSON with a list of reservations as a subnet4 has it", () => {
    const Entry = z.strictObject({
      "hw-address": z.string().regex(MAC),
      "ip-address": z.string().regex(IPV4),
      hostname: z.string().regex(NAME),
    });
    const Schema = z.strictObject({ reservations: z.array(Entry) });
    const { reservations } = Schema.parse(JSON.parse(formatReservations("kea", SAMPLES)));
    expect(reservations.map(({ hostname }) => hostname)).toEqual(NAMES);
    // Kea refuses a subnet in which two reservations have one address.
    expect(new Set(reservations.map((one) => one["ip-address"])).size).toBe(6);
  });

  it("OPNsense: CSV with the columns that its Kea page exports and imports", () => {
    const [header, ...rows] = parseCsv(formatReservations("opnsense", SAMPLES));
    expect(header?.values).toEqual(["ip_address", "hw_address", "hostname", "description"]);
    const fits = rows.map(({ values: [address = "", mac = "", name = ""] }) => [IPV4.test(address), MAC.test(mac), NAME.test(name)]);
    expect(fits).toEqual(NAMES.map(() => [true, true, true]));
  });

  it("OpenWrt: uci sections of the type host", () => {
    const section =
      /config host\n\toption name '[a-z0-9-]+'\n\toption mac '(?:(?:[0-9a-f]{2}:){5}[0-9a-f]{2} ?)+'\n\toption ip '[\d.]+'\n/g;
    const text = formatReservations("openwrt", SAMPLES);
    expect(text.match(section)).toHaveLength(6);
    expect(lines(text.replaceAll(section, ""))).toEqual([]);
    expect(text).toContain("option mac '0c:79:55:4b:d4:2b 0c:79:55:4b:d4:3b'");
  });

  it("MikroTik: commands below /ip dhcp-server lease", () => {
    const [menu, ...commands] = lines(formatReservations("mikrotik", SAMPLES));
    expect(menu).toBe("/ip dhcp-server lease");
    const grammar = /^add address=[\d.]+ comment=[a-z0-9-]+ mac-address=(?:[0-9A-F]{2}:){5}[0-9A-F]{2}$/;
    expect(commands.map((command) => grammar.test(command))).toEqual(NAMES.map(() => true));
  });

  it("UniFi: clients with a fixed address", () => {
    const Client = z.strictObject({
      mac: z.string().regex(MAC),
      name: z.string(),
      use_fixedip: z.literal(true),
      fixed_ip: z.string().regex(IPV4),
    });
    expect(
      z
        .array(Client)
        .parse(JSON.parse(formatReservations("unifi", SAMPLES)))
        .map(({ name }) => name),
    ).toEqual(NAMES);
  });

  it("CSV: what import reads back, and no formula of a spreadsheet", () => {
    const text = formatReservations("csv", SAMPLES);
    expect(text).not.toMatch(/^[=+@-]/m);
    const { machines, broken } = readMacList(text);
    expect(broken).toEqual([]);
    expect(machines.map(({ mac, address }) => [mac, address])).toEqual(SAMPLES.reservations.map(({ macs, address }) => [macs[0], address]));
    expect(machines.slice(0, 3).map(({ name }) => name)).toEqual(["front", "Garden_2", "90"]);
  });

  it.each(RESERVATION_FORMATS)("%s: a text that ends with its line, also where there is nothing", (format) => {
    for (const list of [SAMPLES, reservationsOf([])]) expect(formatReservations(format, list)).toMatch(/\S\n$|^$/);
  });
});
