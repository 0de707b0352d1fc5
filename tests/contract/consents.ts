import { afterEach, describe, expect, test } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { DeviceId } from "../../src/domain/camera.ts";
import { instant, milliseconds } from "../../src/domain/duration.ts";
import type { EvidenceRecord } from "../../src/domain/evidence.ts";
import type { HoldRecord, ProposalRecord } from "../../src/ports/consents.ts";
import type { Registry } from "../../src/ports/registry.ts";
import type { RegistrySubject } from "./registry.ts";

const ip = (text: string) => text as IpAddress;
const id = (text: string) => text as DeviceId;

const proposal: ProposalRecord = {
  id: "a1b2c3",
  target: "frigate",
  before: "\uFEFFa: rtsp://viewer:canary@192.0.2.10\r\n",
  after: "\uFEFFa: rtsp://viewer:canary@192.0.2.77\r\n",
  edits: [{ path: ["cameras", "front", 0], owners: ["camera:front", "stream:x"], from: ip("192.0.2.10"), to: ip("192.0.2.77") }],
  cameras: [id("front")],
  evidence: [4, 7],
  at: instant(1_766_000_000_123.5),
};
const hold: HoldRecord = { device: id("front"), address: ip("192.0.2.77"), why: "undone", at: instant(5), circumstances: "x" };

/** What every memory of consents promises. */
export function consentsContract(name: string, create: () => RegistrySubject): void {
  describe(`${name} as a memory of consents`, () => {
    const made: { registry: Registry; readonly subject: RegistrySubject }[] = [];
    const setUp = () => {
      const subject = create();
      const one = { registry: subject.open(), subject };
      made.push(one);
      const reopen = () => {
        one.registry.close();
        one.registry = subject.open();
        return one.registry;
      };
      return { registry: one.registry, consents: one.registry.consents, reopen };
    };
    afterEach(() => {
      for (const { registry, subject } of made.splice(0)) {
        registry.close();
        subject.remove();
      }
    });

    test("a proposal comes back as it was, also after a restart; another of the same document replaces it", () => {
      const { consents, reopen } = setUp();
      consents.saveProposal(proposal);
      consents.saveProposal({ ...proposal, target: "another", id: "z" });
      expect(consents.proposals()).toStrictEqual([{ ...proposal, target: "another", id: "z" }, proposal]);
      const again = reopen().consents;
      again.saveProposal({ ...proposal, id: "d4" });
      expect(again.proposals().map((one) => one.id)).toEqual(["z", "d4"]);
      again.removeProposal("d4");
      again.removeProposal("never");
      expect(again.proposals().map((one) => one.target)).toEqual(["another"]);
    });

    test("of a document at one place there is one proposal, under whichever name", () => {
      const { consents, reopen } = setUp();
      const place = "/app_configs/ccab4aaf_frigate/config.yml";
      consents.saveProposal({ ...proposal, place });
      consents.saveProposal({ ...proposal, target: "another", id: "z", place: "/elsewhere.yml" });
      consents.saveProposal({ ...proposal, target: "ccab4aaf-frigate", id: "d4", place });
      expect(reopen().consents.proposals()).toStrictEqual([
        { ...proposal, target: "another", id: "z", place: "/elsewhere.yml" },
        { ...proposal, target: "ccab4aaf-frigate", id: "d4", place },
      ]);
    });

    test("a hold is one a device and address, and outlives a restart", () => {
      const { consents, reopen } = setUp();
      consents.saveHold({ device: hold.device, address: hold.address, why: "rolled-back", at: instant(1) });
      consents.saveHold(hold);
      consents.saveHold({ ...hold, device: id("back") });
      const again = reopen().consents;
      expect(again.holds()).toStrictEqual([{ ...hold, device: "back" }, hold]);
      again.removeHold(id("front"), ip("192.0.2.77"));
      again.removeHold(id("front"), ip("192.0.2.1"));
      expect(again.holds().map(({ device }) => device)).toEqual(["back"]);
    });

    test("keeps the newest hundred holds", () => {
      const { consents } = setUp();
      for (let count = 0; count < 105; count += 1) consents.saveHold({ ...hold, address: ip(`192.0.2.${count}`), at: instant(count) });
      const kept = consents.holds().map(({ at }) => at);
      expect(kept).toHaveLength(100);
      expect(Math.min(...kept)).toBe(5);
    });

    test("settled changes come newest first, of one document; a kept one can be undone, once", () => {
      const { registry, consents, reopen } = setUp();
      const [first, second, other, open] = [1, 2, 3, 4].map((at) =>
        registry.beginChange({ name: at === 3 ? "other" : "frigate" }, `b${String(at)}`, `a${String(at)}`, instant(at)),
      );
      registry.settleChange(first ?? 0, "kept");
      registry.settleChange(second ?? 0, "abandoned");
      registry.settleChange(other ?? 0, "kept");
      expect(consents.settledChanges({ name: "frigate" })).toStrictEqual([
        { id: second, target: "frigate", before: "b2", after: "a2", at: 2, state: "abandoned" },
        { id: first, target: "frigate", before: "b1", after: "a1", at: 1, state: "kept" },
      ]);
      for (const one of [first, second, open]) consents.undoneChange(one ?? 0);
      const again = reopen();
      expect(again.consents.settledChanges({ name: "frigate" }).map(({ state }) => state)).toEqual(["abandoned", "restored"]);
      expect(again.openChanges().map((change) => change.id)).toEqual([open]);
    });

    test("settled changes are those at the document's place, and those under its name", () => {
      const { registry, reopen } = setUp();
      const [A, B] = ["/a.yml", "/b.yml"];
      const ids = [{ name: "frigate", place: A }, { name: "renamed", place: A }, { name: "frigate", place: B }, { name: "frigate" }].map(
        (document, at) => {
          const change = registry.beginChange(document, "b", "a", instant(at));
          registry.settleChange(change, "kept");
          return change;
        },
      );
      const { consents } = reopen();
      const found = (document: { readonly name: string; readonly place?: string }) =>
        consents.settledChanges(document).map(({ id: change, target, place }) => [ids.indexOf(change), target, place]);
      expect(found({ name: "renamed", place: A })).toEqual([
        [1, "renamed", A],
        [0, "frigate", A],
      ]);
      expect(found({ name: "frigate", place: B })).toEqual([
        [3, "frigate", undefined],
        [2, "frigate", B],
        [0, "frigate", A],
      ]);
      expect(found({ name: "other" })).toEqual([]);
    });

    test("a request is taken once and its answer waits for whoever asked", () => {
      const { consents, reopen } = setUp();
      const first = consents.addRequest({ verb: "approve", id: "a1" }, instant(1), instant(100));
      const second = consents.addRequest(
        { verb: "adopt", camera: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress },
        instant(2),
        instant(100),
      );
      const again = reopen().consents;
      expect(again.openRequests(instant(50))).toStrictEqual([
        { id: first, action: { verb: "approve", id: "a1" }, at: 1, until: 100 },
        { id: second, action: { verb: "adopt", camera: "front", mac: "0c:79:55:4b:d4:2a" }, at: 2, until: 100 },
      ]);
      again.answerRequest(first, { kind: "accepted", message: "too early" });
      expect([again.takeRequest(first), again.takeRequest(first), again.takeRequest(999)]).toEqual([true, false, false]);
      expect(again.answerOf(first)).toBeUndefined();
      again.answerRequest(first, { kind: "refused", reason: "NeedsApproval", message: "no" });
      expect(again.openRequests(instant(50)).map((request) => request.id)).toEqual([second]);
      expect(again.answerOf(first)).toStrictEqual({ kind: "refused", reason: "NeedsApproval", message: "no" });
      again.removeRequest(first);
      expect(again.answerOf(first)).toBeUndefined();
    });

    test("a request that nobody waits for any longer is never begun; a hundred are kept", () => {
      const { consents } = setUp();
      consents.addRequest({ verb: "resync" }, instant(1), instant(10));
      expect(consents.openRequests(instant(11))).toEqual([]);
      expect(consents.openRequests(instant(0))).toEqual([]);
      const ids = Array.from({ length: 105 }, (_, at) => consents.addRequest({ verb: "resync" }, instant(at), instant(1000)));
      expect(consents.openRequests(instant(0)).map((request) => request.id)).toEqual(ids.slice(5));
    });

    test("a fact keeps its last value", () => {
      const { consents, reopen } = setUp();
      expect(consents.fact("machine")).toBeUndefined();
      consents.saveFact("machine", "a");
      consents.saveFact("machine", "b");
      expect(reopen().consents.fact("machine")).toBe("b");
    });

    test("names the latest proof of a device at an address", () => {
      const { registry } = setUp();
      const record: EvidenceRecord = {
        device: id("front"),
        candidate: ip("192.0.2.77"),
        layer: "dhcp",
        at: instant(1),
        took: milliseconds(3),
        verdict: "verified",
        reason: "Verified",
        steps: [],
      };
      registry.addEvidence(record);
      const latest = registry.addEvidence(record);
      registry.addEvidence({ ...record, verdict: "rejected" });
      registry.addEvidence({ ...record, candidate: ip("192.0.2.78") });
      expect(registry.evidenceId(id("front"), ip("192.0.2.77"))).toBe(latest);
      expect(registry.evidenceId(id("back"), ip("192.0.2.77"))).toBeUndefined();
    });
  });
}
