import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { RolledFrigate } from "../../../src/adapters/kubernetes/rolled-frigate.ts";
import { Workload } from "../../../src/adapters/kubernetes/workload.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { parseIp } from "../../../src/domain/addresses.ts";
import { minutes } from "../../../src/domain/duration.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";
import { FrigateError } from "../../../src/ports/running-frigate.ts";
import { at, type Cluster, type Json, textAt } from "../../kubernetes/cluster.ts";
import { clusterWithMachine, stopHomes } from "../../kubernetes/frigate-home.ts";
import { apiWith, KEY, makeNamespace, targetIn, workloadPath } from "../../kubernetes/frigate-namespace.ts";

const SHAPES = join(import.meta.dirname, "../../golden/workloads");
const TEXT = `# Frigate, as it stands in the chart's values
mqtt: {enabled: false}
go2rtc:
  streams:
    front: ["rtsp://viewer:secret@192.168.1.20:554/main"] # the front
cameras:
  front:
    ffmpeg:
      inputs:
        - path: rtsp://127.0.0.1:8554/front
          roles: [detect]
    onvif: {host: 192.168.1.20, port: 8000}
  garden:
    ffmpeg:
      inputs:
        - {path: 'rtsp://192.168.1.200/live', roles: [detect]}   # left alone
`;
const never = () => new AbortController().signal;
let cluster: Cluster;
let kubeconfig = "";

beforeAll(async () => {
  cluster = await clusterWithMachine();
  kubeconfig = await cluster.kubeconfig();
});
afterEach(stopHomes);

/** What is seen of the shape, what a heal makes of the ConfigMap, and what brings it into use: for the golden. */
async function heal(namespace: string): Promise<string> {
  const api = apiWith(kubeconfig);
  const clock = createSystemClock();
  const workload = new Workload({
    api,
    clock,
    namespace,
    kind: "deployment",
    name: "frigate",
    configMap: "frigate",
    key: KEY,
    limit: minutes(5),
  });
  const target = targetIn(namespace, api, { workload });
  const frigate = new RolledFrigate({ name: "frigate" as TargetName, workload, clock, random: () => 0.5 });
  const { mounted } = await workload.look(never());
  const facts = await target.examine(never());
  const mayWrite = await target.checkWritable(never()).then(
    () => "may be written",
    (error: Error) => error.message,
  );
  const { text, revision } = await target.read(never());
  const to = parseIp("192.168.1.77");
  const next = target.format.rewrite(text, ({ owners }) => (owners.some((owner) => owner.endsWith(":front")) ? to : undefined));
  await target.write(next.text, revision, never());
  const generation = async (): Promise<number> => Number(at(await cluster.do("GET", workloadPath(namespace)), "metadata", "generation"));
  const before = await generation();
  const refused = await frigate.restart(never()).then(
    () => "",
    (error: unknown) => {
      if (error instanceof FrigateError) return error.message;
      throw error;
    },
  );
  const made = (await generation()) - before;
  const restart = refused === "" ? (made === 0 ? "none: Reloader makes it" : "one") : `none: ${refused}`;
  const map = await cluster.do("GET", `/api/v1/namespaces/${namespace}/configmaps/frigate`);
  const moved = JSON.stringify(at(JSON.parse(textAt(map, "metadata", "annotations", "camera-shepherd.io/last-change")), "moves"));
  const lines = [
    `shape: ${mounted}`,
    `check: ${mayWrite}`,
    ...facts.map(({ state, found }) => `check: ${state}: ${found}`),
    `moved: ${moved}`,
    `restart: ${restart}`,
  ];
  return `${lines.join("\n").replaceAll(namespace, "NAMESPACE")}\n--- ${KEY}\n${textAt(map, "data", KEY)}`;
}

describe("a shape of Frigate in a cluster", () => {
  test.each(readdirSync(SHAPES))("%s: what is seen of it, what is written, and what restart that needs", async (shape) => {
    const namespace = `shape-${shape}`;
    await makeNamespace(cluster, namespace, TEXT);
    const manifest = load(await readFile(join(SHAPES, shape, "workload.yaml"), "utf8")) as Json;
    await cluster.do("POST", `/apis/apps/v1/namespaces/${namespace}/deployments?fieldValidation=Strict`, manifest);
    await expect(await heal(namespace)).toMatchFileSnapshot(join(SHAPES, shape, "healed.txt"));
    const map = await cluster.do("GET", `/api/v1/namespaces/${namespace}/configmaps/frigate`);
    expect(textAt(map, "data", KEY)).toBe(TEXT.replaceAll(/192\.168\.1\.20(?!\d)/g, "192.168.1.77"));
  });
});
