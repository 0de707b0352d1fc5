import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { createMetrics } from "../../src/http/metrics.ts";
import { load as loadOptions } from "../config/loading.ts";
import { chartDigest, DIGEST, rendered } from "./chart.ts";
import { at, DEPLOY, manifests, read, readAll } from "./manifests.ts";

const text = (path: string) => readFileSync(join(DEPLOY, path), "utf8");
const IMAGE = "ghcr.io/camera-shepherd/camera-shepherd";

async function metricNames(): Promise<ReadonlySet<string>> {
  const metrics = createMetrics({ cameras: () => [], conditions: () => [], notReady: () => [] }, "1.2.3");
  const { text: shown } = await metrics.read();
  const types = [...shown.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = "", type]) => (type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])),
  );
}

/** The metrics that an expression of Prometheus asks for: words before `{`, `[` or an end, that are no function and no label. */
function asked(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/\{[^}]*\}/g, "")
    .replaceAll(/"[^"]*"/g, "")
    .replaceAll(/\b(?:by|on|without)\s*\([^)]*\)/g, "");
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w*\s*\()/g)]
    .map(([word]) => word)
    .filter((word) => word.includes("_") && !/^histogram_quantile$/.test(word));
}

/** Metrics with something of each kind in them: the labels of each by name, and the values that were met. */
async function metricLabels(): Promise<ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>> {
  const conditions = (["ok", "problem", "unknown"] as const).flatMap((status) =>
    ["server/one", "layer/dhcp"].map((subject) => ({ subject, status, reason: "Healthy" })),
  );
  const view = { cameras: () => [{ id: "front", connected: true }], conditions: () => conditions, notReady: () => [] };
  const metrics = createMetrics(view as unknown as Parameters<typeof createMetrics>[0], "1.2.3");
  metrics.evidence({ layer: "dhcp", took: 1, verdict: "rejected", reason: "NoAnswer" } as unknown as Parameters<
    typeof metrics.evidence
  >[0]);
  metrics.restart("change");
  metrics.request("/health", 200);
  metrics.notice({ kind: "frames" } as unknown as Parameters<typeof metrics.notice>[0]);
  const { text: shown } = await metrics.read();
  const labels = new Map<string, Map<string, Set<string>>>();
  for (const [, name = "", pairs = ""] of shown.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/gm)) {
    const known = labels.get(name) ?? new Map<string, Set<string>>();
    for (const [, label = "", value = ""] of pairs.matchAll(/(\w+)="([^"]*)"/g))
      known.set(label, (known.get(label) ?? new Set()).add(value));
    labels.set(name, known);
  }
  return labels;
}

/** Labels and values of an expression that no metric of it has. */
function unknownLabels(expression: string, labels: Awaited<ReturnType<typeof metricLabels>>): readonly string[] {
  const has = (name: string, label: string, value?: string): boolean => {
    const known = labels.get(name)?.get(label);
    return known !== undefined && (value === undefined || known.has(value));
  };
  const selected = [...expression.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)].flatMap(([, name = "", pairs = ""]) =>
    [...pairs.matchAll(/(\w+)="([^"]*)"/g)].flatMap(([pair, label = "", value = ""]) =>
      has(name, label, value) ? [] : [`${name} ${pair}`],
    ),
  );
  const grouped = [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(",").map((label) => label.trim()));
  return [...selected, ...grouped.filter((label) => !asked(expression).some((name) => has(name, label)))];
}

describe("metrics that are asked for", () => {
  it("have the labels by which they are chosen and grouped, and those that an alert's words name", async () => {
    const labels = await metricLabels();
    const panels = at(JSON.parse(text("grafana/camera-shepherd.json")) as unknown, "panels.*.targets.*.expr").map(String);
    const rules = at(read("prometheus/prometheusrule.yaml"), "*.spec.groups.*.rules.*");
    const alerts = rules.map((rule) => String(at(rule, "expr")[0]));
    expect([...panels, ...alerts].flatMap((expression) => unknownLabels(expression, labels))).toEqual([]);
    expect(unknownLabels('sum by (kinds) (camera_shepherd_conditions{status="problems"})', labels)).toEqual([
      'camera_shepherd_conditions status="problems"',
      "kinds",
    ]);
    for (const rule of rules) {
      const expression = String(at(rule, "expr")[0]);
      const kept = /\bby\s*\(/.test(expression)
        ? [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(",").map((label) => label.trim()))
        : /^(?:sum|absent)\(/.test(expression)
          ? []
          : asked(expression).flatMap((name) => [...(labels.get(name)?.keys() ?? [])]);
      const named = [...JSON.stringify(at(rule, "annotations")).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      expect(named.filter((label) => label === undefined || !kept.includes(label))).toEqual([]);
    }
  });

  it("exist, in every panel of the dashboard", async () => {
    const names = await metricNames();
    const dashboard: unknown = JSON.parse(text("grafana/camera-shepherd.json"));
    const expressions = at(dashboard, "panels.*.targets.*.expr").map(String);
    expect(expressions.length).toBeGreaterThan(15);
    expect(expressions.filter((expression) => asked(expression).length === 0)).toEqual([]);
    expect(expressions.flatMap(asked).filter((name) => !names.has(name))).toEqual([]);
  });

  it("exist, in every alert, and a misspelt one would be found", async () => {
    const names = await metricNames();
    const expressions = at(read("prometheus/prometheusrule.yaml"), "*.spec.groups.*.rules.*.expr").map(String);
    expect(expressions.length).toBeGreaterThan(4);
    expect(expressions.flatMap(asked).filter((name) => !names.has(name))).toEqual([]);
    expect(asked("sum(increase(camera_shepherd_move_total[1h]))").filter((name) => !names.has(name))).toEqual([
      "camera_shepherd_move_total",
    ]);
  });

  it("are the same in the chart", () => {
    expect(text("helm/camera-shepherd/files/camera-shepherd.json")).toBe(text("grafana/camera-shepherd.json"));
    const groups = load(text("helm/camera-shepherd/files/prometheus-groups.yaml"));
    expect(groups).toEqual(at(read("prometheus/prometheusrule.yaml"), "*.spec.groups")[0]);
  });
});

describe("what is applied with kustomize", () => {
  const base = [...manifests("kubernetes").values()].flat();
  const all = [...base, ...manifests("kubernetes-daemonset").values()].flat();
  const podSpecs = (one: unknown) => [...at(one, "spec.template.spec"), ...at(one, "spec.jobTemplate.spec.template.spec")];
  const pods = all.flatMap(podSpecs);

  it("names every file of its folder but the template of the Secret", () => {
    const kustomization = load(text("kubernetes/kustomization.yaml"));
    expect(
      [...manifests("kubernetes").keys()]
        .map((path) => path.slice("kubernetes/".length))
        .filter((name) => name !== "secret.example.yaml")
        .toSorted(),
    ).toEqual(at(kustomization, "resources.*").map(String).toSorted());
  });

  it("has this version's image, once a kustomization, and no other", () => {
    for (const folder of ["kubernetes", "kubernetes-daemonset"]) {
      const kustomization = load(text(`${folder}/kustomization.yaml`));
      expect(at(kustomization, "images.*")).toEqual([{ name: IMAGE, newTag: manifest.version }]);
    }
    expect(new Set(pods.flatMap((pod) => at(pod, "containers.*.image")))).toEqual(new Set([IMAGE]));
  });

  it("holds options that the program takes as they stand, all of which act", async () => {
    const [document] = base.filter(({ kind }) => kind === "ConfigMap").flatMap((one) => at(one, "data.*"));
    const token = { "/run/secrets/camera-shepherd/http-token": "a-long-random-text" };
    const loaded = await loadOptions(
      String(document),
      {
        CAMERA_SHEPHERD_HTTP__TOKEN_FILE: "/run/secrets/camera-shepherd/http-token",
        CAMERA_SHEPHERD_DATA_DIR: "/data",
      },
      token,
    );
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.sources.withoutEffect).toEqual([]);
    expect(loaded.options.http).toMatchObject({ port: 8099, metrics_port: 9090 });
    expect(loaded.options.frigate[0]).toMatchObject({
      via: "kubernetes",
      kubernetes: { configmap: "frigate", namespace: "frigate" },
    });
  });

  it("may use exactly the objects that its options name", () => {
    const rules = base.filter(({ kind }) => kind === "Role").flatMap((one) => at(one, "rules.*"));
    const named = rules.flatMap((rule) => at(rule, "resourceNames.*"));
    expect(named.map(String).toSorted()).toEqual(["camera-shepherd", "frigate", "frigate"]);
  });

  it("leaves the namespace, which holds more than this program, when Flux or Argo CD removes it", () => {
    const [namespace] = base.filter(({ kind }) => kind === "Namespace");
    expect(at(namespace, "metadata.annotations")).toEqual([
      { "kustomize.toolkit.fluxcd.io/prune": "disabled", "argocd.argoproj.io/sync-options": "Prune=false,Delete=false" },
    ]);
  });

  it("lets out what its features speak to, and by the chart the same", () => {
    const [policy] = base.filter(({ kind }) => kind === "NetworkPolicy");
    const ports = (one: unknown) => at(one, "spec.egress.*.ports.*.port");
    // Names; the API server and Git; a broker and Home Assistant; Flux's Receiver; Frigate and go2rtc.
    expect(ports(policy)).toEqual([53, 53, 443, 6443, 22, 1883, 8883, 8123, 9292, 5000, 8971, 1984, 8554]);
    const [charts] = readAll(rendered("daemon"), "daemon").filter(({ kind }) => kind === "NetworkPolicy");
    expect(ports(charts)).toEqual(ports(policy));
  });

  it("keeps what is secret from others in its pod, as ssh wants it of a key: where root runs from everybody else", () => {
    // As numbers: YAML 1.2 reads 0440 as four hundred and forty.
    expect(pods.flatMap((pod) => at(pod, "volumes.*.secret.defaultMode"))).toEqual([0o440, 0o440, 0o400]);
    const charts = (["schedule", "host"] as const).flatMap((mode) => readAll(rendered(mode), mode).flatMap(podSpecs));
    expect(charts.flatMap((pod) => at(pod, "volumes.*.secret.defaultMode"))).toEqual([0o440, 0o400]);
  });

  it("runs without rights that it does not need", () => {
    expect(pods.length).toBe(3);
    for (const pod of pods) {
      expect(at(pod, "containers.*.securityContext.readOnlyRootFilesystem")).toEqual([true]);
      expect(at(pod, "containers.*.securityContext.allowPrivilegeEscalation")).toEqual([false]);
      expect(at(pod, "containers.*.securityContext.capabilities.drop.*")).toEqual(["ALL"]);
      expect(at(pod, "securityContext.seccompProfile.type")).toEqual(["RuntimeDefault"]);
    }
    const onHost = pods.filter((pod) => at(pod, "hostNetwork").includes(true));
    expect(onHost.flatMap((pod) => at(pod, "containers.*.securityContext.capabilities.add.*"))).toEqual(["NET_RAW", "NET_BIND_SERVICE"]);
    expect(pods.filter((pod) => !onHost.includes(pod)).flatMap((pod) => at(pod, "securityContext.runAsNonRoot"))).toEqual([true, true]);
  });

  it("mounts what it has, and every port that is let in is listened on", () => {
    for (const pod of pods) {
      expect(at(pod, "containers.*.volumeMounts.*.name").map(String).toSorted()).toEqual(at(pod, "volumes.*.name").map(String).toSorted());
    }
    const listened = new Set(pods.flatMap((pod) => at(pod, "containers.*.ports.*.containerPort")));
    const [policy] = base.filter(({ kind }) => kind === "NetworkPolicy");
    const [service] = base.filter(({ kind }) => kind === "Service");
    expect(new Set(at(policy, "spec.ingress.*.ports.*.port"))).toEqual(listened);
    expect(new Set(at(service, "spec.ports.*.port"))).toEqual(listened);
  });

  it("looks every five minutes where it runs by schedule, and comes switched off", () => {
    const [job] = base.filter(({ kind }) => kind === "CronJob");
    expect(at(job, "spec.schedule")).toEqual(["*/5 * * * *"]);
    expect(at(job, "spec.suspend")).toEqual([true]);
    expect(at(job, "spec.jobTemplate.spec.template.spec.containers.*.args")).toEqual([
      ["sync", "--once", "--config", "/etc/camera-shepherd/options.yaml"],
    ]);
  });
});

describe("the chart", () => {
  const values = load(text("helm/camera-shepherd/values.yaml"));
  const schema: unknown = JSON.parse(text("helm/camera-shepherd/values.schema.json"));

  it("has this version, and the image's name", () => {
    const chart = load(text("helm/camera-shepherd/Chart.yaml"));
    expect([at(chart, "version")[0], at(chart, "appVersion")[0]]).toEqual([manifest.version, manifest.version]);
    expect(at(values, "image.repository")).toEqual([IMAGE]);
  });

  it("knows every value in its schema, and no other", () => {
    const known = (one: unknown): string[] => Object.keys(Object(at(one, "properties")[0] ?? {}) as object);
    expect(
      known(schema)
        .filter((name) => name !== "global")
        .toSorted(),
    ).toEqual(Object.keys(Object(values) as object).toSorted());
    for (const group of ["image", "rbac", "persistence", "service", "networkPolicy", "metrics", "serviceAccount"])
      expect(known(at(schema, `properties.${group}`)[0]).toSorted()).toEqual(
        Object.keys(Object(at(values, group)[0]) as object).toSorted(),
      );
  });

  it("uses no value that it does not have, and every one that it has", () => {
    const files = ["_names.tpl", "options.yaml", "workload.yaml", "rbac.yaml", "storage.yaml", "network.yaml", "monitoring.yaml"];
    const used = new Set(
      files.flatMap((name) =>
        [...text(`helm/camera-shepherd/templates/${name}`).matchAll(/\.Values\.([\w.]+)/g)].map(([, path = ""]) => path),
      ),
    );
    expect([...used].filter((path) => at(values, path).length === 0)).toEqual([]);
    const top = new Set([...used].map((path) => path.split(".")[0]));
    expect(Object.keys(Object(values) as object).filter((name) => !top.has(name))).toEqual([]);
  });

  it("is what was rendered last: CAMERA_SHEPHERD_LONG=1 vitest run -u renders it anew", () => {
    expect(readFileSync(DIGEST, "utf8").trim()).toBe(chartDigest());
  });

  it("gives the rights that were tested, and for each thing that is asked to reconcile those on it alone", () => {
    const rules = (objects: readonly unknown[]) => objects.flatMap((one) => at(one, "rules.*"));
    const shipped = rules(read("kubernetes/rbac.yaml"));
    expect(shipped.length).toBe(4);
    expect(rules(readAll(rendered("daemon"), "daemon"))).toEqual(shipped);
    const roles = readAll(rendered("git"), "git").filter(({ kind }) => kind === "Role");
    expect(rules(roles)).toEqual([
      ...shipped,
      ...rules(read("kubernetes-git/reconcile.yaml")).map((rule, index) => ({
        ...Object(rule),
        resourceNames: [["home"], ["apps"]][index],
      })),
      { apiGroups: ["helm.toolkit.fluxcd.io"], resources: ["helmreleases"], resourceNames: ["frigate"], verbs: ["get", "patch"] },
      { apiGroups: ["argoproj.io"], resources: ["applications"], resourceNames: ["frigate"], verbs: ["get", "patch"] },
    ]);
    expect(roles.flatMap((role) => at(role, "metadata.namespace"))).toEqual(["frigate", "flux-system", "flux-system", "frigate", "argocd"]);
  });

  it("reads a token for Git where it commits by https, from the Secret that it mounts", () => {
    const token = { name: "CAMERA_SHEPHERD_FRIGATE__GIT__TOKEN_FILE", value: "/run/secrets/camera-shepherd/git-token" };
    const env = (mode: "git" | "daemon") =>
      readAll(rendered(mode), mode).flatMap((one) => at(one, "spec.template.spec.containers.*.env.*"));
    expect(env("git")).toContainEqual(token);
    expect(env("daemon")).not.toContainEqual(token);
  });

  it("has options that the program takes", async () => {
    const loaded = await loadOptions(JSON.stringify(at(values, "config")[0]), { CAMERA_SHEPHERD_DATA_DIR: "/data" });
    expect(loaded.ok).toBe(true);
  });
});

describe("what other projects' controllers read", () => {
  it("is of the kinds and versions that they serve", () => {
    const kinds = ["argocd", "flux", "prometheus"]
      .flatMap((folder) => [...manifests(folder).values()].flat())
      .map(({ apiVersion, kind }) => `${kind} ${apiVersion}`);
    expect(kinds.toSorted()).toEqual([
      "Application argoproj.io/v1alpha1",
      "GitRepository source.toolkit.fluxcd.io/v1",
      "Kustomization kustomize.toolkit.fluxcd.io/v1",
      "PodMonitor monitoring.coreos.com/v1",
      "PrometheusRule monitoring.coreos.com/v1",
      "Receiver notification.toolkit.fluxcd.io/v1",
      "ServiceMonitor monitoring.coreos.com/v1",
    ]);
  });
});
