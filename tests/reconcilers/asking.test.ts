import { describe, expect, it, vi } from "vitest";
import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import type { Action, ActionResult } from "../../src/ports/actions.ts";
import { createActions } from "../../src/reconcilers/verbs.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, id, movedText, named, source, STRANGER } from "./fake-home.ts";

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

describe("reconnect of a camera that somebody watches", () => {
  it("is refused while all its streams deliver video, keeps who watches, and is done when it is forced", async () => {
    const home = new FakeHome();
    await home.start();
    const viewer = home.go2rtc.attach(named("front"));
    await home.pass(seconds(10));
    const made = (): number => home.told("stream-pointed").length;
    const before = made();
    const [asked] = await Promise.all([ask(home, { verb: "reconnect", camera: "front" }), home.pass(seconds(4))]);
    expect(asked).toEqual({
      kind: "refused",
      reason: "StreamsLive",
      message: "front delivers video by front: who watches would stay on the old connection",
    });
    await home.pass(seconds(10));
    expect(made()).toBe(before);
    // It was no reconnect: a forced one is not too soon, and leaves who watches on the old stream, as it says.
    const forced = await ask(home, { verb: "reconnect", camera: "front", force: true });
    expect(forced).toEqual({ kind: "accepted", message: "the streams of front get a new connection" });
    await home.pass(seconds(10));
    expect(home.told("stream-pointed").slice(before)).toMatchObject([{ device: "front", stream: "front" }]);
    viewer.close();
    await home.stop();
  });

  it("spares what is watched, of several streams, and takes it at once when it is forced then", async () => {
    const two = [source("front", FRONT.address), source("front", FRONT.address, "sub")];
    const text = `go2rtc:\n  streams:\n    front: ${two[0]}\n    front_sub: ${two[1]}\n`;
    const server = new FakeStreamServer({ elsewhere: { front: [two[0] ?? ""], front_sub: [two[1] ?? ""] } });
    const home = new FakeHome({
      cameras: [FRONT],
      targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })],
      servers: [server],
    });
    await home.start();
    const viewer = home.go2rtc.attach(named("front"));
    await home.pass(seconds(10));
    const pointed = (): readonly string[] => home.told("stream-pointed").map(({ stream }) => stream);
    const [asked] = await Promise.all([ask(home, { verb: "reconnect", camera: "front" }), home.pass(seconds(4))]);
    expect(asked).toMatchObject({ kind: "accepted", message: expect.stringContaining(", but front, which delivers video") as string });
    await home.pass(seconds(2));
    expect(pointed()).toEqual(["front_sub"]);
    expect(await ask(home, { verb: "reconnect", camera: "front" })).toMatchObject({ reason: "AskedTooOften" });
    expect(await ask(home, { verb: "reconnect", camera: "front", force: true })).toMatchObject({ kind: "accepted" });
    await home.pass(seconds(8));
    expect(pointed().toSorted()).toEqual(["front", "front_sub", "front_sub"]);
    viewer.close();
    await home.stop();
  });

  it("is done where nobody is given video: nobody watches, or the stream is dead", async () => {
    const home = new FakeHome();
    await home.start();
    const viewer = home.go2rtc.attach(named("front"));
    await home.pass(seconds(10));
    home.deaf(at(20));
    const before = home.told("stream-pointed").length;
    const [front, back] = await Promise.all([
      ask(home, { verb: "reconnect", camera: "front" }),
      ask(home, { verb: "reconnect", camera: "back" }),
      home.pass(seconds(4)),
    ]);
    expect([front.kind, back.kind]).toEqual(["accepted", "accepted"]);
    await home.pass(seconds(8));
    expect(
      home
        .told("stream-pointed")
        .slice(before)
        .map(({ stream }) => stream)
        .toSorted(),
    ).toEqual(["back", "front"]);
    viewer.close();
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
