import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DEPLOY } from "./manifests.ts";

export const MODES = ["daemon", "schedule", "host", "git"] as const;

/** The chart's modes, and a Deployment that heals through Git. */
export type Mode = (typeof MODES)[number];

const STEPS = [
  "gitrepository/flux-system/home",
  "kustomization/flux-system/apps",
  "helmrelease/frigate/frigate",
  "application/argocd/frigate",
];
const GIT = [
  "config.frigate.via=git",
  "config.frigate.git.url=https://git.example.org/home.git",
  "config.frigate.git.path=apps/frigate/configmap.yaml",
  ...STEPS.map((step, index) => `config.frigate.kubernetes.reconcile[${String(index)}]=${step}`),
];

export const CHART = join(DEPLOY, "helm", "camera-shepherd");

const GOLDEN = join(import.meta.dirname, "..", "golden", "helm");

/** Which chart the rendered texts were made of. */
export const DIGEST = join(GOLDEN, "chart.sha256");

/** Where what Helm made of the chart is kept. */
export function goldenOf(mode: Mode): string {
  return join(GOLDEN, `${mode}.yaml`);
}

/** What Helm made of the chart last. */
export function rendered(mode: Mode): string {
  return readFileSync(goldenOf(mode), "utf8");
}

/** One digest of every file of the chart. */
export function chartDigest(): string {
  const digest = createHash("sha256");
  const files = readdirSync(CHART, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const path of files.toSorted())
    digest
      .update(`${path.slice(CHART.length)}\0`)
      .update(readFileSync(path))
      .update("\0");
  return digest.digest("hex");
}

/** The arguments of Helm for a rendering with everything that can be switched on. */
export function helmArguments(mode: Mode): readonly string[] {
  const settings = [
    ...(mode === "git" ? ["mode=daemon", ...GIT] : [`mode=${mode}`]),
    "existingSecret=camera-shepherd",
    ...["serviceMonitor", "prometheusRule", "dashboard"].map((part) => `metrics.${part}.enabled=true`),
    "podAnnotations.a=b",
    "extraEnv[0].name=TZ",
    "extraEnv[0].value=Europe/Berlin",
  ];
  return [
    "template",
    "shepherd",
    CHART,
    "--kube-version",
    "1.36.1",
    "--namespace",
    "frigate",
    ...settings.flatMap((one) => ["--set", one]),
  ];
}
