import { describe, expect, it } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { go2rtcDocument } from "../../src/adapters/go2rtc/document.ts";
import type { CameraOption } from "../../src/domain/devices.ts";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { namedCameras } from "../../src/domain/host-pins.ts";
import type { Action, ActionResult } from "../../src/ports/actions.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { at, BACK, FakeHome, FRONT, frigateText, type HomeSettings, movedText, source } from "./fake-home.ts";

const signal = new AbortController().signal;
const NAME = "front.lan";

/** The text of the home with the front camera by its name. */
const byName = (text: string): string => text.replaceAll(FRONT.address, NAME);
const BEFORE = byName(frigateText([FRONT, BACK]));
const AFTER = frigateText([FRONT, BACK]);

const OPTION: CameraOption = { id: "front", macs: [], address: FRONT.address };
const cameras = namedCameras([{ id: "front", address: FRONT.address, pin_host: true }]);
const settings = { environment: new Map<string, string>(), cameras };

function homeByName(more: HomeSettings = {}, text = BEFORE, asked = true): FakeHome {
  const format = frigateDocument(asked ? settings : { environment: new Map() });
  return new FakeHome({
    targets: [new FakeConfigTarget({ name: "frigate", format, text })],
    options: [OPTION],
    ...more,
  });
}

async function ask(home: FakeHome, action: Action): Promise<ActionResult> {
  const done = home.engine.actions.perform(action, signal);
  await home.pass(seconds(5));
  return done;
}

describe("a host name that is to be replaced", () => {
  it("gives way to the address at which its camera was proved, with one login, and the camera is followed from then on", async () => {
    const home = homeByName();
    home.deaf(FRONT.address);
    await home.start();
    expect(home.document.written).toEqual([AFTER]);
    expect(home.told("document-written")).toMatchObject([
      {
        edits: [
          { from: NAME, to: at(20) },
          { from: NAME, to: at(20) },
        ],
      },
    ]);
    expect(home.logins).toEqual([source("front", at(20))]);
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    expect(home.text).toBe(movedText(AFTER, at(20), at(60)));
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    await home.stop();
  });

  it("stays where nobody asked, however well the camera is proved", async () => {
    const home = homeByName({}, BEFORE, false);
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(5));
    expect(home.document.written).toEqual([]);
    expect(home.text).toBe(BEFORE);
    await home.stop();
  });

  it("stays while the camera refuses its password, and that is said", async () => {
    const home = homeByName();
    home.place(FRONT, FRONT.address, { login: "unauthorized" });
    home.deaf(FRONT.address);
    await home.start();
    await home.pass(minutes(20));
    expect(home.document.written).toEqual([]);
    expect(home.logins).toHaveLength(1);
    expect(home.status.get("pin/front")).toMatchObject({
      status: "problem",
      reason: "LoginRefused",
      message: expect.stringContaining(NAME),
    });
    await home.stop();
  });

  it("gives way to the address where the camera is found, where the one in the options is stale", async () => {
    const home = homeByName({ options: [{ ...OPTION, macs: [FRONT.mac] }] });
    home.moveSilently(FRONT, at(20), at(70));
    await home.start();
    await home.pass(minutes(2));
    expect(home.text).toBe(movedText(AFTER, at(20), at(70)));
    expect(await home.sources("front")).toEqual([source("front", at(70))]);
    await home.stop();
  });

  it("comes back where no frames flow from the new address", async () => {
    const home = homeByName({ options: [{ ...OPTION, macs: [FRONT.mac] }] });
    home.moveSilently(FRONT, at(20), at(70));
    home.deaf(at(70));
    await home.start();
    await home.pass(minutes(3));
    expect(home.document.written).toEqual([movedText(AFTER, at(20), at(70)), BEFORE]);
    expect(home.text).toBe(BEFORE);
    expect(home.told("rolled-back")).toHaveLength(1);
    await home.stop();
  });

  it("stays in every document where another document has it for another camera", async () => {
    const other = go2rtcDocument({ environment: new Map() });
    const frigate = new FakeConfigTarget({ name: "frigate", format: frigateDocument(settings), text: BEFORE });
    const go2rtc = new FakeConfigTarget({ name: "go2rtc", format: other, text: `streams:\n  back: rtsp://${NAME}/sub\n` });
    const home = homeByName({ targets: [frigate, go2rtc] });
    await home.start();
    expect([frigate.written, go2rtc.written]).toEqual([[], []]);
    expect(home.status.get("pin/front")).toMatchObject({ reason: "NotRewritable", message: expect.stringContaining("another camera") });
    expect(home.logins).toEqual([]);
    await home.stop();
  });

  it("is only proposed where a document needs approval", async () => {
    const home = homeByName({ ports: { unconfirmed: new Set(["frigate" as TargetName]) } });
    await home.start();
    expect(home.document.written).toEqual([]);
    const [proposal] = home.registry.consents.proposals();
    expect(proposal).toMatchObject({ before: BEFORE, after: AFTER, cameras: ["front"] });
    expect(home.status.get("target/frigate")?.message).toContain(`${NAME} → ${at(20)}`);
    expect(await ask(home, { verb: "approve" })).toMatchObject({ kind: "accepted" });
    expect(home.text).toBe(AFTER);
    await home.stop();
  });

  it("is replaced by one sync too", async () => {
    const home = homeByName();
    await home.once();
    expect(home.text).toBe(AFTER);
    await home.stop();
  });
});

describe("a host name that a person put back", () => {
  it("stays, also when the camera moves and after a restart, until somebody asks for a resync", async () => {
    const home = homeByName();
    await home.start();
    expect(home.text).toBe(AFTER);
    expect(await ask(home, { verb: "undo" })).toMatchObject({ kind: "accepted", message: expect.stringContaining(`${NAME} stays until`) });
    expect(home.text).toBe(BEFORE);
    expect(home.status.get("device/front")?.status).toBe("ok");
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(5));
    expect(home.text).toBe(BEFORE);
    expect(home.status.get("pin/front")).toMatchObject({ status: "unknown", reason: "Undone" });
    expect(await home.sources("front")).toEqual([source("front", at(20)).replace(at(20), NAME)]);
    await home.stop();

    const next = homeByName({ registry: home.registry, clock: home.clock, targets: home.targets });
    next.moveSilently(FRONT, at(20), at(60));
    await next.start();
    expect(next.text).toBe(BEFORE);
    expect(await ask(next, { verb: "resync", camera: "front" })).toMatchObject({ kind: "accepted" });
    await next.pass(minutes(1));
    expect(next.text).toBe(movedText(AFTER, at(20), at(60)));
    expect(next.registry.consents.holds()).toEqual([]);
    expect(next.status.get("pin/front")).toBeUndefined();
    await next.stop();
  });

  it("is reached by undoing the move first and the name then", async () => {
    const home = homeByName();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    await ask(home, { verb: "undo" });
    expect(home.text).toBe(AFTER);
    expect(await ask(home, { verb: "undo" })).toMatchObject({ kind: "accepted" });
    expect(home.text).toBe(BEFORE);
    await home.pass(minutes(5));
    expect(home.text).toBe(BEFORE);
    await home.stop();
  });
});
