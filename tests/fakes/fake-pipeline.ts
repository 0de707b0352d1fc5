import { type Pipeline, PipelineError, type PipelineReason } from "../../src/ports/pipeline.ts";

export class FakePipeline implements Pipeline {
  readonly name = "fake";
  readonly place = "the fake pipeline";
  asked = 0;
  failing: PipelineReason | undefined;

  check(signal: AbortSignal): Promise<void> {
    return this.trigger(signal);
  }

  trigger(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.failing !== undefined) return Promise.reject(new PipelineError(this.failing, `${this.place} failed`));
    this.asked += 1;
    return Promise.resolve();
  }
}
