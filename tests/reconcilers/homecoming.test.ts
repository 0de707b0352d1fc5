import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/domain/addresses.ts";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { isOtherMachine, type Machine } from "../../src/domain/machine.ts";
import { settleMachine } from "../../src/reconcilers/homecoming.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeStatus } from "../fakes/fake-status.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, FakeHome, FRONT, id, mac, named, source, STRANGER } from "./fake-home.ts";

const attic: Machine = { id: "attic", macs: [mac("0c:79:55:00:00:01"), mac("0c:79:55:00:00:02")] };
const cellar: Machine = { id: "cellar", macs: [mac("0c:79:55:00:00:09")] };
let names = 0;
const newId = (): string => `installation ${String((names += 1))}`;
const status = (): FakeStatus => new FakeStatus(() => 0 as never);

describe("another machine", () => {
  it.each<readonly [string, Machine, Machine, boolean]>([
    ["has another id and no interface in common", attic, cellar, true],
    ["is not one with a new network card", attic, { id: "attic", macs: cellar.macs }, false],
    ["is not one that was set up anew", attic, { id: "new", macs: attic.macs.slice(1) }, false],
    ["is not a container that has neither", attic, { macs: [] }, false],
    ["is told by its interfaces alone where there is no id", { macs: attic.macs }, { macs: cellar.macs }, true],
    ["cannot be told where nothing was known", { macs: [] }, cellar, false],
  ])("%s", (_name, before, now, expected) => {
    expect(isOtherMachine(before, now)).toBe(expected);
  });
});

describe("a memory", () => {
  it("stays as it is on its own machine, also when an interface comes and goes", () => {
    const registry = new FakeRegistry();
    expect(settleMachine(registry, attic, status(), newId)).toBe(false);
    const installation = registry.consents.fact("installation");
    expect(settleMachine(registry, { id: "attic", macs: attic.macs.slice(0, 1) }, status(), newId)).toBe(false);
    expect(settleMachine(registry, { id: "new", macs: attic.macs.slice(1) }, status(), newId)).toBe(false);
    expect(registry.consents.fact("installation")).toBe(installation);
  });

  it("restored elsewhere is another installation, and says so once", () => {
    const registry = new FakeRegistry();
    settleMachine(registry, attic, status(), newId);
    const installation = registry.consents.fact("installation");
    const open = registry.beginChange({ name: "frigate" }, "a", "b", 1 as never);
    const shown = status();
    expect(settleMachine(registry, cellar, shown, newId)).toBe(true);
    expect(shown.get("memory")?.reason).toBe("RestoredElsewhere");
    expect(registry.consents.fact("installation")).not.toBe(installation);
    expect(registry.changes).toMatchObject([{ id: open, state: "abandoned" }]);
    expect(settleMachine(registry, cellar, status(), newId)).toBe(false);
  });

  it("restored elsewhere leaves a stream alone where the documents are newer, though a stranger has the old address", async () => {
    const restore = async (isRestored: boolean): Promise<FakeHome> => {
      const registry = new FakeRegistry();
      const old: IpAddress = at(80);
      settleMachine(registry, attic, status(), newId);
      registry.saveDevice({
        id: id("front"),
        owners: ["camera:front", "stream:front"],
        identity: { macs: [FRONT.mac] },
        address: old,
        history: [],
        switches: [],
      });
      if (isRestored) settleMachine(registry, cellar, status(), newId);
      const home = new FakeHome({ registry });
      // The camera is switched off just now.
      home.leave(at(20));
      home.stranger(old);
      await home.start();
      await home.pass(minutes(1));
      return home;
    };
    const restored = await restore(true);
    expect(restored.told("quarantined")).toEqual([]);
    expect(await restored.sources("front")).toEqual([source("front", at(20))]);
    expect(restored.registry.device(id("front"))).toMatchObject({ identity: { macs: [FRONT.mac] }, history: [at(80)] });
    await restored.stop();
    const believed = await restore(false);
    expect(believed.told("quarantined")).toMatchObject([{ mac: STRANGER }]);
    await believed.stop();
  });

  it("puts a parked stream's old sources back only where the stream is parked now", async () => {
    const registry = new FakeRegistry();
    const record = { server: "go2rtc", device: id("gone"), sources: ["rtsp://viewer:canary@192.168.1.9/old"], at: 1 as never };
    registry.saveQuarantine({ ...record, stream: named("gone") });
    const server = new FakeStreamServer({ elsewhere: { gone: ["rtsp://192.168.1.99/new"] } });
    const home = new FakeHome({ registry, servers: [server] });
    await home.start(seconds(5));
    expect(await home.sources("gone", server)).toEqual(["rtsp://192.168.1.99/new"]);
    expect(registry.quarantines()).toEqual([]);
    await home.stop();
  });
});
