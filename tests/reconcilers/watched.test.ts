import { expect, it } from "vitest";
import { openDatabaseInMemory } from "../../src/adapters/sqlite/database.ts";
import { createRegistry } from "../../src/adapters/sqlite/registry.ts";
import { instant, milliseconds } from "../../src/domain/duration.ts";
import type { EvidenceRecord } from "../../src/domain/evidence.ts";
import type { Notice } from "../../src/domain/notice.ts";
import { Watched } from "../../src/reconcilers/watched.ts";
import { at, id } from "./fake-home.ts";

it("lets watchers see what is told, proved and restarted, and changes nothing of it", () => {
  const watched = new Watched();
  const seen: unknown[] = [];
  const registry = watched.registry(createRegistry(openDatabaseInMemory()));
  const told: Notice[] = [];
  const tell = watched.tell((notice) => void told.push(notice));
  watched.add({
    notice: (notice) => void seen.push(notice.kind),
    evidence: ({ reason }) => void seen.push(reason),
    restart: (kind) => void seen.push(kind),
  });
  const evidence: EvidenceRecord = {
    device: id("front"),
    candidate: at(60),
    layer: "dhcp",
    at: instant(0),
    took: milliseconds(5),
    verdict: "rejected",
    reason: "OtherMac",
    steps: [],
  };
  tell({ kind: "layer-up", layer: "dhcp" });
  registry.addEvidence(evidence);
  registry.beginRestart({ name: "frigate" }, "change", instant(0));
  expect(seen).toEqual(["layer-up", "OtherMac", "change"]);
  expect(told).toHaveLength(1);
  expect(registry.evidence(id("front"), 10)).toEqual([evidence]);
  expect(registry.restarts({ name: "frigate" })).toMatchObject([{ kind: "change", state: "called" }]);
  registry.close();
});
