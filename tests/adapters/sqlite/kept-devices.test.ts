import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase } from "../../../src/adapters/sqlite/database.ts";
import { createRegistry } from "../../../src/adapters/sqlite/registry.ts";
import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import type { DeviceId } from "../../../src/domain/camera.ts";
import type { DeviceRecord, Registry } from "../../../src/ports/registry.ts";

const front = "front" as DeviceId;
const record = (address: string): DeviceRecord => ({
  id: front,
  owners: [],
  identity: { macs: ["0c:79:55:4b:d4:2a" as MacAddress] },
  address: address as IpAddress,
  history: [],
  switches: [],
});
let folder = "";
let registry: Registry;
let other: Registry;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "camera-shepherd-kept-"));
  registry = createRegistry(openDatabase(join(folder, "test.db")));
  other = createRegistry(openDatabase(join(folder, "test.db")));
});

afterEach(async () => {
  registry.close();
  other.close();
  await rm(folder, { recursive: true });
});

it("tells what it saved or forgot itself", () => {
  expect(registry.device(front)).toBeUndefined();
  registry.saveDevice(record("192.0.2.1"));
  expect(registry.device(front)?.address).toBe("192.0.2.1");
  registry.saveDevice(record("192.0.2.2"));
  expect(registry.device(front)?.address).toBe("192.0.2.2");
  registry.forgetDevice(front);
  expect(registry.device(front)).toBeUndefined();
});

it("tells what another program saved or forgot", () => {
  expect(registry.device(front)).toBeUndefined();
  other.saveDevice(record("192.0.2.1"));
  expect(registry.device(front)?.address).toBe("192.0.2.1");
  other.saveDevice(record("192.0.2.2"));
  expect(registry.device(front)?.address).toBe("192.0.2.2");
  other.forgetDevice(front);
  expect(registry.device(front)).toBeUndefined();
});
