import { createHash } from "node:crypto";
import { backoffDelay, type BackoffPolicy } from "../../runtime/backoff.ts";
import type { DocumentFormat } from "../../domain/document.ts";
import { type Duration, milliseconds, seconds } from "../../domain/duration.ts";
import type { Plain } from "../../domain/plain.ts";
import type { Clock, Random } from "../../ports/clock.ts";
import {
  type ConfigTarget,
  type Revision,
  TargetError,
  type TargetFact,
  type TargetName,
  type TargetText,
  type WriteOutcome,
} from "../../ports/config-target.ts";
import type { DocumentLease } from "../../ports/document-lease.ts";
import { clusterWords } from "./cluster-access.ts";
import { ApiError, type ApiObject, type ClusterApi, within } from "./cluster-api.ts";
import { changeAnnotation, LAST_CHANGE } from "./last-change.ts";
import { ownerOf } from "./ownership.ts";
import type { Workload } from "./workload.ts";

/** So often a write that the cluster would not take just now is made anew. */
const MOST_TRIES = 5;
const AGAIN: BackoffPolicy = { initial: milliseconds(150), factor: 2, max: seconds(3), jitter: 0.6 };

export interface ConfigMapTargetSettings {
  readonly name: TargetName;
  readonly api: ClusterApi;
  /** By which the cluster is known, where it is not the one that this program runs in. */
  readonly kubeconfig?: string;
  readonly namespace: string;
  readonly configMap: string;
  readonly key: string;
  readonly format: DocumentFormat;
  readonly clock: Clock;
  readonly random: Random;
  readonly pace: { readonly reread: Duration; readonly gather: Duration };
  /** Whether it is written although another program owns it. */
  readonly override: boolean;
  /** What is restarted for a change. */
  readonly workload?: Pick<Workload, "checkRestart" | "examine">;
  readonly lease?: DocumentLease;
}

interface Found {
  readonly object: Plain;
  readonly read: TargetText;
}

/**
 * A document under a key of a ConfigMap. A write is a JSON patch that tests the old text before it puts the new one: it fails only where this very text has
 * changed, and whatever else stands in the object stays. What another program keeps as its own source says is read and not written.
 */
export class ConfigMapTarget implements ConfigTarget {
  readonly name: TargetName;
  readonly format: DocumentFormat;
  readonly place: string;
  readonly pace: { readonly reread: Duration; readonly gather: Duration };
  readonly lease: DocumentLease | undefined;
  readonly #settings: ConfigMapTargetSettings;

  constructor(settings: ConfigMapTargetSettings) {
    this.name = settings.name;
    this.format = settings.format;
    this.place = placeOf(settings);
    this.pace = settings.pace;
    this.lease = settings.lease;
    this.#settings = settings;
  }

  async read(signal: AbortSignal): Promise<TargetText> {
    return (await this.#find(signal)).read;
  }

  async write(text: string, expected: Revision, signal: AbortSignal): Promise<WriteOutcome> {
    const { clock, random, format } = this.#settings;
    for (let tries = 1; ; tries += 1) {
      const found = await this.#find(signal);
      // Also where an earlier try was taken and its answer lost.
      if (tries > 1 && found.read.text === text) return { kind: "written", revision: found.read.revision };
      if (found.read.revision !== expected) return { kind: "stale", current: found.read };
      if (found.read.text === text) return { kind: "written", revision: expected };
      this.#mayWrite(found.object);
      try {
        await this.#patch(found, text, changeAnnotation(found.object, format, found.read.text, text, clock.now()), signal);
        return { kind: "written", revision: revisionOf(text) };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ApiError)) throw error;
        // 422: the text is not the tested one any more, which the next look shows; 409: the object was changed in the same moment.
        const isOvertaken = error.status === 409 || error.status === 422 || error.reason === "ClusterUnreachable";
        if (!isOvertaken || tries >= MOST_TRIES) throw this.#error(error);
        await clock.wait("patch again", backoffDelay(AGAIN, tries, random), signal);
      }
    }
  }

  /** The very write is made as a dry run, with the text that stands there. */
  async checkWritable(signal: AbortSignal): Promise<void> {
    const found = await this.#find(signal);
    this.#mayWrite(found.object);
    try {
      await this.#patch(found, found.read.text, undefined, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ApiError ? this.#error(error) : error;
    }
    await this.#settings.workload?.checkRestart(signal);
  }

  async examine(signal: AbortSignal): Promise<readonly TargetFact[]> {
    return (await this.#settings.workload?.examine(signal)) ?? [];
  }

  get #object(): ApiObject {
    const { namespace, configMap } = this.#settings;
    return { group: "", version: "v1", resource: "configmaps", namespace, name: configMap };
  }

  /** @param annotation absent: nothing is changed, it is only tried */
  async #patch({ object, read }: Found, text: string, annotation: string | undefined, signal: AbortSignal): Promise<void> {
    const path = `/data/${pointer(this.#settings.key)}`;
    const annotations = within(object, "metadata")["annotations"];
    const noted =
      annotation === undefined
        ? []
        : [
            annotations === undefined
              ? { op: "add", path: "/metadata/annotations", value: { [LAST_CHANGE]: annotation } }
              : { op: "add", path: `/metadata/annotations/${pointer(LAST_CHANGE)}`, value: annotation },
          ];
    const body = [{ op: "test", path, value: read.text }, { op: "replace", path, value: text }, ...noted];
    const dryRun = annotation === undefined;
    await this.#settings.api.call(this.#object, { verb: "patch", patch: "json", body, dryRun }, signal);
  }

  async #find(signal: AbortSignal): Promise<Found> {
    const { key } = this.#settings;
    let object: Plain;
    try {
      object = await this.#settings.api.call(this.#object, { verb: "get" }, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ApiError ? this.#error(error) : error;
    }
    const text = within(object, "data")[key];
    if (typeof text === "string") return { object, read: { text, revision: revisionOf(text) } };
    if (key in within(object, "binaryData"))
      throw new TargetError(
        "DocumentUnreadable",
        `${this.place} stands under binaryData, which holds what is no UTF-8 text; save it as one`,
      );
    const keys = Object.keys(within(object, "data"));
    const there = keys.length === 0 ? "it holds none" : `it holds ${keys.slice(0, 5).join(", ")}`;
    throw new TargetError("DocumentMissing", `${this.place} is not there: ${there}; correct kubernetes.key`);
  }

  #mayWrite(object: Plain): void {
    if (object["immutable"] === true)
      throw new TargetError(
        "ConfigMapImmutable",
        `${this.place} is immutable: heal through Git (frigate.via: git), where a new ConfigMap is made for each text`,
      );
    const owner = this.#settings.override ? undefined : ownerOf(object);
    if (owner !== undefined)
      throw new TargetError(
        "OwnedElsewhere",
        `${this.place} is not written: ${owner}; heal through Git (frigate.via: git), or set kubernetes.override: true where it is left alone`,
      );
  }

  #error(error: ApiError): TargetError {
    if (error.status === 404)
      return new TargetError(
        "DocumentMissing",
        `${this.place} is not there; correct kubernetes.namespace and kubernetes.configmap, or create it`,
        { cause: error },
      );
    return new TargetError(error.reason, `${this.place}: ${error.message}`, { cause: error });
  }
}

/** A key as a step of a JSON pointer (RFC 6901, section 3). */
function pointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function revisionOf(text: string): Revision {
  return createHash("sha256").update(text).digest("hex") as Revision;
}

/** ConfigMaps of one name in two clusters are two places. */
function placeOf({ key, namespace, configMap, kubeconfig }: ConfigMapTargetSettings): string {
  return `${key} of the ConfigMap ${namespace}/${configMap}${clusterWords(kubeconfig)}`;
}
