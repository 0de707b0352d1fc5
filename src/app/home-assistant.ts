import { DeviceRegistry } from "../adapters/home-assistant/device-registry.ts";
import { DhcpFeed } from "../adapters/home-assistant/dhcp-feed.ts";
import { HomeAssistantExamination } from "../adapters/home-assistant/facts.ts";
import { HomeAssistantLink } from "../adapters/home-assistant/link.ts";
import { PowerEntities } from "../adapters/home-assistant/power-entities.ts";
import { PersistentNotifications } from "../adapters/home-assistant/persistent-notifications.ts";
import type { HomeAssistantAccess } from "../adapters/home-assistant/socket.ts";
import type { OptionFiles } from "../config/option-files.ts";
import type { Options } from "../config/options.ts";
import { supervisorAddress } from "../config/supervisor-address.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { HomeAssistantFacts } from "../ports/home-assistant-facts.ts";
import type { KnownDevices } from "../ports/known-devices.ts";
import type { Board } from "../ports/notifier.ts";
import type { PowerControl } from "../ports/power.ts";
import type { SightingSource } from "../ports/sightings.ts";

/** What Home Assistant is to this program. Nothing is opened before something asks. */
export interface HomeAssistantParts {
  readonly sources: readonly SightingSource[];
  readonly facts?: HomeAssistantFacts;
  readonly known?: KnownDevices;
  readonly power?: PowerControl;
  /** @param owner tells what this installation hangs up from what another does */
  readonly board?: (owner: string) => Board;
  close(): void;
}

export function homeAssistantOf(
  options: Options,
  environment: OptionFiles["environment"],
  clock: Clock,
  random: Random,
): HomeAssistantParts {
  const access = accessOf(options.home_assistant, environment);
  if (access === undefined) return { sources: [], close: () => undefined };
  const link = new HomeAssistantLink(access, clock);
  return {
    sources: options.network.layers.home_assistant ? [new DhcpFeed(link, clock, random)] : [],
    ...(options.home_assistant.notifications ? { board: (owner: string) => new PersistentNotifications(link, owner) } : {}),
    power: new PowerEntities(link),
    known: new DeviceRegistry(link),
    facts: new HomeAssistantExamination(link),
    close: () => link.close(),
  };
}

function accessOf({ url, token }: Options["home_assistant"], environment: OptionFiles["environment"]): HomeAssistantAccess | undefined {
  if (url === "none") return undefined;
  if (url !== undefined && token !== undefined) return { url, token };
  const supervisor = supervisorAddress(environment);
  return supervisor === undefined ? undefined : { url: `${supervisor.url}/core`, token: supervisor.token };
}
