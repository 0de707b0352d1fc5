import { type Duration, milliseconds, minutes, seconds } from "../domain/duration.ts";
import type { IncidentEvent } from "../domain/incident.ts";
import { groupMessages, type IncidentMessage } from "../domain/incident-message.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { type Messenger, NotifyError } from "../ports/notifier.ts";
import type { Status } from "../ports/status.ts";
import { backoffDelay } from "../runtime/backoff.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";

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
/** 10, 30, 90, 270 s, then 15 min: for some two hours. */
const RETRY = { initial: seconds(10), factor: 3, max: minutes(15), jitter: 0.25 };
const ATTEMPTS = 12;

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
  /** The messenger has something to be told, after a while. */
  readonly enqueue: (messenger: string) => void;
}

interface Box {
  waiting: readonly IncidentMessage[];
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

/** Tells messengers, each for itself. What waits is in memory alone: it is lost when the program ends. */
export class Outbox implements Reconciler<string> {
  readonly name = "notify";
  readonly #ports: OutboxPorts;
  readonly #boxes = new Map<string, Box>();

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
  }

  add(message: IncidentMessage): void {
    const { addressees, clock, enqueue } = this.#ports;
    for (const { messenger, events } of addressees) {
      if (message.event === "several" || !events.has(message.event)) continue;
      const now = clock.monotonic();
      const box = this.#boxOf(messenger.name, now);
      const isTaken = ({ id, state }: IncidentMessage): boolean => id === message.id && state === "open";
      const untold = box.waiting.find((one) => isTaken(one) && !box.sending.has(one));
      // Over before anybody was told of it: nobody is.
      if (message.state === "closed" && untold !== undefined) box.waiting = box.waiting.filter((one) => one !== untold);
      else {
        if (box.waiting.length === 0) box.firstAt = now;
        box.waiting = [...box.waiting, message].slice(-MOST_WAITING);
        box.lastAt = now;
      }
      enqueue(messenger.name);
    }
  }

  async reconcile(name: string, signal: AbortSignal): Promise<Outcome> {
    const { addressees, clock } = this.#ports;
    const messenger = addressees.find((one) => one.messenger.name === name)?.messenger;
    const now = clock.monotonic();
    const box = this.#boxOf(name, now);
    const [first] = box.waiting;
    if (messenger === undefined || first === undefined) return {};
    const isPressing = box.waiting.some(({ event, state }) => event === "impostor" && state === "open");
    const gathered = isPressing ? now : Math.min(box.lastAt + QUIET, box.firstAt + LONGEST_WAIT);
    refill(box, now);
    const paid = box.tokens >= 1 ? now : box.refilledAt + REFILL;
    const due = Math.max(gathered, paid, box.notBefore);
    if (due > now) return { requeueAfter: milliseconds(due - now) };
    const isFew = box.waiting.length <= ALONE && box.tokens >= box.waiting.length;
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
      box.attempts = 0;
      box.tokens -= 1;
      status.set(subject, "ok", "Healthy", `${messenger.place} was told`);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NotifyError)) throw error;
      box.attempts += 1;
      box.notBefore = milliseconds(clock.monotonic() + backoffDelay(RETRY, box.attempts, random));
      const isOver = box.attempts >= ATTEMPTS;
      const end = isOver ? `; it was tried ${String(ATTEMPTS)} times, and what waited is given up` : "";
      status.set(subject, "problem", "NotifyFailed", `${messenger.place} was not told ${what(told)}: it ${error.message}${end}`);
      if (isOver) {
        box.waiting = [];
        box.attempts = 0;
      }
    } finally {
      box.sending = new Set();
    }
    return box.waiting.length === 0 ? {} : { requeueAfter: milliseconds(0) };
  }

  #boxOf(name: string, now: Duration): Box {
    const known = this.#boxes.get(name);
    if (known !== undefined) return known;
    const never = milliseconds(0);
    const box: Box = {
      waiting: [],
      sending: new Set(),
      firstAt: now,
      lastAt: now,
      notBefore: never,
      attempts: 0,
      tokens: BURST,
      refilledAt: now,
    };
    this.#boxes.set(name, box);
    return box;
  }
}

function refill(box: Box, now: Duration): void {
  const periods = Math.floor((now - box.refilledAt) / REFILL);
  box.tokens = Math.min(BURST, box.tokens + periods);
  box.refilledAt = box.tokens === BURST ? now : milliseconds(box.refilledAt + periods * REFILL);
}

function what(told: readonly IncidentMessage[]): string {
  return told.length === 1 ? `"${told[0]?.title ?? ""}"` : `${String(told.length)} messages`;
}
