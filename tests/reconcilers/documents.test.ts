import { describe, expect, it } from "vitest";
import { DocumentError, type DocumentFormat } from "../../src/domain/document.ts";
import { milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import type { Revision, TargetName, TargetText, WriteOutcome } from "../../src/ports/config-target.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, id, movedText, source } from "./fake-home.ts";

/** A document into which somebody writes between our reading and our writing, as often as the test says. */
class BusyTarget extends FakeConfigTarget {
  edits: ((text: string) => string)[] = [];
  /** Runs right after each reading. */
  afterRead: () => void = () => undefined;

  override async read(signal: AbortSignal): Promise<TargetText> {
    const read = await super.read(signal);
    this.afterRead();
    return read;
  }

  override async write(text: string, expected: Revision, signal: AbortSignal): Promise<WriteOutcome> {
    const edit = this.edits.shift();
    if (edit !== undefined) this.edit(edit(this.text));
    return super.write(text, expected, signal);
  }
}

function busyHome(text = frigateText([FRONT, BACK])): { readonly home: FakeHome; readonly target: BusyTarget } {
  const target = new BusyTarget({ name: "frigate", format: FRIGATE, text });
  return { home: new FakeHome({ targets: [target] }), target };
}

describe("somebody else edits", () => {
  it("between reading and writing: nothing of theirs is lost, and the address is right in the end", async () => {
    const { home, target } = busyHome();
    await home.start();
    target.edits = [(text) => `${text}# a person's line\n`, (text) => `${text}# and another\n`];
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(5));
    expect(home.text).toBe(`${movedText(frigateText([FRONT, BACK]), at(20), at(60))}# a person's line\n# and another\n`);
    expect(target.written).toHaveLength(1);
    expect(home.status.get("target/frigate")?.status).toBe("ok");
    expect(home.registry.openChanges()).toEqual([]);
    expect(home.registry.changes.map(({ state }) => state)).toEqual(["abandoned", "abandoned", "kept"]);
    await home.stop();
  });

  it("right after it was read: what is written is written over the text that it was made of, or not at all", async () => {
    const { home, target } = busyHome();
    await home.start();
    const edits = ["# theirs\n"];
    target.afterRead = () =>
      target.edit(target.text + (home.registry.device(id("front"))?.address === at(60) ? (edits.shift() ?? "") : ""));
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(5));
    expect(home.text).toBe(`${movedText(frigateText([FRONT, BACK]), at(20), at(60))}# theirs\n`);
    await home.stop();
  });

  it("all the time: it is tried again, never forced", async () => {
    const { home, target } = busyHome();
    await home.start();
    let count = 0;
    target.edits = Array.from({ length: 1000 }, () => (text: string) => `${text}# ${(count += 1)}\n`);
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(6));
    expect(target.written).toEqual([]);
    expect(home.reason("target/frigate")).toBe("EditedMeanwhile");
    expect(target.text).toContain(`# ${count}\n`);
    await home.stop();
  });

  it("the healed address back to where the camera was: the camera is right, not the text", async () => {
    const { home, target } = busyHome();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(5));
    target.edit(`${frigateText([FRONT, BACK])}# mine\n`);
    await home.pass(seconds(15));
    expect(home.text).toBe(`${movedText(frigateText([FRONT, BACK]), at(20), at(60))}# mine\n`);
    expect(target.written).toHaveLength(2);
    await home.stop();
  });
});

describe("one change", () => {
  it("heals all that moved together after a power cut, each write with every camera that was proved by then", async () => {
    const home = new FakeHome();
    await home.start();
    home.moveSilently(FRONT, at(20), at(60));
    home.moveSilently(BACK, at(21), at(61));
    home.hear(FRONT, at(60));
    home.hear(BACK, at(61));
    await home.pass(seconds(5));
    expect(home.text).toBe(movedText(movedText(frigateText([FRONT, BACK]), at(20), at(60)), at(21), at(61)));
    expect(home.document.written.length).toBeLessThanOrEqual(2);
    await home.stop();
  });

  it("is held back while a camera's new address is still another's, but not for ever", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    home.leave(at(21));
    home.moveByDhcp(FRONT, at(20), at(21));
    await home.pass(milliseconds(1500));
    expect(home.text).toBe(before);
    await home.pass(seconds(3));
    expect(home.text).toBe(movedText(before, at(20), at(21)).replaceAll(/(?<=canary-back@)192\.168\.1\.20/g, at(21)));
    home.place(BACK, at(88));
    await home.pass(minutes(1));
    expect(home.text).toBe(
      frigateText([
        { ...FRONT, address: at(21) },
        { ...BACK, address: at(88) },
      ]),
    );
    await home.stop();
  });

  it("does not split what two cameras share: the host of a shared anchor stays while only one of them moves", async () => {
    const shared = `go2rtc:
  streams:
    front:
      - ${source("front", at(20))}
    back: ${source("back", at(21))}
cameras:
  front:
    ffmpeg: { inputs: [{ path: "rtsp://127.0.0.1:8554/front" }] }
    webui_url: &page http://${at(20)}/
  back:
    ffmpeg: { inputs: [{ path: "rtsp://127.0.0.1:8554/back" }] }
    webui_url: *page
`;
    const home = new FakeHome();
    await home.start();
    home.document.edit(shared);
    await home.pass(seconds(60));
    expect(home.engine.fleet.devices.map((device) => device.id)).toEqual(["front", "back"]);
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(20));
    expect(home.text).toBe(shared.replace(source("front", at(20)), source("front", at(60))));
    await home.stop();
  });
});

it("a change that cannot be proved is not written: it is said, and go2rtc is told all the same", async () => {
  const format: DocumentFormat = {
    ...FRIGATE,
    rewrite: (text, addressFor) => {
      const rewrite = FRIGATE.rewrite(text, addressFor);
      if (rewrite.edits.length > 0)
        throw new DocumentError("RewriteNotProved", "nothing was written, because the change could not be proved");
      return rewrite;
    },
  };
  const text = frigateText([FRONT, BACK]);
  const home = new FakeHome({ targets: [new FakeConfigTarget({ name: "frigate", format, text })] });
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(1));
  expect(home.text).toBe(text);
  expect(home.status.get("target/frigate")).toMatchObject({ status: "problem", reason: "RewriteNotProved" });
  expect(await home.sources("front")).toEqual([source("front", at(60))]);
  await home.stop();
});

describe("a document that waits for a person", () => {
  it("is not written, says what it would change, and is content once the person changed it", async () => {
    const home = new FakeHome({ ports: { unconfirmed: new Set(["frigate" as TargetName]) } });
    const before = home.text;
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(2));
    expect(home.text).toBe(before);
    expect(home.status.get("target/frigate")).toMatchObject({
      status: "problem",
      reason: "NeedsApproval",
      message: expect.stringContaining(`${at(20)} → ${at(60)}`),
    });
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    home.document.edit(movedText(before, at(20), at(60)));
    await home.pass(seconds(15));
    expect(home.status.get("target/frigate")?.status).toBe("ok");
    expect(home.document.written).toEqual([]);
    await home.stop();
  });
});

describe("places that cannot be rewritten", () => {
  const text = `go2rtc:
  streams:
    front: rtsp://viewer:{FRIGATE_UNKNOWN}@${at(20)}/main
    back: ${source("back", at(21))}
    gate: rtsp://viewer:canary@gate.lan/main
    cellar: rtsp://viewer:canary@{FRIGATE_CELLAR_IP}/main
    six: rtsp://viewer:canary@[fe80::1]/main
cameras:
  front: { ffmpeg: { inputs: [{ path: "rtsp://127.0.0.1:8554/front" }] }, webui_url: "http://${at(20)}/" }
  back: { ffmpeg: { inputs: [{ path: "rtsp://127.0.0.1:8554/back" }] } }
  off: { enabled: false, ffmpeg: { inputs: [{ path: "rtsp://viewer:canary@${at(30)}/main" }] } }
`;
  const filled = { front: ["rtsp://viewer:canary-filled@192.168.1.20/main"], back: [source("back", at(21))] };

  it("are said, and their devices never probed", async () => {
    const home = new FakeHome({ targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })] });
    await home.start();
    await home.pass(minutes(5));
    expect(home.status.get("target/frigate/left-alone")).toMatchObject({
      reason: "NotRewritable",
      message: expect.stringContaining("FRIGATE_CELLAR_IP"),
    });
    const probed = new Set(home.prober.calls.flatMap((call) => ("address" in call ? [call.address] : [])));
    expect(probed).toEqual(new Set([at(20), at(21)]));
    expect(home.engine.fleet.devices.map((device) => device.id)).toEqual(["front", "back"]);
    await home.stop();
  });

  it("with a placeholder that is unknown here are never sent to go2rtc: the document is healed, stays so, and a restart is asked for", async () => {
    const server = new FakeStreamServer({ elsewhere: filled });
    const home = new FakeHome({ targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })], servers: [server] });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(3));
    expect(home.text).toBe(movedText(text, at(20), at(60)));
    expect(home.document.written).toHaveLength(1);
    expect(server.calls.filter(({ call }) => call === "put" || call === "patch")).toEqual([]);
    expect(home.status.get("target/frigate/go2rtc")).toMatchObject({ status: "problem", reason: "ServerRestartNeeded" });
    expect(server.calls.filter(({ call }) => call === "config")).toEqual([]);
    server.calls.length = 0;
    await home.pass(minutes(1));
    expect(server.calls.length).toBeLessThanOrEqual(20);
    await home.stop();
  });
});

describe("what Frigate reads only when it starts", () => {
  it("is said after it was changed", async () => {
    const text = frigateText([FRONT]).replace("rtsp://127.0.0.1:8554/front", source("front", at(20), "record"));
    const home = new FakeHome({ cameras: [FRONT], targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })] });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(5));
    expect(home.text).toBe(movedText(text, at(20), at(60)));
    expect(home.status.get("target/frigate/restart")).toMatchObject({ status: "problem", reason: "RestartNeeded" });
    await home.stop();
  });
});
