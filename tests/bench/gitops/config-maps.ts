import { hostOf } from "../../../src/domain/document.ts";
import { parseIp } from "../../../src/domain/addresses.ts";
import type { Cluster } from "../../kubernetes/cluster.ts";
import { apiWith, frigateText, KEY, makeNamespace, targetIn } from "../../kubernetes/frigate-namespace.ts";
import { type Row, rowOf } from "./rows.ts";

const NAMESPACE = "bench";
const CAMERAS = 12;
const ADDRESS = /192\.0\.2\.\d+/;
const never = new AbortController().signal;

/** Twelve cameras' Frigate in a ConfigMap. */
const text = (): string => frigateText(...Array.from({ length: CAMERAS }, (_, index) => `192.0.2.${String(20 + index)}`));

/**
 * From the end of the batch window until the ConfigMap has the new address, on a real API server: what the document loop does then is to read, work the text
 * out and prove it, read once more for who owns it, and patch with a test of the former text. Beside it what `kubectl edit` does without any of that:
 * GET and PUT, a connection each, over the same client.
 */
export async function benchConfigMaps(cluster: Cluster, runs: number): Promise<readonly [ours: Row, naive: Row]> {
  await makeNamespace(cluster, NAMESPACE, text());
  const target = targetIn(NAMESPACE, apiWith(await cluster.kubeconfig()));
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/frigate`;
  const ours: number[] = [];
  const naive: number[] = [];
  for (let round = 0; round < runs; round += 1) {
    const to = parseIp(`192.0.2.${String(100 + (round % 100))}`);
    const begun = performance.now();
    const { text: before, revision } = await target.read(never);
    const next = target.format.rewrite(before, (occurrence) =>
      occurrence.owners.includes("camera:camera1") && hostOf(occurrence) !== to ? to : undefined,
    );
    const outcome = await target.write(next.text, revision, never);
    ours.push((performance.now() - begun) / 1000);
    if (outcome.kind !== "written" || next.edits.length !== 1) throw new Error(`nothing was healed: ${outcome.kind}`);

    const since = performance.now();
    const map = await cluster.do("GET", path);
    const data = map["data"] as Readonly<Record<string, string>>;
    const edited = (data[KEY] ?? "").replace(ADDRESS, `192.0.2.${String(200 + (round % 50))}`);
    await cluster.do("PUT", path, { ...map, data: { ...data, [KEY]: edited } });
    naive.push((performance.now() - since) / 1000);
  }
  return [rowOf("read, prove, look who owns it, test and patch", ours), rowOf("naive: GET and PUT", naive)];
}
