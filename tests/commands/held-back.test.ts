import { afterEach, describe, expect, it } from "vitest";
import { checkCameras } from "../../src/commands/check-cameras.ts";
import { heldWarnings } from "../../src/commands/plan-documents.ts";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { at, FakeHome, FRONT } from "../reconcilers/fake-home.ts";

const { signal } = new AbortController();

async function undone(): Promise<FakeHome> {
  const home = new FakeHome();
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(1));
  const done = home.engine.actions.perform({ verb: "undo" }, signal);
  await home.pass(seconds(5));
  expect(await done).toMatchObject({ kind: "accepted" });
  return home;
}

async function checked(home: FakeHome): Promise<object | undefined> {
  const items = await checkCameras(home.engine.fleet.devices, home.registry, home.clock.now()).gather(signal);
  return items.find(({ part }) => part === "camera front");
}

const warned = (home: FakeHome): readonly string[] => heldWarnings(home.engine.fleet.devices, home.registry, "commands");

describe("a camera whose move a person undid", () => {
  let home: FakeHome | undefined;
  afterEach(() => home?.stop());

  it("is not said to be proved where it was put back, and what is held back is told with its remedy", async () => {
    home = await undone();
    const item = await checked(home);
    expect(item).toMatchObject({
      state: "act",
      found: expect.stringMatching(
        /^192\.168\.1\.20, not proved since it was put back there · not healed to 192\.168\.1\.60: a person undid the change/,
      ) as string,
      nextStep: "Where the new address is right after all: camera-shepherd resync front lifts that.",
    });
    expect(warned(home)).toEqual([
      "front is not healed to 192.168.1.60: a person undid the change; camera-shepherd resync front lifts that",
    ]);
    expect(heldWarnings(home.engine.fleet.devices, home.registry, "page")).toEqual([
      "front is not healed to 192.168.1.60: a person undid the change; Find now on the page Camera Shepherd lifts that",
    ]);
  });

  it("is said to be proved there once it is, within the hour, and nothing is told of a hold that was lifted", async () => {
    home = await undone();
    home.moveByDhcp(FRONT, at(60), at(20));
    await home.pass(minutes(2));
    expect(await checked(home)).toMatchObject({ found: expect.stringMatching(/^192\.168\.1\.20, proved .* ago · /) as string });
    home.registry.consents.holds().forEach(({ device, address }) => home?.registry.consents.removeHold(device, address));
    expect(await checked(home)).toMatchObject({ state: "ok" });
    expect(warned(home)).toEqual([]);
  });
});
