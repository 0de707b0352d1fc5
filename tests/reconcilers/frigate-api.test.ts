import { describe, expect, test } from "vitest";
import { FrigateApiTarget } from "../../src/adapters/frigate/api-target.ts";
import { HttpFrigate } from "../../src/adapters/frigate/running-frigate.ts";
import { FrigateStreamServer } from "../../src/adapters/frigate/stream-server.ts";
import { CallQueue } from "../../src/adapters/go2rtc/call-queue.ts";
import { refusal, showsSources } from "../../src/adapters/go2rtc/sources.ts";
import { parseStreams } from "../../src/adapters/go2rtc/streams.ts";
import { milliseconds, seconds } from "../../src/domain/duration.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import { clientAt, frigates, loginAs } from "../adapters/frigate/frigates.ts";
import { firstServer } from "../../src/reconcilers/first-server.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import type { FakeFrigate } from "../fakes/fake-frigate/fake-frigate.ts";
import { FRIGATE_VERSIONS } from "../fakes/fake-frigate/versions.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, movedText, source } from "./fake-home.ts";

const start = frigates();
const TEXT = `mqtt: {enabled: false}\n${frigateText([FRONT, BACK])}`;
const HEALED = movedText(TEXT, at(20), at(60));

/** A home whose document is reached by Frigate's API alone; the calls are real, the time of everything else is the test's. */
function homeOf(frigate: FakeFrigate, secure: boolean): FakeHome {
  const client = secure ? clientAt(frigate.secureUrl, { credentials: loginAs("admin") }) : clientAt(frigate.url);
  return new FakeHome({ ports: { targets: [new FrigateApiTarget({ name: "frigate" as TargetName, client, format: FRIGATE })] } });
}

/** Lets virtual time pass step by step, so that real calls are answered between. */
async function passUntil(home: FakeHome, reached: () => boolean, most = 1500): Promise<void> {
  for (let step = 0; step < most && !reached(); step += 1) {
    await home.pass(milliseconds(50));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(reached()).toBe(true);
}

async function learned(home: FakeHome): Promise<void> {
  await home.start(seconds(0));
  await passUntil(home, () => home.registry.devices().filter(({ address }) => address !== undefined).length === 2);
}

describe.each(FRIGATE_VERSIONS)("a camera moves where Frigate %s is reached by its API", (version) => {
  test.each([
    ["5000", false],
    ["8971", true],
  ])("through port %s: healed, every other byte as it was", async (_port, secure) => {
    const frigate = await start({ version, text: TEXT });
    expect(frigate.running.safe_mode ?? false).toBe(false);
    const home = homeOf(frigate, secure);
    await learned(home);
    home.moveByDhcp(FRONT, at(20), at(60));
    await passUntil(home, () => frigate.text === HEALED && home.registry.openChanges().length === 0);
    expect(home.status.get("target/frigate")?.status).toBe("ok");
    expect(home.told("document-written").map(({ place }) => place)).toEqual([secure ? frigate.secureUrl : frigate.url]);
    frigate.reload();
    expect(frigate.running.safe_mode ?? false).toBe(false);
    expect(frigate.calls.filter(({ method, url }) => method === "POST" && url.includes("config/save"))).toHaveLength(1);
    await stopped(home);
  });
});

test("a person saves in Frigate's editor in the middle of our save: nothing of theirs is lost, and the address is right in the end", async () => {
  const frigate = await start({ version: "0.17.2", text: TEXT });
  const home = homeOf(frigate, false);
  await learned(home);
  frigate.validating = 600;
  let edited = false;
  frigate.whileSaving = () => {
    if (!edited) setTimeout(() => frigate.edit(`${TEXT}# a person's line\n`), 100);
    edited = true;
  };
  home.moveByDhcp(FRONT, at(20), at(60));
  await passUntil(home, () => frigate.text === `${HEALED}# a person's line\n`, 8000);
  expect(frigate.calls.filter(({ body }) => body === `${TEXT}# a person's line\n`)).toHaveLength(1);
  await stopped(home);
});

test("a Frigate that is not there yet is waited for", async () => {
  const frigate = await start({ version: "0.16.4", text: TEXT });
  const home = homeOf(frigate, false);
  await frigate.pause();
  await home.start(seconds(0));
  await passUntil(home, () => home.reason("target/frigate") === "FrigateUnreachable");
  await frigate.resume();
  await passUntil(home, () => home.registry.devices().filter(({ address }) => address !== undefined).length === 2);
  expect(home.status.get("target/frigate")?.status).toBe("ok");
  await stopped(home);
});

/** A home whose go2rtc is reached through Frigate alone, as everything else; it reads the document when Frigate starts. */
function throughFrigate(frigate: FakeFrigate, sourcesAt: (host: number) => readonly string[]): FakeHome {
  const client = clientAt(frigate.url);
  const clock = new FakeClock();
  const parts = { name: "go2rtc", client, clock, queue: new CallQueue(), readStreams: parseStreams, refusal, showsSources };
  const read = (): unknown => frigate.streams.set("front", sourcesAt(frigate.text.includes(at(60)) ? 60 : 20));
  read();
  frigate.onCall = (url) => void (url.startsWith("/api/restart") && read());
  const target = new FrigateApiTarget({ name: "frigate" as TargetName, client, format: FRIGATE });
  const servers = [firstServer("go2rtc", [new FrigateStreamServer(parts)], clock, "frigate")];
  return new FakeHome({ cameras: [FRONT], clock, servers, ports: { targets: [target], frigates: [new HttpFrigate(target.name, client)] } });
}

describe("go2rtc's own port is closed", () => {
  const one = (host: number): readonly string[] => [source("front", at(host))];
  const several = (host: number): readonly string[] => [source("front", at(host)), "ffmpeg:front#audio=opus"];
  const single = `mqtt: {enabled: false}\n${frigateText([FRONT])}`.replace(
    "    webui_url",
    "    detect: {width: 640, height: 360}\n    webui_url",
  );
  const double = single.replace("# front's own\n", "# front's own\n      - ffmpeg:front#audio=opus\n");

  test.each([
    ["0.14.1", single, one, 1],
    ["0.16.4", double, several, 1],
    ["0.17.2", single, one, 0],
    ["0.17.2", double, several, 1],
    ["0.18.0", double, several, 1],
  ] as const)(
    "Frigate %s: its go2rtc has the new address, where it must be by a restart (%#)",
    async (version, text, sourcesAt, restarts) => {
      const frigate = await start({ version, text });
      expect(frigate.running.safe_mode ?? false).toBe(false);
      const home = throughFrigate(frigate, sourcesAt);
      await home.start(seconds(0));
      await passUntil(home, () => home.registry.devices().some(({ address }) => address !== undefined));
      home.moveByDhcp(FRONT, at(20), at(60));
      await passUntil(home, () => frigate.streams.get("front")?.[0] === source("front", at(60)), 4000);
      await passUntil(home, () => home.status.all().every(({ status }) => status !== "problem"), 4000);
      expect(frigate.streams.get("front")).toEqual(sourcesAt(60));
      await passUntil(home, () => frigate.text === movedText(text, at(20), at(60)));
      expect(frigate.restarts).toBe(restarts);
      expect(home.told("rolled-back")).toEqual([]);
      await stopped(home);
    },
  );
});

/** Ends the program when no call is under way. */
async function stopped(home: FakeHome): Promise<void> {
  const stop = home.stop();
  for (let step = 0; step < 50; step += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  await stop;
}
