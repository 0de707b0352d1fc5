import { parseIp } from "../../domain/addresses.ts";
import { type Duration, minutes, seconds } from "../../domain/duration.ts";
import type { InstalledApp } from "../../domain/frigate-apps.ts";
import { type Plain, plain, plains, readJson } from "../../domain/plain.ts";
import { saidWords } from "../../domain/short-words.ts";
import type { Clock } from "../../ports/clock.ts";
import {
  type AppFacts,
  type HostInterface,
  type OfferedBroker,
  type OwnApp,
  type Supervisor,
  SupervisorError,
} from "../../ports/supervisor.ts";
import { exchange, whyUnanswered } from "../system/http-exchange.ts";

const CALL_LIMIT = seconds(10);
/** The Supervisor answers a restart when the app was stopped and started: an app may take five minutes to stop (supervisor/apps/validate.py, timeout). */
const RESTART_LIMIT = minutes(5);
/** An app's own information holds its whole description and documentation; a list of a hundred apps is a tenth of this. */
const MOST_BYTES = 2 * 1024 * 1024;
const LONGEST_WORDS = 200;
const SLUG = /^[-_.A-Za-z0-9]{1,128}$/;

interface SupervisorAnswer {
  readonly status: number;
  /** Undefined where there is more than the limit. */
  readonly text: string | undefined;
}

export interface HttpSupervisorOptions {
  /** `http://supervisor` in an app. */
  readonly url: string;
  readonly token: { reveal(): string };
  readonly clock: Clock;
}

/**
 * The Supervisor's HTTP API by its first version's paths, which every Supervisor has (home-assistant/supervisor, supervisor/api/__init__.py; the paths of
 * version 2 hang on a feature flag). With the role `default` an app may read itself, the services, and every `…/info`
 * (supervisor/api/middleware/security.py); so installed apps come from `/supervisor/info`, because `/addons` needs the role `manager`.
 */
export class HttpSupervisor implements Supervisor {
  readonly #options: HttpSupervisorOptions;

  constructor(options: HttpSupervisorOptions) {
    this.#options = options;
  }

  get place(): string {
    return this.#options.url;
  }

  async self(signal: AbortSignal): Promise<OwnApp> {
    const data = await this.#info("/addons/self/info", signal);
    const host = parseIp(textIn(data["ip_address"]) ?? "");
    const port = portIn(data["ingress_port"]);
    const ports = Object.entries(plain(data["network"])).flatMap(([name, value]) => {
      const opened = portIn(value);
      return opened === undefined ? [] : [[name, opened] as const];
    });
    return {
      slug: textIn(data["slug"]) ?? "self",
      ports: new Map(ports),
      ...(host === undefined || host === "0.0.0.0" || port === undefined ? {} : { ingress: { host, port } }),
    };
  }

  async apps(signal: AbortSignal): Promise<readonly InstalledApp[]> {
    const { addons } = await this.#info("/supervisor/info", signal);
    return plains(addons).flatMap(({ slug, state }) => {
      const name = textIn(slug);
      // `startup` is a container with a HEALTHCHECK that has not answered yet (supervisor/apps/app.py).
      return name === undefined ? [] : [{ slug: name, isRunning: state === "started" || state === "startup" }];
    });
  }

  async app(slug: string, signal: AbortSignal): Promise<AppFacts> {
    const data = await this.#info(`/addons/${checkedSlug(slug)}/info`, signal);
    return {
      // As supervisor/apps/model.py makes it.
      hostname: textIn(data["hostname"]) ?? slug.replaceAll("_", "-"),
      startsAtBoot: data["boot"] === "auto",
      watchdog: data["watchdog"] === true,
    };
  }

  async interfaces(signal: AbortSignal): Promise<readonly HostInterface[]> {
    const { interfaces } = await this.#info("/network/info", signal);
    return plains(interfaces).flatMap(({ interface: given, enabled, connected }) => {
      const name = textIn(given);
      return name === undefined ? [] : [{ name, isUp: enabled === true && connected === true }];
    });
  }

  async broker(signal: AbortSignal): Promise<OfferedBroker | undefined> {
    const answer = await this.#call("GET", "/services/mqtt", undefined, CALL_LIMIT, signal);
    // 400 with these words where no app provides it (supervisor/api/services.py).
    if (answer.status === 400 && /not enabled/i.test(wordsOf(answer))) return undefined;
    const data = this.#data(answer, "/services/mqtt");
    const [host, port] = [textIn(data["host"]), portIn(data["port"])];
    if (host === undefined || port === undefined)
      throw this.#error("SupervisorUnreachable", "offers an MQTT broker and does not say where it is");
    const [username, password] = [textIn(data["username"]), textIn(data["password"])];
    return {
      host,
      port,
      tls: data["ssl"] === true,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: { reveal: () => password } }),
    };
  }

  /**
   * By Home Assistant Core, whose action does it with the Supervisor's own permission; this app needs none but `homeassistant_api`. Since Core 2026.2 it is
   * `hassio.app_restart`, before `hassio.addon_restart` (home-assistant/core, components/hassio/services.py). Core answers an action or a field that it
   * does not know with 400.
   */
  async restart(slug: string, signal: AbortSignal): Promise<void> {
    const app = checkedSlug(slug);
    const call = (action: string, body: object): Promise<SupervisorAnswer> =>
      this.#call("POST", `/core/api/services/hassio/${action}`, JSON.stringify(body), RESTART_LIMIT, signal);
    const first = await call("app_restart", { app });
    const answer = first.status === 400 ? await call("addon_restart", { addon: app }) : first;
    if (answer.status >= 200 && answer.status < 300) return;
    if (isAway(answer)) throw this.#error("SupervisorUnreachable", "has no running Home Assistant that could restart an app");
    // A Core that is there passes on what the Supervisor told it (components/api/__init__.py); before 2026.11 it keeps the words to its own log.
    if (answer.status === 500) throw this.#error("SupervisorRefuses", `did not restart ${app} (${answered(answer)})`);
    throw this.#error("SupervisorRefuses", `does not let this app restart ${app} (${answered(answer)})`);
  }

  async #info(path: string, signal: AbortSignal): Promise<Plain> {
    return this.#data(await this.#call("GET", path, undefined, CALL_LIMIT, signal), path);
  }

  /** What stands under `data` of a good answer: `{"result": "ok", "data": …}` (supervisor/api/utils.py). @throws SupervisorError */
  #data(answer: SupervisorAnswer, path: string): Plain {
    const { status, text } = answer;
    if (text === undefined) throw this.#error("SupervisorUnreachable", `answers ${path} without end`);
    if (status === 401 || status === 403)
      throw this.#error("SupervisorRefuses", `does not let this app read ${path} (${answered(answer)})`);
    const content = plain(readJson(text));
    if (status >= 200 && status < 300 && content["result"] === "ok") return plain(content["data"]);
    throw this.#error("SupervisorUnreachable", `cannot answer ${path} now (${answered(answer)})`);
  }

  async #call(
    method: "GET" | "POST",
    path: string,
    body: string | undefined,
    within: Duration,
    signal: AbortSignal,
  ): Promise<SupervisorAnswer> {
    const { url, token, clock } = this.#options;
    signal.throwIfAborted();
    const deadline = clock.deadline(`Supervisor ${method} ${path}`, within, signal);
    const headers = {
      authorization: `Bearer ${token.reveal()}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const content = body === undefined ? {} : { body };
    try {
      const call = { method, url: new URL(path, url), headers, ...content, mostBytes: MOST_BYTES };
      const answer = await exchange(call, deadline);
      return { status: answer.status, text: answer.body?.toString("utf8") };
    } catch (error) {
      signal.throwIfAborted();
      // The restart goes on without us, and whether the app came back is seen at the app.
      if (deadline.aborted && within === RESTART_LIMIT) return { status: 202, text: "" };
      throw this.#error("SupervisorUnreachable", whyUnanswered(error, deadline, within));
    }
  }

  #error(reason: SupervisorError["reason"], words: string): SupervisorError {
    return new SupervisorError(reason, `Home Assistant's Supervisor ${words}`);
  }
}

/** While it starts, or Core does: 502 and its like, and 400 with these words (security.py, system_validation). A 500 comes from a Core that is there. */
function isAway(answer: SupervisorAnswer): boolean {
  return answer.status > 500 || (answer.status === 400 && /not ready/i.test(wordsOf(answer)));
}

/** Status and the Supervisor's own words, for a person. */
function answered(answer: SupervisorAnswer): string {
  const words = wordsOf(answer);
  return words === "" ? String(answer.status) : `${String(answer.status)}: ${words}`;
}

function wordsOf({ text }: SupervisorAnswer): string {
  const message = textIn(plain(readJson(text ?? ""))["message"]) ?? "";
  return saidWords(message, LONGEST_WORDS);
}

function checkedSlug(slug: string): string {
  if (!SLUG.test(slug)) throw new SupervisorError("SupervisorRefuses", "an app cannot be called so");
  return slug;
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function portIn(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65_536 ? value : undefined;
}
