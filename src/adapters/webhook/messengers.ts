import type { IncidentMessage } from "../../domain/incident-message.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Messenger, NotifyError } from "../../ports/notifier.ts";
import { callOnce, type HttpCall, hostOf, namedByHost } from "./http-call.ts";
import { ntfyCall } from "./ntfy.ts";

export interface MessengerOption {
  readonly kind: "webhook" | "ntfy";
  readonly url: { reveal(): string };
  readonly token?: { reveal(): string } | undefined;
}

/** The messengers of the options, in their order. Each is called as its host. */
export function messengersOf<Option extends MessengerOption>(
  options: readonly Option[],
  clock: Clock,
): readonly { readonly option: Option; readonly messenger: Messenger }[] {
  return namedByHost(options).map(({ entry, name }) => ({ option: entry, messenger: new HttpMessenger(name, entry, clock) }));
}

/** Tells by one HTTP call a message. */
class HttpMessenger implements Messenger {
  readonly name: string;
  readonly #option: MessengerOption;
  readonly #clock: Clock;

  constructor(name: string, option: MessengerOption, clock: Clock) {
    this.name = name;
    this.#option = option;
    this.#clock = clock;
  }

  get place(): string {
    return hostOf(this.#option.url.reveal());
  }

  async tell(message: IncidentMessage, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { kind, url, token } = this.#option;
    const { headers, body } = kind === "ntfy" ? ntfyCall(message) : webhookCall(message);
    const bearer = token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` };
    const failure = await callOnce({ url: url.reveal(), method: "POST", headers: { ...headers, ...bearer }, body }, this.#clock, signal);
    if (failure !== undefined) throw new NotifyError(failure);
  }
}

function webhookCall(message: IncidentMessage): Required<Pick<HttpCall, "headers" | "body">> {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(jsonOf(message)) };
}

function jsonOf({ id, event, state, camera, reason, title, message, nextStep, at, several }: IncidentMessage): object {
  return {
    id,
    event,
    state,
    ...(camera === undefined ? {} : { camera: camera.id, name: camera.name }),
    reason,
    title,
    message,
    next_step: nextStep,
    at: new Date(at).toISOString(),
    ...(several === undefined ? {} : { incidents: several.map(jsonOf) }),
  };
}
