import { minutes, seconds } from "../../domain/duration.ts";
import { topicName } from "../../domain/mqtt-topics.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Registry } from "../../ports/registry.ts";
import type { Watcher } from "../../ports/watcher.ts";
import { Alarm } from "../../runtime/alarm.ts";
import type { Fleet } from "../fleet.ts";
import type { Announced } from "./announced.ts";
import { bindingText } from "./binding-message.ts";
import type { LinkClient, LinkSession } from "./broker-link.ts";

export interface ToldBindingsParts {
  readonly base: string;
  /** Names this installation among several. */
  readonly origin: string;
  readonly fleet: Pick<Fleet, "devices" | "settled">;
  readonly registry: Pick<Registry, "device" | "consents">;
  /** Its topics are emptied by whoever removes what is wanted no longer. */
  readonly announced: Announced;
  readonly clock: Clock;
}

/** A change is told after so long, together with those that come with it. */
const QUIET = seconds(1);
/** Looked at so often even where nothing was noticed. */
const LOOK = minutes(1);

/**
 * Tells other copies of the program where each camera was proved to be: one retained message a camera, published when address or identity
 * change.
 */
export class ToldBindings implements LinkClient, Watcher {
  readonly subscriptions = [];
  readonly #parts: ToldBindingsParts;
  readonly #alarm = new Alarm();
  #isNews = false;

  constructor(parts: ToldBindingsParts) {
    this.#parts = parts;
  }

  notice(): void {
    this.#isNews = true;
    this.#alarm.ring();
  }

  evidence(): void {
    this.notice();
  }

  restart(): void {
    // Moves no camera.
  }

  onMessage(): void {
    // Nothing is listened to.
  }

  async onSession(session: LinkSession, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const published = new Map<string, string>();
    while (!signal.aborted) {
      this.#isNews = false;
      await this.#publish(published, session, signal);
      if (!this.#isNews) await this.#alarm.sleep(clock, "binding to tell", LOOK, signal);
      await clock.wait("bindings together", QUIET, signal);
    }
  }

  async #publish(published: Map<string, string>, session: LinkSession, signal: AbortSignal): Promise<void> {
    const { base, origin, fleet, registry, announced } = this.#parts;
    for (const { id, title } of fleet.devices) {
      const record = registry.device(id);
      // A person undid its move: where it was put back to nobody proved it, and where it was proved nobody shall look for it.
      const isUndone = fleet.settled(id) === undefined && registry.consents.holds().some(({ device }) => device === id);
      const text = record === undefined ? undefined : isUndone ? "" : bindingText(record, origin, title);
      const topic = `${base}/${topicName(id)}/binding`;
      // Emptied while the camera was in no document: it has come back.
      if (!announced.topics.has(topic)) published.delete(topic);
      if (record === undefined || text === undefined || published.get(topic) === text) continue;
      const payload = isUndone ? "" : (bindingText(record, origin, title, record.verifiedAt) ?? text);
      announced.add([topic]);
      await session.publish({ topic, payload, retain: true }, signal);
      published.set(topic, text);
    }
  }
}
