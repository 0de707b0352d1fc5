import { expect, it } from "vitest";
import { homeAssistantOf } from "../../src/app/home-assistant.ts";
import { options } from "../config/loading.ts";
import { problems } from "../config/loading.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

async function parts(document: string, environment: Record<string, string> = {}) {
  return homeAssistantOf(await options(document, environment), environment, new FakeClock(), () => 0);
}

it("Home Assistant is spoken to where it is named, or by the Supervisor, and not at all otherwise", async () => {
  const named = "home_assistant: {url: http://ha.lan:8123, token: canary}\n";
  const supervisor = { SUPERVISOR_TOKEN: "canary-supervisor" };
  expect((await parts("{}")).facts).toBeUndefined();
  expect((await parts("{}", supervisor)).facts?.place).toBe("http://supervisor/core");
  expect((await parts(named, supervisor)).facts?.place).toBe("http://ha.lan:8123");
  expect((await parts("home_assistant: {url: none}\n", supervisor)).facts).toBeUndefined();
  expect((await parts(named)).sources.map(({ layer }) => layer)).toEqual(["home_assistant"]);
  expect((await parts(`${named}network: {layers: {home_assistant: false}}\n`)).sources).toEqual([]);
});

it("an address without a token, and a token without an address, are refused with the remedy", async () => {
  expect(await problems("home_assistant: {url: http://ha.lan:8123}\n")).toEqual([
    "home.yaml:1: home_assistant.token: is missing: make a long-lived access token on the Security page of your profile in Home Assistant",
  ]);
  expect(await problems("home_assistant: {token: canary}\n")).toEqual([
    "home.yaml:1: home_assistant.url: is missing: home_assistant.token is for an address, such as http://homeassistant.local:8123",
  ]);
  expect(await problems("home_assistant: {url: ws://ha.lan, token: canary}\n")).toEqual([
    "home.yaml:1: home_assistant.url: must be an address that begins with http:// or https://, or none",
  ]);
});
