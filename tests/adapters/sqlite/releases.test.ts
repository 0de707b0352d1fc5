import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openDatabase } from "../../../src/adapters/sqlite/database.ts";
import { createRegistry } from "../../../src/adapters/sqlite/registry.ts";
import type { DeviceId } from "../../../src/domain/camera.ts";

const KEPT = join(import.meta.dirname, "../../golden/databases");
const releases = (await readdir(KEPT)).filter((name) => name.endsWith(".db"));

it("has the database of a release to open", () => {
  expect(releases).toContain("0.1.0.db");
});

// One database a release, with one record of each kind, written by that release.
it.each(releases)("opens %s and knows what it knew", async (name) => {
  const folder = await mkdtemp(join(tmpdir(), "camera-shepherd-release-"));
  await copyFile(join(KEPT, name), join(folder, name));
  const registry = createRegistry(openDatabase(join(folder, name)));
  try {
    const front = "front" as DeviceId;
    expect(registry.device(front)).toMatchObject({
      owners: ["camera/front", "stream/front"],
      identity: { macs: ["0c:79:55:4b:d4:2a"], endpoint: "urn:uuid:1f5d2a", realm: "Front door" },
      address: "192.168.1.77",
      verifiedAt: 1_760_000_000_000,
      history: ["192.168.1.50"],
      switches: [{ to: "192.168.1.77", at: 1_760_000_000_000 }],
      refusedLogin: { urlDigest: "0011223344556677", address: "192.168.1.77", at: 1_760_000_000_000 },
    });
    expect(registry.devices().map(({ id }) => id)).toEqual(["front", "yard"]);
    expect(registry.evidence(front, 10)).toMatchObject([
      { candidate: "192.168.1.77", layer: "dhcp", verdict: "verified", hostName: "front", steps: [{ proof: "neighbour" }] },
    ]);
    expect(registry.quarantines()).toMatchObject([{ server: "go2rtc", stream: "yard", sources: ["rtsp://192.168.1.51/main"] }]);
    expect(registry.shadows()).toMatchObject([{ server: "go2rtc", stream: "front" }]);
    expect(registry.openChanges()).toMatchObject([
      { target: "frigate", before: "a: 192.168.1.77\n", after: "a: 192.168.1.78\n", state: "begun" },
    ]);
    registry.saveDevice({ id: front, owners: [], identity: { macs: [] }, history: [], switches: [] });
    expect(registry.device(front)?.history).toEqual([]);
  } finally {
    registry.close();
    await rm(folder, { recursive: true });
  }
});
