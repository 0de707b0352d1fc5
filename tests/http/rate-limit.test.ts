import { describe, expect, it } from "vitest";
import { seconds } from "../../src/domain/duration.ts";
import { RateLimit } from "../../src/http/rate-limit.ts";

function limit(addresses = 4) {
  let now = 0;
  const limited = new RateLimit({ clock: { monotonic: () => seconds(now) }, burst: 3, every: seconds(2), addresses });
  return { limited, pass: (span: number) => void (now += span) };
}

describe("a rate limit", () => {
  it("lets so many through at once and then one each while, for each address", () => {
    const { limited, pass } = limit();
    const takes = (remote: string, times: number) => Array.from({ length: times }, () => limited.take(remote));
    expect(takes("10.0.0.1", 4)).toEqual([undefined, undefined, undefined, 2000]);
    expect(takes("10.0.0.2", 1)).toEqual([undefined]);
    pass(1);
    expect(takes("10.0.0.1", 1)).toEqual([1000]);
    pass(1);
    expect(takes("10.0.0.1", 2)).toEqual([undefined, 2000]);
    pass(3600);
    expect(takes("10.0.0.1", 4)).toEqual([undefined, undefined, undefined, 2000]);
  });

  it("takes nothing by looking", () => {
    const { limited } = limit();
    expect(Array.from({ length: 10 }, () => limited.wait("10.0.0.1"))).toEqual(Array.from({ length: 10 }, () => undefined));
    expect(limited.size).toBe(0);
  });

  it("counts one machine once: a mapped IPv4 address, and all of an IPv6 /64", () => {
    const { limited } = limit();
    for (const remote of ["10.0.0.1", "::ffff:10.0.0.1", "::FFFF:10.0.0.1"]) expect(limited.take(remote)).toBeUndefined();
    expect(limited.take("10.0.0.1")).toBe(2000);
    for (const remote of ["2001:db8:0:1::1", "2001:DB8:0:1::2", "2001:db8:0:1:5:6:7:8"]) expect(limited.take(remote)).toBeUndefined();
    expect(limited.take("2001:db8:0:1:ffff::9")).toBe(2000);
    expect(limited.take("2001:db8:0:2::1")).toBeUndefined();
  });

  it("does not grow: further addresses share one allowance until others have rested", () => {
    const { limited, pass } = limit();
    for (let host = 1; host <= 4; host += 1) limited.take(`10.0.0.${String(host)}`);
    const rest = Array.from({ length: 50 }, (_, host) => limited.take(`10.0.1.${String(host)}`));
    expect(limited.size).toBe(4);
    expect(rest.filter((wait) => wait === undefined)).toHaveLength(3);
    expect(limited.take("10.0.0.1")).toBeUndefined();
    pass(60);
    expect(limited.take("10.0.2.1")).toBeUndefined();
    expect(limited.size).toBeLessThanOrEqual(4);
  });
});
