import type { ReservationFormat } from "../../domain/list-formats.ts";
import type { Reservation, ReservationNote, Reservations } from "../../domain/reservations.ts";

/** The reservations in one server's form, with a line end behind the last line. What the form has no comments for is left to the caller to say. */
export function formatReservations(format: ReservationFormat, { reservations, notes }: Reservations): string {
  const comments = notes.map(({ message }) => `# ${plain(message)}\n`).join("");
  switch (format) {
    case "dnsmasq":
      return comments + reservations.map(dnsmasqLine).join("");
    case "pihole":
      return `${comments}[dhcp]\nhosts = [\n${reservations.map((one) => `  "${hostLine(one)}",\n`).join("")}]\n`;
    case "kea":
      return `${JSON.stringify({ reservations: reservations.map(keaEntry) }, undefined, 2)}\n`;
    case "opnsense":
      return csvText(["ip_address", "hw_address", "hostname", "description"], reservations, ({ address, macs, name, device }) => [
        address,
        macs[0],
        name,
        device,
      ]);
    case "openwrt":
      return comments + reservations.map(uciSection).join("\n");
    case "mikrotik":
      return `${comments}/ip dhcp-server lease\n${reservations.map(routerOsLine).join("")}`;
    case "unifi":
      return `${JSON.stringify(reservations.map(unifiClient), undefined, 2)}\n`;
    case "csv":
      return csvText(["name", "mac", "ip"], reservations, ({ address, macs, device }) => [device, macs[0], address]);
  }
}

/** `dhcp-host=[<hwaddr>…][,<ipaddr>][,<hostname>]`, several MAC addresses for one machine (dnsmasq(8), --dhcp-host). */
function dnsmasqLine(one: Reservation): string {
  return `dhcp-host=${hostLine(one)}\n`;
}

/** What stands behind `dhcp-host=`; so do entries of `dhcp.hosts` in Pi-hole's `pihole.toml` (pi-hole/FTL, src/config/dnsmasq_config.c). */
function hostLine({ macs, address, name }: Reservation): string {
  return [...macs, address, name].join(",");
}

/** An entry of `reservations` of a `subnet4` (Kea Administrator Reference Manual, "Host Reservations in DHCPv4"). */
function keaEntry({ macs, address, name }: Reservation): unknown {
  return { "hw-address": macs[0], "ip-address": address, hostname: name };
}

/** A section of `/etc/config/dhcp` (openwrt.org, "DHCP and DNS configuration", static leases). */
function uciSection({ macs, address, name }: Reservation): string {
  return `config host\n\toption name '${name}'\n\toption mac '${macs.join(" ")}'\n\toption ip '${address}'\n`;
}

/** A command of RouterOS, as `/ip dhcp-server lease export` prints them (help.mikrotik.com, "DHCP", Leases). */
function routerOsLine({ macs, address, name }: Reservation): string {
  return `add address=${address} comment=${name} mac-address=${macs[0].toUpperCase()}\n`;
}

/** A client as the Network application's `rest/user` takes and gives it (paultyng/go-unifi, unifi/user.generated.go). */
function unifiClient({ macs, address, name }: Reservation): unknown {
  return { mac: macs[0], name, use_fixedip: true, fixed_ip: address };
}

/** RFC 4180, but for its line ends: those are LF. OPNsense imports such a list under Kea DHCPv4, Reservations (opnsense/core, Kea/Api/Dhcpv4Controller.php). */
function csvText(
  header: readonly string[],
  reservations: readonly Reservation[],
  row: (reservation: Reservation) => readonly string[],
): string {
  const line = (values: readonly string[]): string => `${values.map(csvValue).join(",")}\n`;
  return line(header) + reservations.map((one) => line(row(one))).join("");
}

function csvValue(value: string): string {
  // A spreadsheet takes what begins so for a formula.
  const safe = /^[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",\r\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A note as a comment: in one line. */
function plain(message: ReservationNote["message"]): string {
  return message.replaceAll(/\p{Cc}/gu, "?");
}
