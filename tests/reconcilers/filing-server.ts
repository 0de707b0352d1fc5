import type { StreamName } from "../../src/domain/camera.ts";
import type { PointOutcome } from "../../src/ports/stream-server.ts";
import type { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeStreamServer, type FakeStreamServerOptions } from "../fakes/fake-stream-server.ts";

/** A stand-alone go2rtc whose first file is the document: each PUT rewrites the stream's lines there in its own way, comments on them lost. */
export class FilingServer extends FakeStreamServer {
  readonly #target: FakeConfigTarget;
  /** Runs before each PUT is stored. */
  beforeStoring: () => void = () => undefined;

  constructor(target: FakeConfigTarget, options: FakeStreamServerOptions = {}) {
    const { streams } = target.format.read(target.text);
    super({ streams: Object.fromEntries(streams.map(({ name, sources }) => [name, sources.map(({ text }) => text)])), ...options });
    this.#target = target;
  }

  override async point(name: StreamName, sources: readonly string[], signal: AbortSignal, renew = false): Promise<PointOutcome> {
    const outcome = await super.point(name, sources, signal, renew);
    if (!outcome.calls.includes("put")) return outcome;
    this.beforeStoring();
    const lines = new RegExp(`^  ${name}:.*\\n(?: {4}.*\\n)*`, "m");
    this.#target.edit(this.#target.text.replace(lines, `  ${name}:\n${sources.map((one) => `    - ${one}\n`).join("")}`));
    return outcome;
  }
}
