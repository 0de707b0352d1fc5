import { describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { HttpSupervisor } from "../../src/adapters/supervisor/http-supervisor.ts";
import { checkSupervisor, type SupervisorChecked } from "../../src/commands/check-supervisor.ts";
import { Secret } from "../../src/config/secret.ts";
import { startFakeSupervisor, type FakeSupervisorOptions } from "../fakes/fake-supervisor.ts";
import { MOSQUITTO } from "../fakes/supervisor-state.ts";

const { signal } = new AbortController();

/** The lines of a Home Assistant in this state. */
async function lines(state: FakeSupervisorOptions["state"], known: Partial<SupervisorChecked> = {}): Promise<readonly string[]> {
  await using fake = await startFakeSupervisor(state === undefined ? {} : { state });
  const supervisor = new HttpSupervisor({ url: fake.url, token: new Secret(fake.token), clock: createSystemClock() });
  const items = await checkSupervisor({ supervisor, frigates: [], ...known }).gather(signal);
  return items.map(({ part, state: how, found, nextStep = "" }) => `${how} ${part}: ${found}${nextStep === "" ? "" : ` → ${nextStep}`}`);
}

const app = (slug: string, state: "started" | "stopped") => ({ slug, name: slug, version: "1", state });

describe("check, of Home Assistant", () => {
  it("tells the apps, the broker and the page", async () => {
    const apps = [app("ccab4aaf_frigate", "stopped"), app("ccab4aaf_frigate-fa", "started"), app("core_mosquitto", "started")];
    const file = "/app_configs/ccab4aaf_frigate-fa/config.yml";
    expect(await lines({ mqtt: MOSQUITTO, apps }, { folder: "/app_configs", frigates: [{ slug: "ccab4aaf_frigate-fa", file }] })).toEqual([
      "ok Supervisor: answers; 3 apps installed",
      "ok app folders: mounted at /app_configs",
      "info app ccab4aaf_frigate: does not run: it is left alone",
      `ok app ccab4aaf_frigate-fa: runs; its configuration is ${file}`,
      "ok MQTT broker: offered by Home Assistant at core-mosquitto:1883, as addons",
      "ok page in Home Assistant: served at 172.30.32.1:62400",
    ]);
  });

  it("tells what is missing", async () => {
    expect(
      await lines({ apps: [app("ccab4aaf_frigate", "started")], self: { ip_address: "" } }, { frigates: [{ slug: "ccab4aaf_frigate" }] }),
    ).toEqual([
      "ok Supervisor: answers; 1 app installed",
      "less app folders: not mounted: Frigate's configuration is read and saved by its API",
      "ok app ccab4aaf_frigate: runs; looked after by its API",
      "info MQTT broker: no app offers one; install Mosquitto, or name yours under mqtt.url",
      "less page in Home Assistant: Home Assistant gives it no address",
    ]);
    expect(await lines({ apps: [app("ccab4aaf_frigate", "stopped")] }, { frigates: [{ slug: "ccab4aaf_frigate" }] })).toContain(
      "absent app ccab4aaf_frigate: does not run; looked after by its API → Start the app in Home Assistant, or uninstall it if it is not to come back.",
    );
    expect(await lines({})).toContain("info Frigate app: none is installed; name a Frigate elsewhere under frigate.url");
  });

  it("tells a Supervisor that does not answer, and one that does not let us ask", async () => {
    expect(await lines({ failing: 502 })).toEqual([
      "absent Supervisor: Home Assistant's Supervisor cannot answer /supervisor/info now (502)",
    ]);
    expect(await lines({ hassioApi: false, mqttWanted: false })).toContain(
      "act Supervisor: Home Assistant's Supervisor does not let this app read /supervisor/info (403) → Restart the app; where that does not help, update or reinstall it.",
    );
  });

  it("tells nothing elsewhere", async () => {
    expect(await checkSupervisor(undefined).gather(signal)).toEqual([]);
  });
});
