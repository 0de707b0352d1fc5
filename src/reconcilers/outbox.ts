import { type Duration, milliseconds, minutes, seconds } from "../domain/duration.ts";
import type { IncidentEvent } from "../domain/incident.ts";
import { groupMessages, type IncidentMessage } from "../domain/incident-message.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { type Messenger, NotifyError } from "../ports/notifier.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import { backoffDelay } from "../runtime/backoff.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { type KeptBox, readBox, stillToTell, writeBox } from "./kept-box.ts";

/** Messages that wait for one messenger; the oldest make room. */
const MOST_WAITING = 200;
/** What comes together is told together: a message waits until nothing came for so long, … */
const QUIET = seconds(15);
/** … and no longer than this. */
const LONGEST_WAIT = seconds(60);
/** So few are told one by one. */
const ALONE = 3;
/** So many messages at once, and then one in five minutes: what comes meanwhile is told together. */
const BURST = 5;
const REFILL = minutes(5);
/** 10, 30, 90, 270 s, then every 15 min for as long as it takes: what waits is worth telling when the messenger answers again. */
const RETRY = { initial: seconds(10), factor: 3, max: minutes(15), jitter: 0.25 };
/** After so many failures what gathered meanwhile is told as one. */
const TOGETHER_AFTER = 3;
const MOST_ATTEMPTS = 100;
/** What an earlier run could not tell waits until it shows whether it is still so (src/reconcilers/incidents.ts). */
const STILL_SO = seconds(135);

/** A messenger, and what it is told of. */
export interface Addressee {
  readonly messenger: Messenger;
  readonly events: ReadonlySet<IncidentEvent>;
}

export interface OutboxPorts {
  readonly addressees: readonly Addressee[];
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly registry: Pick<Registry, "consents">;
  /** The messenger has something to be told, after a while. */
  readonly enqueue: (messenger: string) => void;
}

interface Box extends KeptBox {
  waiting: readonly IncidentMessage[];
  told: Set<string>;
  /** As it was stored last. */
  kept: string;
  /** Those that are being told. */
  sending: ReadonlySet<IncidentMessage>;
  /** Monotonic, as all times here. */
  firstAt: Duration;
  lastAt: Duration;
  notBefore: Duration;
  attempts: number;
  tokens: number;
  refilledAt: Duration;
}

/**
 * Tells messengers, each for itself. What waits, and what each was told, is remembered over a restart: an incident counts as told only when a messenger
 * took the message, and only then is it told that it is over.
 */
export class Outbox implements Reconciler<string> {
  readonly name = "notify";
  readonly #ports: OutboxPorts;
  readonly #boxes = new Map<string, Box>();

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
  }

  /** Takes up what an earlier run could not tell. */
  resume(): void {
    const { addressees, enqueue } = this.#ports;
    for (const { messenger } of addressees) if (this.#boxOf(messenger.name).waiting.length > 0) enqueue(messenger.name);
  }

  add(messages: readonly IncidentMessage[]): void {
    const { addressees, clock, enqueue } = this.#ports;
    const now = clock.monotonic();
    for (const { messenger, events } of addressees) {
      const asked = messages.filter(({ event }) => event !== "several" && events.has(event));
      if (asked.length === 0) continue;
      const box = this.#boxOf(messenger.name);
      const before = box.waiting;
      box.waiting = stillToTell({ ...box, waiting: [...before, ...asked] }, box.sending, MOST_WAITING);
      if (before.length === 0) box.firstAt = now;
      if (box.waiting.some((one) => asked.includes(one))) box.lastAt = milliseconds(Math.max(now, box.lastAt));
      this.#keep(messenger.name, box);
      enqueue(messenger.name);
    }
  }

  async reconcile(name: string, signal: AbortSignal): Promise<Outcome> {
    const { addressees, clock } = this.#ports;
    const messenger = addressees.find((one) => one.messenger.name === name)?.messenger;
    const now = clock.monotonic();
    const box = this.#boxOf(name);
    const [first] = box.waiting;
    if (messenger === undefined || first === undefined) return {};
    const isPressing = box.waiting.some(({ event, state }) => event === "impostor" && state === "open");
    const gathered = isPressing ? now : Math.min(box.lastAt + QUIET, box.firstAt + LONGEST_WAIT);
    refill(box, now);
    const paid = box.tokens >= 1 ? now : box.refilledAt + REFILL;
    const due = Math.max(gathered, paid, box.notBefore);
    if (due > now) return { requeueAfter: milliseconds(due - now) };
    const isFew = box.waiting.length <= ALONE && box.tokens >= box.waiting.length && box.attempts < TOGETHER_AFTER;
    const told = isFew ? [first] : box.waiting;
    return this.#tell(messenger, box, told, signal);
  }

  async #tell(messenger: Messenger, box: Box, told: readonly IncidentMessage[], signal: AbortSignal): Promise<Outcome> {
    const { clock, random, status } = this.#ports;
    const [first, ...rest] = told;
    if (first === undefined) return {};
    const subject = `notify/${messenger.name}`;
    box.sending = new Set(told);
    try {
      await messenger.tell(rest.length === 0 ? first : groupMessages(told, clock.now()), signal);
      box.waiting = box.waiting.filter((one) => !told.includes(one));
      for (const { id, state } of told) {
        if (state === "open") box.told.add(id);
        if (state === "closed") box.told.delete(id);
      }
      box.attempts = 0;
      box.tokens -= 1;
      status.set(subject, "ok", "Healthy", `${messenger.place} was told`);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NotifyError)) throw error;
      box.attempts = Math.min(MOST_ATTEMPTS, box.attempts + 1);
      box.notBefore = milliseconds(clock.monotonic() + backoffDelay(RETRY, box.attempts, random));
      status.set(subject, "problem", "NotifyFailed", `${messenger.place} was not told ${what(told)}: it ${error.message}`);
    } finally {
      box.sending = new Set();
    }
    box.waiting = stillToTell(box, box.sending, MOST_WAITING);
    this.#keep(messenger.name, box);
    return box.waiting.length === 0 ? {} : { requeueAfter: milliseconds(0) };
  }

  #boxOf(name: string): Box {
    const known = this.#boxes.get(name);
    if (known !== undefined) return known;
    const { clock, registry } = this.#ports;
    const now = clock.monotonic();
    const kept = registry.consents.fact(factOf(name)) ?? "";
    const { waiting, told } = readBox(kept);
    const from = waiting.length === 0 ? now : milliseconds(now + STILL_SO);
    const box: Box = {
      waiting,
      told: new Set(told),
      kept,
      sending: new Set(),
      firstAt: from,
      lastAt: from,
      notBefore: milliseconds(0),
      attempts: 0,
      tokens: BURST,
      refilledAt: now,
    };
    this.#boxes.set(name, box);
    return box;
  }

  /** Stores what is to be known after a restart, where that changed. */
  #keep(name: string, box: Box): void {
    const text = writeBox(box);
    if (text === box.kept) return;
    this.#ports.registry.consents.saveFact(factOf(name), text);
    box.kept = text;
  }
}

/** Under which name it stands among the facts about this installation. */
function factOf(messenger: string): string {
  return `notify/${messenger}`;
}

function refill(box: Box, now: Duration): void {
  const periods = Math.floor((now - box.refilledAt) / REFILL);
  box.tokens = Math.min(BURST, box.tokens + periods);
  box.refilledAt = box.tokens === BURST ? now : milliseconds(box.refilledAt + periods * REFILL);
}

function what(told: readonly IncidentMessage[]): string {
  return told.length === 1 ? `"${told[0]?.title ?? ""}"` : `${String(told.length)} messages`;
}
