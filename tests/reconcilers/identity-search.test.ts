import { beforeEach, describe, expect, it } from "vitest";
import { parseNetwork, type IpAddress } from "../../src/domain/addresses.ts";
import type { Device, Identity } from "../../src/domain/camera.ts";
import { type Duration, instant, minutes, seconds, type Instant } from "../../src/domain/duration.ts";
import { DEFAULT_GUARDS } from "../../src/domain/policy.ts";
import type { Sighting } from "../../src/domain/sighting.ts";
import type { IdentityCaller } from "../../src/ports/identity-caller.ts";
import type { ScanInterface } from "../../src/ports/search.ts";
import { IdentitySearch, usableInterfaces } from "../../src/reconcilers/identity-search.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeProber } from "../fakes/fake-prober.ts";
import { id, ip, mac } from "./fake-home.ts";

const { signal } = new AbortController();
const front = id("front");
const EPR = "urn:uuid:1";
const UID = "reolink:9527000ABCDEF123" as const;
const OLD = ip("10.9.0.7");
const REPEATER = mac("e8:9c:25:00:00:77");
const eth: ScanInterface = {
  name: "eth0",
  mac: mac("02:00:00:00:00:01"),
  address: ip("192.168.1.2"),
  network: { base: 0xc0a80100, prefix: 24 },
};
const docker: ScanInterface = {
  ...eth,
  name: "docker0",
  address: ip("10.9.1.1"),
  network: { base: 0x0a090100, prefix: 24 },
  avoid: "a container engine's bridge",
};
const device = { id: front, streamPort: 554, onvifPorts: [80], configuredMacs: [] } as unknown as Device;

let clock: FakeClock;
let prober: FakeProber;
let seen: Sighting[];
let lostAt: Instant | undefined;
let called: string[];
/** Who is on the attached networks, and how often that was found out; `pause` while it may not be. */
let present: readonly IpAddress[];
let censuses: number;
let pause: Duration | undefined;

beforeEach(() => {
  clock = new FakeClock();
  prober = new FakeProber(clock);
  seen = [];
  called = [];
  present = [];
  censuses = 0;
  pause = undefined;
  lostAt = instant(0);
});

function searching(ranges: readonly string[] = [], interfaces: readonly string[] = []): IdentitySearch {
  const caller = (by: "endpoint" | "uid"): IdentityCaller => ({
    by,
    call: async (on, identity, _within, onAnswer) => {
      called.push(`${by} ${identity} on ${on.name}`);
      onAnswer(ip("192.168.1.66"));
    },
  });
  return new IdentitySearch({
    prober,
    search: { interfaces: async () => [eth, docker] },
    callers: [caller("endpoint"), caller("uid")],
    clock,
    random: () => 0.5,
    interfaces,
    ranges: ranges.flatMap((text) => parseNetwork(text) ?? []),
    enabled: true,
    guards: DEFAULT_GUARDS,
    lostAt: () => lostAt,
    census: async (_near, _since, onSighting) => {
      censuses += 1;
      if (pause !== undefined) return pause;
      for (const host of present) onSighting({ layer: "poke", mac: REPEATER, address: host, at: clock.now() });
      return undefined;
    },
    onSighting: (sighting) => void seen.push(sighting),
    enqueue: () => undefined,
  });
}

async function round(search: IdentitySearch): Promise<void> {
  const done = search.reconcile("identity", signal);
  await clock.advance(seconds(31));
  await done;
}

const far = (): readonly Sighting[] => seen.filter((one) => one.layer === "far");
const camera = (address: IpAddress, endpoint = EPR): void => prober.put(address, { connect: "open", endpoint });

describe("a device without layer 2", () => {
  it("is found at a former address, and in a named network, by what it says of itself", async () => {
    const search = searching(["10.9.0.0/28"]);
    search.want(device, { macs: [], endpoint: EPR }, [OLD]);
    camera(OLD);
    await round(search);
    expect(far()).toMatchObject([{ endpoint: EPR, address: OLD }]);
    prober.put(OLD, undefined);
    camera(ip("10.9.0.12"));
    lostAt = instant(clock.monotonic());
    await round(search);
    expect(far().at(-1)).toMatchObject({ endpoint: EPR, address: ip("10.9.0.12") });
    expect(prober.count("login")).toBe(0);
  });

  it("is not taken for another that says something else, nor asked who it is where no stream could be read", async () => {
    const search = searching(["10.9.0.0/28"]);
    search.want(device, { macs: [], endpoint: EPR }, [OLD]);
    camera(OLD, "urn:uuid:2");
    prober.put(ip("10.9.0.3"), { connect: "refused", endpoint: EPR });
    await round(search);
    expect(far()).toEqual([]);
    expect(prober.calls.filter((call) => call.proof === "endpoint")).toHaveLength(1);
  });

  it("is told together with another that says the same, so that neither is taken first", async () => {
    const search = searching(["10.9.0.0/28"]);
    search.want(device, { macs: [], endpoint: EPR }, []);
    camera(ip("10.9.0.2"));
    prober.put(ip("10.9.0.13"), { connect: "open", endpoint: EPR, delay: seconds(0.9) });
    const done = search.reconcile("identity", signal);
    await clock.advance(seconds(0.5));
    expect(far()).toEqual([]);
    await clock.advance(seconds(30));
    await done;
    expect(
      far()
        .map((one) => one.address)
        .toSorted(),
    ).toEqual(["10.9.0.13", "10.9.0.2"]);
  });

  it("costs the named networks one walk in five minutes, and never one that belongs to a forbidden interface", async () => {
    const search = searching(["10.9.0.0/28", "10.9.1.0/28"]);
    search.want(device, { macs: [], endpoint: EPR }, []);
    for (let rounds = 0; rounds < 4; rounds += 1) await round(search);
    expect(prober.count("connect")).toBe(14);
    expect(prober.calls.some((call) => "address" in call && call.address.startsWith("10.9.1."))).toBe(false);
    await clock.advance(minutes(5));
    await round(search);
    expect(prober.count("connect")).toBe(28);
  });

  it("is asked for sixteen at a time, and no longer than thirty seconds", async () => {
    const search = searching(["10.9.0.0/23", "10.9.2.0/24", "10.9.3.0/24", "10.9.4.0/24"]);
    search.want(device, { macs: [], endpoint: EPR }, []);
    const done = search.reconcile("identity", signal);
    await clock.advance(seconds(0.1));
    expect(prober.count("connect")).toBe(16);
    await clock.advance(seconds(30));
    await done;
    expect(prober.count("connect")).toBeLessThanOrEqual(16 * 30);
  });

  it("is no more searched for once it is not missing", async () => {
    const search = searching(["10.9.0.0/28"]);
    search.want(device, { macs: [], endpoint: EPR }, [OLD]);
    lostAt = undefined;
    expect(await search.reconcile("identity", signal)).toEqual({});
    expect(prober.calls).toEqual([]);
  });
});

describe("a device of an attached network", () => {
  const identity: Identity = { macs: [], endpoint: EPR, uid: UID };

  it("is called by everything that it says of itself, on ordinary interfaces alone, ten seconds apart", async () => {
    const search = searching();
    search.want(device, identity, []);
    await search.reconcile("identity", signal);
    await search.reconcile("identity", signal);
    expect(called).toEqual([`endpoint ${EPR} on eth0`, `uid ${UID} on eth0`]);
    expect(seen).toMatchObject([
      { layer: "call", endpoint: EPR, address: "192.168.1.66" },
      { layer: "call", uid: UID, address: "192.168.1.66" },
    ]);
    await clock.advance(seconds(10));
    await search.reconcile("identity", signal);
    expect(called).toHaveLength(4);
  });

  it("is called on the interfaces that the options name", () => {
    expect(usableInterfaces([eth, docker], [])).toEqual([eth]);
    expect(usableInterfaces([eth, docker], ["docker0"])).toEqual([docker]);
  });
});

describe("a device behind a repeater, which has no MAC address of its own here", () => {
  const [HERE, THERE, BESIDE] = [ip("192.168.1.31"), ip("192.168.1.41"), ip("192.168.1.32")];
  const identity: Identity = { macs: [], endpoint: EPR };

  it("is found among those who are present, by what it says of itself", async () => {
    const search = searching();
    search.want(device, identity, [HERE]);
    present = [BESIDE, THERE, ip("192.168.1.9")];
    camera(BESIDE, "urn:uuid:2");
    camera(THERE);
    await round(search);
    expect(far()).toMatchObject([{ endpoint: EPR, address: THERE }]);
    expect(prober.count("login")).toBe(0);
  });

  it("costs nobody anything while no search is allowed, nor where its MAC address is known, nor where it was never on such a network", async () => {
    const search = searching();
    present = [THERE];
    pause = seconds(4);
    search.want(device, identity, [HERE]);
    expect(await search.reconcile("identity", signal)).toEqual({ requeueAfter: seconds(4) });
    expect([censuses, prober.count("connect")]).toEqual([1, 0]);
    pause = undefined;
    for (const [one, former] of [
      [{ ...identity, macs: [REPEATER] }, HERE],
      [identity, OLD],
    ] as const) {
      const other = searching();
      other.want(device, one, [former]);
      await round(other);
    }
    const given = searching();
    given.want({ ...device, configuredMacs: [REPEATER] }, identity, [HERE]);
    await round(given);
    expect(censuses).toBe(1);
  });
});
