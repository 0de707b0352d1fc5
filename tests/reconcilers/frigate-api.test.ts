import { describe, expect, test } from "vitest";
import { FrigateApiTarget } from "../../src/adapters/frigate/api-target.ts";
import { milliseconds, seconds } from "../../src/domain/duration.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import { clientAt, frigates, loginAs } from "../adapters/frigate/frigates.ts";
import type { FakeFrigate } from "../fakes/fake-frigate/fake-frigate.ts";
import { FRIGATE_VERSIONS } from "../fakes/fake-frigate/versions.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, movedText } from "./fake-home.ts";

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

/** Ends the program when no call is under way. */
async function stopped(home: FakeHome): Promise<void> {
  const stop = home.stop();
  for (let step = 0; step < 50; step += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  await stop;
}
