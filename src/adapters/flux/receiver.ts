import { createHmac } from "node:crypto";
import { seconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Pipeline, PipelineError } from "../../ports/pipeline.ts";
import { exchange, whyUnanswered } from "../system/http-exchange.ts";

const LIMIT = seconds(10);

export interface FluxReceiverSettings {
  /** The whole address, `/hook/…` included: a secret, too, since whoever knows it may try tokens. */
  readonly url: { reveal(): string };
  readonly token: { reveal(): string };
  readonly clock: Clock;
}

/**
 * A Receiver of Flux of the type `generic-hmac`: signed with its token, it has Flux look at its resources now. It answers once it has asked them
 * (fluxcd/notification-controller docs/spec/v1/receivers.md, internal/server/receiver_handlers.go).
 */
export class FluxReceiver implements Pipeline {
  readonly name = "flux";
  readonly #settings: FluxReceiverSettings;

  constructor(settings: FluxReceiverSettings) {
    this.#settings = settings;
  }

  get place(): string {
    const url = this.#settings.url.reveal();
    return `Flux's Receiver at ${URL.canParse(url) ? new URL(url).host : "an address that is none"}`;
  }

  async trigger(signal: AbortSignal): Promise<void> {
    const refusal = this.#refusal(await this.#status(this.#settings.token.reveal(), signal));
    if (refusal !== undefined) throw refusal;
  }

  /**
   * First with a signature that is none, which a Receiver of this type refuses last of all and does nothing for: so the path is right and it is not suspended.
   * Only a signed call tells whether the token is right; it has Flux look once.
   */
  async check(signal: AbortSignal): Promise<void> {
    const unsigned = await this.#status(undefined, signal);
    if (unsigned >= 200 && unsigned < 300)
      throw new PipelineError(
        "PipelineRefused",
        `${this.place} takes calls that nobody signed: give it the type generic-hmac, or anybody who knows its path can call it`,
      );
    if (unsigned !== 400)
      throw this.#refusal(unsigned) ?? new PipelineError("PipelineUnreachable", `${this.place} answered ${String(unsigned)}`);
    await this.trigger(signal);
  }

  async #status(token: string | undefined, signal: AbortSignal): Promise<number> {
    const deadline = this.#settings.clock.deadline("call of Flux's Receiver", LIMIT, signal);
    try {
      return await this.#post(token, deadline);
    } catch (error) {
      signal.throwIfAborted();
      // The cause may name the whole URL: only its code is kept.
      throw new PipelineError("PipelineUnreachable", `${this.place} ${whyUnanswered(error, deadline, LIMIT)}; it is tried again`);
    }
  }

  /** @param token absent: the call is not signed */
  async #post(token: string | undefined, signal: AbortSignal): Promise<number> {
    const { url } = this.#settings;
    const body = JSON.stringify({ source: "camera-shepherd" });
    const headers = {
      "user-agent": "camera-shepherd",
      "content-type": "application/json",
      ...(token === undefined ? {} : { "x-signature": `sha256=${createHmac("sha256", token).update(body).digest("hex")}` }),
    };
    const call = { url: new URL(url.reveal()), method: "POST", headers, body, mostBytes: 0 };
    return (await exchange(call, signal)).status;
  }

  #refusal(status: number): PipelineError | undefined {
    if (status >= 200 && status < 300) return undefined;
    if (status === 400 || status === 401 || status === 403)
      return new PipelineError(
        "PipelineRefused",
        `${this.place} refuses the signature (${String(status)}): git.receiver.token must be what the Receiver's secret has under token, and its type generic-hmac`,
      );
    if (status === 404)
      return new PipelineError(
        "PipelineMissing",
        `${this.place} knows no such path: git.receiver.url must end as status.webhookPath of the Receiver says`,
      );
    if (status === 413) return new PipelineError("PipelineRefused", `${this.place} takes no message of this size (413)`);
    if (status === 503)
      return new PipelineError(
        "PipelineSuspended",
        `${this.place} is suspended or not ready: resume it; the commit waits in the repository`,
      );
    if (status >= 300 && status < 400)
      return new PipelineError("PipelineMissing", `${this.place} leads to another address: name that under git.receiver.url`);
    return new PipelineError("PipelineUnreachable", `${this.place} answered ${String(status)}; it is tried again`);
  }
}
