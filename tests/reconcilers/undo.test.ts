import { describe, expect, it, vi } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import type { Action, ActionResult } from "../../src/ports/actions.ts";
import { TargetError } from "../../src/ports/config-target.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, GO2RTC, go2rtcText, movedText, source } from "./fake-home.ts";

const signal = new AbortController().signal;

async function ask(home: FakeHome, action: Action): Promise<ActionResult> {
  const done = home.engine.actions.perform(action, signal);
  await home.pass(seconds(5));
  return done;
}

async function healed(): Promise<{ readonly home: FakeHome; readonly before: string; readonly after: string }> {
  const home = new FakeHome();
  const before = home.text;
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(1));
  return { home, before, after: movedText(before, at(20), at(60)) };
}

/** The same home in the next run of the program; the front camera is where it moved to. */
async function restarted(home: FakeHome): Promise<FakeHome> {
  await home.stop();
  const next = new FakeHome({
    registry: home.registry,
    targets: home.targets.filter((one) => one instanceof FakeConfigTarget),
    servers: home.servers,
    clock: home.clock,
  });
  next.moveSilently(FRONT, at(20), at(60));
  await next.start();
  return next;
}

describe("undo", () => {
  it("puts back every byte and go2rtc's source, and the camera is not healed there again", async () => {
    const { home, before, after } = await healed();
    expect(home.text).toBe(after);
    expect(await ask(home, { verb: "undo" })).toMatchObject({
      kind: "accepted",
      message: expect.stringContaining("front to 192.168.1.60"),
    });
    expect(home.text).toBe(before);
    expect(await home.sources("front")).toEqual([source("front", at(20))]);
    expect(home.told("undone")).toMatchObject([
      {
        target: "frigate",
        edits: [
          { from: at(60), to: at(20) },
          { from: at(60), to: at(20) },
        ],
      },
    ]);
    home.hear(FRONT, at(60));
    await home.pass(minutes(30));
    expect(home.text).toBe(before);
    expect(await home.sources("front")).toEqual([source("front", at(20))]);
    expect(home.status.get("device/front")).toMatchObject({ status: "problem", reason: "Undone" });
    await home.stop();
  });

  it("says which camera is put back where, for documents that keep their history", async () => {
    const { home } = await healed();
    const write = vi.spyOn(home.document, "write");
    await ask(home, { verb: "undo" });
    const moves = [{ camera: "front", from: at(60), to: at(20), macs: [FRONT.mac] }];
    expect(write).toHaveBeenCalledWith(expect.any(String), expect.any(String), expect.any(AbortSignal), { kind: "undo", moves });
    await home.stop();
  });

  it("holds over a restart, until a person has it looked at again", async () => {
    const { home, before, after } = await healed();
    await ask(home, { verb: "undo" });
    const next = await restarted(home);
    next.hear(FRONT, at(60));
    await next.pass(minutes(5));
    expect(next.text).toBe(before);
    expect(next.reason("device/front")).toBe("Undone");
    expect(await ask(next, { verb: "resync", camera: "front" })).toMatchObject({ kind: "accepted" });
    next.hear(FRONT, at(60));
    await next.pass(minutes(1));
    expect(next.text).toBe(after);
    expect(next.registry.consents.holds()).toEqual([]);
    await next.stop();
  });

  it("does not keep the camera from being healed to yet another address", async () => {
    const { home, before } = await healed();
    await ask(home, { verb: "undo" });
    home.moveByDhcp(FRONT, at(60), at(70));
    await home.pass(minutes(1));
    expect(home.text).toBe(movedText(before, at(20), at(70)));
    expect(home.registry.consents.holds()).toEqual([]);
    await home.stop();
  });

  it("ends when the document says something else of the camera", async () => {
    const { home, before } = await healed();
    await ask(home, { verb: "undo" });
    await home.pass(minutes(1));
    const edited = before.replace(":554/main", ":554/other");
    home.document.edit(edited);
    home.hear(FRONT, at(60));
    await home.pass(minutes(2));
    expect(home.text).toBe(movedText(edited, at(20), at(60)));
    await home.stop();
  });

  it("that could not be written keeps the camera from nothing", async () => {
    const { home, after } = await healed();
    home.document.write = () => Promise.reject(new TargetError("DocumentForbidden", "the disk is full"));
    expect(await ask(home, { verb: "undo" })).toMatchObject({ kind: "refused", reason: "DocumentForbidden" });
    expect(home.text).toBe(after);
    expect(home.registry.consents.holds()).toEqual([]);
    await home.stop();
  });

  it("never touches a text that somebody edited since", async () => {
    const { home, after } = await healed();
    home.document.edit(`${after}# mine\n`);
    const result = await ask(home, { verb: "undo" });
    expect(result).toMatchObject({ kind: "refused", reason: "EditedMeanwhile", message: expect.stringContaining("was edited since") });
    expect(home.text).toBe(`${after}# mine\n`);
    expect(home.registry.consents.holds()).toEqual([]);
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    await home.stop();
  });

  it("loses to an edit that comes while it writes, and holds nothing", async () => {
    const { home, after } = await healed();
    const { document } = home;
    const write = document.write.bind(document);
    document.write = (text, expected, stop) => {
      document.edit(`${after}# mine\n`);
      return write(text, expected, stop);
    };
    expect(await ask(home, { verb: "undo" })).toMatchObject({ kind: "refused", reason: "EditedMeanwhile" });
    expect(home.text).toBe(`${after}# mine\n`);
    expect(home.registry.consents.holds()).toEqual([]);
    await home.stop();
  });

  it("goes back step by step, and past several steps at once", async () => {
    const { home, before, after } = await healed();
    home.moveByDhcp(BACK, at(21), at(61));
    await home.pass(minutes(1));
    const both = movedText(after, at(21), at(61));
    expect(home.text).toBe(both);
    expect(await ask(home, { verb: "undo", target: "frigate" })).toMatchObject({ kind: "accepted" });
    expect(home.text).toBe(after);
    expect(await ask(home, { verb: "undo", target: "frigate" })).toMatchObject({ kind: "accepted" });
    expect(home.text).toBe(before);
    expect(await ask(home, { verb: "undo" })).toMatchObject({ kind: "refused", reason: "NothingToUndo" });
    expect(await ask(home, { verb: "undo", target: "other" })).toMatchObject({ kind: "refused", reason: "NothingToUndo" });
    await home.stop();
  });

  it("to an older text takes back all later changes; not where somebody edited in between", async () => {
    const { home, before, after } = await healed();
    home.moveByDhcp(BACK, at(21), at(61));
    await home.pass(minutes(1));
    const ids = home.registry.consents.settledChanges({ name: "frigate" }).map(({ id }) => id);
    expect(await ask(home, { verb: "undo", to: 99 })).toMatchObject({
      kind: "refused",
      message: expect.stringMatching(new RegExp(`has no text 99 that could be put back; there is ${ids.join(", ")}$`)),
    });
    const first = ids.at(-1) ?? 0;
    expect(await ask(home, { verb: "undo", to: first })).toMatchObject({ kind: "accepted" });
    expect(home.text).toBe(before);
    expect(home.registry.consents.holds().map(({ device }) => device)).toEqual(["back", "front"]);
    await home.stop();

    const again = await healed();
    again.home.document.edit(`${after}# mine\n`);
    again.home.moveByDhcp(BACK, at(21), at(61));
    await again.home.pass(minutes(1));
    const oldest = again.home.registry.consents.settledChanges({ name: "frigate" }).at(-1)?.id ?? 0;
    expect(await ask(again.home, { verb: "undo", to: oldest })).toMatchObject({ kind: "refused", reason: "EditedMeanwhile" });
    expect(again.home.text).toBe(movedText(`${after}# mine\n`, at(21), at(61)));
    await again.home.stop();
  });

  it("right after the write takes the place of the rollback", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60), {});
    home.deaf(at(60));
    await home.pass(seconds(3));
    expect(home.text).not.toBe(before);
    expect(await ask(home, { verb: "undo" })).toMatchObject({ kind: "accepted" });
    await home.pass(minutes(2));
    expect(home.text).toBe(before);
    expect(home.told("rolled-back")).toEqual([]);
    expect(home.registry.openChanges()).toEqual([]);
    await home.stop();
  });

  it("of one document leaves the other, and puts back a go2rtc.yaml that go2rtc rewrote", async () => {
    const frigate = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: frigateText([FRONT, BACK]) });
    const own = new FakeConfigTarget({ name: "own", format: GO2RTC, text: go2rtcText([FRONT, BACK]) });
    const before = own.text;
    const home = new FakeHome({ targets: [frigate, own] });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    const healedFrigate = frigate.text;
    own.edit(own.text.replace(`front: ${source("front", at(60))} # front's own`, `front:\n    - ${source("front", at(60))}`));
    expect(await ask(home, { verb: "undo", target: "own" })).toMatchObject({ kind: "accepted" });
    expect(own.text).toBe(before);
    expect(frigate.text).toBe(healedFrigate);
    await home.pass(minutes(5));
    expect(own.text).toBe(before);
    await home.stop();
  });
});

describe("after a rollback", () => {
  it("the refused address stays refused over a restart, until a person asks", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    home.deaf(at(60));
    await home.pass(minutes(2));
    expect(home.reason("device/front")).toBe("RolledBack");
    expect(home.registry.consents.holds()).toMatchObject([{ device: "front", address: at(60), why: "rolled-back" }]);
    const next = await restarted(home);
    next.hear(FRONT, at(60));
    await next.pass(minutes(2));
    expect(next.text).toBe(before);
    expect(next.reason("device/front")).toBe("RolledBack");
    expect(await ask(next, { verb: "resync" })).toMatchObject({ kind: "accepted" });
    next.hear(FRONT, at(60));
    await next.pass(minutes(1));
    expect(next.text).toBe(movedText(before, at(20), at(60)));
    await next.stop();
  });
});
