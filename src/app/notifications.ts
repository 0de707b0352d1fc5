import { messengersOf } from "../adapters/webhook/messengers.ts";
import type { Options } from "../config/options.ts";
import { INCIDENT_EVENTS, type IncidentEvent } from "../domain/incident.ts";
import type { Board } from "../ports/notifier.ts";
import type { NotificationsPorts } from "../reconcilers/notifications.ts";
import type { Watched } from "../reconcilers/watched.ts";

interface NotificationsParts extends Omit<NotificationsPorts, "addressees" | "board"> {
  readonly watched: Watched;
  readonly installation: string;
  readonly board: ((owner: string) => Board) | undefined;
}

/** Puts together who is told of incidents, and gives what tells them until its signal aborts. Nothing is loaded where nobody is to be told. */
export async function prepareNotifications(options: Options, parts: NotificationsParts): Promise<(signal: AbortSignal) => Promise<void>> {
  const { watched, installation, board, ...ports } = parts;
  const addressees = messengersOf(options.notify, ports.clock).map(({ option, messenger }) => ({
    messenger,
    events: eventsOf(option.events, INCIDENT_EVENTS),
  }));
  if (addressees.length === 0 && board === undefined) return () => Promise.resolve();
  const { createNotifications } = await import("../reconcilers/notifications.ts");
  const unasked = INCIDENT_EVENTS.filter((event) => event !== "moved");
  const shown = { board: board?.(installation.slice(0, 8)), events: eventsOf(options.home_assistant.events, unasked) };
  const notifications = createNotifications({
    ...ports,
    addressees,
    board: shown.board === undefined ? undefined : { board: shown.board, events: shown.events },
  });
  watched.add(notifications.watcher);
  return (signal) => notifications.run(signal);
}

function eventsOf(chosen: readonly IncidentEvent[], otherwise: readonly IncidentEvent[]): ReadonlySet<IncidentEvent> {
  return new Set(chosen.length === 0 ? otherwise : chosen);
}
