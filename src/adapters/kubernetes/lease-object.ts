import { hostname } from "node:os";
import { after, between, type Duration, type Instant, instant, milliseconds, minutes, seconds } from "../../domain/duration.ts";
import type { Plain } from "../../domain/plain.ts";
import type { Clock } from "../../ports/clock.ts";
import { TargetError } from "../../ports/config-target.ts";
import type { DocumentLease, LeaseHolder, LeaseOutcome } from "../../ports/document-lease.ts";
import { ApiError, type ApiObject, type ClusterApi, objectWords, timeOf, within } from "./cluster-api.ts";
import { hasEnded } from "./ended-pod.ts";

/** Unrenewed for so long, a lease has run out. */
const SPAN = minutes(5);
const RENEW = minutes(2);
/** Clocks of two machines may differ by this much. */
const SKEW = minutes(10);
const MOST_TRIES = 4;

export interface LeaseObjectSettings {
  readonly api: ClusterApi;
  readonly namespace: string;
  readonly lease: string;
  readonly clock: Clock;
  /** Names this installation: what another process of it has is ours, too. */
  readonly id: () => string;
}

/** Who holds it, as `holderIdentity` says: machine, process, installation. */
interface Identity {
  readonly host: string;
  readonly pid: number;
  readonly id: string;
}

interface Found {
  readonly object: Plain;
  readonly holder: Identity | undefined;
  readonly since: Instant;
  readonly until: Instant;
  /** Differs after each renewal. */
  readonly state: string;
}

/**
 * A lease in a Lease object, which is not made here: `create` cannot be limited to one name. An update that carries the resource version that was read is
 * taken by exactly one of several. Whether the holder's has run out is told by watching it for its whole span, which no clock can falsify; by a time that
 * is past by more than clocks differ; or by the cluster itself, where the holder was a pod there that was killed.
 */
export class LeaseObject implements DocumentLease {
  readonly #settings: LeaseObjectSettings;
  #renewed: Duration | undefined;
  #seen: { readonly state: string; readonly at: Duration } | undefined;

  constructor(settings: LeaseObjectSettings) {
    this.#settings = settings;
  }

  async take(signal: AbortSignal): Promise<LeaseOutcome> {
    try {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const outcome = await this.#attempt(signal);
        if (outcome !== undefined) return outcome;
      }
      return { kind: "none", why: "its lease keeps changing while it is taken" };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TargetError) return { kind: "none", why: error.message };
      if (!(error instanceof ApiError)) throw error;
      // What was ours a moment ago and is not due yet stays ours while the server is away.
      const now = this.#settings.clock.monotonic();
      if (error.reason === "ClusterUnreachable" && this.#renewed !== undefined && now - this.#renewed < SPAN - RENEW)
        return { kind: "ours" };
      const missing = `there is no lease ${objectWords(this.#object)}; apply deploy/kubernetes/rbac.yaml`;
      return { kind: "none", why: error.status === 404 ? missing : error.message };
    }
  }

  async holder(signal: AbortSignal): Promise<LeaseHolder | undefined> {
    try {
      const { holder, since, until } = await this.#find(signal);
      if (holder === undefined || between(until, this.#settings.clock.now()) > 0) return undefined;
      return { host: holder.host, pid: holder.pid, since };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ApiError || error instanceof TargetError) return undefined;
      throw error;
    }
  }

  async release(): Promise<void> {
    if (this.#renewed === undefined) return;
    this.#renewed = undefined;
    const { clock, id } = this.#settings;
    const signal = clock.deadline("release of a lease", seconds(5), new AbortController().signal);
    try {
      const found = await this.#find(signal);
      if (found.holder?.id === id()) await this.#update(found, { ...within(found.object, "spec"), holderIdentity: "" }, signal);
    } catch {
      // It runs out by itself.
    }
  }

  get #object(): ApiObject {
    const { namespace, lease } = this.#settings;
    return { group: "coordination.k8s.io", version: "v1", resource: "leases", namespace, name: lease };
  }

  /** One look and at most one step; undefined where somebody else was faster. */
  async #attempt(signal: AbortSignal): Promise<LeaseOutcome | undefined> {
    const { clock, id } = this.#settings;
    const found = await this.#find(signal);
    const now = clock.monotonic();
    if (found.holder === undefined) return this.#hold(found, clock.now(), signal);
    if (found.holder.id === id()) {
      const isDue = this.#renewed === undefined ? between(clock.now(), found.until) <= SPAN - RENEW : now - this.#renewed >= RENEW;
      if (isDue) return this.#hold(found, found.since, signal);
      this.#renewed ??= now;
      return { kind: "ours" };
    }
    this.#renewed = undefined;
    if (this.#seen?.state !== found.state) this.#seen = { state: found.state, at: now };
    const isWatched = now - this.#seen.at >= SPAN;
    const isPast = between(found.until, clock.now()) > SKEW;
    if (isWatched || isPast || (await this.#wasKilled(found.holder, signal))) return this.#hold(found, clock.now(), signal);
    return { kind: "theirs", holder: { host: found.holder.host, pid: found.holder.pid, since: found.since } };
  }

  /** A pod's host name is its name. One of this name that has ended is never started again, and no other can have it meanwhile. */
  #wasKilled({ host }: Identity, signal: AbortSignal): Promise<boolean> {
    const { api, namespace } = this.#settings;
    return hasEnded(api, namespace, host, signal);
  }

  async #hold(found: Found, since: Instant, signal: AbortSignal): Promise<LeaseOutcome | undefined> {
    const { clock, id } = this.#settings;
    const before = within(found.object, "spec");
    const transitions = typeof before["leaseTransitions"] === "number" ? before["leaseTransitions"] : 0;
    const isAnother = found.holder?.id !== id();
    const spec = {
      ...before,
      holderIdentity: `${hostname()}_${String(process.pid)}_${id()}`,
      leaseDurationSeconds: SPAN / 1000,
      acquireTime: microTime(since),
      renewTime: microTime(clock.now()),
      leaseTransitions: isAnother ? transitions + 1 : transitions,
    };
    if (!(await this.#update(found, spec, signal))) return undefined;
    this.#renewed = clock.monotonic();
    this.#seen = undefined;
    return { kind: "ours" };
  }

  /** @returns false where somebody else changed it since it was read */
  async #update({ object }: Found, spec: Plain, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#settings.api.call(this.#object, { verb: "update", body: { ...object, spec } }, signal);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return false;
      throw error;
    }
  }

  async #find(signal: AbortSignal): Promise<Found> {
    const object = await this.#settings.api.call(this.#object, { verb: "get" }, signal);
    const { holderIdentity, renewTime, acquireTime, leaseDurationSeconds } = within(object, "spec");
    const renewed = timeOf(renewTime) ?? instant(0);
    const span = typeof leaseDurationSeconds === "number" ? seconds(leaseDurationSeconds) : SPAN;
    return {
      object,
      holder: identityOf(holderIdentity),
      since: timeOf(acquireTime) ?? instant(0),
      until: after(renewed, span),
      state: JSON.stringify([holderIdentity, renewTime, within(object, "metadata")["resourceVersion"]]),
    };
  }
}

function identityOf(value: unknown): Identity | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const [host, pid, id] = value.split("_");
  return { host: host ?? value, pid: Number.parseInt(pid ?? "", 10) || 0, id: id ?? value };
}

/** Kubernetes refuses a `MicroTime` without its six digits. */
function microTime(at: Instant): string {
  return new Date(milliseconds(at)).toISOString().replace("Z", "000Z");
}
