import { FluxReceiver } from "../adapters/flux/receiver.ts";
import type { Options } from "../config/options.ts";
import type { TargetFact } from "../ports/config-target.ts";
import { type Pipeline, PipelineError } from "../ports/pipeline.ts";
import { type ClusterSettings, clusterPipeline } from "./kubernetes.ts";

type FrigateOption = Pick<Options["frigate"][number], "git" | "kubernetes">;

/** Who is asked to bring a commit into use at once: a Receiver, and what is named in the cluster. */
export function pipelinesOf({ git, kubernetes }: FrigateOption, settings: ClusterSettings): readonly Pipeline[] {
  const receiver = git?.receiver;
  const cluster = kubernetes === undefined ? undefined : clusterPipeline(kubernetes, settings);
  return [
    ...(receiver === undefined ? [] : [new FluxReceiver({ ...receiver, clock: settings.clock })]),
    ...(cluster === undefined ? [] : [cluster]),
  ];
}

/** Whether each can be asked. @throws the signal's reason when aborted */
export async function pipelineFacts(pipelines: readonly Pipeline[], signal: AbortSignal): Promise<readonly TargetFact[]> {
  const facts: TargetFact[] = [];
  for (const pipeline of pipelines) {
    try {
      await pipeline.check(signal);
      facts.push({ state: "ok", found: `${pipeline.place} brings commits into use at once` });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PipelineError)) throw error;
      facts.push({ state: error.reason === "PipelineUnreachable" ? "less" : "act", found: error.message, reason: error.reason });
    }
  }
  return facts;
}
