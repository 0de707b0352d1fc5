import { z } from "zod";
import { type MacAddress, parseMac } from "../../domain/addresses.ts";
import { list } from "../../domain/plain.ts";
import type { KnownDevice, KnownDevices } from "../../ports/known-devices.ts";
import type { HomeAssistantLink } from "./link.ts";

const MOST = 20_000;
const LONGEST = 100;

const Text = z.string().nullish().catch(undefined);
/** Child devices (from 2026.9 on) lack most keys, so each is read by itself. */
const Entry = z.object({
  connections: z.array(z.unknown()).catch([]),
  name: Text,
  name_by_user: Text,
  manufacturer: Text,
  model: Text,
});

/**
 * The devices of Home Assistant that have a MAC address (`config/device_registry/list`; home-assistant/core:
 * homeassistant/components/config/device_registry.py). From 2026.8 on several integrations have a device each with the same one.
 */
export class DeviceRegistry implements KnownDevices {
  readonly #link: HomeAssistantLink;

  constructor(link: HomeAssistantLink) {
    this.#link = link;
  }

  async list(signal: AbortSignal): Promise<ReadonlyMap<MacAddress, KnownDevice>> {
    const session = await this.#link.session(signal);
    const answer = await session.call({ type: "config/device_registry/list" }, signal);
    const devices = new Map<MacAddress, KnownDevice>();
    for (const one of list(answer).slice(0, MOST)) {
      const entry = Entry.safeParse(one).data;
      if (entry === undefined) continue;
      const { manufacturer, model, name_by_user: given, name } = entry;
      for (const mac of entry.connections.flatMap(macOf)) {
        const before = devices.get(mac);
        // A name that a person gave counts before one that an integration made up.
        const called = textOf(given) ?? before?.name ?? textOf(name);
        const known = { name: called, manufacturer: before?.manufacturer ?? textOf(manufacturer), model: before?.model ?? textOf(model) };
        devices.set(mac, Object.fromEntries(Object.entries(known).filter(([, text]) => text !== undefined)));
      }
    }
    return devices;
  }
}

function macOf(connection: unknown): readonly MacAddress[] {
  if (!Array.isArray(connection) || connection[0] !== "mac" || typeof connection[1] !== "string") return [];
  return [parseMac(connection[1]) ?? []].flat();
}

function textOf(text: string | null | undefined): string | undefined {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? undefined : trimmed.slice(0, LONGEST);
}
