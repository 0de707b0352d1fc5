import type { DeviceId } from "../domain/camera.ts";
import { between, type Duration, hours, milliseconds, minutes, seconds } from "../domain/duration.ts";
import { followMove, type HealedMove, type PendingMove, type PendingMoves, withoutMove } from "../domain/healed-move.ts";
import type { Notice } from "../domain/notice.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { type MovedHook, MovedHookError } from "../ports/moved-hook.ts";
import type { Status } from "../ports/status.ts";
import { backoffDelay } from "../runtime/backoff.ts";
import { type Outcome, Waiting } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { type BeingWrittenPorts, isBeingWritten } from "./being-written.ts";
import { readMoves, writeMoves } from "./kept-moves.ts";

/** Moves that wait for one hook; the oldest make room. */
const MOST_WAITING = 100;
/** One move is tried at least so often, and for so long: whoever is told may be away for an update, or over a night. */
const ATTEMPTS = 5;
const AT_LEAST = hours(24);
/** 10, 30, 90, 270 s, then every 15 min, a quarter of it left to chance. */
const RETRY = { initial: seconds(10), factor: 3, max: minutes(15), jitter: 0.25 };
/** A document that is written just now is waited for: whoever is told may read it. */
const WRITTEN_WITHIN = seconds(15);
/** Name of the fact under which the database has what waits. */
const KEPT = "on_moved";

export interface MovedHooksPorts extends BeingWrittenPorts {
  readonly hooks?: readonly MovedHook[];
  /** Nobody is told. */
  readonly dryRun: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  /** The hook has something to tell. */
  readonly enqueue: (hook: string) => void;
}

interface Waiter {
  readonly move: HealedMove;
  attempts: number;
  /** It is not tried before, however many further moves come: monotonic. */
  notBefore: number;
  /** The documents are waited for until then: monotonic. */
  readonly writtenBy: number;
  /** Why it was not told so far. */
  problem: string;
}

/**
 * Tells hooks of healed moves, one after the other. What waits is in the database as soon as the move is decided, and stays there until it was told: a
 * restart neither loses a call nor makes a second one.
 */
export class MovedHooks implements Reconciler<string> {
  readonly name = "hook";
  readonly #ports: MovedHooksPorts;
  readonly #hooks: readonly MovedHook[];
  readonly #waiting = new Map<string, readonly Waiter[]>();
  #pending: PendingMoves = new Map();
  /** Whose move an earlier run began: it is over once the device is proved anew. */
  readonly #resumed = new Set<DeviceId>();
  #kept = "";

  constructor(ports: MovedHooksPorts) {
    this.#ports = ports;
    this.#hooks = ports.dryRun ? [] : (ports.hooks ?? []);
  }

  /** Takes up what an earlier run could not tell. */
  resume(): void {
    const { registry, clock, enqueue } = this.#ports;
    if (this.#hooks.length === 0) return;
    this.#kept = registry.consents.fact(KEPT) ?? "";
    const { pending, waiting } = readMoves(this.#kept);
    this.#pending = pending;
    for (const device of pending.keys()) this.#resumed.add(device);
    for (const { name } of this.#hooks) {
      const moves = waiting.get(name) ?? [];
      if (moves.length === 0) continue;
      const now = clock.monotonic();
      const fresh = { notBefore: 0, writtenBy: now, problem: "" };
      this.#waiting.set(
        name,
        moves.map((kept) => ({ ...kept, ...fresh })),
      );
      enqueue(name);
    }
  }

  /** Listens to everything that is told. */
  note(notice: Notice): void {
    if (this.#hooks.length === 0) return;
    if (notice.kind === "moved") this.#resumed.delete(notice.device);
    const { pending, healed } = followMove(this.#pending, notice);
    if (pending === this.#pending) return;
    this.#pending = pending;
    if (healed !== undefined) this.#add(healed);
    this.#keep();
  }

  /** The device was proved where it is taken to be: so a move whose outcome the program's end kept from being seen has come to its end. */
  settled(id: DeviceId): void {
    if (!this.#resumed.delete(id)) return;
    const move = this.#pending.get(id);
    const address = this.#ports.fleet.settled(id)?.address;
    if (move === undefined) return;
    this.#pending = withoutMove(this.#pending, id);
    if (address === move.to && address !== move.from) this.#add({ ...move, camera: id });
    this.#keep();
  }

  /** The device's move was taken back, or is another copy's to tell. */
  drop(id: DeviceId): void {
    this.#resumed.delete(id);
    if (!this.#pending.has(id)) return;
    this.#pending = withoutMove(this.#pending, id);
    this.#keep();
  }

  /** True while a hook was not tried yet in this run, or goes on after a success. What stands behind a failure waits with it. */
  pending(): boolean {
    return [...this.#waiting.values()].some(([first]) => first?.notBefore === 0);
  }

  /** Tells the hook of the move that has waited longest; of several failures in a row one condition stands. */
  async reconcile(name: string, signal: AbortSignal): Promise<Outcome> {
    const { clock, random, status, registry } = this.#ports;
    const hook = this.#hooks.find((candidate) => candidate.name === name);
    const [first] = this.#waiting.get(name) ?? [];
    if (hook === undefined || first === undefined) return {};
    const now = clock.monotonic();
    if (first.notBefore > now) throw new Waiting("HookFailed", milliseconds(first.notBefore - now), first.problem);
    const { move } = first;
    if (first.attempts === 0 && now < first.writtenBy && isBeingWritten(this.#ports, move.camera)) return { requeueAfter: seconds(1) };
    const proposals = registry.consents.proposals().filter(({ cameras }) => cameras.includes(move.camera));
    try {
      await hook.call({ ...move, id: `${move.camera}-${String(move.at)}`, unapproved: proposals.map(({ id }) => id) }, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof MovedHookError)) throw error;
      first.attempts += 1;
      const delay = backoffDelay(RETRY, first.attempts, random);
      first.problem = `${hook.place} was not told that ${move.name} is at ${move.to}: it ${error.message}`;
      first.notBefore = clock.monotonic() + delay;
      if (first.attempts < ATTEMPTS || between(move.at, clock.now()) < AT_LEAST) {
        this.#keep();
        throw new Waiting("HookFailed", delay, first.problem, { cause: error });
      }
      status.set(`hook/${name}`, "problem", "HookFailed", `${first.problem}; it was tried for a day, and is given up`);
      return this.#done(name, first);
    }
    status.set(`hook/${name}`, "ok", "Healthy", `${hook.place} was told that ${move.name} is at ${move.to}`);
    return this.#done(name, first);
  }

  #done(name: string, done: Waiter): Outcome {
    const left = (this.#waiting.get(name) ?? []).filter((waiter) => waiter !== done);
    this.#waiting.set(name, left);
    this.#keep();
    return left.length > 0 ? { requeueAfter: milliseconds(0) } : {};
  }

  #add(healed: PendingMove & { readonly camera: DeviceId }): void {
    const { fleet, clock, enqueue } = this.#ports;
    const device = fleet.device(healed.camera);
    const [mac] = device === undefined ? [] : fleet.macsOf(device);
    const move: HealedMove = { ...healed, name: device?.title ?? healed.camera, ...(mac === undefined ? {} : { mac }), at: clock.now() };
    const writtenBy: Duration = milliseconds(clock.monotonic() + WRITTEN_WITHIN);
    for (const { name } of this.#hooks) {
      const waiter = { move, attempts: 0, notBefore: 0, writtenBy, problem: "" };
      this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), waiter].slice(-MOST_WAITING));
      enqueue(name);
    }
  }

  /** Stores what is to be known after a restart, where that changed. */
  #keep(): void {
    const waiting = [...this.#waiting].map(
      ([name, moves]) => [name, moves.map(({ move, attempts }) => ({ move, attempts: Math.min(attempts, ATTEMPTS) }))] as const,
    );
    const text = writeMoves({ pending: this.#pending, waiting: new Map(waiting) });
    if (text === this.#kept) return;
    this.#ports.registry.consents.saveFact(KEPT, text);
    this.#kept = text;
  }
}
