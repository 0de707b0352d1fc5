import { describe, expect, it } from "vitest";
import { type Duration, minutes, seconds } from "../../src/domain/duration.ts";
import { secondMacFact } from "../../src/reconcilers/second-macs.ts";
import { FakeSightingSource } from "../fakes/fake-sighting-source.ts";
import { at, BACK, FakeHome, FRONT, type HomeSettings, id, mac, movedText, source } from "./fake-home.ts";

const WIRELESS = mac("0c:79:55:4b:d4:f0");

interface Heard {
  readonly home: FakeHome;
  /** The camera answers a call at the address, naming its endpoint reference, and time passes. */
  readonly hear: (host: number, passing?: Duration) => Promise<void>;
}

function heard(settings: HomeSettings = {}): Heard {
  const calls = new FakeSightingSource("ws_discovery");
  const home = new FakeHome({ ...settings, ports: { ...settings.ports, sources: [calls] } });
  const hear = (host: number, passing: Duration = minutes(1)) => {
    calls.tell({ endpoint: "urn:uuid:front", address: at(host), at: home.clock.now() });
    return home.pass(passing);
  };
  return { home, hear };
}

describe("a camera that went from its cable to Wi-Fi", () => {
  it("is refused with a proposal and without a login, adopted beside the MAC it had, healed, and followed back to its cable", async () => {
    const { home, hear } = heard();
    const before = home.text;
    await home.start();
    home.moveSilently({ ...FRONT, mac: WIRELESS }, at(20), at(60));
    await hear(60);
    expect(home.status.get("adopt/front")).toMatchObject({ status: "problem", reason: "SecondMacProposed" });
    expect(home.status.get("adopt/front")?.ask).toEqual({ verb: "adopt", camera: "front", devices: [WIRELESS] });
    expect(home.engine.adoptions.adoptions).toMatchObject([
      { kind: "second", camera: "front", device: { mac: WIRELESS, address: at(60) } },
    ]);
    expect(home.registry.consents.fact(secondMacFact(id("front")))).toContain(WIRELESS);
    expect([home.logins, home.document.written]).toEqual([[], []]);

    const word = await home.engine.actions.perform({ verb: "adopt", camera: "front", mac: WIRELESS }, new AbortController().signal);
    expect(word).toEqual({ kind: "accepted", message: `front is ${WIRELESS} from now on; it was seen at ${at(60)} and is proved there` });
    await home.pass(minutes(1));
    expect(home.logins).toEqual([source("front", at(60))]);
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expect(home.registry.device(id("front"))?.identity).toMatchObject({ macs: [FRONT.mac, WIRELESS], endpoint: "urn:uuid:front" });
    expect([home.status.get("adopt/front"), home.registry.consents.fact(secondMacFact(id("front")))]).toEqual([undefined, ""]);
    expect(home.engine.adoptions.adoptions).toEqual([]);

    home.moveSilently(FRONT, at(60), at(61));
    await home.pass(minutes(2));
    expect(home.text).toBe(movedText(before, at(20), at(61)));
    await home.stop();
  });

  it("is proposed at its own address too, where the streams are parked until a person said so", async () => {
    const { home, hear } = heard();
    await home.start();
    home.leave(at(20));
    home.place({ ...FRONT, mac: WIRELESS }, at(20));
    home.go2rtc.delivering.delete(at(20));
    await hear(20, minutes(3));
    expect(home.reason("adopt/front")).toBe("SecondMacProposed");
    await home.engine.actions.perform({ verb: "adopt", camera: "front", mac: WIRELESS }, new AbortController().signal);
    await home.pass(minutes(2));
    expect(home.reason("device/front")).toBe("Healthy");
    expect(await home.sources("front")).toEqual([source("front", at(20))]);
    await home.stop();
  });

  it("is proposed no more when it comes back by itself", async () => {
    const { home, hear } = heard();
    await home.start();
    home.moveSilently({ ...FRONT, mac: WIRELESS }, at(20), at(60));
    await hear(60);
    expect(home.reason("adopt/front")).toBe("SecondMacProposed");
    home.moveSilently(FRONT, at(60), at(20));
    await home.pass(minutes(3));
    expect([home.status.get("adopt/front"), home.engine.adoptions.adoptions]).toEqual([undefined, []]);
    expect(home.registry.consents.fact(secondMacFact(id("front")))).toBe("");
    await home.stop();
  });
});

describe("nothing is proposed", () => {
  it.each<[string, Parameters<FakeHome["place"]>[2]]>([
    ["where the device says that it is another", { endpoint: "urn:uuid:other" }],
    ["where it says nothing", { endpoint: undefined as never }],
    ["where the MAC is another camera's", { mac: BACK.mac }],
    ["where the MAC is made up", { mac: mac("0e:79:55:4b:d4:f0") }],
    ["where it is the gateway", { gateway: true }],
  ])("%s", async (_why, host) => {
    const { home, hear } = heard();
    await home.start();
    home.moveSilently({ ...FRONT, mac: WIRELESS }, at(20), at(60), host ?? {});
    await hear(60, seconds(30));
    expect([home.status.get("adopt/front"), home.engine.adoptions.adoptions]).toEqual([undefined, []]);
    await home.stop();
  });
});
