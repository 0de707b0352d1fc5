import { type Duration, minutes, seconds } from "../../domain/duration.ts";
import { type Plain, plains } from "../../domain/plain.ts";
import { saidWords } from "../../domain/short-words.ts";
import type { Clock } from "../../ports/clock.ts";
import { TargetError } from "../../ports/config-target.ts";
import { type Pipeline, PipelineError } from "../../ports/pipeline.ts";
import { ApiError, type ApiObject, type ClusterApi, objectWords, within } from "./cluster-api.ts";

const LOOK = seconds(1);
/** A large repository takes half a minute, a Helm upgrade longer: that one goes on without us. */
const PATIENCE = minutes(2);
const LONGEST_WORDS = 300;

/** Fluxcd's annotation (fluxcd/pkg apis/meta/annotations.go); the object's status repeats its value once it was handled. */
const REQUESTED = "reconcile.fluxcd.io/requestedAt";
/** Argo CD takes it away once it has looked (argoproj/argo-cd docs/user-guide/annotations-and-labels.md). */
const REFRESH = "argocd.argoproj.io/refresh";

/** What brings a repository into use, as an option names it. */
const KINDS = {
  gitrepository: { group: "source.toolkit.fluxcd.io", version: "v1", resource: "gitrepositories" },
  kustomization: { group: "kustomize.toolkit.fluxcd.io", version: "v1", resource: "kustomizations" },
  helmrelease: { group: "helm.toolkit.fluxcd.io", version: "v2", resource: "helmreleases" },
  application: { group: "argoproj.io", version: "v1alpha1", resource: "applications" },
} as const;

export type PipelineKind = keyof typeof KINDS;

export interface PipelineStep {
  readonly kind: PipelineKind;
  readonly namespace: string;
  readonly name: string;
}

export interface ClusterPipelineSettings {
  readonly api: ClusterApi;
  readonly clock: Clock;
  /** In the order in which the commit goes through them: the source first. */
  readonly steps: readonly [PipelineStep, ...PipelineStep[]];
}

/** Flux or Argo CD, asked through the Kubernetes API to look at the repository now, one object after the other. */
export class ClusterPipeline implements Pipeline {
  readonly name: string;
  readonly place: string;
  readonly #settings: ClusterPipelineSettings;

  constructor(settings: ClusterPipelineSettings) {
    this.name = settings.steps[0].kind === "application" ? "argocd" : "flux";
    this.place = settings.steps.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`).join(", ");
    this.#settings = settings;
  }

  async trigger(signal: AbortSignal): Promise<void> {
    for (const step of this.#settings.steps) {
      try {
        await (step.kind === "application" ? this.#refresh(objectOf(step), signal) : this.#reconcile(objectOf(step), signal));
      } catch (error) {
        signal.throwIfAborted();
        throw pipelineError(error, step);
      }
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    for (const step of this.#settings.steps) {
      try {
        const object = objectOf(step);
        await this.#unlessSuspended(object, signal);
        await this.#annotate(object, step.kind === "application" ? REFRESH : REQUESTED, "never", signal, true);
      } catch (error) {
        signal.throwIfAborted();
        throw pipelineError(error, step);
      }
    }
  }

  async #unlessSuspended(object: ApiObject, signal: AbortSignal): Promise<void> {
    const found = await this.#settings.api.call(object, { verb: "get" }, signal);
    if (within(found, "spec")["suspend"] === true)
      throw new PipelineError("PipelineSuspended", `${objectWords(object)} is suspended; resume it, the commit waits in the repository`);
  }

  async #reconcile(object: ApiObject, signal: AbortSignal): Promise<void> {
    await this.#unlessSuspended(object, signal);
    const asked = new Date(this.#settings.clock.now()).toISOString();
    await this.#annotate(object, REQUESTED, asked, signal);
    await this.#until(
      object,
      (now) => {
        const status = within(now, "status");
        if (status["lastHandledReconcileAt"] !== asked) return false;
        const ready = conditionOf(now, "Ready");
        if (ready?.["status"] === "False")
          throw new PipelineError("PipelineFailed", `${objectWords(object)} is not ready: ${wordsOf(ready)}`);
        return ready === undefined || ready["status"] === "True";
      },
      signal,
    );
  }

  async #refresh(object: ApiObject, signal: AbortSignal): Promise<void> {
    await this.#annotate(object, REFRESH, "normal", signal);
    await this.#until(object, (now) => within(now, "metadata", "annotations")[REFRESH] === undefined, signal);
  }

  async #annotate(object: ApiObject, annotation: string, value: string, signal: AbortSignal, dryRun = false): Promise<void> {
    // Strategic merging is for built-in kinds alone: a custom one answers 415.
    const body = { metadata: { annotations: { [annotation]: value } } };
    await this.#settings.api.call(object, { verb: "patch", patch: "merge", body, dryRun }, signal);
  }

  async #until(object: ApiObject, isDone: (now: Plain) => boolean, signal: AbortSignal, patience: Duration = PATIENCE): Promise<void> {
    const { api, clock } = this.#settings;
    const start = clock.monotonic();
    while (!isDone(await api.call(object, { verb: "get" }, signal))) {
      if (clock.monotonic() - start > patience)
        throw new PipelineError(
          "PipelineUnreachable",
          `${objectWords(object)} has not handled the request within ${String(patience / 1000)} s; is its controller running?`,
        );
      await clock.wait(`handling by ${object.resource}`, LOOK, signal);
    }
  }
}

function objectOf({ kind, namespace, name }: PipelineStep): ApiObject {
  return { ...KINDS[kind], namespace, name };
}

function pipelineError(error: unknown, step: PipelineStep): unknown {
  if (error instanceof TargetError) return new PipelineError("PipelineUnreachable", error.message, { cause: error });
  if (!(error instanceof ApiError)) return error;
  if (error.status === 404)
    return new PipelineError(
      "PipelineMissing",
      `there is no ${step.kind} ${step.name} in the namespace ${step.namespace}; correct its name`,
      {
        cause: error,
      },
    );
  const reason = error.reason === "ClusterUnreachable" ? "PipelineUnreachable" : "PipelineRefused";
  return new PipelineError(reason, error.message, { cause: error });
}

function conditionOf(object: Plain, type: string): Plain | undefined {
  return plains(within(object, "status")["conditions"]).find((condition) => condition["type"] === type);
}

/** What a controller says of its object, without credentials. */
function wordsOf(condition: Plain): string {
  const [reason, message] = [condition["reason"], condition["message"]].map((value) => (typeof value === "string" ? value : ""));
  return saidWords(`${reason ?? ""}: ${message ?? ""}`, LONGEST_WORDS);
}
