import { seconds } from "../../domain/duration.ts";
import { isPlain, type Plain, plain, readJson } from "../../domain/plain.ts";
import { saidWords } from "../../domain/short-words.ts";
import type { FrigateError } from "../../ports/running-frigate.ts";
import { type FrigateAnswer, type FrigateCall, FrigateConnection, type FrigateConnectionOptions, pathOf } from "./connection.ts";

/** Checking a document dials each camera without `detect` size, for 30 s and more where it does not answer (frigate/config/config.py). */
const VALIDATING = seconds(120);

/** One change of the running configuration of Frigate 0.18 and later. */
export interface LiveChange {
  readonly camera: string;
  readonly section: "ffmpeg" | "onvif";
  readonly value: Plain;
}

/**
 * The HTTP API of one Frigate, 0.14 and later (frigate/api/app.py). Nothing of an answer is trusted to hold no credentials.
 */
export class FrigateClient {
  readonly #connection: FrigateConnection;

  constructor(options: FrigateConnectionOptions) {
    this.#connection = new FrigateConnection(options);
  }

  get place(): string {
    return this.#connection.place;
  }

  get hostname(): string {
    return this.#connection.hostname;
  }

  /** As `0.17.2-85c2210`. @throws FrigateError `NotFrigate` where something else answers */
  async version(signal: AbortSignal): Promise<string> {
    const answer = await this.#connection.call({ method: "GET", path: "version" }, signal);
    const version = answer.text.trim();
    if (answer.status === 200 && /^\d+\.\d+\.\d+\S{0,80}$/.test(version)) return version;
    throw await this.#whatElse(answer, signal);
  }

  /** The running configuration, credentials masked by Frigate; not what the document says since. @throws FrigateError */
  async config(signal: AbortSignal): Promise<Plain> {
    return this.#json("config", signal);
  }

  /**
   * The document's text. 0.14 sends it as it is, 0.15 and later as a JSON string under the same content type. Frigate reads it as Python text:
   * CR LF arrive as LF.
   * @throws FrigateError with the status where Frigate cannot read its document
   */
  async configRaw(signal: AbortSignal): Promise<string> {
    const { text } = await this.#expect({ method: "GET", path: "config/raw" }, signal);
    if (!text.startsWith('"')) return text;
    const decoded = readJson(text);
    return typeof decoded === "string" ? decoded : text;
  }

  /** The JSON schema of this version's documents. @throws FrigateError */
  async schema(signal: AbortSignal): Promise<Plain> {
    return this.#json("config/schema.json", signal);
  }

  /**
   * Replaces the document: Frigate validates the text, then writes it into the file, which is neither atomic nor guarded against others. The
   * running configuration stays. Not cut short by an abort, because Frigate would finish it all the same.
   * @throws FrigateError `FrigateRefused` with Frigate's words ("Line 7: …") where the text is not valid to it: nothing was written
   */
  async save(text: string): Promise<void> {
    const path = "config/save?save_option=saveonly";
    await this.#expect({ method: "POST", path, body: text, type: "text/plain", within: VALIDATING }, new AbortController().signal);
  }

  /** Applies a camera's section in memory alone, at once: 0.18 and later. @throws FrigateError */
  async set({ camera, section, value }: LiveChange, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify({
      requires_restart: 0,
      skip_save: true,
      update_topic: `config/cameras/${camera}/${section}`,
      config_data: { cameras: { [camera]: { [section]: value } } },
    });
    await this.#expect({ method: "PUT", path: "config/set", body, type: "application/json", within: VALIDATING }, signal);
  }

  /** Ends Frigate's container; what starts it again is not Frigate's business. @throws FrigateError */
  async restart(signal: AbortSignal): Promise<void> {
    await this.#expect({ method: "POST", path: "restart" }, signal);
  }

  /** @throws FrigateError */
  async stats(signal: AbortSignal): Promise<Plain> {
    return this.#json("stats", signal);
  }

  /**
   * Gives a stream of Frigate's go2rtc this one source; any other it had is dropped, and a restart forgets it: 0.17 and later.
   * @throws FrigateError also where go2rtc refuses, which may have taken the source all the same
   */
  async putStream(name: string, source: string, signal: AbortSignal): Promise<void> {
    const path = `go2rtc/streams/${encodeURIComponent(name)}?src=${encodeURIComponent(source)}`;
    await this.#expect({ method: "PUT", path }, signal);
  }

  /** The role that this user has there; undefined in versions before 0.16, where everybody may write. @throws FrigateError */
  async role(signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#connection.call({ method: "GET", path: "profile" }, signal);
    const role = answer.status === 200 ? plain(readJson(answer.text))["role"] : undefined;
    return typeof role === "string" ? role : undefined;
  }

  /** go2rtc's streams as Frigate passes them on: the list, which has no side effect, unlike the call by name. @throws FrigateError */
  async streams(signal: AbortSignal): Promise<Plain> {
    return this.#json("go2rtc/streams", signal);
  }

  async #json(path: string, signal: AbortSignal): Promise<Plain> {
    const { text } = await this.#expect({ method: "GET", path }, signal);
    const parsed = readJson(text);
    if (!isPlain(parsed)) throw this.#connection.error("NotFrigate", `answers /api/${path} with something else than Frigate does`);
    return parsed;
  }

  async #expect(call: FrigateCall, signal: AbortSignal): Promise<FrigateAnswer> {
    const answer = await this.#connection.call(call, signal);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw await this.#whatElse(answer, signal, call.path);
  }

  /** Why an answer is not what Frigate should give: what kind of server this is, or Frigate's own words. */
  async #whatElse(answer: FrigateAnswer, signal: AbortSignal, path = "version"): Promise<FrigateError> {
    const { status, text } = answer;
    if (status === 403)
      return this.#connection.error(
        "FrigateForbids",
        "forbids it to this user, who is no admin there: give the user the role admin, or use port 5000 of Frigate",
        status,
      );
    if (status === 400 && /plain HTTP request was sent to HTTPS/i.test(text))
      return this.#connection.error("NotFrigate", "speaks TLS: write https:// in url under frigate", status);
    if (path === "version" && (await this.#isGo2rtc(signal)))
      return this.#connection.error(
        "NotFrigate",
        "is go2rtc, not Frigate: give Frigate's own address in url under frigate, usually port 5000",
        status,
      );
    if (path === "version")
      return this.#connection.error("NotFrigate", `is not Frigate (it answers ${String(status)}): correct url under frigate`, status);
    if (status === 502 || status === 504)
      return this.#connection.error("FrigateUnreachable", "is starting or has stopped: its web server answers alone", status);
    return this.#connection.error("FrigateRefused", `answers ${pathOf({ path })} with ${said(answer)}`, status);
  }

  /** go2rtc says its version at `/api` (go2rtc internal/api/api.go). */
  async #isGo2rtc(signal: AbortSignal): Promise<boolean> {
    const { text } = await this.#connection.call({ method: "GET", path: "" }, signal).catch(() => ({ text: "" }));
    const found = plain(readJson(text));
    return "rtsp" in found && "version" in found;
  }
}

/** Frigate's own words, as short as a message allows and without credentials. */
function said({ status, text }: FrigateAnswer): string {
  const { message, detail } = plain(readJson(text));
  const given = message ?? detail;
  const words = typeof given === "string" ? (/^Line .*$/ms.exec(given)?.[0] ?? given) : text;
  const short = saidWords(words, 400);
  return short === "" ? String(status) : `${String(status)}: ${short}`;
}
