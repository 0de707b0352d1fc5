import { type Duration, minutes, seconds } from "../domain/duration.ts";
import type { IncidentEvent } from "../domain/incident.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { type Board, type Note, NotifyError } from "../ports/notifier.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import { backoffDelay } from "../runtime/backoff.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { type Hung, readHung, writeHung } from "./kept-hung.ts";

/** More of one event hang as one note. */
const EACH_AT_MOST = 5;
const LINES = 30;
/** How often it is looked whether a person took a note away, or Home Assistant forgot it, while one hangs. */
const LOOK_AGAIN = minutes(1);
const RETRY = { initial: seconds(5), factor: 2, max: minutes(2), jitter: 0.25 };
/** A restart of Home Assistant takes so long on slow machines: before that nothing is said of it. */
const PATIENCE = minutes(3);

/** What may hang: an incident that is open, or something that a person should have seen. */
export interface BoardEntry extends Note {
  readonly id: string;
  readonly event: IncidentEvent;
}

export interface NoticeBoardPorts {
  readonly board: Board;
  readonly events: ReadonlySet<IncidentEvent>;
  /** What should hang just now. */
  readonly entries: () => readonly BoardEntry[];
  /** Ids of entries that a person took away; kept over restarts. */
  readonly dismissed: () => ReadonlySet<string>;
  readonly onDismissed: (ids: readonly string[]) => void;
  readonly registry: Pick<Registry, "consents">;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
}

/** Keeps on the board what is open, and nothing else. What a person took away is not hung up again. */
export class NoticeBoard implements Reconciler<string> {
  readonly name = "board";
  readonly #ports: NoticeBoardPorts;
  /** What hangs as far as we know, over restarts too: what is gone when we look again was taken away by a person, unless the board was wiped. */
  readonly #hung: Map<string, Hung & { readonly text?: string }>;
  /** As it was stored last. */
  #kept: string;
  #looked = false;
  #failures = 0;
  #failingSince: Duration | undefined;

  constructor(ports: NoticeBoardPorts) {
    this.#ports = ports;
    this.#kept = ports.registry.consents.fact(factOf(ports.board)) ?? "";
    this.#hung = new Map(readHung(this.#kept));
  }

  async reconcile(_key: string, signal: AbortSignal): Promise<Outcome> {
    const { clock, random, status, board } = this.#ports;
    const subject = `notify/${board.place}`;
    try {
      const hangs = await this.#keep(signal);
      this.#failures = 0;
      this.#failingSince = undefined;
      if (status.get(subject) !== undefined || hangs) status.set(subject, "ok", "Healthy", `${board.place} shows what is open`);
      return hangs ? { requeueAfter: LOOK_AGAIN } : {};
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NotifyError)) throw error;
      this.#failures += 1;
      const now = clock.monotonic();
      this.#failingSince ??= now;
      if (now - this.#failingSince >= PATIENCE) status.set(subject, "problem", "NotifyFailed", `${board.place}: ${error.message}`);
      return { requeueAfter: backoffDelay(RETRY, Math.min(10, this.#failures), random) };
    }
  }

  /** @returns whether anything hangs */
  async #keep(signal: AbortSignal): Promise<boolean> {
    const { board } = this.#ports;
    // Nothing hangs, and nothing is to hang: nobody is asked. At the start there may be old notes.
    if (this.#failures === 0 && this.#hung.size === 0 && this.#wanted().size === 0 && this.#looked) return false;
    const { ids, run } = await board.shown(signal);
    const isFirst = !this.#looked;
    this.#looked = true;
    const taken = [...this.#hung].flatMap(([id, hung]) => (hung.run === run && !ids.has(id) ? hung.entries : []));
    if (taken.length > 0) this.#ports.onDismissed(taken);
    for (const [id, hung] of this.#hung) if (hung.run !== run || !ids.has(id)) this.#hung.delete(id);
    const wanted = this.#wanted();
    for (const [id, { note, entries }] of wanted) {
      const text = JSON.stringify(note);
      // What hangs since before a start of ours is not hung up anew, which would ask for attention once more.
      if (this.#hung.get(id)?.text !== text && !(isFirst && ids.has(id))) await board.put(id, note, signal);
      this.#hung.set(id, { text, run, entries });
    }
    const unwanted = [...new Set([...ids, ...this.#hung.keys()])].filter((id) => !wanted.has(id));
    for (const id of unwanted) this.#hung.delete(id);
    // Before they are taken down: else what we took down ourselves, and ended, would seem to be taken away by a person.
    this.#remember();
    for (const id of unwanted) await board.remove(id, signal);
    return wanted.size > 0;
  }

  #remember(): void {
    const text = writeHung(this.#hung);
    if (text === this.#kept) return;
    this.#ports.registry.consents.saveFact(factOf(this.#ports.board), text);
    this.#kept = text;
  }

  #wanted(): ReadonlyMap<string, { readonly note: Note; readonly entries: readonly string[] }> {
    const { entries, events, dismissed } = this.#ports;
    const gone = dismissed();
    const open = entries().filter(({ id, event }) => events.has(event) && !gone.has(id));
    const wanted = new Map<string, { readonly note: Note; readonly entries: readonly string[] }>();
    for (const [event, same] of Map.groupBy(open, (entry) => entry.event)) {
      if (same.length > EACH_AT_MOST) wanted.set(`several/${event}`, { note: together(same), entries: same.map(({ id }) => id) });
      else for (const { id, event: _event, ...note } of same) wanted.set(id, { note, entries: [id] });
    }
    return wanted;
  }
}

/** Under which name it stands among the facts about this installation. */
function factOf({ place }: Board): string {
  return `hung/${place}`;
}

function together(entries: readonly BoardEntry[]): Note {
  const lines = entries.slice(0, LINES).map(({ title }) => title);
  const more = entries.length > LINES ? [`and ${String(entries.length - LINES)} more`] : [];
  const steps = [...new Set(entries.flatMap(({ nextStep }) => (nextStep === "" ? [] : [nextStep])))];
  return {
    title: `Camera Shepherd: ${String(entries.length)} at once`,
    message: [...lines, ...more].join("\n"),
    nextStep: steps.slice(0, 3).join(" "),
  };
}
