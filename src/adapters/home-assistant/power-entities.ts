import { z } from "zod";
import { type PowerControl, PowerError } from "../../ports/power.ts";
import { unlessAborted } from "../../runtime/unless-aborted.ts";
import type { HomeAssistantError } from "./failure.ts";
import type { HomeAssistantLink } from "./link.ts";

/** What `subscribe_entities` tells first (home-assistant/core: homeassistant/components/websocket_api/messages.py, compressed states). */
const First = z.object({ a: z.record(z.string(), z.object({ s: z.string() })).optional() });

/** Entities `switch.…` and `button.…` of Home Assistant. */
export class PowerEntities implements PowerControl {
  readonly #link: HomeAssistantLink;

  constructor(link: HomeAssistantLink) {
    this.#link = link;
  }

  get place(): string {
    return "Home Assistant";
  }

  state(name: string, signal: AbortSignal): ReturnType<PowerControl["state"]> {
    return this.#link.use(failed, signal, async (session) => {
      const told = Promise.withResolvers<unknown>();
      const unsubscribe = await session.subscribe({ type: "subscribe_entities", entity_ids: [name] }, told.resolve, signal);
      try {
        // The first event follows the answer at once.
        const event = First.safeParse(await unlessAborted(told.promise, AbortSignal.any([signal, session.lost])));
        const state = event.data?.a?.[name]?.s;
        if (state === undefined) return "absent";
        return state === "off" || state === "unavailable" ? state : "on";
      } finally {
        unsubscribe();
      }
    });
  }

  switchOff(name: string, signal: AbortSignal): Promise<void> {
    return this.#call(name, "switch", "turn_off", signal);
  }

  switchOn(name: string, signal: AbortSignal): Promise<void> {
    return this.#call(name, "switch", "turn_on", signal);
  }

  press(name: string, signal: AbortSignal): Promise<void> {
    return this.#call(name, "button", "press", signal);
  }

  #call(name: string, domain: string, service: string, signal: AbortSignal): Promise<void> {
    const command = { type: "call_service", domain, service, target: { entity_id: name } };
    return this.#link.use(failed, signal, async (session) => void (await session.call(command, signal)));
  }
}

function failed(cause: HomeAssistantError): PowerError {
  return new PowerError(cause.message, { cause });
}
