import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Lease } from "../../../src/adapters/leases/lease.ts";
import { LeaseFiles } from "../../../src/adapters/leases/lease-files.ts";
import { readLeases } from "../../../src/adapters/leases/read-leases.ts";
import { formatReservations } from "../../../src/adapters/reservations/formats.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import type { DeviceId } from "../../../src/domain/camera.ts";
import { reservationsOf } from "../../../src/domain/reservations.ts";
import type { Sighting } from "../../../src/domain/sighting.ts";
import { startIsc, startKea } from "../../world/dhcp-servers.ts";
import { type DhcpClient, dhcpClient } from "../../world/dhcp-client.ts";
import { startLan, type Host, type Lan } from "../../world/lan.ts";
import { eventually } from "../../world/waiting.ts";

const MAC = "0c:79:55:4b:d4:2a" as MacAddress;
const shared: { lan?: Lan; camera?: Host } = {};

function world(): { lan: Lan; camera: Host } {
  const { lan, camera } = shared;
  if (lan === undefined || camera === undefined) throw new Error("not started");
  return { lan, camera };
}

beforeAll(async () => {
  shared.lan = await startLan();
  shared.camera = await shared.lan.attach("camera", MAC);
  await shared.lan.router.stop();
});
afterAll(() => shared.lan?.stop());

/**
 * Takes a lease, sees it in the file, gives it back, and is told of it no more.
 * @param meanwhile while it is held
 * @returns the lease as it was read
 */
async function leased(
  client: DhcpClient,
  file: string,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<{ readonly address: IpAddress; readonly lease: Lease }> {
  const read = async (): Promise<readonly Lease[]> => readLeases(await readFile(file, "utf8"), "auto");
  const { address } = await client.begin(() => undefined);
  const lease = await eventually("the lease in the file", async () => (await read())[0]);
  await meanwhile();
  await client.end(true);
  await eventually("the lease to be gone", async () => (await told(file)).length === 0);
  return { address, lease };
}

/** What is told of a file at the start of the program. */
async function told(path: string): Promise<readonly Sighting[]> {
  const stop = new AbortController();
  const heard: Sighting[] = [];
  await new LeaseFiles(createSystemClock(), [{ path, format: "auto" }]).watch(
    (sighting) => void heard.push(sighting),
    () => stop.abort(),
    stop.signal,
  );
  return heard;
}

/** A lease as it is compared: it lasts for the hour that the server gave. */
function shown({ ends, ...rest }: Lease): unknown {
  const left = (ends ?? 0) - Date.now();
  return { ...rest, lastsAnHour: left > 3_500_000 && left <= 3_601_000 };
}

test("Kea gives a camera the address that was exported for it, and its lease file is read as it writes it", async () => {
  const { lan, camera } = world();
  const exported = reservationsOf([{ id: "front" as DeviceId, macs: [MAC], address: lan.at(77) }]);
  const { reservations } = JSON.parse(formatReservations("kea", exported)) as { readonly reservations: unknown };
  const pools = [{ pool: `${lan.at(100)} - ${lan.at(199)}` }];
  const leases = join(lan.folder, "kea-leases4.csv");
  await using kea = await startKea(lan.router.host, lan.folder, { id: 1, subnet: "192.168.50.0/24", pools, reservations }, leases);
  await eventually("Kea", () => (kea.assertRunning(), kea.complaints.some((line) => line.includes("DHCP4_STARTED"))));
  const { address, lease } = await leased(dhcpClient(camera, "front-cam"), leases, async () => {
    await eventually("Kea to tidy its file", async () => readLeases(await readFile(leases, "utf8"), "kea").length === 0, 5_000);
    expect(await told(leases)).toMatchObject([{ layer: "leases", mac: MAC, address: lan.at(77) }]);
  });
  expect(address).toBe(lan.at(77));
  // Kea keeps the name of the reservation.
  expect(shown(lease)).toEqual({ mac: MAC, address: lan.at(77), hostName: "front", lastsAnHour: true });
});

test("ISC's lease file is read as the server writes it", async () => {
  const { lan, camera } = world();
  const leases = join(lan.folder, "dhcpd.leases");
  const subnet = `subnet 192.168.50.0 netmask 255.255.255.0 { range ${lan.at(100)} ${lan.at(199)}; }`;
  await using isc = await startIsc(lan.router.host, lan.folder, subnet, leases);
  await eventually("ISC's server", () => (isc.assertRunning(), isc.complaints.some((line) => line.includes("Server starting service"))));
  const { address, lease } = await leased(dhcpClient(camera, "front-cam"), leases);
  expect(shown(lease)).toEqual({ mac: MAC, address, hostName: "front-cam", lastsAnHour: true });
});
