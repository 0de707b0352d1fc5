import { expect, test } from "vitest";
import { ClusterApi } from "../../../src/adapters/kubernetes/cluster-api.ts";
import { RolledFrigate } from "../../../src/adapters/kubernetes/rolled-frigate.ts";
import { RESTARTED_AT } from "../../../src/adapters/kubernetes/rollout.ts";
import { Workload } from "../../../src/adapters/kubernetes/workload.ts";
import { minutes, seconds } from "../../../src/domain/duration.ts";
import type { Plain } from "../../../src/domain/plain.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeRunningFrigate } from "../../fakes/fake-running-frigate.ts";

const never = new AbortController().signal;

test("a pod that was long in coming up has its ninety seconds to answer from when it was ready", async () => {
  const clock = new FakeClock();
  const at = (): string => new Date(clock.now()).toISOString();
  let asked = "";
  const pod: { readyAt?: string } = {};
  const api = new ClusterApi({ access: () => expect.unreachable("nothing is called"), clock });
  api.call = ({ resource }, { verb }): Promise<Plain> => {
    if (verb === "patch") asked = at();
    if (resource === "configmaps") return Promise.resolve({ data: { "config.yml": "" } });
    if (resource === "pods") {
      const conditions = pod.readyAt === undefined ? [] : [{ type: "Ready", status: "True", lastTransitionTime: pod.readyAt }];
      return Promise.resolve({ items: [{ metadata: { creationTimestamp: asked }, status: { conditions } }] });
    }
    const available = pod.readyAt === undefined ? 0 : 1;
    return Promise.resolve({
      spec: { replicas: 1, template: { metadata: { annotations: { [RESTARTED_AT]: asked } } } },
      status: { replicas: 1, updatedReplicas: 1, availableReplicas: available },
    });
  };
  const shared = { api, clock, namespace: "frigate", configMap: "frigate", key: "config.yml" };
  const workload = new Workload({ ...shared, kind: "deployment", name: "frigate", limit: minutes(5) });
  const http = new FakeRunningFrigate({ text: () => "cameras: {}\n", clock });
  const frigate = new RolledFrigate({ name: "frigate" as TargetName, workload, clock, random: () => 0.5, http });
  expect(frigate.comesBackWithin).toBeGreaterThan(minutes(5) + seconds(90));
  await frigate.restart(never);
  http.end();
  await clock.advance(minutes(4));
  await expect(frigate.state(never)).rejects.toThrow("is coming up");
  // Its image was pulled until now, and it has no probe: it is ready as soon as it begins.
  pod.readyAt = at();
  await clock.advance(seconds(80));
  await expect(frigate.state(never)).rejects.toThrow("does not answer");
  await clock.advance(seconds(15));
  expect(await frigate.state(never)).toMatchObject({ safeMode: true, failed: expect.stringContaining("does not answer") as string });
  http.start();
  expect(await frigate.state(never)).toMatchObject({ safeMode: false });
});
