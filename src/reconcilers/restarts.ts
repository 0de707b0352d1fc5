import { type Duration, milliseconds, minutes, seconds } from "../domain/duration.ts";
import { isPlaceOf, type RestartNeed } from "../domain/restart-needs.ts";
import { mayRestart, type RestartLimits } from "../domain/restart-policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { TargetName } from "../ports/config-target.ts";
import type { Registry } from "../ports/registry.ts";
import type { RestartRecord } from "../ports/restart-log.ts";
import { FrigateError, type RunningFrigate, type RunningState } from "../ports/running-frigate.ts";
import type { Status } from "../ports/status.ts";
import { type Outcome, Stalled, Waiting } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet, ReadDocument } from "./fleet.ts";
import { NeededRestarts, unsizedGone } from "./needed-restarts.ts";
import { stateOf } from "./state-of.ts";
import { putBack } from "./restart-undo.ts";
import type { UntoldStreams } from "./untold-streams.ts";
import { RefusedRestarts } from "./refused-restarts.ts";
import { backWithin, latestOf, RestartTimes } from "./restart-times.ts";
import { askedAgainWords, notUp, refusedWords, usesWords, whyWords } from "./restart-words.ts";

/** How often Frigate is looked at, and how often for a while after a camera moved. */
const CALM = minutes(1);
const SOON = seconds(3);
const AFTER_MOVE = minutes(2);
const RETRY = seconds(2);

export interface RestartsPorts {
  readonly fleet: Fleet;
  readonly frigates: readonly RunningFrigate[];
  readonly registry: Registry;
  readonly clock: Clock;
  readonly status: Status;
  readonly limits: RestartLimits;
  /** What its own go2rtc takes only when it starts. */
  readonly untold: Pick<UntoldStreams, "needsOf" | "spend">;
  /** Frigates that a person restarts. */
  readonly never: ReadonlySet<TargetName>;
  readonly dryRun: boolean;
  /** True where another copy of this program looks after the document. */
  readonly isForeign: (name: TargetName) => boolean;
}

/** What is awaited of one Frigate, by the clock that never jumps. */
interface Pending {
  readonly needs: string;
  readonly first: Duration;
  last: Duration;
}

/**
 * Brings into use what Frigate reads only when it starts: live where its version can, else by a restart, as seldom as `mayRestart` allows. What is
 * needed is read from Frigate and its document at each look; what was done is on record before it is done.
 */
export class Restarts implements Reconciler<TargetName> {
  readonly name = "restart";
  readonly #ports: RestartsPorts;
  readonly #pending = new Map<TargetName, Pending>();
  readonly #times: RestartTimes;
  readonly #lastMove = new Map<TargetName, Duration>();
  /** Live changes that were tried: they are not repeated, or Frigate would start its FFmpeg anew each time. */
  readonly #triedLive = new Set<string>();
  readonly #needed: NeededRestarts;
  /** Frigates that a call of ours made stop answering. */
  readonly #wentDown = new Set<TargetName>();
  readonly #underWay = new Set<TargetName>();
  readonly #refused: RefusedRestarts;
  /** Until when a restart is awaited that was asked for. Monotonic. */
  readonly #awaited = new Map<TargetName, Duration>();
  /** Why the text before a restart was put back, where it was told. */
  readonly #failed = new Map<TargetName, string>();

  constructor(ports: RestartsPorts) {
    this.#ports = ports;
    this.#times = new RestartTimes(ports.registry, ports.clock);
    this.#refused = new RefusedRestarts(ports.registry, ports.clock);
    this.#needed = new NeededRestarts(ports);
  }

  /** A camera moved: what is waited for before a restart begins anew. */
  noteMove(): void {
    const now = this.#ports.clock.monotonic();
    for (const { name } of this.#ports.frigates) {
      this.#lastMove.set(name, now);
      const pending = this.#pending.get(name);
      if (pending !== undefined) pending.last = now;
    }
  }

  /** True while a restart is under way or near. */
  pending(): boolean {
    return this.#underWay.size > 0;
  }

  /** Until when a restart is awaited that was asked for, monotonic; undefined where none is. */
  awaitedUntil = (): Duration | undefined => latestOf(this.#awaited.values());

  async reconcile(name: TargetName, signal: AbortSignal): Promise<Outcome> {
    const { frigates, fleet, registry, dryRun } = this.#ports;
    const frigate = frigates.find((candidate) => candidate.name === name);
    const document = fleet.documents.find(({ target }) => target.name === name);
    this.#underWay.delete(name);
    if (frigate === undefined || document === undefined || this.#ports.isForeign(name)) return { requeueAfter: CALM };
    this.#times.review();
    const times = this.#times.of(frigate.place, document.target);
    const [latest, before] = registry.restarts(document.target);
    if (latest?.state === "called") return this.#await(frigate, document, latest, times[0] ?? this.#ports.clock.monotonic(), signal);
    const state = await stateOf(frigate, signal);
    if (state === undefined) return { requeueAfter: seconds(15) };
    if (state.safeMode) {
      if (latest?.state === "safe-mode" && latest.kind === "change" && !dryRun)
        return this.#restore(frigate, document, latest, state, signal);
      throw notUp(frigate, state);
    }
    if (latest?.kind === "restoring" && before?.texts?.before === (await document.target.read(signal)).text)
      throw new Stalled("RestartRolledBack", refusedWords(frigate.place, this.#failed.get(name)));
    return this.#bringIntoUse(frigate, document, state, signal);
  }

  async #bringIntoUse(frigate: RunningFrigate, document: ReadDocument, state: RunningState, signal: AbortSignal): Promise<Outcome> {
    const { name } = frigate;
    const { clock, dryRun } = this.#ports;
    const all = this.#needed.of(document, state);
    const tried = all.length === 0 || dryRun ? false : await this.#applyLive(frigate, document, all, signal);
    const needs = tried ? this.#needed.of(document, await frigate.state(signal)) : all;
    if (needs.length === 0) return this.#inUse(frigate);
    const pending = this.#notePending(name, needs);
    const unsized = unsizedGone(this.#ports.fleet, document);
    // Nothing may come between the decision and its record: another name of this Frigate is decided about at the same time.
    const { text } = await document.target.read(signal);
    const decision = mayRestart(
      {
        firstChange: pending.first,
        lastChange: pending.last,
        // One Frigate may have several names, with a document each: the bounds are its own.
        restarts: this.#times.of(frigate.place, document.target),
        unsized,
        allowed: !this.#ports.never.has(name),
      },
      clock.monotonic(),
      this.#ports.limits,
    );
    const refused = this.#refused.of(frigate.place);
    const isResting = refused !== undefined && refused.left > 0;
    const isDue = (decision.kind === "now" && !isResting) || state.restartsAlone === true;
    if (isDue && !dryRun) return this.#restart(frigate, document, text, needs, signal);
    if (decision.kind === "wait" && decision.why === "quiet" && !isResting) this.#underWay.add(name);
    const after = decision.kind === "wait" ? milliseconds(Math.min(decision.after, CALM)) : CALM;
    const isForUs = decision.kind !== "refuse" && unsized.length === 0 && refused === undefined;
    const why = refused === undefined ? whyWords(decision, unsized, this.#ports.limits) : askedAgainWords(refused);
    throw new Waiting(isForUs ? "RestartLater" : "RestartNeeded", after, `${usesWords(needs)}; ${why}`);
  }

  #inUse({ name, place }: RunningFrigate): Outcome {
    const { status, clock } = this.#ports;
    this.#pending.delete(name);
    if (status.get(`target/${name}/restart`) !== undefined)
      status.set(`target/${name}/restart`, "ok", "Healthy", `Frigate at ${place} uses the cameras' present addresses`);
    const moved = this.#lastMove.get(name);
    return { requeueAfter: moved !== undefined && clock.monotonic() - moved < AFTER_MOVE ? SOON : CALM };
  }

  async #applyLive(frigate: RunningFrigate, document: ReadDocument, needs: readonly RestartNeed[], signal: AbortSignal): Promise<boolean> {
    const { text } = await document.target.read(signal);
    let isApplied = false;
    for (const { camera, section, to } of needs) {
      if (section === "stream") continue;
      const key = `${frigate.name} ${camera} ${section} ${to}`;
      if (this.#triedLive.has(key)) continue;
      this.#triedLive.add(key);
      try {
        isApplied = (await frigate.applyLive(camera, section, text, signal)) || isApplied;
      } catch (error) {
        signal.throwIfAborted();
        // What it does not take live a restart brings into use.
        if (!(error instanceof FrigateError)) throw error;
      }
    }
    return isApplied;
  }

  async #restart(frigate: RunningFrigate, document: ReadDocument, after: string, needs: readonly RestartNeed[], signal: AbortSignal) {
    const { target } = document;
    const { text: before } = target.format.rewrite(after, (place) => needs.find((need) => isPlaceOf(place, need))?.from);
    const outcome = await this.#call(frigate, target, "change", { before, after }, usesWords(needs), signal);
    // One that was refused was none.
    this.#ports.untold.spend(document, needs, this.#ports.clock.monotonic());
    return outcome;
  }

  /** Puts the text before a failed restart back and restarts once more, which the bounds do not hinder. */
  async #restore(
    frigate: RunningFrigate,
    { target }: ReadDocument,
    failed: RestartRecord,
    state: RunningState,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const restored = await putBack(target, failed, this.#ports, signal);
    if (restored === undefined) throw notUp(frigate, state);
    if (state.failed !== undefined) this.#failed.set(frigate.name, state.failed);
    const why = state.failed === undefined ? "it refused its document" : `it ${state.failed}`;
    return this.#call(
      frigate,
      target,
      "restoring",
      undefined,
      `${why}; the text before is restored${restored.moves === "" ? "" : `: ${restored.moves}`}`,
      signal,
    );
  }

  async #call(
    frigate: RunningFrigate,
    document: ReadDocument["target"],
    kind: RestartRecord["kind"],
    texts: RestartRecord["texts"],
    why: string,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { registry, clock, status } = this.#ports;
    const { name, place } = frigate;
    const id = registry.beginRestart(document, kind, clock.now(), texts);
    this.#times.add(place, document);
    this.#wentDown.delete(name);
    this.#pending.delete(name);
    status.set(`target/${name}/restart`, "problem", "Restarting", `Frigate at ${place} is being restarted: ${why}`);
    try {
      await frigate.restart(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FrigateError)) throw error;
      // A connection that broke off may well be the restart.
      if (error.reason !== "FrigateUnreachable") {
        registry.settleRestart(id, "up");
        this.#times.drop(place, document);
        this.#refused.note(place, error.message);
        throw new Waiting("RestartNeeded", CALM, `${why}; ${error.message}`, { cause: error });
      }
    }
    this.#refused.forget(place);
    this.#underWay.add(name);
    this.#awaited.set(name, milliseconds(clock.monotonic() + backWithin(frigate)));
    return { requeueAfter: RETRY };
  }

  /** Nothing else is asked of a restarted Frigate before it was seen to answer. */
  async #await(
    frigate: RunningFrigate,
    document: ReadDocument,
    record: RestartRecord,
    calledAt: Duration,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { registry, clock } = this.#ports;
    const { name, place } = frigate;
    const waited = clock.monotonic() - calledAt;
    const within = backWithin(frigate);
    this.#awaited.set(name, milliseconds(calledAt + within));
    const state = await stateOf(frigate, signal);
    if (state === undefined) {
      this.#wentDown.add(name);
      if (waited >= within)
        throw new Waiting(
          "FrigateNotBack",
          seconds(10),
          `Frigate at ${place} does not answer since it was restarted: start it; it is not restarted again before`,
        );
      throw this.#underWayAt(frigate);
    }
    if (state.safeMode) {
      registry.settleRestart(record.id, "safe-mode");
      this.#awaited.delete(name);
      if (record.kind === "restoring") throw notUp(frigate, state);
      this.#underWay.add(name);
      return { requeueAfter: milliseconds(1) };
    }
    const needs = this.#needed.of(document, state);
    if (needs.length > 0 && !this.#wentDown.has(name) && waited < within) throw this.#underWayAt(frigate);
    registry.settleRestart(record.id, "up");
    this.#awaited.delete(name);
    this.#underWay.add(name);
    return { requeueAfter: milliseconds(1) };
  }

  #underWayAt({ name, place }: RunningFrigate): Waiting {
    this.#underWay.add(name);
    return new Waiting("Restarting", RETRY, `Frigate at ${place} is being restarted`);
  }

  #notePending(name: TargetName, needs: readonly RestartNeed[]): Pending {
    const now = this.#ports.clock.monotonic();
    this.#needed.note(needs);
    const known = this.#pending.get(name);
    const key = JSON.stringify(needs);
    const last = known?.needs === key ? known.last : now;
    const pending = { needs: key, first: known?.first ?? now, last };
    this.#pending.set(name, pending);
    return pending;
  }
}
