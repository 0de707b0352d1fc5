import { z } from "zod";
import { backoffDelay, type BackoffPolicy } from "../../runtime/backoff.ts";
import { type IpAddress, isHostAddress, type MacAddress, parseIp, parseMac } from "../../domain/addresses.ts";
import { type Duration, milliseconds, seconds } from "../../domain/duration.ts";
import type { Sighting } from "../../domain/sighting.ts";
import type { Clock, Random } from "../../ports/clock.ts";
import { LayerUnavailable, type SightingSource } from "../../ports/sightings.ts";
import { unlessAborted } from "../../runtime/unless-aborted.ts";
import { HomeAssistantError } from "./failure.ts";
import type { HomeAssistantLink } from "./link.ts";

/** So many entries of one message are read, and so many devices remembered. */
const MOST = 4096;
const LONGEST_NAME = 253;
/** Core takes half a minute to start, and longer on slow machines. */
const PAUSES: BackoffPolicy = { initial: seconds(2), factor: 2, max: seconds(60), jitter: 0.25 };

const Entry = z.object({ mac_address: z.string(), ip_address: z.string(), hostname: z.string().optional().catch(undefined) });
const Event = z.object({ add: z.array(z.unknown()) });

/**
 * Tells what Home Assistant sees of addresses: DHCP requests that it heard, routers that it is connected to, its hourly scan
 * (`dhcp/subscribe_discovery`; home-assistant/core: homeassistant/components/dhcp/websocket_api.py). The first message is everything it knows; of that
 * only what was not told before is told.
 */
export class DhcpFeed implements SightingSource {
  readonly layer = "home_assistant";
  readonly tellsAtOnce = true;
  readonly #link: HomeAssistantLink;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #told = new Map<MacAddress, IpAddress>();
  #failures = 0;

  constructor(link: HomeAssistantLink, clock: Clock, random: Random) {
    this.#link = link;
    this.#clock = clock;
    this.#random = random;
  }

  async watch(onSighting: (sighting: Sighting) => void, onReady: () => void, signal: AbortSignal): Promise<void> {
    try {
      const session = await this.#link.session(signal);
      let isFirst = true;
      const onEvent = (event: unknown): void => {
        this.#tell(event, isFirst, onSighting);
        isFirst = false;
      };
      const unsubscribe = await session.subscribe({ type: "dhcp/subscribe_discovery" }, onEvent, signal);
      this.#failures = 0;
      onReady();
      try {
        await unlessAborted(new Promise<never>(() => undefined), AbortSignal.any([signal, session.lost]));
      } finally {
        unsubscribe();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof HomeAssistantError)) throw error;
      throw new LayerUnavailable(
        this.layer,
        `${this.#link.place}: ${error.message}${error.kind === "login" ? "; make a new long-lived access token, and set home_assistant.token" : ""}`,
        this.#pause(error),
        { cause: error },
      );
    }
  }

  /** What the desk is told is only what it does not know from here; a later change is always told. */
  #tell(event: unknown, isFirst: boolean, onSighting: (sighting: Sighting) => void): void {
    const read = Event.safeParse(event);
    if (!read.success) return;
    for (const one of read.data.add.slice(0, MOST)) {
      const entry = Entry.safeParse(one).data;
      const [mac, address] = [parseMac(entry?.mac_address ?? ""), parseIp(entry?.ip_address ?? "")];
      if (mac === undefined || address === undefined || !isHostAddress(address)) continue;
      if (isFirst && this.#told.get(mac) === address) continue;
      this.#told.delete(mac);
      this.#told.set(mac, address);
      const [oldest] = this.#told.keys();
      if (this.#told.size > MOST && oldest !== undefined) this.#told.delete(oldest);
      const hostName = (entry?.hostname ?? "").slice(0, LONGEST_NAME);
      onSighting({ layer: this.layer, mac, address, at: this.#clock.now(), ...(hostName === "" ? {} : { hostName }) });
    }
  }

  #pause(error: HomeAssistantError): Duration {
    this.#failures = Math.min(10, this.#failures + 1);
    // What was refused stays refused until a person changes it there.
    const least = error.kind === "refused" ? PAUSES.max * 10 : this.#link.pause;
    return milliseconds(Math.max(least, backoffDelay(PAUSES, this.#failures, this.#random)));
  }
}
