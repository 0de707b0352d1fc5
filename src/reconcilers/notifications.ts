import type { IncidentEvent } from "../domain/incident.ts";
import type { IncidentMessage } from "../domain/incident-message.ts";
import type { Surface } from "../domain/next-step.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Board } from "../ports/notifier.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Watcher } from "../ports/watcher.ts";
import { DEFAULT_BACKOFF } from "../runtime/backoff.ts";
import { Loop } from "../runtime/loop.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";
import { Incidents } from "./incidents.ts";
import { NoticeBoard } from "./notice-board.ts";
import { type Addressee, Outbox } from "./outbox.ts";

const HOME = "home";

export interface NotificationsPorts {
  readonly fleet: Fleet;
  readonly registry: Pick<Registry, "consents">;
  readonly addressees: readonly Addressee[];
  readonly board?:
    | {
        readonly board: Board;
        readonly events: ReadonlySet<IncidentEvent>;
      }
    | undefined;
  /** What those who are told can ask by. */
  readonly surface: Surface;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly log: Log;
}

export interface Notifications {
  /** Hears what is told while it runs. */
  readonly watcher: Watcher;
  /** Tells people until the signal aborts. Whatever fails there disturbs nothing else. */
  run(signal: AbortSignal): Promise<void>;
}

/** Incidents, and how they come to people: the three loops of it. */
export function createNotifications(ports: NotificationsPorts): Notifications {
  const { addressees, board, clock, random, status, log } = ports;
  const loop = (reconciler: Reconciler<string>, subject: (key: string) => string, concurrency: number): Loop<string> =>
    new Loop(reconciler, { clock, random, status, log, concurrency, backoff: DEFAULT_BACKOFF, subject, limit: 100 });
  const onMessages = (messages: readonly IncidentMessage[]): void => outbox.add(messages);
  const onChange = (): void => {
    if (board !== undefined) boardLoop?.enqueue(HOME);
  };
  const incidents = new Incidents({ ...ports, onMessages, onChange, enqueue: () => incidentLoop.enqueue(HOME) });
  const outbox = new Outbox({ ...ports, addressees, enqueue: (name) => outboxLoop.enqueue(name) });
  const incidentLoop = loop(incidents, () => "notify/incidents", 1);
  const outboxLoop = loop(outbox, (name) => `notify/${name}`, 4);
  const boardLoop =
    board === undefined
      ? undefined
      : loop(
          new NoticeBoard({
            ...ports,
            ...board,
            entries: () => incidents.entries,
            dismissed: () => incidents.dismissed,
            onDismissed: (ids) => incidents.dismiss(ids),
          }),
          () => `notify/${board.board.place}`,
          1,
        );
  return {
    watcher: { notice: (notice) => incidents.note(notice), evidence: () => undefined, restart: () => undefined },
    async run(signal) {
      incidentLoop.enqueue(HOME);
      outbox.resume();
      await Promise.all([incidentLoop, outboxLoop, ...(boardLoop === undefined ? [] : [boardLoop])].map((one) => one.run(signal)));
    },
  };
}
