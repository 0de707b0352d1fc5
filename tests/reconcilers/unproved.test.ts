import { describe, expect, it } from "vitest";
import { parseNetwork } from "../../src/domain/addresses.ts";
import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import type { ActionResult } from "../../src/ports/actions.ts";
import { unprovedFact } from "../../src/reconcilers/unproved.ts";
import type { ScriptedHost } from "../fakes/fake-prober.ts";
import { FakeHome, type HomeCamera, id, ip, mac, movedText, source } from "./fake-home.ts";

const far = (host: number) => ip(`10.9.0.${host}`);
const ATTIC: HomeCamera = { name: "attic", mac: mac("0c:79:55:4b:d4:24"), address: far(5) };
const LOFT: HomeCamera = { name: "loft", mac: mac("0c:79:55:4b:d4:25"), address: far(6) };
const RANGE = parseNetwork("10.9.0.0/28") ?? expect.unreachable();
const asks = (realm: string) => ({ kind: "challenge", schemes: ["digest"], realm }) as const;
/** Behind a router, and silent about who it is. */
const SILENT: ScriptedHost = { noLayer2: true, endpoint: undefined as never, greeting: asks("IP Camera") };

/** Cameras behind a router that say nothing of their own. */
function behindRouter(cameras: readonly HomeCamera[] = [ATTIC], ranges = [RANGE]): FakeHome {
  const home = new FakeHome({ cameras, ports: { network: { search: true, interfaces: [], ranges } } });
  for (const camera of cameras) home.place(camera, camera.address, SILENT);
  return home;
}

function adopt(home: FakeHome, camera: string, host: number): Promise<ActionResult> {
  const word = home.engine.actions.perform({ verb: "adopt", camera, address: far(host) }, new AbortController().signal);
  return home.pass(seconds(10)).then(() => word);
}

async function moved(home: FakeHome, host: ScriptedHost = {}): Promise<void> {
  await home.start();
  expect([home.reason("device/attic"), home.reason("adopt/attic")]).toEqual(["NoMacHere", undefined]);
  home.moveSilently(ATTIC, far(5), far(9), { ...SILENT, ...host });
  await home.pass(minutes(4));
}

describe("a camera behind a router that nothing proves", () => {
  it("is proposed where it may be, sent no password before a person confirms it, then logged in to once, healed and learned", async () => {
    const home = behindRouter();
    const before = home.text;
    await moved(home);
    expect(home.status.get("adopt/attic")).toMatchObject({ status: "problem", reason: "AddressUnproved" });
    expect(home.status.get("adopt/attic")?.message).toContain(`${far(9)} (realm "IP Camera")`);
    expect(home.status.get("adopt/attic")?.ask).toEqual({ verb: "adopt", camera: "attic", devices: [far(9)] });
    expect(home.engine.adoptions.adoptions).toEqual([
      { kind: "address", camera: "attic", devices: [{ address: far(9), says: ['realm "IP Camera"'] }], rivals: [] },
    ]);
    expect(home.registry.consents.fact(unprovedFact(id("attic")))).toContain(far(9));
    expect([home.logins, home.document.written]).toEqual([[], []]);

    expect(await adopt(home, "attic", 9)).toEqual({
      kind: "accepted",
      message: `attic is taken to be at ${far(9)}, on your word: its password is tried there, once`,
    });
    await home.pass(minutes(2));
    expect(home.logins).toEqual([source("attic", far(9))]);
    expect(home.text).toBe(movedText(before, far(5), far(9)));
    expect(home.reason("device/attic")).toBe("Healthy");
    expect([home.status.get("adopt/attic"), home.engine.adoptions.adoptions]).toEqual([undefined, []]);
    expect(home.registry.device(id("attic"))?.identity).toEqual({ macs: [], realm: "IP Camera" });
    const [move] = home.told("moved");
    expect(move?.evidence.steps.map(({ proof, outcome }) => `${proof} ${outcome}`)).toEqual([
      "neighbour skipped",
      "connect passed",
      "identity passed",
      "login passed",
    ]);
    expect(move?.evidence.steps[2]?.detail).toBe("nothing proves the camera here; a person confirmed it, and it says the same RTSP realm");
    await home.stop();
  });

  it("is confirmed once: at its next address a person is asked again", async () => {
    const home = behindRouter();
    const before = home.text;
    await moved(home);
    await adopt(home, "attic", 9);
    await home.pass(minutes(2));
    home.moveSilently(ATTIC, far(9), far(10), SILENT);
    await home.pass(minutes(12));
    expect(home.reason("adopt/attic")).toBe("AddressUnproved");
    // Back where it was confirmed: that word was for the stay that is over.
    home.moveSilently(ATTIC, far(10), far(9), SILENT);
    await home.pass(minutes(12));
    expect([home.reason("device/attic"), home.reason("adopt/attic")]).toEqual(["NoMacHere", undefined]);
    expect([home.logins.length, home.text]).toEqual([1, movedText(before, far(5), far(9))]);
    await home.stop();
  });

  it("is not healed where it refuses the password, and that address is proposed no more", async () => {
    const home = behindRouter();
    await moved(home, { login: "unauthorized" });
    await adopt(home, "attic", 9);
    await home.pass(minutes(12));
    expect(home.logins).toEqual([source("attic", far(9))]);
    expect([home.document.written, home.status.get("adopt/attic")]).toEqual([[], undefined]);
    expect(await adopt(home, "attic", 9)).toMatchObject({ kind: "refused", reason: "LoginRefused" });
    await home.stop();
  });

  it("is sent nothing where another device answers than the one that was confirmed", async () => {
    const home = behindRouter();
    await moved(home);
    home.place(ATTIC, far(9), { ...SILENT, connect: "refused" });
    expect(await adopt(home, "attic", 9)).toMatchObject({ kind: "refused", reason: "PortClosed" });
    home.place(ATTIC, far(9), { ...SILENT, greeting: asks("Webcam") });
    expect(await adopt(home, "attic", 9)).toMatchObject({ kind: "refused", reason: "IdentityDiffers" });
    await home.pass(minutes(2));
    expect([home.logins, home.document.written]).toEqual([[], []]);
    await home.stop();
  });

  it("is a choice for a person where several devices fit, or one fits two cameras", async () => {
    const home = behindRouter([ATTIC, LOFT]);
    await home.start();
    home.moveSilently(ATTIC, far(5), far(9), SILENT);
    home.moveSilently(LOFT, far(6), far(10), SILENT);
    await home.pass(minutes(12));
    expect(home.status.get("adopt/attic")?.message).toContain(`2 devices may be it, or loft`);
    expect(home.engine.adoptions.adoptions).toMatchObject([
      { kind: "address", camera: "attic", devices: [{ address: far(9) }, { address: far(10) }], rivals: ["loft"] },
      { kind: "address", camera: "loft", devices: [{ address: far(9) }, { address: far(10) }], rivals: ["attic"] },
    ]);
    await adopt(home, "attic", 9);
    await home.pass(minutes(2));
    expect(home.status.get("adopt/loft")?.message).not.toContain(far(9));
    expect(await adopt(home, "loft", 9)).toMatchObject({ kind: "refused", reason: "DuplicateCamera" });
    await home.stop();
  });

  it("may be confirmed where no network is named: a person says the address", async () => {
    const home = behindRouter([ATTIC], []);
    await moved(home);
    expect(home.status.get("adopt/attic")).toBeUndefined();
    expect(await adopt(home, "attic", 9)).toMatchObject({ kind: "accepted" });
    await home.pass(minutes(2));
    expect(home.text).toContain(far(9));
    await home.stop();
  });
});

describe("a camera of which another says the very same", () => {
  it("is shown with both, healed where a person says it is, and sends the other nothing", async () => {
    const twin = { ...SILENT, endpoint: "urn:uuid:series" };
    const home = behindRouter();
    home.place(ATTIC, far(5), twin);
    const before = home.text;
    await home.start();
    expect(home.registry.device(id("attic"))?.identity).toMatchObject({ macs: [], endpoint: "urn:uuid:series" });
    home.moveSilently(ATTIC, far(5), far(9), twin);
    home.prober.put(far(5), { noLayer2: true });
    home.place(LOFT, far(10), twin);
    await home.pass(minutes(12));
    expect([home.reason("device/attic"), home.reason("adopt/attic")]).toEqual(["IdentityShared", "AddressUnproved"]);
    expect(home.engine.adoptions.adoptions).toMatchObject([{ kind: "address", devices: [{ address: far(9) }, { address: far(10) }] }]);
    expect([home.logins, home.text]).toEqual([[], before]);
    expect(await adopt(home, "attic", 9)).toMatchObject({ kind: "accepted" });
    await home.pass(minutes(5));
    expect(home.logins).toEqual([source("attic", far(9))]);
    expect([home.text, home.reason("device/attic")]).toEqual([movedText(before, far(5), far(9)), "Healthy"]);
    await home.stop();
  });
});

describe("a person's word", () => {
  it("is over after an hour", async () => {
    const home = behindRouter();
    await moved(home);
    // It leaves before it could be proved, and answers again later.
    home.place(ATTIC, far(9), { ...SILENT, login: "no-answer" });
    await adopt(home, "attic", 9);
    home.leave(far(9));
    await home.pass(hours(1));
    const before = home.logins.length;
    home.place(ATTIC, far(9), SILENT);
    await home.pass(minutes(20));
    expect([home.logins.length, home.document.written]).toEqual([before, []]);
    await home.stop();
  });

  it.each<[string, ScriptedHost, string]>([
    ["a gateway", { noLayer2: false, gateway: true }, "MacVoid"],
    ["a device whose MAC address is seen", { noLayer2: false }, "AdoptionUnclear"],
    ["something that is no camera", { greeting: { kind: "not-rtsp" } }, "IdentityMissing"],
    ["another maker's", { greeting: { kind: "refused", status: 404 } }, "StreamPathMissing"],
  ])("is not taken for %s", async (_what, host, reason) => {
    const home = behindRouter();
    await moved(home, host);
    expect(home.status.get("adopt/attic")).toBeUndefined();
    expect(await adopt(home, "attic", 9)).toMatchObject({ kind: "refused", reason });
    expect(home.logins).toEqual([]);
    await home.stop();
  });
});
