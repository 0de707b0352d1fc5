import { type Cluster, startCluster } from "./cluster.ts";

let started: Promise<Cluster> | undefined;

/** The cluster that all suites of a test file share: it takes seconds to start. */
export function oneCluster(): Promise<Cluster> {
  started ??= startCluster();
  return started;
}

export async function endCluster(): Promise<void> {
  await (await started)?.stop();
}
