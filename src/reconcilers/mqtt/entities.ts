import { BRIDGE_ENTITIES, type BridgeFacts } from "../../domain/entities/bridge-entities.ts";
import { CAMERA_ENTITIES, type CameraFacts } from "../../domain/entities/camera-entities.ts";
import {
  announceBridge,
  announceCamera,
  type Announcement,
  bridgeStateTopic,
  cameraConfigTopic,
  cameraTopic,
  type Naming,
  statusTopic,
} from "../../domain/entities/discovery.ts";
import { EXPIRES_AFTER_SECONDS, statesOf } from "../../domain/entities/entity.ts";
import { type EventMemory, followEvents, type HomeEvent, NO_EVENTS } from "../../domain/entities/home-event.ts";
import { type Duration, type Instant, milliseconds, seconds } from "../../domain/duration.ts";
import type { Surface } from "../../domain/next-step.ts";
import type { Notice } from "../../domain/notice.ts";
import type { Clock, Random } from "../../ports/clock.ts";
import type { HomeView } from "../../ports/home-view.ts";
import type { Incoming } from "../../ports/publisher.ts";
import type { Watcher } from "../../ports/watcher.ts";
import { Alarm } from "../../runtime/alarm.ts";
import type { Announced } from "./announced.ts";
import type { LinkClient, LinkSession } from "./broker-link.ts";
import { EventQueue, type MakeEvent } from "./event-queue.ts";
import { type Facts, keepTexts, keptTexts } from "./kept-texts.ts";
import { Removals } from "./removals.ts";

/** What changes without a word, such as the age of a problem's cause, is found this late. Nothing is published where nothing changed. */
const LOOK_EVERY = seconds(5);
/** A heal is told in several notices within a moment: one message is made of them. */
const TOGETHER = milliseconds(200);
/** Home Assistant is not answered in the very moment in which it starts, when everybody answers it. */
const BIRTH_PAUSE = milliseconds(500);
/** How long Home Assistant has to set up what was announced before it is told of events. */
const SETTING_UP = seconds(2);
/** What expires is published anew twice before it does. */
const FRESH_FOR = seconds(EXPIRES_AFTER_SECONDS / 3);
/** The fact that lists the streams of which it was said that they are lost. */
const LOST = "mqtt_lost";
/** So many messages are on their way at once. */
const AT_ONCE = 16;

export interface EntitiesParts {
  readonly naming: Naming;
  readonly view: Pick<HomeView, "cameras" | "ownerOf" | "conditions" | "notReady" | "pending" | "isComplete" | "resyncedAt">;
  readonly announced: Announced;
  /** What people who read them can ask by. */
  readonly surface: Surface;
  readonly facts: Facts;
  readonly clock: Clock;
  readonly random: Random;
}

/** Notices after which something was synchronised. */
const SYNCED: ReadonlySet<Notice["kind"]> = new Set([
  "moved",
  "document-written",
  "undone",
  "rolled-back",
  "frames",
  "unwatched",
  "released",
]);

/**
 * Shows the home as devices and entities of Home Assistant. What should be retained at the broker is compared with what was published in this session, and
 * only the difference is published, and what would expire.
 */
export class Entities implements LinkClient, Watcher {
  readonly subscriptions: readonly string[];
  readonly mayBeRefused: readonly string[];
  readonly #parts: EntitiesParts;
  /** Topics at which Home Assistant says that it is there. */
  readonly #births: ReadonlySet<string>;
  readonly #events: EventQueue;
  readonly #removals: Removals;
  readonly #alarm = new Alarm();
  /** What stands at the broker, as far as this session published it: by topic, what the payload was made of. */
  readonly #published = new Map<string, { readonly of: string; readonly at: Duration }>();
  #memory: EventMemory;
  #isRung = false;
  /** A Home Assistant started, and was not answered yet. */
  #isBorn = false;
  /** One said goodbye since one started last. */
  #isGone = false;
  #syncedAt: Instant | undefined;
  #lastEvent = 0;

  constructor(parts: EntitiesParts) {
    this.#parts = parts;
    // A stream that was lost when the program ended comes back to a program that did not see it go.
    this.#memory = { ...NO_EVENTS, lost: keptTexts(parts.facts, LOST) };
    this.#removals = new Removals(parts);
    this.#events = new EventQueue(`${parts.naming.base}/bridge/event`);
    // The topic of Home Assistant's birth stays the same when only its discovery prefix is changed.
    this.#births = new Set([`${parts.naming.discoveryPrefix}/status`, "homeassistant/status"]);
    this.mayBeRefused = this.#removals.subscriptions;
    this.subscriptions = [...this.#births, ...this.mayBeRefused];
  }

  notice(notice: Notice): void {
    const { view, clock } = this.#parts;
    if (SYNCED.has(notice.kind)) this.#syncedAt = clock.now();
    const { memory, event } = followEvents(this.#memory, notice, (subject) => view.ownerOf(subject));
    if (memory.lost !== this.#memory.lost) keepTexts(this.#parts.facts, LOST, memory.lost);
    this.#memory = memory;
    if (notice.kind === "forgotten") this.#removals.forget(notice.device);
    if (event !== undefined) this.#events.add(this.#eventMessage(event), clock.monotonic());
    this.#ring();
  }

  evidence(): void {
    // Nothing of it is shown.
  }

  restart(): void {
    // Nothing of it is shown.
  }

  onMessage({ topic, payload }: Incoming): void {
    const word = new TextDecoder().decode(payload);
    this.#removals.onMessage(topic, word);
    if (!this.#births.has(topic)) return;
    if (word === "online") {
      this.#isBorn = true;
      this.#isGone = false;
      this.#ring();
    } else if (word === "offline") {
      this.#isBorn = false;
      this.#isGone = true;
      this.#events.gone();
    }
  }

  async onSession(session: LinkSession, signal: AbortSignal): Promise<void> {
    this.#published.clear();
    this.#removals.begin();
    this.#events.begin(this.#parts.clock.monotonic());
    try {
      await this.#keepShown(session, signal);
    } finally {
      this.#isBorn = false;
    }
  }

  async #keepShown(session: LinkSession, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#parts;
    for (;;) {
      this.#isRung = false;
      const isBirth = this.#isBorn;
      this.#isBorn = false;
      if (isBirth) {
        await clock.wait("home assistant starts", milliseconds(BIRTH_PAUSE * (1 + random())), signal);
        this.#published.clear();
      }
      await this.#publish(session, signal);
      if (isBirth) {
        await clock.wait("home assistant sets up", SETTING_UP, signal);
        this.#events.born();
        if (this.#isGone) this.#events.gone();
      }
      await this.#events.flush(session, clock.monotonic(), signal);
      if (!this.#isRung) await this.#alarm.sleep(clock, "mqtt entities", LOOK_EVERY, signal);
      if (this.#isRung) await clock.wait("mqtt entities together", TOGETHER, signal);
    }
  }

  #ring(): void {
    this.#isRung = true;
    this.#alarm.ring();
  }

  /** Publishes what is not at the broker yet, the bridge first, and removes what is not wanted there any more. */
  async #publish(session: LinkSession, signal: AbortSignal): Promise<void> {
    const { naming, view, announced, clock } = this.#parts;
    const cameras = view.cameras();
    const wanted = [...this.#bridge(), ...cameras.flatMap((camera) => this.#camera(camera))];
    announced.add([statusTopic(naming.base), ...wanted.map(({ topic }) => topic)]);
    const isDue = ({ topic, of, expires }: Wanted): boolean => {
      const published = this.#published.get(topic);
      return published?.of !== of || (expires === true && clock.monotonic() - published.at >= FRESH_FOR);
    };
    const changed = wanted.filter(isDue);
    const put = async (message: Wanted): Promise<void> => {
      await session.publish({ ...message.make(), retain: true }, signal);
      this.#published.set(message.topic, { of: message.of, at: clock.monotonic() });
    };
    const [first] = changed;
    if (first?.topic === announceBridge(naming).topic) await put(first);
    const rest = changed.filter(isDue);
    for (let index = 0; index < rest.length; index += AT_ONCE) await Promise.all(rest.slice(index, index + AT_ONCE).map(put));
    await this.#remove(this.#kept(wanted, cameras), session, signal);
  }

  /** Every topic at which something of ours may stand, whoever publishes it. */
  #kept(wanted: readonly Wanted[], cameras: readonly Pick<CameraFacts, "id">[]): ReadonlySet<string> {
    const { naming } = this.#parts;
    const others = naming.parts.has("pictures") ? (["binding", "picture"] as const) : (["binding"] as const);
    const ofCameras = cameras.flatMap(({ id }) => others.map((what) => cameraTopic(naming, id, what)));
    return new Set([statusTopic(naming.base), ...wanted.map(({ topic }) => topic), ...ofCameras]);
  }

  /** Empties the topics that are wanted no longer. */
  async #remove(wanted: ReadonlySet<string>, session: LinkSession, signal: AbortSignal): Promise<void> {
    const gone = this.#removals.due(wanted);
    for (const topic of gone) {
      await session.publish({ topic, payload: "", retain: true }, signal);
      this.#published.delete(topic);
    }
    this.#removals.done(gone);
  }

  /** Each has a number above those before it, by which Home Assistant knows what it has already. */
  #eventMessage({ type, camera, details }: HomeEvent): MakeEvent {
    const { naming, clock } = this.#parts;
    const at = clock.now();
    this.#lastEvent = Math.max(this.#lastEvent + 1, at);
    const event = { event_type: type, camera, at: new Date(at).toISOString(), ...details, id: this.#lastEvent };
    const topic = cameraTopic(naming, camera, "event");
    return (again) => ({ topic, payload: JSON.stringify(again === undefined ? event : { ...event, again }), retain: false });
  }

  #bridge(): readonly Wanted[] {
    const { naming } = this.#parts;
    const config = announceBridge(naming);
    const state = JSON.stringify(statesOf(BRIDGE_ENTITIES, this.#bridgeFacts()));
    return [{ topic: config.topic, of: naming.version, make: () => config }, stateMessage(bridgeStateTopic(naming), state)];
  }

  #camera(camera: Omit<CameraFacts, "surface">): readonly Wanted[] {
    const { naming, surface } = this.#parts;
    const { id, title, macs, proved, conditions } = camera;
    const isLookedAt = proved || conditions.some(({ subject }) => subject === `device/${id}`);
    const state = { availability: isLookedAt ? "online" : "offline", ...statesOf(CAMERA_ENTITIES, { ...camera, surface }) };
    return [
      { topic: cameraConfigTopic(naming, id), of: `${title} ${macs.join(" ")}`, make: () => announceCamera(naming, camera) },
      { ...stateMessage(cameraTopic(naming, id, "state"), JSON.stringify(state)), expires: true },
    ];
  }

  #bridgeFacts(): BridgeFacts {
    const { view, clock, surface } = this.#parts;
    const isReady = view.notReady().length === 0;
    // To have found everything right is a sync, too: there is always one to show.
    if (isReady) this.#syncedAt ??= clock.now();
    const asked = view.resyncedAt();
    const lastSync = [asked, this.#syncedAt].filter((at) => at !== undefined).toSorted((one, other) => other - one)[0];
    return {
      isReady,
      conditions: view.conditions(),
      pending: view.pending(),
      surface,
      ...(lastSync === undefined ? {} : { lastSync }),
    };
  }
}

/** A message that should stand at the broker. Announcements are long and change rarely: they are made only when they are published. */
interface Wanted {
  readonly topic: string;
  /** What it is made of: the same, as long as the message is. */
  readonly of: string;
  /** Entities that stand on it expire. */
  readonly expires?: true;
  readonly make: () => Announcement;
}

function stateMessage(topic: string, payload: string): Wanted {
  return { topic, of: payload, make: () => ({ topic, payload }) };
}
