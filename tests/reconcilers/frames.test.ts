import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { StreamServerError } from "../../src/ports/stream-server.ts";
import { DEFAULT_LIMITS } from "../../src/reconcilers/engine-limits.ts";
import { QUARANTINE_SOURCE } from "../../src/domain/stream-source.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, id, movedText, source, STRANGER } from "./fake-home.ts";

const TEXT = frigateText([FRONT, BACK]);
const HEALED = movedText(TEXT, at(20), at(60));

/** A home in which the front camera moved to where it answers everything and delivers nothing. */
async function deafHome(home = new FakeHome()): Promise<FakeHome> {
  await home.start();
  home.moveSilently(FRONT, at(20), at(60));
  home.deaf(at(60));
  home.hear(FRONT, at(60));
  return home;
}

describe("a change without frames", () => {
  it("is taken back after 20 seconds: text, streams and memory, and not tried again", async () => {
    const home = await deafHome();
    await home.pass(seconds(18));
    expect(home.text).toBe(HEALED);
    await home.pass(seconds(8));
    expect(home.text).toBe(TEXT);
    expect(await home.sources("front")).toEqual([source("front", at(20))]);
    expect(home.registry.device(id("front"))).toMatchObject({ address: at(20), history: [at(60)] });
    expect(home.status.get("device/front")).toMatchObject({
      status: "problem",
      reason: "RolledBack",
      message: expect.stringContaining("20.0 s"),
    });
    expect(home.told("rolled-back")).toMatchObject([{ target: "/fake/frigate.yml" }]);
    for (let count = 0; count < 20; count += 1) {
      home.hear(FRONT, at(60));
      await home.pass(seconds(30));
    }
    expect(home.document.written).toEqual([HEALED, TEXT]);
    expect(home.logins).toHaveLength(1);
    expect(home.reason("device/front")).toBe("RolledBack");
    expect(home.registry.openChanges()).toEqual([]);
    await home.stop();
  });

  it("is judged by the limit that a person sets", async () => {
    const home = await deafHome(new FakeHome({ ports: { limits: { ...DEFAULT_LIMITS, frames: seconds(60) } } }));
    await home.pass(seconds(50));
    expect(home.text).toBe(HEALED);
    await home.pass(seconds(20));
    expect(home.text).toBe(TEXT);
    await home.stop();
  });

  it.each([20, 22, 24, 26, 28])(
    "is left where somebody edited the document since: not a byte is touched, then or later (%i s)",
    async (limit) => {
      const home = await deafHome(new FakeHome({ ports: { limits: { ...DEFAULT_LIMITS, frames: seconds(limit) } } }));
      await home.pass(seconds(10));
      const theirs = `${HEALED}# mine\n`;
      home.document.edit(theirs);
      await home.pass(seconds(30));
      expect(home.reason("device/front")).toBe("NotRolledBack");
      await home.pass(minutes(5));
      expect(home.text).toBe(theirs);
      expect(home.told("rolled-back")).toEqual([]);
      await home.stop();
    },
  );

  it("is taken back as it was: a place that had another address keeps it", async () => {
    const text = TEXT.replace(`http://${at(20)}/`, `http://${at(99)}/`);
    const home = await deafHome(new FakeHome({ targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })] }));
    await home.pass(seconds(30));
    expect(home.document.written).toEqual([movedText(text, at(20), at(60)), text]);
    await home.stop();
  });

  it("of one camera leaves what another's move changed", async () => {
    const home = await deafHome();
    await home.pass(seconds(10));
    home.moveByDhcp(BACK, at(21), at(61));
    await home.pass(seconds(20));
    expect(home.text).toBe(movedText(TEXT, at(21), at(61)));
    expect(home.reason("device/back")).toBe("Healed");
    await home.stop();
  });

  it("does not offer the password to a stranger who took the former address", async () => {
    const home = await deafHome();
    home.table.entries.set(at(20), STRANGER);
    home.stranger(at(20));
    await home.pass(seconds(30));
    const told = home.go2rtc.calls.filter(({ call, sources }) => call === "put" && sources?.includes(source("front", at(20))) === true);
    expect(told).toEqual([]);
    expect(await home.sources("front")).toEqual([QUARANTINE_SOURCE]);
    await home.stop();
  });

  it("is tried at a third address, and two refused ones are not tried in turns", async () => {
    const home = await deafHome();
    await home.pass(seconds(30));
    home.moveSilently(FRONT, at(60), at(70));
    home.deaf(at(70));
    await home.pass(minutes(2));
    const written = home.document.written.length;
    expect(written).toBe(4);
    for (let count = 0; count < 10; count += 1) {
      home.hear(FRONT, at(60));
      home.hear(FRONT, at(70));
      await home.pass(minutes(1));
    }
    expect(home.document.written).toHaveLength(written);
    await home.stop();
  });
});

describe("frames", () => {
  it("of any stream prove the address, also where another stream of the camera was dead before", async () => {
    const text = `go2rtc:
  streams:
    front: ${source("front", at(20))}
    front_sub: ${source("front", at(20), "sub")}
cameras: { front: { ffmpeg: { inputs: [{ path: "rtsp://127.0.0.1:8554/front" }, { path: "rtsp://127.0.0.1:8554/front_sub" }] } } }
`;
    const server = new FakeStreamServer({ elsewhere: { front: [source("front", at(20))], front_sub: [source("front", at(20), "sub")] } });
    const watch = server.watch.bind(server);
    server.watch = (name, ...rest) => (name === "front" ? Promise.resolve({ videoPackets: 0 }) : watch(name, ...rest));
    const home = new FakeHome({
      cameras: [FRONT],
      targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })],
      servers: [server],
    });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    expect(home.text).toBe(movedText(text, at(20), at(60)));
    expect(home.told("frames")).toMatchObject([{ stream: "front_sub" }]);
    await home.stop();
  });

  it("from another address than the camera's do not count", async () => {
    const server = new FakeStreamServer({ elsewhere: { front: [source("front", at(20))], back: [source("back", at(21))] } });
    server.watch = () => Promise.resolve({ videoPackets: 500, remoteAddress: at(20) });
    const home = await deafHome(new FakeHome({ servers: [server] }));
    await home.pass(seconds(30));
    expect(home.text).toBe(TEXT);
    await home.stop();
  });

  it("that nobody can judge change nothing: go2rtc lists the streams and serves no RTSP", async () => {
    const server = new FakeStreamServer({ elsewhere: { front: [source("front", at(20))], back: [source("back", at(21))] } });
    server.watch = () => Promise.reject(new StreamServerError("ServerRefused", "serves no RTSP: set rtsp.listen"));
    const home = await deafHome(new FakeHome({ servers: [server] }));
    await home.pass(minutes(3));
    expect(home.text).toBe(HEALED);
    expect(home.registry.openChanges()).toEqual([]);
    await home.stop();
  });

  it("are awaited from the latest address where the camera moves on meanwhile", async () => {
    const home = await deafHome();
    await home.pass(seconds(10));
    home.moveSilently(FRONT, at(60), at(70));
    home.hear(FRONT, at(70));
    await home.pass(seconds(10));
    expect(home.told("frames")).toMatchObject([{ from: at(70) }]);
    await home.pass(minutes(1));
    expect(home.text).toBe(movedText(TEXT, at(20), at(70)));
    await home.stop();
  });
});
