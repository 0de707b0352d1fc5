import { describe, expect, onTestFinished, test } from "vitest";
import { DeviceRegistry } from "../../src/adapters/home-assistant/device-registry.ts";
import { DhcpFeed } from "../../src/adapters/home-assistant/dhcp-feed.ts";
import { HomeAssistantExamination } from "../../src/adapters/home-assistant/facts.ts";
import { HomeAssistantLink } from "../../src/adapters/home-assistant/link.ts";
import { PersistentNotifications } from "../../src/adapters/home-assistant/persistent-notifications.ts";
import { PowerEntities } from "../../src/adapters/home-assistant/power-entities.ts";
import { HttpSupervisor } from "../../src/adapters/supervisor/http-supervisor.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { Secret } from "../../src/config/secret.ts";
import { parseMac } from "../../src/domain/addresses.ts";
import type { Sighting } from "../../src/domain/sighting.ts";
import { boardContract } from "../contract/board.ts";
import { powerContract } from "../contract/power.ts";
import { failureOf } from "../fakes/failure-of.ts";
import type { FakeSupervisor } from "../fakes/fake-supervisor.ts";
import { eventually } from "../world/waiting.ts";
import type { Core } from "./core.ts";

/** What Core's configuration has for these tests: a switch and a button that do something. */
export const SWITCHES = `
input_boolean:
  front_power:
    initial: true
template:
  - switch:
      - name: Front power
        state: "{{ is_state('input_boolean.front_power', 'on') }}"
        turn_on: {action: input_boolean.turn_on, target: {entity_id: input_boolean.front_power}}
        turn_off: {action: input_boolean.turn_off, target: {entity_id: input_boolean.front_power}}
  - button:
      - name: Front restart
        press: [{action: input_boolean.turn_on, target: {entity_id: input_boolean.front_power}}]
`;

const { signal } = new AbortController();

/** Home Assistant as a source and as a hand: our adapters at a real Core, by its own address and through its Supervisor. */
export function sourceAndHandTests(core: () => Core, supervised: () => FakeSupervisor): void {
  const link = (url: string, token: string): HomeAssistantLink => {
    const made = new HomeAssistantLink({ url, token: new Secret(token) }, createSystemClock());
    onTestFinished(() => made.close());
    return made;
  };
  const direct = (): HomeAssistantLink => link(core().url, core().token);
  const hosted = (): HomeAssistantLink => link(`${supervised().url}/core`, supervised().token);

  describe("the addresses that Home Assistant sees", () => {
    test.each([
      ["by its own address", direct],
      ["through the Supervisor", hosted],
    ])("are told as it sees them: %s", async (way, make) => {
      const told: Sighting[] = [];
      const stop = new AbortController();
      const feed = new DhcpFeed(make(), createSystemClock(), () => 0);
      let isUp = false;
      const watching = feed
        .watch(
          (sighting) => void told.push(sighting),
          () => (isUp = true),
          stop.signal,
        )
        .catch((error: unknown) => error);
      onTestFinished(async () => {
        stop.abort();
        await watching;
      });
      await eventually("the feed", () => isUp);
      const host = way.length;
      const attributes = { source_type: "router", ip: `192.168.50.${host}`, mac: `0C:79:55:4B:D5:${host}`, host_name: "cam" };
      await core().client().rest("POST", `/api/states/device_tracker.seen_${host}`, { state: "home", attributes });
      const seen = await eventually("the address", () => told.find(({ address }) => address === attributes.ip));
      expect(seen).toMatchObject({ layer: "home_assistant", mac: parseMac(attributes.mac), hostName: "cam" });
    });

    test("come with the names that its devices have, and a token of its own owner may see them", async () => {
      const one = direct();
      const devices = await new DeviceRegistry(one).list(signal);
      const mac = parseMac("0c:79:55:4b:d4:2a");
      expect(mac === undefined ? undefined : devices.get(mac)?.name).toBe("Front door");
      expect(await new HomeAssistantExamination(one).examine(signal)).toEqual({ version: "2026.11.0", isAdministrator: true });
    });

    test("are not told to a wrong token, nor by a command that is not there: said in words", async () => {
      expect(await failureOf(link(core().url, "wrong").session(signal))).toMatchObject({ kind: "login", message: "it refuses the token" });
      const session = await direct().session(signal);
      expect(await failureOf(session.call({ type: "no/such" }, signal))).toMatchObject({
        kind: "refused",
        message: "it does not know no/such: the integration is not loaded there",
      });
    });
  });

  describe("its persistent notifications, as a board", () => {
    boardContract(() => Promise.resolve(new PersistentNotifications(hosted(), "0123abcd")));

    test("show a text from the network as it is, and no template of it", async () => {
      const board = new PersistentNotifications(direct(), "0123abcd");
      await board.put("x", { title: "{{ 1 + 1 }}", message: "{{ states }} {% for %} [a](http://b)", nextStep: "" }, signal);
      const shown = await core()
        .client()
        .command<readonly { readonly title: string; readonly message: string }[]>("persistent_notification/get");
      expect(shown.filter(({ title }) => title.includes("1 + 1"))).toMatchObject([
        { title: "{ { 1 + 1 }}", message: "\\{\\{ states \\}\\} \\{\\% for \\%\\} \\[a\\]\\(http://b\\)" },
      ]);
      await board.remove("x", signal);
    });
  });

  test("restarts an app for us, as the Supervisor is asked by it; one that is not installed is not said to be restarted", async () => {
    const { url, token, state, requests } = supervised();
    state.apps = [{ slug: "ccab4aaf_frigate", name: "Frigate", version: "0.17.2", state: "started" }];
    onTestFinished(() => void (state.apps = []));
    const supervisor = new HttpSupervisor({ url, token: new Secret(token), clock: createSystemClock() });
    await supervisor.restart("ccab4aaf_frigate", signal);
    const restarts = requests.filter(({ path }) => path.endsWith("/restart"));
    expect(restarts).toMatchObject([{ method: "POST", path: "/addons/ccab4aaf_frigate/restart", status: 200 }]);
    expect(await failureOf(supervisor.restart("ccab4aaf_other", signal))).toMatchObject({
      reason: "SupervisorRefuses",
      message: expect.stringMatching(/did not restart ccab4aaf_other \(500: .*does not exist/),
    });
  });

  describe("its switches", () => {
    powerContract(() => {
      const until = async (name: string, state: string): Promise<void> => {
        await eventually(`${name} to be ${state}`, async () => (await core().client().state(name))?.state === state);
      };
      return Promise.resolve({
        power: new PowerEntities(hosted()),
        switchName: "switch.front_power",
        buttonName: "button.front_restart",
        until,
      });
    });
  });
}
