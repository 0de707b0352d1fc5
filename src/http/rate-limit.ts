import { type Duration, milliseconds } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";

export interface RateLimitOptions {
  readonly clock: Pick<Clock, "monotonic">;
  /** So many at once. */
  readonly burst: number;
  /** And then one in this time. */
  readonly every: Duration;
  /** Addresses that are remembered; all further ones share one allowance. */
  readonly addresses: number;
}

interface Bucket {
  left: number;
  at: number;
}

/** How often each remote address may do something: a token bucket each, in a table that does not grow. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #buckets = new Map<string, Bucket>();
  readonly #rest: Bucket;

  constructor(options: RateLimitOptions) {
    this.#options = options;
    this.#rest = { left: options.burst, at: options.clock.monotonic() };
  }

  /** Addresses that are remembered now. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one. @returns how long to wait where there is none; undefined where there was */
  take(remote: string | undefined): Duration | undefined {
    const wait = this.wait(remote);
    if (wait === undefined) this.#bucket(groupOf(remote)).left -= 1;
    return wait;
  }

  /** How long until there is one; undefined where there is one now. Takes none. */
  wait(remote: string | undefined): Duration | undefined {
    const bucket = this.#known(groupOf(remote));
    if (bucket === undefined || bucket.left >= 1) return undefined;
    return milliseconds((1 - bucket.left) * this.#options.every);
  }

  #known(group: string): Bucket | undefined {
    const bucket = this.#buckets.get(group) ?? (this.#buckets.size >= this.#options.addresses ? this.#rest : undefined);
    if (bucket !== undefined) this.#refill(bucket);
    return bucket;
  }

  #bucket(group: string): Bucket {
    const known = this.#buckets.get(group);
    if (known !== undefined) return known;
    if (this.#buckets.size >= this.#options.addresses) this.#forgetRested();
    if (this.#buckets.size >= this.#options.addresses) return this.#rest;
    const fresh = { left: this.#options.burst, at: this.#options.clock.monotonic() };
    this.#buckets.set(group, fresh);
    return fresh;
  }

  /** A full bucket is as good as none. */
  #forgetRested(): void {
    for (const [group, bucket] of this.#buckets) {
      this.#refill(bucket);
      if (bucket.left >= this.#options.burst) this.#buckets.delete(group);
    }
  }

  #refill(bucket: Bucket): void {
    const now = this.#options.clock.monotonic();
    bucket.left = Math.min(this.#options.burst, bucket.left + (now - bucket.at) / this.#options.every);
    bucket.at = now;
  }
}

/** An IPv4 address, mapped or not; of IPv6 the /64 that one machine may choose from freely. */
function groupOf(remote: string | undefined): string {
  if (remote === undefined) return "";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remote)?.[1];
  if (mapped !== undefined || !remote.includes(":")) return mapped ?? remote;
  const [head = ""] = remote.split("%");
  const [left = "", right] = head.split("::");
  const groups = left.split(":").filter((group) => group !== "");
  const tail = right === undefined ? [] : right.split(":").filter((group) => group !== "");
  const zeros = right === undefined ? 0 : Math.max(0, 8 - groups.length - tail.length);
  return [...groups, ...Array.from({ length: zeros }, () => "0"), ...tail].slice(0, 4).join(":").toLowerCase();
}
