import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import type { ActionResult } from "../../src/ports/actions.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import type { HomeSettings } from "./fake-home.ts";
import { at, BACK, FakeHome, FRONT } from "./fake-home.ts";

const signal = new AbortController().signal;

async function running(settings: HomeSettings = {}): Promise<FakeHome> {
  const home = new FakeHome(settings);
  await home.start();
  return home;
}

/** What a resync that waits answers, and after how many seconds. */
async function resync(home: FakeHome, camera?: string): Promise<{ readonly told: string; readonly after: number }> {
  let answer: ActionResult | undefined;
  const action = { verb: "resync", wait: seconds(10), ...(camera === undefined ? {} : { camera }) } as const;
  const asked = home.engine.actions.perform(action, signal).then((result) => void (answer = result));
  let tenths = 0;
  for (; answer === undefined && tenths < 150; tenths += 1) await home.pass(seconds(0.1));
  await asked;
  expect(answer).toMatchObject({ kind: "accepted" });
  return { told: answer?.message ?? "", after: tenths / 10 };
}

describe("a resync that waits", () => {
  it("says that nothing had moved, and where one camera is", async () => {
    const home = await running();
    const all = await resync(home);
    expect(all.told).toBe("every camera and document was looked at again; nothing had moved");
    expect(all.after).toBeLessThan(5);
    expect((await resync(home, "front")).told).toBe(`front was looked at again; it is at ${at(20)}`);
    await home.stop();
  });

  it("says what was found and healed, and from where", async () => {
    const home = await running();
    home.moveSilently(FRONT, at(20), at(60));
    const { told, after } = await resync(home);
    expect(told).toBe(`every camera and document was looked at again; front was healed from ${at(20)} to ${at(60)}`);
    expect(after).toBeLessThan(10);
    expect(home.text).toContain(at(60));
    await home.stop();
  });

  it("of one that is nowhere says so, or after its time that it goes on", async () => {
    const home = await running();
    home.leave(at(20));
    const { told, after } = await resync(home, "front");
    expect(after).toBeLessThanOrEqual(10.5);
    expect(told).toMatch(/^front (?:was looked at again|is still looked at after 10 s, and that goes on); front does not answer at/);
    home.place(FRONT, at(61));
    await home.pass(minutes(6));
    expect(home.text).toContain(at(61));
    await home.stop();
  });

  it("ends after its time while video is still awaited", async () => {
    const home = await running();
    home.moveSilently(FRONT, at(20), at(60));
    home.deaf(at(60));
    const { told, after } = await resync(home, "front");
    expect(after).toBeGreaterThanOrEqual(10);
    expect(after).toBeLessThanOrEqual(10.5);
    expect(told).toBe(
      `front is still looked at after 10 s, and that goes on; front was found at ${at(60)}, no longer at ${at(20)}: video from there is awaited`,
    );
    expect((await resync(home)).told).toBe(
      "every camera and document is still looked at after 10 s, and that goes on; nothing has moved so far",
    );
    await home.stop();
  });

  it("of one camera says also that its document waits for a person", async () => {
    const home = await running({ ports: { unconfirmed: new Set(["frigate" as TargetName]) } });
    home.moveSilently(FRONT, at(20), at(60));
    const { told } = await resync(home, "front");
    const [proposal] = home.registry.consents.proposals();
    expect(told).toBe(
      `front was looked at again; front was healed from ${at(20)} to ${at(60)}; change ${proposal?.id} of /fake/frigate.yml waits: ${at(20)} → ${at(60)}`,
    );
    await home.stop();
  });

  it("says what waits for a person", async () => {
    const home = await running({ ports: { unconfirmed: new Set(["frigate" as TargetName]) } });
    home.moveByDhcp(BACK, at(21), at(62));
    await home.pass(seconds(30));
    const [proposal] = home.registry.consents.proposals();
    expect((await resync(home)).told).toContain(`; change ${proposal?.id} of /fake/frigate.yml waits: ${at(21)} → ${at(62)}`);
    await home.stop();
  });
});

it("a resync that does not wait is answered at once", async () => {
  const home = await running();
  expect(await home.engine.actions.perform({ verb: "resync" }, signal)).toEqual({
    kind: "accepted",
    message: "every camera and document is looked at again",
  });
  await home.stop();
});
