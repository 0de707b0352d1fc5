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
    const deadline = this.#settings.clock.deadline("call of Flux's Receiver", LIMIT, signal);
    let status: number;
    try {
      status = await this.#post(deadline);
    } catch (error) {
      signal.throwIfAborted();
      // The cause may name the whole URL: only its code is kept.
      throw new PipelineError("PipelineUnreachable", `${this.place} ${whyUnanswered(error, deadline, LIMIT)}; it is tried again`);
    }
    const refusal = this.#refusal(status);
    if (refusal !== undefined) throw refusal;
  }

  async #post(signal: AbortSignal): Promise<number> {
    const { url, token } = this.#settings;
    const body = JSON.stringify({ source: "camera-shepherd" });
    const headers = {
      "user-agent": "camera-shepherd",
      "content-type": "application/json",
      "x-signature": `sha256=${createHmac("sha256", token.reveal()).update(body).digest("hex")}`,
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
