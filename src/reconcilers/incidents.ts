import type { DeviceId, OwnerName } from "../domain/camera.ts";
import { followMove, type HealedMove, type PendingMoves } from "../domain/healed-move.ts";
import { type Duration, hours, milliseconds, minutes, seconds } from "../domain/duration.ts";
import {
  type IncidentCamera,
  type IncidentState,
  nextIncidents,
  NO_INCIDENTS,
  type OpenIncident,
  wantedIncidents,
} from "../domain/incident.ts";
import { closedMessage, firstWriteMessage, type IncidentMessage, movedMessage, openedMessage } from "../domain/incident-message.ts";
import type { Surface } from "../domain/next-step.ts";
import type { Notice } from "../domain/notice.ts";
import type { Clock } from "../ports/clock.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";
import { type KeptNote, readKept, writeKept } from "./kept-incidents.ts";
import type { BoardEntry } from "./notice-board.ts";

/** While anything is open or about to be: a condition that is taken away is told by nobody. */
const LOOK_AGAIN = seconds(5);
/** After a start it is not known yet what is still so. */
const START = minutes(2);
/** Something that only happened hangs so long on a board, unless a person takes it away. */
const NOTE_HANGS = hours(7 * 24);
const MOST_NOTES = 20;
/** Subjects whose second part is a camera's id. */
const OF_CAMERAS = new Set(["device", "adopt", "cameras", "changed", "clock", "frames", "power", "reconnect", "told"]);

export interface IncidentsPorts {
  readonly fleet: Fleet;
  readonly registry: Pick<Registry, "consents">;
  readonly status: Pick<Status, "all">;
  readonly clock: Clock;
  /** What those who are told can ask by. */
  readonly surface: Surface;
  /** Never called with none. They are to be remembered when it returns: what is open is stored after it. */
  readonly onMessages: (messages: readonly IncidentMessage[]) => void;
  /** What hangs on boards may have changed. */
  readonly onChange: () => void;
  readonly enqueue: () => void;
}

/**
 * Follows what is open, from the conditions as they stand. What is open is remembered over a restart, so that nobody is told of it twice.
 */
export class Incidents implements Reconciler<string> {
  readonly name = "incident";
  readonly #ports: IncidentsPorts;
  #state: IncidentState = NO_INCIDENTS;
  #notes: readonly KeptNote[] = [];
  #dismissed: ReadonlySet<string> = new Set();
  #moves: PendingMoves = new Map();
  #startedAt: Duration | undefined;
  /** Ids of open incidents that nothing in this run spoke for yet. */
  readonly #remembered = new Set<string>();
  /** What was stored last, by ids alone: a message that changes its wording is no reason to write to what may be a memory card. */
  #kept = "";
  #shown = "";

  constructor(ports: IncidentsPorts) {
    this.#ports = ports;
  }

  /** Hears everything that is told. */
  note(notice: Notice): void {
    const { clock, enqueue, onMessages, fleet } = this.#ports;
    if (notice.kind === "condition") enqueue();
    if (notice.kind === "first-write") {
      const message = firstWriteMessage(notice, clock.now(), this.#ports.surface);
      this.#hang({ ...message, event: "first_write", verbatim: notice.diff.slice(0, 4000), at: clock.now() });
      onMessages([message]);
    }
    const { pending, healed } = followMove(this.#moves, notice);
    this.#moves = pending;
    if (healed === undefined) return;
    const move: HealedMove = { ...healed, name: fleet.device(healed.camera)?.title ?? healed.camera, at: clock.now() };
    const proposals = this.#ports.registry.consents.proposals().filter(({ cameras }) => cameras.includes(move.camera));
    const message = movedMessage(
      move,
      proposals.map(({ target }) => target),
    );
    this.#hang({ ...message, event: "moved", at: clock.now() });
    onMessages([message]);
  }

  /** What should hang on a board. */
  get entries(): readonly BoardEntry[] {
    const open = [...this.#state.open.values()].map(({ incident }) => entryOf(incident));
    return [...open, ...this.#notes.map(({ at: _at, ...note }) => note)];
  }

  get dismissed(): ReadonlySet<string> {
    return this.#dismissed;
  }

  /** A person took these off a board. */
  dismiss(ids: readonly string[]): void {
    this.#notes = this.#notes.filter(({ id }) => !ids.includes(id));
    this.#dismissed = new Set([...this.#dismissed, ...ids.filter((id) => this.#state.open.has(id))]);
    this.#keep();
  }

  reconcile(): Promise<Outcome> {
    const { clock, status, onMessages, onChange, surface } = this.#ports;
    const now = clock.monotonic();
    this.#startedAt ??= this.#restore(now);
    const conditions = status.all();
    const wanted = wantedIncidents(conditions, (subject) => this.#cameraOf(subject), surface);
    for (const { incident } of wanted) this.#remembered.delete(incident.id);
    if (now - this.#startedAt >= START) this.#remembered.clear();
    const held = [...this.#state.open.values()]
      .filter(({ incident }) => this.#remembered.has(incident.id))
      .map(({ incident }) => ({ incident, settle: seconds(0), opens: true }));
    const { state, opened, closed } = nextIncidents(this.#state, [...held, ...wanted], now, clock.now());
    this.#state = state;
    this.#dismissed = new Set([...this.#dismissed].filter((id) => state.open.has(id)));
    this.#notes = this.#notes.filter(({ at }) => clock.now() - at < NOTE_HANGS);
    const messages = [...opened.map(openedMessage), ...closed.map((one) => closedMessage(one, clock.now()))];
    if (messages.length > 0) onMessages(messages);
    this.#keep();
    const shown = JSON.stringify(this.entries);
    if (shown !== this.#shown) onChange();
    this.#shown = shown;
    if (state.open.size + state.waiting.size > 0) return Promise.resolve({ requeueAfter: LOOK_AGAIN });
    const first = Math.min(...this.#notes.map(({ at }) => at));
    return Promise.resolve(first === Infinity ? {} : { requeueAfter: milliseconds(first + NOTE_HANGS - clock.now()) });
  }

  #hang(note: KeptNote): void {
    const { id, event, title, message, nextStep, verbatim, at } = note;
    // What was remembered comes first: storing would overwrite it.
    this.#startedAt ??= this.#restore(this.#ports.clock.monotonic());
    const kept: KeptNote = { id, event, title, message, nextStep, at, ...(verbatim === undefined ? {} : { verbatim }) };
    this.#notes = [...this.#notes.filter((one) => one.id !== id), kept].slice(-MOST_NOTES);
    this.#keep();
    this.#ports.enqueue();
  }

  /** Takes up what was open when the program ended. @returns `now` */
  #restore(now: Duration): Duration {
    const kept = readKept(this.#ports.registry.consents.fact("incidents"));
    this.#state = { waiting: new Map(), open: new Map(kept.open.map((one) => [one.incident.id, one])) };
    this.#notes = [...kept.notes, ...this.#notes].slice(-MOST_NOTES);
    for (const { incident } of kept.open) this.#remembered.add(incident.id);
    this.#dismissed = new Set(kept.dismissed);
    return now;
  }

  /** Stores what is to be known after a restart, where that changed. */
  #keep(): void {
    const dismissed = [...this.#dismissed];
    const ids = JSON.stringify([[...this.#state.open.keys()], this.#notes.map(({ id, at }) => [id, at]), dismissed]);
    if (ids === this.#kept) return;
    this.#kept = ids;
    const open = [...this.#state.open.values()].map(({ incident, openedAt }): OpenIncident => ({ incident, openedAt }));
    this.#ports.registry.consents.saveFact("incidents", writeKept({ open, notes: this.#notes, dismissed }));
  }

  #cameraOf(subject: string): IncidentCamera | undefined {
    const { fleet } = this.#ports;
    const [kind = "", second = "", third = ""] = subject.split("/");
    const owner: OwnerName | undefined = kind === "stream" || kind === "camera" ? `${kind}:${third}` : undefined;
    const id = owner === undefined ? (OF_CAMERAS.has(kind) ? (second as DeviceId) : undefined) : fleet.deviceOf(owner);
    const device = id === undefined ? undefined : fleet.device(id);
    return device === undefined ? undefined : { id: device.id, name: device.title };
  }
}

function entryOf({ id, event, title, message, nextStep }: OpenIncident["incident"]): BoardEntry {
  return { id, event, title, message, nextStep };
}
