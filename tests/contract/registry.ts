import { afterEach, describe, expect, test } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { DeviceId, StreamName } from "../../src/domain/camera.ts";
import { instant, milliseconds } from "../../src/domain/duration.ts";
import type { EvidenceRecord } from "../../src/domain/evidence.ts";
import type { DeviceRecord, Registry } from "../../src/ports/registry.ts";

/** A registry that can be closed and opened again on the same memory. */
export interface RegistrySubject {
  readonly open: () => Registry;
  readonly remove: () => void;
}

const ip = (text: string) => text as IpAddress;
const id = (text: string) => text as DeviceId;
const stream = (text: string) => text as StreamName;

const full: DeviceRecord = {
  id: id("front"),
  owners: ["camera:front", "stream:front_sub"],
  identity: {
    macs: ["0c:79:55:4b:d4:2a" as MacAddress],
    endpoint: "urn:uuid:1",
    realm: "IPC 'x' \"y\" – ü",
    uid: "reolink:9527000ABCDEF123",
    toldMacs: ["0c:79:55:4b:d4:2b" as MacAddress],
    shared: ["uid"],
    onvifPort: 8899,
  },
  address: ip("192.0.2.10"),
  verifiedAt: instant(1_766_000_000_123.5),
  history: [ip("192.0.2.9"), ip("192.0.2.8")],
  switches: [{ to: ip("192.0.2.10"), at: instant(1_766_000_000_000) }],
  refusedLogin: { urlDigest: "canary-digest", address: ip("192.0.2.10"), at: instant(1) },
};
const bare: DeviceRecord = { id: id("back"), owners: [], identity: { macs: [] }, history: [], switches: [] };

function evidence(device: string, number: number): EvidenceRecord {
  return {
    device: id(device),
    candidate: ip("192.0.2.77"),
    layer: "dhcp",
    at: instant(number),
    took: milliseconds(321.5),
    verdict: "verified",
    reason: "Verified",
    steps: [{ proof: "neighbour", outcome: "passed", detail: "0c:79:55:4b:d4:2a", after: milliseconds(12) }],
  };
}

/** What every registry promises. */
export function registryContract(name: string, create: () => RegistrySubject): void {
  describe(`${name} as a registry`, () => {
    const made: { readonly registry: Registry; readonly subject: RegistrySubject }[] = [];
    const setUp = () => {
      const subject = create();
      const registry = subject.open();
      made.push({ registry, subject });
      return { registry, reopen: (old: Registry) => reopen(old, subject) };
    };
    const reopen = (old: Registry, subject: RegistrySubject): Registry => {
      old.close();
      const registry = subject.open();
      made.push({ registry, subject });
      return registry;
    };
    afterEach(() => {
      for (const { registry, subject } of made.splice(0)) {
        registry.close();
        subject.remove();
      }
    });

    test("starts empty", () => {
      const { registry } = setUp();
      const all = [registry.devices(), registry.quarantines(), registry.shadows(), registry.openChanges(), registry.evidence(id("x"), 10)];
      expect(all).toEqual([[], [], [], [], []]);
      expect(registry.device(id("x"))).toBeUndefined();
    });

    test("a device comes back exactly as it was saved, absent fields absent, also after a restart", () => {
      const { registry, reopen: again } = setUp();
      registry.saveDevice(full);
      registry.saveDevice(bare);
      const reopened = again(registry);
      expect(reopened.device(full.id)).toStrictEqual(full);
      expect(reopened.device(bare.id)).toStrictEqual(bare);
      expect(reopened.devices().map((device) => device.id)).toEqual(["back", "front"]);
    });

    test("saving replaces all of a device: what is absent now is gone", () => {
      const { registry } = setUp();
      registry.saveDevice(full);
      registry.saveDevice({ ...bare, id: full.id });
      expect(registry.devices()).toStrictEqual([{ ...bare, id: full.id }]);
    });

    test("what a caller does with its own record afterwards changes nothing", () => {
      const { registry } = setUp();
      const history = [ip("192.0.2.1")];
      registry.saveDevice({ ...bare, history });
      history.push(ip("192.0.2.2"));
      expect(registry.device(bare.id)?.history).toEqual(["192.0.2.1"]);
    });

    test("keeps ten earlier addresses, the latest, and fifty switches, the newest", () => {
      const { registry } = setUp();
      const history = Array.from({ length: 15 }, (_, index) => ip(`192.0.2.${index}`));
      const switches = Array.from({ length: 60 }, (_, index) => ({ to: ip("192.0.2.1"), at: instant(index) }));
      registry.saveDevice({ ...bare, history, switches });
      const kept = registry.device(bare.id);
      expect(kept?.history).toEqual(history.slice(0, 10));
      expect(kept?.switches).toEqual(switches.slice(10));
    });

    test("a forgotten device takes its evidence with it and nobody else's; its quarantined sources stay", () => {
      const { registry } = setUp();
      registry.saveDevice(full);
      registry.saveDevice(bare);
      registry.addEvidence(evidence("front", 1));
      registry.addEvidence(evidence("back", 2));
      const parked = { server: "go2rtc", stream: stream("front"), device: full.id, sources: ["rtsp://192.0.2.10/"], at: instant(5) };
      registry.saveQuarantine(parked);
      registry.forgetDevice(full.id);
      registry.forgetDevice(id("never known"));
      expect(registry.devices().map((device) => device.id)).toEqual(["back"]);
      expect(registry.evidence(full.id, 10)).toEqual([]);
      expect(registry.evidence(bare.id, 10)).toHaveLength(1);
      expect(registry.quarantines()).toStrictEqual([parked]);
    });

    test("a device that another one took the place of has what that one is known by alone, and no evidence; nobody else's goes", () => {
      const { registry, reopen: again } = setUp();
      registry.saveDevice(full);
      registry.addEvidence(evidence("front", 1));
      registry.addEvidence(evidence("back", 2));
      expect(registry.device(full.id)).toStrictEqual(full);
      const other = { ...bare, id: full.id };
      registry.replaceDevice(other);
      expect(registry.device(full.id)).toStrictEqual(other);
      const reopened = again(registry);
      expect(reopened.device(full.id)).toStrictEqual(other);
      expect(reopened.evidence(full.id, 10)).toEqual([]);
      expect(reopened.evidence(bare.id, 10)).toHaveLength(1);
    });

    test("evidence comes newest first, as it was written, at most as many as asked for", () => {
      const { registry, reopen: again } = setUp();
      const named: EvidenceRecord = { ...evidence("front", 3), hostName: "IPC-front" };
      const ids = [evidence("front", 1), evidence("front", 2), named].map((record) => registry.addEvidence(record));
      expect(ids).toEqual([...new Set(ids)].toSorted((left, right) => left - right));
      const reopened = again(registry);
      expect(reopened.evidence(id("front"), 10)).toStrictEqual([named, evidence("front", 2), evidence("front", 1)]);
      expect(reopened.evidence(id("front"), 2)).toHaveLength(2);
      expect(reopened.evidence(id("front"), 0)).toEqual([]);
      expect(reopened.evidence(id("front"), -1)).toEqual([]);
    });

    test("keeps the newest thousand a device", () => {
      const { registry } = setUp();
      registry.addEvidence(evidence("back", 1));
      for (let number = 1; number <= 1005; number += 1) registry.addEvidence(evidence("front", number));
      const kept = registry.evidence(id("front"), 5000);
      expect(kept).toHaveLength(1000);
      expect([kept[0]?.at, kept.at(-1)?.at]).toEqual([1005, 6]);
      expect(registry.evidence(id("back"), 10)).toHaveLength(1);
    });

    test("a quarantine is one a stream and server, and keeps its sources in order", () => {
      const { registry, reopen: again } = setUp();
      const record = { server: "a", stream: stream("front"), device: full.id, at: instant(1) };
      registry.saveQuarantine({ ...record, sources: ["old"] });
      registry.saveQuarantine({ ...record, sources: ["rtsp://viewer:canary@192.0.2.10/1", "ffmpeg:front#audio=opus"] });
      registry.saveQuarantine({ ...record, server: "b", sources: [] });
      const reopened = again(registry);
      expect(reopened.quarantines().map(({ server, sources }) => [server, sources])).toEqual([
        ["a", ["rtsp://viewer:canary@192.0.2.10/1", "ffmpeg:front#audio=opus"]],
        ["b", []],
      ]);
      reopened.removeQuarantine("a", stream("front"));
      reopened.removeQuarantine("a", stream("never"));
      expect(reopened.quarantines().map(({ server }) => server)).toEqual(["b"]);
    });

    test("a shadow is kept once until it is removed", () => {
      const { registry, reopen: again } = setUp();
      const shadow = { server: "a", stream: stream("front") };
      registry.addShadow(shadow);
      registry.addShadow(shadow);
      registry.addShadow({ ...shadow, server: "b" });
      const reopened = again(registry);
      expect(reopened.shadows()).toStrictEqual([shadow, { ...shadow, server: "b" }]);
      reopened.removeShadow(shadow);
      reopened.removeShadow(shadow);
      expect(reopened.shadows()).toStrictEqual([{ ...shadow, server: "b" }]);
    });

    test("what is remembered of a server goes by its place when names change, also where two swap them; else by its name", () => {
      const { registry, reopen: again } = setUp();
      const record = { device: full.id, at: instant(1) };
      const front = stream("front");
      registry.saveQuarantine({ ...record, server: "a", place: "http://one", stream: front, sources: ["of one"] });
      registry.saveQuarantine({ ...record, server: "b", place: "http://two", stream: front, sources: ["of two"] });
      registry.saveQuarantine({ ...record, server: "b", stream: stream("old"), sources: ["of a first release"] });
      registry.saveQuarantine({ ...record, server: "gone", place: "http://gone", stream: front, sources: ["of none"] });
      registry.addShadow({ server: "a", place: "http://one", stream: front });
      registry.addShadow({ server: "b", stream: front });
      registry.renameServers([
        { name: "b", place: "http://one" },
        { name: "a", place: "http://two" },
      ]);
      const reopened = again(registry);
      const kept = reopened.quarantines().map(({ server, place, sources: [source] }) => `${server} at ${place ?? "?"} ${source ?? "?"}`);
      expect(kept.toSorted()).toEqual([
        "a at http://two of two",
        "b at http://one of a first release",
        "b at http://one of one",
        "gone at http://gone of none",
      ]);
      // The one of a first release was by its name of the server that is called so now, and gives way.
      expect(reopened.shadows()).toStrictEqual([{ server: "b", place: "http://one", stream: front }]);
      reopened.renameServers([]);
      expect(reopened.quarantines()).toHaveLength(4);
    });

    test("of several servers at one place, as two Frigates of one machine may be, each keeps what is remembered under its own name", () => {
      const { registry } = setUp();
      const [front, place] = [stream("front"), "http://one:1984"];
      const servers = ["a", "b"].map((name) => ({ name, place }));
      for (const server of ["a", "b"]) {
        registry.saveQuarantine({ server, place: `http://${server}`, stream: front, device: full.id, sources: [server], at: instant(1) });
        registry.addShadow({ server, place, stream: front });
      }
      registry.renameServers(servers);
      registry.renameServers(servers);
      expect(registry.quarantines().map(({ server, sources: [source] }) => [server, source])).toEqual([
        ["a", "a"],
        ["b", "b"],
      ]);
      expect(registry.shadows().map(({ server }) => server)).toEqual(["a", "b"]);
    });

    test("a change that was begun is open, with every byte of both texts, until it is settled", () => {
      const { registry, reopen: again } = setUp();
      const before = "\uFEFFgo2rtc:\r\n\tü \0 \u{1F4F7}\n";
      const first = registry.beginChange({ name: "frigate" }, before, `${before}x`, instant(7));
      const second = registry.beginChange({ name: "frigate" }, "b", "c", instant(8));
      expect(second).toBeGreaterThan(first);
      const reopened = again(registry);
      expect(reopened.openChanges()).toStrictEqual([
        { id: first, target: "frigate", before, after: `${before}x`, at: 7, state: "begun" },
        { id: second, target: "frigate", before: "b", after: "c", at: 8, state: "begun" },
      ]);
      reopened.settleChange(first, "kept");
      reopened.settleChange(first, "restored");
      reopened.settleChange(999_999, "kept");
      expect(reopened.openChanges().map((change) => change.id)).toEqual([second]);
    });

    test("open changes are never dropped, however many are settled after them", () => {
      const { registry } = setUp();
      const open = registry.beginChange({ name: "frigate" }, "a", "b", instant(1));
      for (let count = 0; count < 50; count += 1)
        registry.settleChange(registry.beginChange({ name: "frigate" }, "a", "b", instant(count)), "kept");
      expect(registry.openChanges().map((change) => change.id)).toEqual([open]);
    });

    test("a restart is remembered over our own, the newest first, with its texts until it came up", () => {
      const { registry, reopen: again } = setUp();
      const texts = { before: "a: \uFEFF1\r\n", after: "a: 2\r\n" };
      const first = registry.beginRestart({ name: "frigate" }, "change", instant(1_766_000_000_123.5), texts);
      const second = registry.beginRestart({ name: "frigate" }, "restoring", instant(5));
      registry.beginRestart({ name: "other" }, "change", instant(6));
      const reopened = again(registry);
      expect(reopened.restarts({ name: "frigate" })).toStrictEqual([
        { id: second, target: "frigate", at: 5, kind: "restoring", state: "called" },
        { id: first, target: "frigate", at: 1_766_000_000_123.5, kind: "change", state: "called", texts },
      ]);
      reopened.settleRestart(first, "safe-mode");
      reopened.settleRestart(second, "up");
      expect(reopened.restarts({ name: "frigate" })).toMatchObject([{ state: "up" }, { state: "safe-mode", texts }]);
      reopened.settleRestart(first, "up");
      expect(reopened.restarts({ name: "frigate" })[1]).toStrictEqual({
        id: first,
        target: "frigate",
        at: 1_766_000_000_123.5,
        kind: "change",
        state: "up",
      });
      expect(reopened.restarts({ name: "never" })).toEqual([]);
    });

    test("a restart is its document's at one place, under whichever name; one of the first releases is its name's", () => {
      const { registry, reopen: again } = setUp();
      const [A, B] = ["/a.yml", "/b.yml"];
      registry.beginRestart({ name: "frigate" }, "change", instant(1));
      registry.beginRestart({ name: "frigate", place: A }, "change", instant(2));
      registry.beginRestart({ name: "renamed", place: A }, "change", instant(3));
      registry.beginRestart({ name: "frigate", place: B }, "change", instant(4));
      const reopened = again(registry);
      const found = (name: string, place: string) => reopened.restarts({ name, place }).map(({ at }) => at);
      expect([found("renamed", A), found("frigate", A), found("frigate", B)]).toEqual([
        [3, 2],
        [3, 2, 1],
        [4, 1],
      ]);
      expect(reopened.restarts({ name: "renamed", place: A })[0]).toStrictEqual({
        id: expect.any(Number),
        target: "renamed",
        place: A,
        at: 3,
        kind: "change",
        state: "called",
      });
    });

    test("a certificate is remembered by its server, the latest one", () => {
      const { registry, reopen: again } = setUp();
      registry.saveCertificate("https://b:8971", "AA:BB");
      registry.saveCertificate("https://a:8971", "AA:BB");
      registry.saveCertificate("https://b:8971", "trusted");
      expect([...again(registry).certificates()]).toEqual([
        ["https://a:8971", "AA:BB"],
        ["https://b:8971", "trusted"],
      ]);
    });

    test("keeps the newest hundred restarts a target", () => {
      const { registry } = setUp();
      registry.beginRestart({ name: "other" }, "change", instant(1));
      for (let count = 1; count <= 103; count += 1) registry.beginRestart({ name: "frigate" }, "change", instant(count));
      const kept = registry.restarts({ name: "frigate" });
      expect([kept.length, kept[0]?.at, kept.at(-1)?.at]).toEqual([100, 103, 4]);
      expect(registry.restarts({ name: "other" })).toHaveLength(1);
    });

    test("closing twice does no harm", () => {
      const { registry } = setUp();
      registry.close();
      expect(() => registry.close()).not.toThrow();
    });
  });
}
