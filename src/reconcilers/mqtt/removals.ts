import type { Condition } from "../../domain/condition.ts";
import type { DeviceId } from "../../domain/camera.ts";
import { type Duration, minutes, seconds } from "../../domain/duration.ts";
import { cameraConfigTopic, cameraTopic, type Naming, statusTopic } from "../../domain/entities/discovery.ts";
import { baseObject } from "../../domain/mqtt-topics.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { Clock } from "../../ports/clock.ts";
import type { HomeView } from "../../ports/home-view.ts";
import type { Announced } from "./announced.ts";

/**
 * A camera that no document names is given up after so long, while every document can be read, and is read again and again. A half-written file may be
 * good YAML, and whoever writes it may take a break; a device that is removed takes names, rooms and automations with it.
 */
const GONE_FOR = minutes(5);
/** A broker has sent what it kept by then. */
const KEPT_WITHIN = seconds(2);
/** Troubles of a document that could be read. */
const UNWRITTEN: ReadonlySet<ReasonCode> = new Set(["NeedsApproval", "RestartRolledBack", "RewriteNotProved"]);

export interface RemovalsParts {
  readonly naming: Naming;
  readonly view: Pick<HomeView, "conditions" | "isComplete">;
  readonly announced: Announced;
  readonly clock: Clock;
}

/**
 * Which of the topics that something of ours is retained at are to be emptied. Those of cameras wait, in case the documents say less than they should;
 * what a person decided goes at once: a camera that was forgotten, pictures that were switched off, another `mqtt.base`.
 */
export class Removals {
  /** Where it shows whether somebody else lives under a base that was ours. */
  readonly subscriptions: readonly string[];
  readonly #parts: RemovalsParts;
  readonly #formerBases: readonly string[];
  /** What its status says, by base. */
  readonly #words = new Map<string, string>();
  readonly #forgotten = new Set<string>();
  /** Since when a topic is not wanted: monotonic. */
  readonly #missingSince = new Map<string, Duration>();
  #sessionAt: Duration | undefined;

  constructor(parts: RemovalsParts) {
    this.#parts = parts;
    this.#formerBases = formerBasesOf(parts.announced.topics, parts.naming.base);
    this.subscriptions = this.#formerBases.map(statusTopic);
  }

  /** A connection stands. What the broker had kept may have come already. */
  begin(): void {
    this.#sessionAt = this.#parts.clock.monotonic();
  }

  onMessage(topic: string, word: string): void {
    const base = this.#formerBases.find((one) => statusTopic(one) === topic);
    if (base !== undefined) this.#words.set(base, word);
  }

  /** A person said that the camera is gone for good. */
  forget(camera: DeviceId): void {
    const { naming } = this.#parts;
    for (const topic of topicsOf(naming, camera)) this.#forgotten.add(topic);
  }

  /**
   * Topics to be emptied now.
   * @param kept the topics that are wanted
   */
  due(kept: ReadonlySet<string>): readonly string[] {
    const { announced } = this.#parts;
    for (const topic of kept) this.#forgotten.delete(topic);
    const unwanted = [...announced.topics].filter((topic) => !kept.has(topic));
    const left = unwanted.filter((topic) => this.#isOfSomebodyElse(topic));
    announced.remove(left);
    const ours = unwanted.filter((topic) => !left.includes(topic) && !this.#isSilent(topic));
    const decided = ours.filter((topic) => this.#isDecided(topic));
    const all = [...decided, ...this.#longGone(ours.filter((topic) => !decided.includes(topic)))];
    // A former base's status goes last: as long as anything is left there, it tells that nobody lives there.
    return all.toSorted((one, other) => Number(isStatus(one)) - Number(isStatus(other)));
  }

  /** They were emptied. */
  done(topics: readonly string[]): void {
    for (const topic of topics) {
      this.#missingSince.delete(topic);
      this.#forgotten.delete(topic);
    }
    this.#parts.announced.remove(topics);
  }

  #longGone(unwanted: readonly string[]): readonly string[] {
    const { view, clock } = this.#parts;
    const isSure = view.isComplete() && !view.conditions().some(isReadingProblem);
    for (const topic of this.#missingSince.keys()) if (!isSure || !unwanted.includes(topic)) this.#missingSince.delete(topic);
    if (!isSure) return [];
    const now = clock.monotonic();
    return unwanted.filter((topic) => {
      const since = this.#missingSince.get(topic) ?? now;
      this.#missingSince.set(topic, since);
      return now - since >= GONE_FOR;
    });
  }

  #isDecided(topic: string): boolean {
    const { naming } = this.#parts;
    if (this.#forgotten.has(topic)) return true;
    const base = this.#formerBaseOf(topic);
    if (base !== undefined) return this.#isListenedLong();
    return !naming.parts.has("pictures") && topic.startsWith(`${naming.base}/`) && topic.endsWith("/picture");
  }

  /** Another copy of the program goes on under a base that was ours as well: what stands there is its own. */
  #isOfSomebodyElse(topic: string): boolean {
    const base = this.#formerBaseOf(topic);
    return base !== undefined && this.#isListenedLong() && this.#words.get(base) === "online";
  }

  /** Nothing was heard of a former base, perhaps because we may not read there: nobody knows who lives there. */
  #isSilent(topic: string): boolean {
    const base = this.#formerBaseOf(topic);
    return base !== undefined && !this.#words.has(base);
  }

  #isListenedLong(): boolean {
    return this.#sessionAt !== undefined && this.#parts.clock.monotonic() - this.#sessionAt >= KEPT_WITHIN;
  }

  #formerBaseOf(topic: string): string | undefined {
    const { base } = this.#parts.naming;
    const of = (one: string): boolean => topic.startsWith(`${one}/`) || topic.includes(`/device/${baseObject(one)}_`);
    // One base may begin as another does: `home` and `home/shed`.
    const longest = [base, ...this.#formerBases].filter(of).toSorted((one, other) => other.length - one.length)[0];
    return longest === base ? undefined : longest;
  }
}

/** Each base that the program had has its status among what was announced. */
function formerBasesOf(topics: ReadonlySet<string>, base: string): readonly string[] {
  const all = [...topics].flatMap((topic) => (isStatus(topic) ? [topic.slice(0, -"/status".length)] : []));
  return all.filter((one) => one !== base);
}

/** No topic of a camera ends so. */
function isStatus(topic: string): boolean {
  return topic.endsWith("/status");
}

/** Every topic at which something of a camera may be retained. */
function topicsOf(naming: Naming, camera: DeviceId): readonly string[] {
  const own = (["state", "picture", "binding"] as const).map((what) => cameraTopic(naming, camera, what));
  return [cameraConfigTopic(naming, camera), ...own];
}

/** Whether a document may say less than it should. One that was read and is only not written says all. */
function isReadingProblem({ subject, status, reason }: Condition): boolean {
  return status === "problem" && /^target\/[^/]+$/.test(subject) && !UNWRITTEN.has(reason);
}
