import { seconds } from "../domain/duration.ts";
import type { Registry } from "../ports/registry.ts";
import { type StreamServer, StreamServerError } from "../ports/stream-server.ts";
import { type Outcome, Waiting } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";

export interface ShadowsPorts {
  readonly servers: readonly StreamServer[];
  readonly registry: Registry;
}

/** Removes from go2rtc's own file what our calls left there, once the document says the same: it would shadow the document later. */
export class Shadows implements Reconciler<string> {
  readonly name = "shadow";
  readonly #ports: ShadowsPorts;

  constructor(ports: ShadowsPorts) {
    this.#ports = ports;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<Outcome> {
    const { servers, registry } = this.#ports;
    const server = servers.find((candidate) => candidate.name === name);
    const parked = new Set(registry.quarantines().map((record) => `${record.server}/${record.stream}`));
    const due = registry.shadows().filter((record) => record.server === name && !parked.has(`${record.server}/${record.stream}`));
    if (server === undefined || due.length === 0) return {};
    try {
      await server.removeShadows(
        due.map((record) => record.stream),
        signal,
      );
      // Only what is gone from the file now: a stream may have been pointed again meanwhile.
      for (const record of due) if (await server.wouldShadow(record.stream, signal)) registry.removeShadow(record);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StreamServerError) throw new Waiting(error.reason, seconds(30), error.message, { cause: error });
      throw error;
    }
    return registry.shadows().some((record) => record.server === name) ? { requeueAfter: seconds(30) } : {};
  }
}
