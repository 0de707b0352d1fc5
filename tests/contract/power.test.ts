import { describe, expect, it } from "vitest";
import { PowerEntities } from "../../src/adapters/home-assistant/power-entities.ts";
import { homeAssistant, linkTo } from "../adapters/home-assistant/scene.ts";
import { failureOf } from "../fakes/failure-of.ts";
import { FakePower } from "../fakes/fake-power.ts";
import { powerContract } from "./power.ts";

const names = { switchName: "switch.front", buttonName: "button.front" };

describe("the fake, as who has switches", () => {
  powerContract(() => {
    const power = new FakePower();
    power.states.set(names.switchName, "on").set(names.buttonName, "on");
    return Promise.resolve({ power, ...names, until: () => Promise.resolve() });
  });
});

describe("Home Assistant, as who has switches", () => {
  powerContract(async () => {
    const { core, link } = await homeAssistant();
    core.states.set(names.switchName, "on").set(names.buttonName, "2026-11-27T09:00:00+00:00");
    return { power: new PowerEntities(link), ...names, until: () => Promise.resolve() };
  });

  it("tells of one that is not available, and that it is away itself", async () => {
    const { core, link } = await homeAssistant();
    core.states.set(names.switchName, "unavailable");
    expect(await new PowerEntities(link).state(names.switchName, new AbortController().signal)).toBe("unavailable");
    await new PowerEntities(link).press(names.buttonName, new AbortController().signal);
    expect(core.called).toEqual([{ domain: "button", service: "press", service_data: {}, target: { entity_id: names.buttonName } }]);
    const away = new PowerEntities(linkTo("http://127.0.0.1:1", "x"));
    expect(await failureOf(away.switchOff(names.switchName, new AbortController().signal))).toMatchObject({ name: "PowerError" });
  });
});
