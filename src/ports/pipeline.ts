/** Why a pipeline that brings a repository into use could not be set going. */
export type PipelineReason = "PipelineUnreachable" | "PipelineRefused" | "PipelineMissing" | "PipelineSuspended" | "PipelineFailed";

/** A pipeline that did not do what it was asked; the message names the place and the remedy and holds no secret. */
export class PipelineError extends Error {
  override readonly name = "PipelineError";
  readonly reason: PipelineReason;
  constructor(reason: PipelineReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** What brings a commit into use, such as Flux or Argo CD. Left alone it would do so all the same, only later. */
export interface Pipeline {
  readonly name: string;
  /** For a person: without credentials. */
  readonly place: string;
  /**
   * Asks it to look at the repository now. Where it tells, returns when it has brought the newest commit into use; else once it has been asked.
   * @throws PipelineError; the signal's reason when aborted
   */
  trigger(signal: AbortSignal): Promise<void>;
  /**
   * Whether it can be asked, with as little done as shows that: at most it looks at the repository once.
   * @throws PipelineError; the signal's reason when aborted
   */
  check(signal: AbortSignal): Promise<void>;
}
