import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Board, type Note, NotifyError, type Shown } from "../../ports/notifier.ts";
import { HomeAssistantError } from "./failure.ts";
import type { HomeAssistantLink } from "./link.ts";
import type { Session } from "./session.ts";

const Notifications = z.array(z.object({ notification_id: z.string() }).or(z.unknown().transform(() => undefined)));
const SetUp = z.array(z.object({ domain: z.string(), seconds: z.number() }).or(z.unknown().transform(() => undefined)));
/** They are set up before anybody is let in, and once in a run. */
const SET_UP_ONCE = ["persistent_notification", "http"];

/**
 * Home Assistant's persistent notifications (`persistent_notification/get`, services `create` and `dismiss`; home-assistant/core:
 * homeassistant/components/persistent_notification). Core keeps them in memory: a restart takes them away.
 */
export class PersistentNotifications implements Board {
  readonly #link: HomeAssistantLink;
  readonly #prefix: string;
  readonly #runs = new WeakMap<Session, string>();

  /** @param owner tells our notifications from those of another copy of the program */
  constructor(link: HomeAssistantLink, owner: string) {
    this.#link = link;
    this.#prefix = `camera_shepherd_${owner}/`;
  }

  get place(): string {
    return "Home Assistant";
  }

  shown(signal: AbortSignal): Promise<Shown> {
    return this.#link.use(failed, signal, async (session) => {
      const answer = Notifications.safeParse(await session.call({ type: "persistent_notification/get" }, signal)).data ?? [];
      const ids = answer.flatMap((one) => (one?.notification_id.startsWith(this.#prefix) === true ? [one.notification_id] : []));
      return { ids: new Set(ids.map((id) => id.slice(this.#prefix.length))), run: await this.#runOf(session, signal) };
    });
  }

  put(id: string, note: Note, signal: AbortSignal): Promise<void> {
    const data = { notification_id: this.#prefix + id, title: plain(note.title), message: markdownOf(note) };
    return this.#call("create", data, signal);
  }

  remove(id: string, signal: AbortSignal): Promise<void> {
    return this.#call("dismiss", { notification_id: this.#prefix + id }, signal);
  }

  /**
   * Core says of no start when it was. It says for how long each integration was set up at that start, to the nanosecond (`integration/setup_info`;
   * home-assistant/core: homeassistant/setup.py): that is another number after a restart, and the same for as long as it runs. Where it does not say it,
   * each connection is a run of its own.
   */
  async #runOf(session: Session, signal: AbortSignal): Promise<string> {
    const known = this.#runs.get(session);
    if (known !== undefined) return known;
    const answer = await session.call({ type: "integration/setup_info" }, signal).catch((error: unknown) => {
      if (error instanceof HomeAssistantError && error.kind === "refused") return [];
      throw error;
    });
    const times = (SetUp.safeParse(answer).data ?? []).filter((one) => one !== undefined && SET_UP_ONCE.includes(one.domain));
    const run = times.length === 0 ? randomUUID() : times.map((one) => `${one?.domain ?? ""} ${String(one?.seconds)}`).join(", ");
    this.#runs.set(session, run);
    return run;
  }

  #call(service: string, data: object, signal: AbortSignal): Promise<void> {
    const command = { type: "call_service", domain: "persistent_notification", service, service_data: data };
    return this.#link.use(failed, signal, async (session) => void (await session.call(command, signal)));
  }
}

function failed(cause: HomeAssistantError): NotifyError {
  return new NotifyError(cause.message, { cause });
}

/** The message is Markdown there, and names of devices and other texts from the network stand in it. */
function markdownOf({ message, nextStep, verbatim }: Note): string {
  const lines = message.split("\n").map((line) => plainMarkdown(line));
  const parts = [
    lines.length === 1 ? (lines[0] ?? "") : lines.map((line) => `- ${line}`).join("\n"),
    ...(nextStep === "" ? [] : [`**Next:** ${plainMarkdown(nextStep)}`]),
    ...(verbatim === undefined ? [] : [`\`\`\`diff\n${untemplated(verbatim.replaceAll("`", "'"))}\n\`\`\``]),
  ];
  return parts.join("\n\n");
}

function plainMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>()#%+!|~&]/g, (character) => `\\${character}`);
}

/** The title is no Markdown, but Core takes a text with `{{` or `{%` for a template. */
function plain(text: string): string {
  return untemplated(text.replaceAll(/\p{Cc}+/gu, " "));
}

function untemplated(text: string): string {
  return text.replaceAll(/\{(?=[{%#])/g, "{ ");
}
