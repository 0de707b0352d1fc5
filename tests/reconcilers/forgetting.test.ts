import { describe, expect, it, onTestFinished } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import type { ActionResult } from "../../src/ports/actions.ts";
import { goneCameras } from "../../src/reconcilers/forgetting.ts";
import { at, BACK, FakeHome, frigateText, FRONT, type HomeSettings, id } from "./fake-home.ts";

async function open(settings: HomeSettings = {}) {
  const home = new FakeHome(settings);
  onTestFinished(() => home.stop());
  await home.start();
  const forget = (camera: string): Promise<ActionResult> =>
    home.engine.actions.perform({ verb: "forget", camera }, new AbortController().signal);
  return { home, forget };
}

describe("a camera that is gone for good", () => {
  it("is forgotten: identity, evidence and what was held back; one of its name is learned anew", async () => {
    const { home, forget } = await open();
    home.registry.consents.saveHold({ device: id("back"), address: at(99), why: "undone", at: home.clock.now() });
    const facts = ["confirmed-address", "failed-login", "second-mac", "unproved-address"].map((name) => `${name} back`);
    for (const fact of facts) home.registry.consents.saveFact(fact, "{}");
    home.document.edit(frigateText([FRONT]));
    await home.pass(minutes(1));
    expect(home.registry.device(id("back"))?.identity.macs).toEqual([BACK.mac]);
    expect(await forget("Back")).toEqual({ kind: "accepted", message: "back is forgotten" });
    expect(home.registry.device(id("back"))).toBeUndefined();
    expect(home.registry.evidence(id("back"), 10)).toEqual([]);
    expect(home.registry.consents.holds()).toEqual([]);
    expect(facts.map((fact) => home.registry.consents.fact(fact))).toEqual(["", "", "", ""]);
    expect(home.told("forgotten")).toEqual([{ kind: "forgotten", device: "back" }]);
    expect(await forget("back")).toMatchObject({ kind: "refused", reason: "CameraUnknown" });
    const other = { ...BACK, mac: FRONT.mac.replace("20", "33") as typeof BACK.mac };
    home.place(other, BACK.address);
    home.document.edit(frigateText([FRONT, BACK]));
    await home.pass(minutes(1));
    expect(home.registry.device(id("back"))?.identity.macs).toEqual([other.mac]);
  });

  it("or was replaced by one that says it is another, is parked until it was taken out, forgotten and put back", async () => {
    const { home, forget } = await open();
    home.leave(BACK.address);
    await home.pass(minutes(3));
    home.place(BACK, BACK.address, { endpoint: "urn:uuid:the new one" });
    await home.pass(minutes(5));
    expect(home.reason("device/back")).toBe("Quarantined");
    home.document.edit(frigateText([FRONT]));
    await home.pass(minutes(1));
    expect(await forget("back")).toMatchObject({ kind: "accepted" });
    home.document.edit(frigateText([FRONT, BACK]));
    await home.pass(minutes(1));
    expect(home.reason("device/back")).toBe("Healthy");
    expect(home.registry.device(id("back"))?.identity.endpoint).toBe("urn:uuid:the new one");
  });

  it("is not one that the options have and leave alone: it is not shown as gone, as it cannot be forgotten", async () => {
    const { home, forget } = await open({ options: [{ id: "attic", macs: [], address: at(40), enabled: false }] });
    for (const name of ["attic", "cellar"])
      home.registry.saveDevice({ id: id(name), owners: [], identity: { macs: [] }, history: [], switches: [] });
    expect(await forget("attic")).toMatchObject({ kind: "refused", reason: "StillConfigured" });
    expect(goneCameras(home.engine.fleet, home.registry.devices()).map((one) => one.id)).toEqual(["cellar"]);
  });

  it("that still stands in a document, or in the options, is refused with the place", async () => {
    const { home, forget } = await open({ options: [{ id: "attic", macs: [], address: at(40) }] });
    const place = home.document.place;
    expect(await forget("front")).toEqual({ kind: "refused", reason: "StillConfigured", message: `front still stands in ${place}` });
    expect(await forget("attic")).toMatchObject({ reason: "StillConfigured", message: "attic still stands in the options, under cameras" });
    // Its stream alone is enough to have it learned again.
    home.document.edit(frigateText([FRONT, BACK]).replace(/ {2}back:\n {4}ffmpeg[\s\S]*$/, ""));
    await home.pass(minutes(1));
    expect(await forget("back")).toMatchObject({ reason: "StillConfigured", message: `back still stands in ${place}` });
    expect(home.registry.device(id("back"))).toBeDefined();
  });

  it("that has got other names in the document while it was away is refused with the place", async () => {
    const { home, forget } = await open();
    home.leave(BACK.address);
    await home.pass(minutes(3));
    const porch = { ...BACK, name: "porch" };
    home.document.edit(frigateText([FRONT, BACK, porch]));
    await home.pass(minutes(1));
    home.document.edit(frigateText([FRONT, porch]));
    await home.pass(minutes(2));
    expect(home.engine.fleet.device(id("back"))?.owners).toEqual(["camera:porch", "stream:porch"]);
    expect(await forget("back")).toMatchObject({ reason: "StillConfigured" });
    expect(home.registry.device(id("back"))?.identity.macs).toEqual([BACK.mac]);
  });

  it("that is misspelt is answered with the nearest one that is gone", async () => {
    const { home, forget } = await open();
    expect(await forget("bakc")).toMatchObject({
      reason: "CameraUnknown",
      message: "no camera is called bakc; every camera that is known still stands somewhere",
    });
    home.document.edit(frigateText([FRONT]));
    await home.pass(minutes(1));
    expect(await forget("bakc")).toMatchObject({ reason: "CameraUnknown", message: "no camera is called bakc; did you mean back?" });
    expect(await forget("porch")).toMatchObject({ message: "no camera is called porch; gone are back" });
  });

  it("is refused while the document is perhaps only half written", async () => {
    const { home, forget } = await open();
    home.document.edit(frigateText([FRONT]));
    await home.engine.actions.perform({ verb: "resync" }, new AbortController().signal);
    await home.pass(seconds(1));
    expect(home.reason("target/frigate")).toBe("CamerasVanished");
    expect(await forget("back")).toMatchObject({ kind: "refused", message: expect.stringContaining("nobody knows whether") });
    expect(home.registry.device(id("back"))).toBeDefined();
  });
});
