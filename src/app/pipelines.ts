import { FluxReceiver } from "../adapters/flux/receiver.ts";
import type { Options } from "../config/options.ts";
import type { Pipeline } from "../ports/pipeline.ts";
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
