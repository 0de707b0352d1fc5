import { type Instant, instant, seconds } from "../../domain/duration.ts";
import { isPlain, type Plain, plain, readJson } from "../../domain/plain.ts";
import { saidWords } from "../../domain/short-words.ts";
import { codeOf } from "../../domain/thrown.ts";
import type { Clock } from "../../ports/clock.ts";
import { TargetError } from "../../ports/config-target.ts";
import { exchange, whyUnanswered } from "../system/http-exchange.ts";
import type { ClusterAccess } from "./cluster-access.ts";

const CALL_LIMIT = seconds(10);
/** An object of Kubernetes stays below 1.5 MB (etcd's limit), a list of a workload's pods too. */
const MOST_BYTES = 4 * 1024 * 1024;
const LONGEST_WORDS = 300;

/** One object of Kubernetes, or those of a kind. */
export interface ApiObject {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** In the plural, as RBAC has it. */
  readonly resource: string;
  readonly namespace: string;
  /** Absent for a list. */
  readonly name?: string;
}

export type ApiRequest =
  | { readonly verb: "get" }
  | { readonly verb: "list"; readonly query: Readonly<Record<string, string>> }
  | { readonly verb: "update"; readonly body: Plain }
  | { readonly verb: "patch"; readonly patch: "json" | "merge" | "strategic"; readonly body: unknown; readonly dryRun?: boolean };

/** What the API server answers instead of doing what it was asked. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** 0 where it did not answer. */
  readonly status: number;
  readonly reason: "ClusterUnreachable" | "ClusterRefusesLogin" | "ClusterForbids" | "ClusterRefused";
  constructor(reason: ApiError["reason"], status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.status = status;
  }
}

interface ClusterAnswer {
  readonly status: number;
  /** Undefined where there is more than the limit. */
  readonly text: string | undefined;
}

/** Under this name the API server keeps what this program changed (`metadata.managedFields`). */
export const FIELD_MANAGER = "camera-shepherd";

const METHODS = { get: "GET", list: "GET", update: "PUT", patch: "PATCH" } as const;
const PATCHES = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
} as const;

export interface ClusterApiSettings {
  /** How the cluster is reached: looked up at the first call, and again after it failed. @throws TargetError */
  readonly access: () => Promise<ClusterAccess>;
  readonly clock: Clock;
}

/** The few calls of the Kubernetes API that this program makes. */
export class ClusterApi {
  readonly #settings: ClusterApiSettings;
  #access: ClusterAccess | undefined;

  constructor(settings: ClusterApiSettings) {
    this.#settings = settings;
  }

  /** @throws ApiError; TargetError where the cluster is not known; the signal's reason when aborted */
  async call(object: ApiObject, request: ApiRequest, signal: AbortSignal): Promise<Plain> {
    signal.throwIfAborted();
    this.#access ??= await this.#settings.access();
    const answer = await this.#exchange(this.#access, object, request, signal);
    const { status, text } = answer;
    const parsed = readJson(text ?? "");
    if (status >= 200 && status < 300 && isPlain(parsed)) return parsed;
    throw refusal(this.#access.server, object, request, answer);
  }

  async #exchange(access: ClusterAccess, object: ApiObject, request: ApiRequest, signal: AbortSignal): Promise<ClusterAnswer> {
    const deadline = this.#settings.clock.deadline(`Kubernetes ${request.verb} ${object.resource}`, CALL_LIMIT, signal);
    const hasBody = "body" in request;
    try {
      const { token, certificate, key } = await access.credentials();
      const { status, body } = await exchange(
        {
          url: urlOf(access.server, object, request),
          method: METHODS[request.verb],
          headers: {
            accept: "application/json",
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(hasBody ? { "content-type": request.verb === "patch" ? PATCHES[request.patch] : "application/json" } : {}),
          },
          ...(hasBody ? { body: JSON.stringify(request.body) } : {}),
          tls: {
            ...(access.ca === undefined ? {} : { ca: access.ca }),
            ...(certificate === undefined ? {} : { cert: certificate }),
            ...(key === undefined ? {} : { key }),
          },
          mostBytes: MOST_BYTES,
        },
        deadline,
      );
      return { status, text: body?.toString("utf8") };
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof TargetError) throw cause;
      this.#access = undefined;
      const why = whyUnanswered(cause, deadline, CALL_LIMIT);
      const isCertificate = /CERT|SIGNATURE|ALTNAME/.test(codeOf(cause) ?? "");
      const remedy = isCertificate ? ": its certificate is not signed by the one that is given; correct certificate-authority" : "";
      const reason = isCertificate ? "ClusterRefused" : "ClusterUnreachable";
      throw new ApiError(reason, 0, `the Kubernetes API server ${access.server} ${why}${remedy}`, { cause });
    }
  }
}

function urlOf(server: string, { group, version, resource, namespace, name }: ApiObject, request: ApiRequest): URL {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const parts = ["namespaces", namespace, resource, ...(name === undefined ? [] : [name])];
  const url = new URL(`${server}${root}/${parts.map((part) => encodeURIComponent(part)).join("/")}`);
  if (request.verb === "list") for (const [key, value] of Object.entries(request.query)) url.searchParams.set(key, value);
  if (request.verb === "patch" || request.verb === "update") url.searchParams.set("fieldManager", FIELD_MANAGER);
  if (request.verb === "patch" && request.dryRun === true) url.searchParams.set("dryRun", "All");
  return url;
}

function refusal(server: string, object: ApiObject, { verb }: ApiRequest, { status, text }: ClusterAnswer): ApiError {
  const what = objectWords(object);
  if (status === 401)
    return new ApiError(
      "ClusterRefusesLogin",
      status,
      `the Kubernetes API server ${server} refuses the token or certificate; check the service account, or kubernetes.kubeconfig`,
    );
  if (status === 403) {
    const group = object.group === "" ? 'the core API group ""' : `the API group ${object.group}`;
    return new ApiError(
      "ClusterForbids",
      status,
      `the cluster forbids this program to ${verb} ${what}: allow the verb ${verb} on ${object.resource} of ${group} in a Role there`,
    );
  }
  if (status === 429 || status >= 500)
    return new ApiError("ClusterUnreachable", status, `the Kubernetes API server ${server} answers ${String(status)} and is tried again`);
  return new ApiError("ClusterRefused", status, `the Kubernetes API server refused to ${verb} ${what} (${said(status, text)})`);
}

/** An object for a person. */
export function objectWords({ resource, name, namespace }: ApiObject): string {
  return `${name === undefined ? resource : `${resource}/${name}`} in the namespace ${namespace}`;
}

/** The server's words; what stands in quotes may be a value out of the object. */
function said(status: number, text: string | undefined): string {
  const { message } = plain(readJson(text ?? ""));
  const words = typeof message === "string" ? `: ${saidWords(message, LONGEST_WORDS)}` : "";
  return `${String(status)}${words}`;
}

/** The object at a path of keys; empty where there is none. */
export function within(value: Plain, ...path: readonly string[]): Plain {
  return plain(path.reduce<unknown>((at, key) => plain(at)[key], value));
}

/** A time as the API server writes it. */
export function timeOf(value: unknown): Instant | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : instant(time);
}
