import { expect, it } from "vitest";
import type { IpAddress } from "../../src/domain/addresses.ts";
import { seconds } from "../../src/domain/duration.ts";
import { whereSaid } from "../../src/reconcilers/said-twice.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeProber } from "../fakes/fake-prober.ts";
import { ip } from "./fake-home.ts";

const { signal } = new AbortController();
const EPR = "urn:uuid:1";
const UID = "reolink:9527000ABCDEF123" as const;
const [one, two, three] = [ip("10.9.0.1"), ip("10.9.0.2"), ip("192.168.1.3")];

async function said(addresses: readonly IpAddress[]): Promise<{ where: readonly IpAddress[]; prober: FakeProber }> {
  const clock = new FakeClock();
  const prober = new FakeProber(clock);
  prober.put(one, { noLayer2: true, endpoint: EPR });
  prober.put(two, { noLayer2: true, endpoint: "urn:uuid:2", vendor: { uid: UID } });
  prober.put(three, { endpoint: EPR });
  const asked = whereSaid(prober, { onvifPorts: [80] }, { macs: [], endpoint: EPR, uid: UID }, [], addresses, signal);
  await clock.advance(seconds(5));
  return { where: await asked, prober };
}

it("addresses without layer 2 that say what was learned are told, before any login", async () => {
  const { where, prober } = await said([one, two, three, ip("10.9.0.9")]);
  expect(where).toEqual([one, two]);
  expect(prober.count("login")).toBe(0);
});

it("nothing is asked where there is one address alone", async () => {
  const { where, prober } = await said([one]);
  expect(where).toEqual([]);
  expect(prober.calls).toEqual([]);
});
