import { describe, expect, it } from "vitest";
import { HomeAssistantExamination } from "../../src/adapters/home-assistant/facts.ts";
import { PowerEntities } from "../../src/adapters/home-assistant/power-entities.ts";
import { checkHomeAssistant, checkPower } from "../../src/commands/check-home-assistant.ts";
import { type CheckItem, gatherChecks } from "../../src/commands/check.ts";
import { homeAssistant, linkTo } from "../adapters/home-assistant/scene.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

const check = async (link: ConstructorParameters<typeof HomeAssistantExamination>[0]): Promise<readonly CheckItem[]> => {
  const items = await gatherChecks([checkHomeAssistant(new HomeAssistantExamination(link))], new FakeClock(), new AbortController().signal);
  expect(JSON.stringify(items)).not.toContain("canary");
  return items;
};

describe("check of Home Assistant", () => {
  it("says its version and what our token may do there", async () => {
    const { core, link } = await homeAssistant();
    expect(await check(link)).toEqual([
      { part: "Home Assistant", state: "ok", found: `${core.url}: version 2026.11.0, asked as an administrator` },
    ]);
    core.admin = false;
    expect(await check(link)).toMatchObject([{ state: "less", found: expect.stringContaining("no administrator's") as string }]);
  });

  it("says that the token is refused, or that nobody answers, and what to do; nothing where none is spoken to", async () => {
    const { core } = await homeAssistant();
    expect(await check(linkTo(core.url, "wrong"))).toMatchObject([
      { state: "act", found: `${core.url}: it refuses the token`, nextStep: expect.stringContaining("long-lived access token") as string },
    ]);
    expect(await check(linkTo("http://127.0.0.1:1", "wrong"))).toMatchObject([
      { state: "absent", nextStep: expect.stringContaining("Start Home") as string },
    ]);
    expect(await gatherChecks([checkHomeAssistant(undefined)], new FakeClock(), new AbortController().signal)).toEqual([]);
  });
});

it("check of the switches of cameras says whether each is there and may be used", async () => {
  const { core, link } = await homeAssistant();
  core.states.set("switch.a", "on").set("switch.b", "off").set("switch.c", "unavailable");
  const cameras = ["a", "b", "c", "d"].map((id) => ({ id, power: `switch.${id}` }));
  const states = async (...power: Parameters<typeof checkPower>) =>
    (await gatherChecks([checkPower(...power)], new FakeClock(), new AbortController().signal)).map(({ part, state, found }) => [
      part,
      state,
      found,
    ]);
  expect(await states([...cameras, { id: "e" }], new PowerEntities(link))).toEqual([
    ["power of a", "ok", "switch.a is there"],
    ["power of b", "less", "switch.b is off: it is left so"],
    ["power of c", "absent", "switch.c is not available"],
    ["power of d", "act", "there is no switch.d in Home Assistant"],
  ]);
  expect(await states(cameras.slice(0, 1), undefined)).toEqual([["power of a", "act", "switch.a: Home Assistant is not spoken to"]]);
  expect(await states(cameras.slice(0, 1), new PowerEntities(linkTo("http://127.0.0.1:1", "x")))).toEqual([
    ["power of a", "absent", "switch.a cannot be asked: no WebSocket of Home Assistant's answers there"],
  ]);
});
