import { describe, expect, it } from "vitest";
import type { OwnerName } from "../../src/domain/camera.ts";
import { seconds } from "../../src/domain/duration.ts";
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
function followed(cameras: readonly string[] = ["front"], text = TEXT, settings: HomeSettings = {}): Followed {
  const follows = cameras.map((name): OwnerName => `device:${name}`);
  const known = () =>
    made === undefined ? { followed: new Map(), others: new Set<never>() } : knownAddresses(made.engine.fleet, made.registry, follows);
  const file = new FakeConfigTarget({ name: "mediamtx.yml", format: textDocument(follows, known), text, place: "/fake/mediamtx.yml" });
  const frigate = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: frigateText([FRONT, BACK]) });
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
