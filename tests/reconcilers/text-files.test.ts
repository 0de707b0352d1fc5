import { describe, expect, it } from "vitest";
import type { OwnerName } from "../../src/domain/camera.ts";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { textDocument } from "../../src/domain/text-document.ts";
import { TargetError } from "../../src/ports/config-target.ts";
import { knownAddresses } from "../../src/reconcilers/known-addresses.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, type HomeSettings, movedText } from "./fake-home.ts";

const TEXT = `paths:\n  front: { source: rtsp://u:canary@192.168.1.20/main } # 192.168.1.200\n  back: { source: rtsp://192.168.1.21/main }\n`;

interface Followed {
  readonly home: FakeHome;
  readonly file: FakeConfigTarget;
}

/** A home with another program's text beside Frigate's document. */
function followed(
  cameras: readonly string[] = ["front"],
  text = TEXT,
  settings: HomeSettings = {},
  name = "mediamtx.yml",
  document?: FakeConfigTarget,
): Followed {
  const follows = cameras.map((name): OwnerName => `device:${name}`);
  const known = () =>
    made === undefined ? { followed: new Map(), others: new Set<never>() } : knownAddresses(made.engine.fleet, made.registry, follows);
  const file = new FakeConfigTarget({ name, format: textDocument(follows, known), text, place: "/fake/mediamtx.yml" });
  const frigate = document ?? new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: frigateText([FRONT, BACK]) });
  let made: FakeHome | undefined = undefined;
  const home = new FakeHome({ targets: [frigate, file], ...settings });
  made = home;
  return { home, file };
}

describe("another program's file", () => {
  it("follows the camera that it names, and no other", async () => {
    const { home, file } = followed();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    home.moveByDhcp(BACK, at(21), at(78));
    await home.pass(seconds(20));
    expect(file.text).toBe(movedText(TEXT, at(20), at(77)));
    expect(file.written).toHaveLength(1);
    expect(home.told("document-written").find(({ target }) => target === "mediamtx.yml")?.edits).toEqual([
      { path: ["line 2"], owners: ["device:front"], from: at(20), to: at(77) },
    ]);
    expect(home.told("frames").map(({ device }) => device)).toContain("front");
    await home.stop();
  });

  it("is remembered by its place: under another name, a line that came after the camera had left its address is left alone still", async () => {
    const { home, file } = followed();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(minutes(2));
    await home.stop();
    const theirs = `${file.text}  printer: http://192.168.1.20/\n`;
    const { registry, servers, clock } = home;
    const frigate = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: movedText(frigateText([FRONT, BACK]), at(20), at(77)) });
    const again = followed(["front"], theirs, { registry, servers, clock }, "mediamtx-2.yml", frigate);
    again.home.moveSilently(FRONT, at(20), at(77));
    await again.home.start();
    await again.home.pass(minutes(5));
    expect(again.file.text).toBe(theirs);
    await again.home.stop();
  });

  it("follows several cameras at once", async () => {
    const { home, file } = followed(["front", "back"]);
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    home.moveByDhcp(BACK, at(21), at(78));
    await home.pass(seconds(20));
    expect(file.text).toBe(movedText(movedText(TEXT, at(20), at(77)), at(21), at(78)));
    await home.stop();
  });

  it("is put back where no frames come from the new address", async () => {
    const { home, file } = followed();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    home.deaf(at(77));
    await home.pass(seconds(15));
    expect(file.text).toBe(movedText(TEXT, at(20), at(77)));
    await home.pass(seconds(60));
    expect(file.text).toBe(TEXT);
    expect(home.document.text).toBe(frigateText([FRONT, BACK]));
    expect(home.told("rolled-back").map(({ target }) => target)).toContain("/fake/mediamtx.yml");
    await home.stop();
  });

  it("that somebody edits meanwhile keeps that edit; the next look heals what they wrote", async () => {
    const { home, file } = followed();
    await home.start();
    const edited = `${TEXT}# mine\nbackup: 192.168.1.20\n`;
    file.edit(edited);
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(20));
    expect(file.text).toBe(movedText(edited, at(20), at(77)));
    await home.stop();
  });

  it("leaves an address alone that is another camera's too, and says so", async () => {
    const { home, file } = followed(["front"], "front 192.168.1.20\n");
    await home.start();
    home.leave(at(21));
    home.moveByDhcp(FRONT, at(20), at(21));
    await home.pass(seconds(20));
    const after = file.text;
    home.moveByDhcp(FRONT, at(21), at(79));
    await home.pass(seconds(20));
    expect([after, file.text]).toEqual(["front 192.168.1.21\n", "front 192.168.1.21\n"]);
    const said = home.status.get("target/mediamtx.yml/left-alone");
    expect(said).toMatchObject({ status: "unknown", reason: "NotRewritable" });
    expect(said?.message).toContain("/fake/mediamtx.yml, line 1: 192.168.1.21 is, or was, another camera's address too");
    await home.stop();
  });

  it("that is missing is one condition, hinders nothing, and is healed when it is there", async () => {
    const { home, file } = followed();
    file.failure = new TargetError("DocumentMissing", "/fake/mediamtx.yml is not there; correct the path");
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(20));
    expect(home.document.text).toBe(movedText(frigateText([FRONT, BACK]), at(20), at(77)));
    expect(home.reason("target/mediamtx.yml")).toBe("DocumentMissing");
    expect(
      home.status.changes.filter(({ subject, reason }) => subject === "target/mediamtx.yml" && reason === "DocumentMissing"),
    ).toHaveLength(1);
    file.failure = undefined;
    await home.pass(seconds(30));
    expect(file.text).toBe(movedText(TEXT, at(20), at(77)));
    expect(home.status.get("target/mediamtx.yml")?.status).toBe("ok");
    await home.stop();
  });

  it("that is to follow a camera that nobody knows says so, and follows the others", async () => {
    const { home, file } = followed(["frnot", "back"]);
    await home.start();
    expect(home.status.get("target/mediamtx.yml/camera")).toMatchObject({ status: "problem", reason: "FollowedCameraUnknown" });
    expect(home.status.get("target/mediamtx.yml/camera")?.message).toContain("frnot");
    home.moveByDhcp(BACK, at(21), at(78));
    await home.pass(seconds(20));
    expect(file.text).toBe(movedText(TEXT, at(21), at(78)));
    await home.stop();
  });

  it("does not keep a go2rtc from being tidied while it cannot be read", async () => {
    const { home, file } = followed();
    file.failure = new TargetError("DocumentMissing", "gone");
    home.registry.saveQuarantine({
      server: "go2rtc",
      stream: "old" as never,
      device: "gone" as never,
      sources: ["rtsp://x/"],
      at: home.clock.now(),
    });
    await home.start();
    expect(home.registry.quarantines()).toEqual([]);
    await home.stop();
  });
});

describe("another device's line with an address that the camera had before", () => {
  const nas = (text: string) => `${text}nas: 192.168.1.20\n`;

  it("that comes into the file after the camera left is left alone, and told, over a restart and the camera's next move", async () => {
    const { home, file } = followed();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(minutes(60));
    home.stranger(at(20));
    const edited = nas(file.text);
    file.edit(edited);
    await home.pass(minutes(5));
    expect(file.text).toBe(edited);
    expect(home.status.get("target/mediamtx.yml/left-alone")).toMatchObject({ status: "unknown", reason: "NotRewritable" });
    expect(home.status.get("target/mediamtx.yml/left-alone")?.message).toContain(
      "line 4: 192.168.1.20 was the camera's address, and is taken for another device's",
    );
    home.leave(at(20));
    home.table.entries.delete(at(20));
    await home.stop();

    const again = followed(["front"], edited, { registry: home.registry, clock: home.clock });
    again.home.leave(at(20));
    again.home.table.entries.delete(at(20));
    again.home.place(FRONT, at(77));
    await again.home.start();
    again.home.moveByDhcp(FRONT, at(77), at(79));
    await again.home.pass(minutes(5));
    expect(again.file.text).toBe(movedText(edited, at(77), at(79)));
    await again.home.stop();
  });

  it("stays where the camera comes back to that address for a while", async () => {
    const { home, file } = followed();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(minutes(5));
    file.edit(nas(file.text));
    await home.pass(minutes(1));
    home.moveByDhcp(FRONT, at(77), at(20));
    await home.pass(minutes(5));
    expect(file.text).toBe(nas(TEXT));
    home.moveByDhcp(FRONT, at(20), at(79));
    await home.pass(minutes(5));
    expect(file.text).toContain("nas: 192.168.1.20\n");
    await home.stop();
  });

  it("does not keep the camera's own lines from following, when a stranger takes its address at once", async () => {
    const { home, file } = followed();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    home.stranger(at(20));
    await home.pass(minutes(1));
    expect(file.text).toBe(movedText(TEXT, at(20), at(77)));
    home.moveByDhcp(FRONT, at(77), at(79));
    await home.pass(minutes(1));
    expect(file.text).toBe(movedText(TEXT, at(20), at(79)));
    await home.stop();
  });

  it("is told by who answers there, where the file was changed while nobody looked", async () => {
    const first = followed();
    await first.home.start();
    await first.home.stop();
    const edited = nas(TEXT);
    const { home, file } = followed(["front"], edited, { registry: first.home.registry, clock: first.home.clock });
    home.moveSilently(FRONT, at(20), at(77));
    home.stranger(at(20));
    await home.start();
    home.hear(FRONT, at(77));
    await home.pass(minutes(5));
    expect(home.document.text).toBe(movedText(frigateText([FRONT, BACK]), at(20), at(77)));
    expect(file.text).toBe(edited);
    expect(home.status.get("target/mediamtx.yml/left-alone")?.message).toContain("another device has it now");
    await home.stop();
  });

  it("an undone change and a camera that returns are no such lines: both follow again", async () => {
    const { home, file } = followed();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(minutes(1));
    const ask = (action: Parameters<typeof home.engine.actions.perform>[0]) => {
      const done = home.engine.actions.perform(action, new AbortController().signal);
      return home.pass(seconds(20)).then(() => done);
    };
    expect(await ask({ verb: "undo", target: "mediamtx.yml" })).toMatchObject({ kind: "accepted" });
    expect(file.text).toBe(TEXT);
    expect(await ask({ verb: "resync", camera: "front" })).toMatchObject({ kind: "accepted" });
    await home.pass(minutes(2));
    expect(file.text).toBe(movedText(TEXT, at(20), at(77)));
    home.moveByDhcp(FRONT, at(77), at(20));
    await home.pass(minutes(2));
    home.moveByDhcp(FRONT, at(20), at(78));
    await home.pass(minutes(2));
    expect(file.text).toBe(movedText(TEXT, at(20), at(78)));
    await home.stop();
  });
});
