import { describe, expect, it } from "vitest";
import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import { at, FakeHome, FRONT, frigateText, id, named, source } from "./fake-home.ts";

const SUBJECT = "device/front/stream";

/** A home whose front camera is watched, and then delivers nothing more: it answers this way now. */
async function homeOf(host: Parameters<FakeHome["place"]>[2]): Promise<FakeHome> {
  const home = new FakeHome({ cameras: [FRONT] });
  await home.start();
  home.go2rtc.attach(named("front"));
  await home.pass(seconds(10));
  home.place(FRONT, at(20), host);
  home.deaf(at(20));
  return home;
}

describe("a camera that delivers nothing and has not moved", () => {
  it("whose password was changed is said, with the place to edit, after one login; nothing is written", async () => {
    const home = await homeOf({ login: "unauthorized" });
    const before = home.text;
    await home.pass(minutes(5));
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "problem", reason: "LoginRefused" });
    expect(home.status.get(SUBJECT)?.message).toMatch(
      /^front has not moved, but refuses the password at 192\.168\.1\.20; edit .*go2rtc\.streams\.front/,
    );
    expect(home.reason("device/front")).toBe("Healthy");
    await home.pass(hours(3));
    expect(home.logins).toEqual([source("front", at(20))]);
    expect([home.text, home.document.written]).toEqual([before, []]);
    await home.stop();
  });

  it("is asked again when the text is corrected, and is right when video comes", async () => {
    const home = await homeOf({ login: "unauthorized" });
    await home.pass(minutes(5));
    home.place(FRONT, at(20), { login: "accepted" });
    home.deaf(at(20));
    const corrected = frigateText([FRONT]).replace("canary-front@", "canary-corrected@");
    home.document.edit(corrected);
    await home.pass(minutes(2));
    expect(home.logins).toHaveLength(2);
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "ok", reason: "Healthy" });
    home.place(FRONT, at(20));
    await home.pass(minutes(2));
    expect(home.registry.device(id("front"))?.refusedLogin).toBeUndefined();
    await home.stop();
  });

  it("whose stream path was changed is said, with the path that it names itself", async () => {
    const home = await homeOf({ login: "not-found" });
    home.details.paths.set(at(20), { kind: "paths", paths: ["/live/ch0", "/cam?user=x&password=canary-inner"] });
    await home.pass(minutes(3));
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "problem", reason: "StreamPathMissing" });
    expect(home.status.get(SUBJECT)?.message).toContain("by ONVIF it names /live/ch0, one with a password in it; edit ");
    expect(home.details.askedForPaths).toEqual([source("front", at(20))]);
    await home.stop();
  });

  it("is asked for its paths only where its endpoint reference is the learned one", async () => {
    const home = await homeOf({ login: "not-found" });
    home.details.paths.set(at(20), { kind: "paths", paths: ["/live/ch0"] });
    home.prober.put(at(20), { mac: FRONT.mac, connect: "open", greeting: { kind: "refused", status: 404 } });
    await home.pass(minutes(3));
    expect(home.status.get(SUBJECT)?.message).toMatch(/does not know the stream path at 192\.168\.1\.20; edit/);
    expect([home.details.askedForPaths, home.logins]).toEqual([[], []]);
    await home.stop();
  });

  it.each([
    ["refused", 1],
    ["no-answer", 4],
  ] as const)(
    "whose ONVIF user is another one is not locked out: where the paths are %s, they are asked for %i times in 3 hours",
    async (kind, most) => {
      const home = await homeOf({ greeting: { kind: "refused", status: 404 } });
      home.details.paths.set(at(20), { kind });
      await home.pass(hours(3));
      expect(home.status.get(SUBJECT)?.reason).toBe("StreamPathMissing");
      expect(home.details.askedForPaths.length).toBeGreaterThanOrEqual(1);
      expect(home.details.askedForPaths.length).toBeLessThanOrEqual(most);
      await home.stop();
    },
  );

  it("is left alone where password and path are right: one login an hour at most", async () => {
    const home = await homeOf({ login: "accepted" });
    await home.pass(minutes(55));
    expect(home.reason(SUBJECT)).toBeUndefined();
    expect(home.logins).toHaveLength(1);
    await home.pass(hours(2));
    expect(home.logins.length).toBeLessThanOrEqual(3);
    await home.stop();
  });

  it("is not asked while video flows", async () => {
    const home = new FakeHome({ cameras: [FRONT] });
    await home.start();
    home.go2rtc.attach(named("front"));
    home.prober.put(at(20), { mac: FRONT.mac, connect: "open", login: "unauthorized", endpoint: "urn:uuid:front" });
    await home.pass(hours(2));
    expect(home.logins).toEqual([]);
    await home.stop();
  });

  it("is sent no password where another device answers", async () => {
    const home = await homeOf({ login: "unauthorized" });
    home.stranger(at(20), { login: "accepted" });
    await home.pass(minutes(10));
    expect(home.logins).toEqual([]);
    await home.stop();
  });
});

describe("a camera's clock", () => {
  it.each([
    ["11 s ahead", seconds(11), "11.0 s ahead"],
    ["two hours behind", hours(-2), "2 h behind"],
  ])("that is %s is said within its hour, and the condition ends when it is right", async (_name, offset, words) => {
    const home = new FakeHome({ cameras: [FRONT] });
    home.details.offsets.set(at(20), offset);
    await home.start();
    expect(home.status.get("device/front/clock")).toMatchObject({
      status: "problem",
      reason: "ClockOff",
      message: `the clock of front is ${words}`,
    });
    home.details.offsets.set(at(20), seconds(1));
    await home.pass(minutes(70));
    expect(home.status.get("device/front/clock")).toMatchObject({ status: "ok", reason: "Healthy" });
    await home.stop();
  });

  it.each([seconds(10), seconds(-10), undefined])("that is %s ms off, or not told, is no trouble", async (offset) => {
    const home = new FakeHome({ cameras: [FRONT] });
    if (offset !== undefined) home.details.offsets.set(at(20), offset);
    await home.start();
    expect(home.reason("device/front/clock")).toBeUndefined();
    await home.stop();
  });

  it("is asked for at most once an hour, and only where the camera was proved", async () => {
    const home = new FakeHome({ cameras: [FRONT] });
    home.leave(at(20));
    await home.start();
    expect(home.details.askedForTime).toEqual([]);
    home.place(FRONT, at(20));
    await home.pass(hours(10));
    expect(home.details.askedForTime.length).toBeGreaterThanOrEqual(8);
    expect(home.details.askedForTime.length).toBeLessThanOrEqual(11);
    expect(new Set(home.details.askedForTime)).toEqual(new Set([at(20)]));
    await home.stop();
  });
});
