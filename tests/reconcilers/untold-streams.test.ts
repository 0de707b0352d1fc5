import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/domain/addresses.ts";
import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import type { EnginePorts } from "../../src/reconcilers/engine-ports.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import { FrigateError } from "../../src/ports/running-frigate.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import type { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeRunningFrigate } from "../fakes/fake-running-frigate.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, FakeHome, FRIGATE, FRONT, frigateText, movedText, source } from "./fake-home.ts";

const RESTART = "target/frigate/restart";
const GO2RTC = "target/frigate/go2rtc";

interface UntoldSettings {
  /** False: whose go2rtc it is is not known. */
  readonly isFrigates?: boolean;
  /** False: no Frigate is spoken to. */
  readonly isSpokenTo?: boolean;
  /** False: its go2rtc has the stream from elsewhere, whatever the document says. */
  readonly readsDocument?: boolean;
  readonly text?: string;
  readonly refuses?: boolean;
  readonly registry?: FakeRegistry;
  readonly ports?: Partial<EnginePorts>;
}

/** A home of one camera whose go2rtc takes no new source, and starts with Frigate. */
function untoldHome(settings: UntoldSettings = {}) {
  const { isFrigates = true, isSpokenTo = true, readsDocument = true, refuses = true, text = frigateText([FRONT]), ports = {} } = settings;
  const clock = new FakeClock();
  const target = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text });
  const sources = (): Readonly<Record<string, readonly string[]>> => ({
    front: [source("front", (/@([\d.]+):554/.exec(readsDocument ? target.text : text)?.[1] ?? "") as IpAddress)],
  });
  const server = new FakeStreamServer({ refuses, elsewhere: sources(), ...(isFrigates ? { document: "frigate" } : {}) });
  const frigate = new FakeRunningFrigate({
    text: () => {
      server.editElsewhere(sources());
      server.restart();
      return target.text;
    },
    clock,
    startsIn: seconds(20),
  });
  const home = new FakeHome({
    cameras: [FRONT],
    targets: [target],
    servers: [server],
    clock,
    ...(settings.registry === undefined ? {} : { registry: settings.registry }),
    ports: { ...(isSpokenTo ? { frigates: [frigate] } : {}), ...ports },
  });
  return { home, frigate, server, target, before: text };
}

describe("a camera moves whose go2rtc takes no new source", () => {
  it("and the Frigate that it belongs to is restarted for it once, after the quiet, and video flows", async () => {
    const { home, frigate, server, target, before } = untoldHome();
    await home.start();
    const viewer = server.attach("front" as never);
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(15));
    expect(target.text).toBe(movedText(before, at(20), at(60)));
    expect(home.status.get(RESTART)).toMatchObject({ status: "problem", reason: "RestartLater" });
    expect(home.status.get(RESTART)?.message).toContain("Frigate's go2rtc uses the former address for front");
    expect(frigate.restarts).toEqual([]);
    await home.pass(minutes(2));
    expect(frigate.restarts).toHaveLength(1);
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    expect(home.status.get(RESTART)).toMatchObject({ status: "ok", reason: "Healthy" });
    expect(home.status.get(GO2RTC)?.status).not.toBe("problem");
    await home.pass(hours(2));
    expect(frigate.restarts).toHaveLength(1);
    expect(target.text).toBe(movedText(before, at(20), at(60)));
    viewer.close();
    await home.stop();
  });

  it("and the document stays right: what go2rtc did not take says nothing of the address", async () => {
    const { home, target, before } = untoldHome({ isSpokenTo: false, isFrigates: false });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(5));
    expect(target.text).toBe(movedText(before, at(20), at(60)));
    expect(target.written).toHaveLength(1);
    expect(home.told("rolled-back")).toEqual([]);
    expect(home.reason("device/front")).not.toBe("RolledBack");
    await home.stop();
  });

  it("is a person's to restart where nobody knows whose go2rtc it is, said once, and well again when they did", async () => {
    const { home, frigate, server } = untoldHome({ isFrigates: false });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(10));
    expect(frigate.restarts).toEqual([]);
    expect(home.status.get(GO2RTC)).toMatchObject({ status: "problem", reason: "ServerRestartNeeded" });
    expect(home.status.changes.filter(({ reason }) => reason === "ServerRestartNeeded")).toHaveLength(1);
    expect(home.status.changes.filter(({ reason }) => reason === "ServerRefused")).toEqual([]);
    server.editElsewhere({ front: [source("front", at(60))] });
    server.restart();
    await home.pass(seconds(10));
    expect(home.status.get(GO2RTC)).toMatchObject({ status: "ok", reason: "Healthy" });
    await home.stop();
  });

  it("is not restarted for twice where that did not help, over a restart of ours too, until it is right", async () => {
    const first = untoldHome({ readsDocument: false });
    await first.home.start();
    first.home.moveByDhcp(FRONT, at(20), at(60));
    await first.home.pass(hours(1));
    expect(first.frigate.restarts).toHaveLength(1);
    expect(first.home.status.get(GO2RTC)).toMatchObject({ status: "problem", reason: "ServerRestartNeeded" });
    await first.home.stop();
    const { home, frigate, server } = untoldHome({ readsDocument: false, registry: first.home.registry, text: first.target.text });
    server.editElsewhere({ front: [source("front", at(20))] });
    server.restart();
    home.moveSilently(FRONT, at(20), at(60));
    await home.start();
    await home.pass(hours(1));
    expect(home.status.get(GO2RTC)).toMatchObject({ status: "problem", reason: "ServerRestartNeeded" });
    expect(frigate.restarts).toEqual([]);
    await home.stop();
  });

  it("is asked for again where Frigate refused to be restarted: a restart that never was is not spent, and nothing is called right meanwhile", async () => {
    const { home, frigate } = untoldHome();
    await home.start();
    frigate.refuses = new FrigateError("FrigateForbids", "Frigate at http://fake:5000 forbids it to this user");
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(8));
    expect(home.status.get(RESTART)).toMatchObject({ status: "problem", reason: "RestartNeeded" });
    expect(home.status.changes.filter(({ reason, subject }) => subject === RESTART && reason === "Healthy")).toEqual([]);
    frigate.refuses = undefined;
    await home.pass(minutes(15));
    expect(frigate.restarts).toHaveLength(1);
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    expect(home.status.get(RESTART)).toMatchObject({ status: "ok", reason: "Healthy" });
    await home.pass(hours(2));
    expect(frigate.restarts).toHaveLength(1);
    await home.stop();
  });

  it("is not restarted for before the document has the address", async () => {
    const { home, frigate, target, before } = untoldHome({ ports: { unconfirmed: new Set(["frigate" as TargetName]) } });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(30));
    expect(target.text).toBe(before);
    expect(frigate.restarts).toEqual([]);
    await home.stop();
  });

  it("is left to a person where restart is never, and that is said", async () => {
    const { home, frigate } = untoldHome({ ports: { neverRestarted: new Set(["frigate" as TargetName]) } });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(30));
    expect(frigate.restarts).toEqual([]);
    expect(home.status.get(RESTART)).toMatchObject({ status: "problem", reason: "RestartNeeded" });
    await home.stop();
  });
});

it("a source with a variable that is unknown here is in use after a restart of the Frigate whose go2rtc it is", async () => {
  const text = frigateText([FRONT]).replace("canary-front", "{FRIGATE_UNKNOWN}");
  const { home, frigate, server } = untoldHome({ text, refuses: false });
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(3));
  expect(server.calls.filter(({ call }) => call === "put" || call === "patch")).toEqual([]);
  expect(frigate.restarts).toHaveLength(1);
  expect(await home.sources("front")).toEqual([source("front", at(60))]);
  expect(home.status.get(GO2RTC)?.status).not.toBe("problem");
  await home.stop();
});
