import { describe, expect, it, vi } from "vitest";
import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import type { Action, ActionResult } from "../../src/ports/actions.ts";
import { createActions } from "../../src/reconcilers/verbs.ts";
import { at, BACK, FakeHome, FRONT, id, movedText, STRANGER } from "./fake-home.ts";

const signal = new AbortController().signal;
const ask = (home: FakeHome, action: Action): Promise<ActionResult> => home.engine.actions.perform(action, signal);

describe("a sighting that somebody reports", () => {
  it("starts the proof that heals a camera of which no packet told", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    home.moveSilently(FRONT, at(20), at(60));
    expect(await ask(home, { verb: "sighting", mac: FRONT.mac, address: at(60) })).toMatchObject({ kind: "accepted" });
    await home.pass(seconds(4));
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expect(home.told("moved")).toMatchObject([{ device: "front", to: at(60), evidence: { layer: "reported" } }]);
    await home.stop();
  });

  it("by the endpoint reference does the same", async () => {
    const home = new FakeHome();
    await home.start();
    home.moveSilently(BACK, at(21), at(61));
    expect(await ask(home, { verb: "sighting", endpoint: "urn:uuid:back", address: at(61) })).toMatchObject({ kind: "accepted" });
    await home.pass(seconds(4));
    expect(home.told("moved")).toMatchObject([{ device: "back", to: at(61) }]);
    await home.stop();
  });

  it("that is forged moves nothing, however often it comes", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    home.stranger(at(66));
    for (let turn = 0; turn < 200; turn += 1) {
      await ask(home, { verb: "sighting", mac: FRONT.mac, address: at(66) });
      await ask(home, { verb: "sighting", mac: FRONT.mac, address: at(100 + (turn % 100)) });
      await home.pass(seconds(1));
    }
    expect(home.text).toBe(before);
    expect(home.document.written).toEqual([]);
    expect(home.told("moved")).toEqual([]);
    expect(home.told("stream-pointed")).toEqual([]);
    expect(home.logins).toEqual([]);
    expect(home.reason("device/front")).toBe("Healthy");
    await home.stop();
  });

  it("of another MAC address at a camera's address has that camera looked at, and of nobody known nothing", async () => {
    const home = new FakeHome();
    await home.start();
    const calls = home.prober.calls.length;
    expect(await ask(home, { verb: "sighting", mac: STRANGER, address: at(20) })).toMatchObject({ kind: "accepted" });
    await home.pass(seconds(3));
    expect(home.prober.calls.length).toBeGreaterThan(calls);
    const unknown = { kind: "refused", reason: "CameraUnknown" };
    expect(await ask(home, { verb: "sighting", mac: STRANGER, address: at(99) })).toMatchObject(unknown);
    expect(await ask(home, { verb: "sighting", endpoint: "urn:uuid:nobody", address: at(20) })).toMatchObject(unknown);
    await home.stop();
  });
});

describe("resync", () => {
  it("finds at once what a look would have found later", async () => {
    const home = new FakeHome();
    await home.start();
    await home.pass(seconds(31));
    home.leave(at(20));
    expect(home.reason("device/front")).toBe("Healthy");
    expect(await ask(home, { verb: "resync", camera: "Front" })).toEqual({ kind: "accepted", message: "front is looked at again" });
    await home.pass(seconds(11));
    expect(home.reason("device/front")).toBe("Searching");
    await home.stop();
  });

  it("of everything looks at each camera and reads each document", async () => {
    const home = new FakeHome();
    await home.start();
    await home.pass(hours(1));
    const calls = home.prober.calls.length;
    const read = vi.spyOn(home.document, "read");
    expect(await ask(home, { verb: "resync" })).toMatchObject({ kind: "accepted" });
    await home.pass(seconds(2));
    const asked = home.prober.calls.slice(calls).flatMap((call) => ("address" in call ? [call.address] : []));
    expect(new Set(asked)).toEqual(new Set([at(20), at(21)]));
    expect(read).toHaveBeenCalled();
    await home.stop();
  });

  it("refuses a camera that nobody knows", async () => {
    const home = new FakeHome();
    await home.start();
    expect(await ask(home, { verb: "resync", camera: "frnt" })).toEqual({
      kind: "refused",
      reason: "CameraUnknown",
      message: "no camera is called frnt; did you mean front? Known: front, back",
    });
    await home.stop();
  });
});

describe("reconnect", () => {
  it("gives the streams a new connection, at most one in ten seconds", async () => {
    const home = new FakeHome();
    await home.start();
    expect(await ask(home, { verb: "reconnect", camera: "front" })).toMatchObject({ kind: "accepted" });
    await home.pass(seconds(2));
    expect(home.told("stream-pointed")).toMatchObject([{ device: "front", to: at(20) }]);
    expect(await ask(home, { verb: "reconnect", camera: "front" })).toMatchObject({ kind: "refused", reason: "AskedTooOften" });
    expect(await ask(home, { verb: "reconnect", camera: "back" })).toMatchObject({ kind: "accepted" });
    await home.pass(seconds(9));
    expect(await ask(home, { verb: "reconnect", camera: "front" })).toMatchObject({ kind: "accepted" });
    await home.pass(seconds(2));
    expect(home.told("stream-pointed")).toHaveLength(3);
    expect(home.document.written).toEqual([]);
    await home.stop();
  });

  it("is refused while the camera is searched for, and while its streams are parked", async () => {
    const home = new FakeHome();
    await home.start();
    home.leave(at(20));
    home.stranger(at(21));
    await home.pass(minutes(1));
    expect(home.reason("device/back")).toBe("Quarantined");
    const calls = home.told("stream-pointed").length;
    expect(await ask(home, { verb: "reconnect", camera: "front" })).toMatchObject({ kind: "refused", reason: "Searching" });
    expect(await ask(home, { verb: "reconnect", camera: "back" })).toMatchObject({ kind: "refused", reason: "Quarantined" });
    await home.pass(seconds(5));
    expect(home.told("stream-pointed")).toHaveLength(calls);
    await home.stop();
  });
});

describe("what may be asked for", () => {
  it("is what somebody carries out, and nothing else", async () => {
    const done: ActionResult = { kind: "accepted", message: "done" };
    const asked: string[] = [];
    const actions = createActions({ undo: ({ target = "?" }) => (asked.push(target), Promise.resolve(done)) });
    expect([...actions.verbs]).toEqual(["undo"]);
    expect(await actions.perform({ verb: "undo", target: "frigate" }, signal)).toEqual(done);
    expect(await actions.perform({ verb: "reconnect", camera: id("front") }, signal)).toMatchObject({ reason: "NotOffered" });
    expect(asked).toEqual(["frigate"]);
    await expect(actions.perform({ verb: "undo" }, AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
  });
});
