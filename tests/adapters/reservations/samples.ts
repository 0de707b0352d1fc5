import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import type { DeviceId } from "../../../src/domain/camera.ts";
import { reservationsOf } from "../../../src/domain/reservations.ts";

const camera = (id: string, address: string, ...macs: readonly string[]) => ({
  id: id as DeviceId,
  macs: macs as readonly MacAddress[],
  address: address as IpAddress,
});

/** Names and MAC addresses as homes have them, with all that a format may stumble over. */
export const SAMPLES = reservationsOf([
  camera("front", "192.168.1.20", "0c:79:55:4b:d4:2a"),
  camera("Garden_2", "192.168.1.21", "0c:79:55:4b:d4:2b", "0c:79:55:4b:d4:3b"),
  camera("90", "192.168.1.22", "0c:79:55:4b:d4:2c"),
  camera("=cmd|'/c calc'!A1", "192.168.1.23", "0c:79:55:4b:d4:2d"),
  camera('Tür "Süd", unten\n# x', "192.168.1.24", "0c:79:55:4b:d4:2e"),
  camera("made_up", "192.168.1.25", "02:00:00:00:00:05"),
  camera("repeater_a", "192.168.1.26", "0c:79:55:4b:d4:2f"),
  camera("repeater_b", "192.168.1.27", "0c:79:55:4b:d4:2f"),
]);
