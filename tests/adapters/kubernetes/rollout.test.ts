import { describe, expect, test } from "vitest";
import { isReloaded } from "../../../src/adapters/kubernetes/reloader.ts";
import { RESTARTED_AT, rolloutOf, type WorkloadKind } from "../../../src/adapters/kubernetes/rollout.ts";
import { after, type Instant, instant, minutes, seconds } from "../../../src/domain/duration.ts";

const ASKED = instant(Date.UTC(2026, 10, 27, 9));
const NOW = after(ASKED, seconds(30));
const iso = (at: number): string => new Date(at).toISOString();

const template = { metadata: { annotations: { [RESTARTED_AT]: iso(ASKED) } } };
const workload = (status: object, spec: object = {}) => ({
  metadata: { generation: 3 },
  spec: { replicas: 1, template, ...spec },
  status: { observedGeneration: 3, ...status },
});
const pod = (created: number, container: object = {}, more: object = {}) => ({
  metadata: { creationTimestamp: iso(created), ...more },
  status: { containerStatuses: [{ name: "frigate", ...container }] },
});
const UP = { replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
const CRASHING = { state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: { terminated: { exitCode: 137 } } };

function judged(kind: WorkloadKind, object: object, pods: readonly object[] = [pod(ASKED)], now = NOW) {
  return rolloutOf(
    kind,
    { ...object },
    pods.map((one) => ({ ...one })),
    now,
    minutes(5),
  );
}

describe("a rollout", () => {
  test.each([
    ["deployment", workload(UP), "complete"],
    ["deployment", workload({ ...UP, observedGeneration: 2 }), "underway"],
    ["deployment", workload({ ...UP, replicas: 2 }), "underway"],
    ["deployment", workload({ ...UP, availableReplicas: 0 }), "underway"],
    ["deployment", workload({ replicas: 1 }), "underway"],
    ["deployment", workload({}, { replicas: 0 }), "complete"],
    ["statefulset", workload({ updatedReplicas: 1, readyReplicas: 1, currentRevision: "b", updateRevision: "b" }), "complete"],
    ["statefulset", workload({ updatedReplicas: 1, readyReplicas: 1, currentRevision: "a", updateRevision: "b" }), "underway"],
    ["daemonset", workload({ desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }), "complete"],
    ["daemonset", workload({ desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 }), "underway"],
  ] as const)("of a %s: %j is %s", (kind, object, expected) => {
    expect(judged(kind, object).kind).toBe(expected);
  });

  test("that is complete says when the last of its pods became ready", () => {
    const ready = (at: Instant): object => ({
      conditions: [
        { type: "Ready", status: "True", lastTransitionTime: iso(at) },
        { type: "PodScheduled", status: "True", lastTransitionTime: iso(NOW) },
      ],
    });
    const [early, late] = [after(ASKED, seconds(20)), after(ASKED, minutes(4))];
    expect(judged("deployment", workload(UP), [pod(ASKED, {}), pod(ASKED)])).not.toHaveProperty("readyAt");
    const pods = [early, late].map((at) => ({ ...pod(ASKED), status: ready(at) }));
    expect(judged("deployment", workload(UP), pods)).toMatchObject({ kind: "complete", readyAt: late });
  });

  test("fails where a new pod crashes again and again, an init container included, and not for an old one", () => {
    const begun = workload({ replicas: 1, updatedReplicas: 1 });
    expect(judged("deployment", begun, [pod(ASKED, CRASHING)])).toEqual({
      kind: "failed",
      why: "does not come up: container frigate is in CrashLoopBackOff (exit code 137)",
    });
    const init = { ...pod(ASKED), status: { initContainerStatuses: [{ name: "copyconfig", ...CRASHING }] } };
    expect(judged("deployment", begun, [init])).toMatchObject({ why: expect.stringContaining("container copyconfig") as string });
    expect(judged("deployment", begun, [pod(ASKED - 60_000, CRASHING), pod(ASKED)]).kind).toBe("underway");
    expect(judged("deployment", workload({ replicas: 1 }), [pod(ASKED - 60_000, CRASHING)]).kind).toBe("underway");
    expect(judged("deployment", begun, [pod(ASKED, CRASHING, { deletionTimestamp: iso(NOW) })]).kind).toBe("underway");
  });

  test("fails at the Deployment's own deadline, and at ours where nothing gets ready", () => {
    const conditions = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }];
    expect(judged("deployment", workload({ replicas: 1, conditions }))).toEqual({
      kind: "failed",
      why: "does not come up: ProgressDeadlineExceeded",
    });
    const waiting = workload({ replicas: 1, updatedReplicas: 1 });
    expect(judged("statefulset", waiting, [pod(ASKED)], after(ASKED, minutes(5))).kind).toBe("underway");
    expect(judged("statefulset", waiting, [pod(ASKED)], after(ASKED, minutes(6)))).toMatchObject({ kind: "failed" });
    // A pod that a machine's end made anew has its time again.
    expect(judged("statefulset", waiting, [pod(after(ASKED, minutes(60)))], after(ASKED, minutes(61))).kind).toBe("underway");
    expect(judged("statefulset", workload({ replicas: 1 }, { template: {} }), [], after(ASKED, minutes(61))).kind).toBe("underway");
  });
});

describe("Stakater's Reloader", () => {
  const prefix = "reloader.stakater.com";
  test.each([
    [{ [`${prefix}/auto`]: "true" }, {}, true],
    [{ [`configmap.${prefix}/auto`]: "true" }, {}, true],
    [{ [`configmap.${prefix}/reload`]: "other, frigate" }, {}, true],
    [{ [`configmap.${prefix}/reload`]: "frigate-other" }, {}, false],
    [{ [`${prefix}/search`]: "true" }, {}, false],
    [{ [`${prefix}/search`]: "true" }, { [`${prefix}/match`]: "true" }, true],
    [{ [`${prefix}/auto`]: "true" }, { [`${prefix}/ignore`]: "true" }, false],
    [{ [`${prefix}/auto`]: "false" }, {}, false],
    [{}, {}, false],
  ])("restarts the workload with %j for a ConfigMap with %j: %s", (annotations, map, expected) => {
    const configMap = { metadata: { annotations: map } };
    expect(isReloaded({ metadata: { annotations } }, configMap, "frigate")).toBe(expected);
    expect(isReloaded({ spec: { template: { metadata: { annotations } } } }, configMap, "frigate")).toBe(expected);
  });
});
