import type { Device } from "../../domain/camera.ts";
import { milliseconds, seconds } from "../../domain/duration.ts";
import { maskCredentials } from "../../domain/mask.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import { asError } from "../../domain/thrown.ts";
import type { Actions } from "../../ports/actions.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Incoming } from "../../ports/publisher.ts";
import type { Status } from "../../ports/status.ts";
import { Alarm } from "../../runtime/alarm.ts";
import { Allowance } from "../../runtime/allowance.ts";
import type { LinkClient, LinkSession } from "./broker-link.ts";
import { type CommandName, type CommandReading, readCommand } from "./read-command.ts";

export interface CommandsParts {
  readonly base: string;
  readonly actions: Actions;
  readonly devices: () => readonly Device[];
  readonly clock: Clock;
  readonly status: Status;
  readonly log: Log;
}

/** One answer, as it is published at `bridge/result`, not retained. */
interface Answer extends CommandName {
  readonly ok: boolean;
  readonly reason?: ReasonCode;
  readonly message: string;
}

const SUBJECT = "mqtt/commands";
/** Commands under way, commands that wait, answers that wait, topics that are remembered. */
const AT_ONCE = 4;
const MOST = 32;
/** So many at once are taken, and then one in this time. */
const BURST = 32;
const EVERY = milliseconds(250);
/** What was left out is summed up once in this time. */
const SUMMED = seconds(1);
/** An answer says what a resync came to by then: other commands may wait meanwhile. */
const RESYNCED_WITHIN = seconds(5);
/** A broker has sent what it kept by then. */
const KEPT_WITHIN = seconds(2);

/**
 * Takes commands by MQTT and answers each at `BASE/bridge/result`. They are carried out whatever becomes of the connection; answers are lost with it. A
 * flood is cut off before it is read.
 */
export class Commands implements LinkClient {
  readonly subscriptions: readonly string[];
  readonly #parts: CommandsParts;
  readonly #waiting: CommandReading[] = [];
  readonly #answers: Answer[] = [];
  readonly #kept = new Set<string>();
  readonly #bells = Array.from({ length: AT_ONCE }, () => new Alarm());
  readonly #post = new Alarm();
  readonly #sum = new Alarm();
  readonly #allowance: Allowance;
  #leftOut = 0;

  constructor(parts: CommandsParts) {
    this.#parts = parts;
    this.#allowance = new Allowance(parts.clock, BURST, EVERY);
    this.subscriptions = [`${parts.base}/cmd/+`, `${parts.base}/+/cmd/+`];
  }

  onMessage({ topic, payload, retained }: Incoming): void {
    const { base, devices } = this.#parts;
    if (retained) return this.#ignore(topic);
    if (!this.#allowance.take() || this.#waiting.length >= MOST) {
      this.#leftOut += 1;
      return this.#sum.ring();
    }
    this.#waiting.push(readCommand(topic.slice(base.length + 1).split("/"), payload, devices()));
    for (const bell of this.#bells) bell.ring();
  }

  /** Carries out what comes in, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#bells.map((bell) => this.#work(bell, signal)), this.#sumUp(signal)]);
  }

  async onSession(session: LinkSession, signal: AbortSignal): Promise<void> {
    // Answers to what was asked for in an earlier session interest nobody.
    this.#answers.length = 0;
    await Promise.all([this.#forgetKept(signal), this.#deliver(session, signal)]);
  }

  async #deliver(session: LinkSession, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (let answer = this.#answers.shift(); answer !== undefined; answer = this.#answers.shift())
        await session.publish({ topic: `${this.#parts.base}/bridge/result`, payload: JSON.stringify(answer), retain: false }, signal);
      await this.#sleep(this.#post, "an answer to publish", signal);
    }
  }

  async #work(bell: Alarm, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (let next = this.#waiting.shift(); next !== undefined && !signal.aborted; next = this.#waiting.shift())
        await this.#carryOut(next, signal);
      await this.#sleep(bell, "a command", signal);
    }
  }

  async #carryOut(reading: CommandReading, signal: AbortSignal): Promise<void> {
    const { actions, log } = this.#parts;
    const { name } = reading;
    if (reading.kind === "refused") return this.#answer({ ...name, ok: false, reason: reading.reason, message: reading.message });
    try {
      const { action } = reading;
      const result = await actions.perform(action.verb === "resync" ? { ...action, wait: RESYNCED_WITHIN } : action, signal);
      if (result.kind === "accepted") this.#answer({ ...name, ok: true, message: result.message });
      else this.#answer({ ...name, ok: false, reason: result.reason, message: result.message });
    } catch (error) {
      if (signal.aborted) return;
      log.error("a command failed", { command: name.command, error: asError(error) });
      this.#answer({ ...name, ok: false, reason: "InternalError", message: "an unexpected error; the log has more" });
    }
  }

  #answer(answer: Answer): void {
    const { command, camera, ok, message } = answer;
    this.#parts.log.info("mqtt command", { command, camera, ok, detail: message });
    this.#answers.push({ ...answer, message: maskCredentials(message) });
    if (this.#answers.length > MOST) this.#answers.shift();
    this.#post.ring();
  }

  async #sumUp(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    while (!signal.aborted) {
      if (this.#leftOut === 0) await this.#sleep(this.#sum, "commands that are left out", signal);
      await clock.wait("sum up commands", SUMMED, signal).catch(() => undefined);
      if (signal.aborted || this.#leftOut === 0) continue;
      log.warn("mqtt commands were left out", { count: this.#leftOut });
      const message = `${String(this.#leftOut)} commands were not carried out: too many at once`;
      this.#leftOut = 0;
      this.#answer({ command: "+", ok: false, reason: "AskedTooOften", message });
    }
  }

  /** A command that the broker kept may be of last year, and would be carried out at every connection. */
  #ignore(topic: string): void {
    const { status } = this.#parts;
    if (this.#kept.has(topic) || this.#kept.size >= MOST) return;
    this.#kept.add(topic);
    const [first = topic] = this.#kept;
    const more = this.#kept.size === 1 ? "" : ` and ${String(this.#kept.size - 1)} more`;
    status.set(SUBJECT, "unknown", "CommandRetained", `the broker had kept the command ${first}${more}: it is not obeyed`);
  }

  /** What the broker keeps it sends at the begin of a session: where nothing came, nothing is left. */
  async #forgetKept(signal: AbortSignal): Promise<void> {
    const { clock, status } = this.#parts;
    await clock.wait("kept commands", KEPT_WITHIN, signal).catch(() => undefined);
    if (signal.aborted) return;
    if (this.#kept.size === 0) status.clear(SUBJECT);
    this.#kept.clear();
  }

  async #sleep(alarm: Alarm, name: string, signal: AbortSignal): Promise<void> {
    await alarm.sleep(this.#parts.clock, name, milliseconds(Infinity), signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
