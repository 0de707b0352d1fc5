import { describe, expect, it } from "vitest";
import { parseIp, parseMac, type IpAddress, type MacAddress } from "../../src/domain/addresses.ts";
import type { Device, DeviceId } from "../../src/domain/camera.ts";
import { milliseconds, seconds } from "../../src/domain/duration.ts";
import { createVerifier, type Verification, type Verifier, type VerifyRequest } from "../../src/reconcilers/verifier.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeNeighbourTable } from "../fakes/fake-neighbour-table.ts";
import { FakeProber, type ScriptedHost } from "../fakes/fake-prober.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? expect.unreachable();
const mac = (text: string): MacAddress => parseMac(text) ?? expect.unreachable();
const MAC = mac("0c:79:55:4b:d4:2a");
const STRANGER = mac("00:11:22:33:44:55");
const OLD = ip("192.168.1.50");
const NEW = ip("192.168.1.77");
const OTHER = ip("192.168.1.78");
const never = new AbortController().signal;

const device: Device = {
  id: "front" as DeviceId,
  title: "front",
  owners: ["camera:front"],
  addresses: [OLD],
  streams: [],
  streamPort: 554,
  onvifPorts: [80],
  loginUrl: `rtsp://viewer:canary-verifier@${OLD}:554/main`,
  streamPath: "/main",
  allowBasic: false,
  configuredMacs: [],
};
const request: VerifyRequest = {
  device,
  identity: { macs: [MAC], endpoint: "urn:uuid:front", realm: "BC Streaming Media" },
  peers: [],
  formerAddresses: [OLD],
  candidate: NEW,
  layer: "dhcp",
  login: "allowed",
};
const camera: ScriptedHost = {
  mac: MAC,
  connect: "open",
  endpoint: "urn:uuid:front",
  greeting: { kind: "challenge", schemes: ["digest"], realm: "BC Streaming Media" },
  login: "accepted",
};

function world(host?: ScriptedHost): { clock: FakeClock; prober: FakeProber; table: FakeNeighbourTable; verifier: Verifier } {
  const clock = new FakeClock();
  const prober = new FakeProber(clock);
  const table = new FakeNeighbourTable();
  if (host !== undefined) prober.put(NEW, host);
  return { clock, prober, table, verifier: createVerifier({ prober, table, clock }) };
}

async function verify(
  host: ScriptedHost | undefined,
  changes: Partial<VerifyRequest> = {},
): Promise<Verification & { prober: FakeProber }> {
  const { clock, prober, verifier } = world(host);
  const outcome = verifier.verify({ ...request, ...changes }, never);
  await clock.advance(seconds(11));
  expect(clock.pending()).toEqual([]);
  return { ...(await outcome), prober };
}

describe("a camera at its new address", () => {
  it("is verified with every step on record", async () => {
    const { prober, ...outcome } = await verify(camera, { hostName: "front-cam" });
    expect(outcome).toMatchObject({ verdict: "verified", reason: "Verified", foreign: false, present: true, mac: MAC, login: "accepted" });
    expect(outcome.evidence).toMatchObject({
      device: "front",
      candidate: NEW,
      layer: "dhcp",
      verdict: "verified",
      took: 0,
      hostName: "front-cam",
    });
    expect(outcome.evidence.steps.map((step) => `${step.proof} ${step.outcome}`)).toEqual([
      "neighbour passed",
      "connect passed",
      "identity passed",
      "login passed",
    ]);
    expect(prober.calls.at(-1)).toEqual({ proof: "login", url: `rtsp://viewer:canary-verifier@${NEW}:554/main`, allowBasic: false });
    expect(JSON.stringify(outcome)).not.toContain("canary");
  });

  it("takes as long as its slowest answers: TCP, endpoint and greeting at the same time", async () => {
    const { evidence } = await verify({ ...camera, delay: milliseconds(100) });
    expect(evidence.took).toBe(300);
  });

  it("is waited for when it asked by DHCP and arrives late, and when its server starts late", async () => {
    const { clock, prober, verifier } = world();
    const outcome = verifier.verify(request, never);
    await clock.advance(seconds(5));
    prober.put(NEW, { mac: MAC, connect: "refused", greeting: { kind: "no-answer" } });
    await clock.advance(seconds(2));
    prober.put(NEW, camera);
    await clock.advance(seconds(4));
    expect(await outcome).toMatchObject({ verdict: "verified" });
    expect((await outcome).evidence.took).toBeLessThan(7300);
  });

  it("without a password, or with an URL that is not understood, is verified without a login", async () => {
    const { loginUrl: _url, ...open } = device;
    const strange = { ...device, loginUrl: `rtsp://viewer:canary-verifier@camera.lan/main` };
    for (const one of [open, strange]) {
      const { verdict, evidence, prober } = await verify(camera, { device: one });
      expect(verdict).toBe("verified");
      expect(prober.count("login")).toBe(0);
      expect(evidence.steps.at(-1)).toMatchObject({ proof: "login", outcome: "skipped" });
    }
  });
});

describe("no credential is sent", () => {
  it.each([
    ["nobody", undefined, "NobodyThere", false],
    ["a stranger's MAC", { ...camera, mac: STRANGER }, "OtherMac", true],
    ["a closed port", { ...camera, connect: "refused" }, "PortClosed", false],
    ["another endpoint reference", { ...camera, endpoint: "urn:uuid:evil" }, "IdentityDiffers", true],
    ["another realm", { ...camera, greeting: { kind: "challenge", schemes: ["digest"], realm: "evil" } }, "IdentityDiffers", true],
    ["only Basic", { ...camera, greeting: { kind: "challenge", schemes: ["basic"], realm: "BC Streaming Media" } }, "BasicRefused", false],
  ] as const)("to %s", async (_what, host, reason, foreign) => {
    const { prober, ...outcome } = await verify(host);
    expect(outcome).toMatchObject({ verdict: "rejected", reason, foreign, evidence: { verdict: "rejected", reason } });
    expect(prober.count("login")).toBe(0);
  });

  it("before the slow endpoint has answered", async () => {
    const { clock, prober, verifier } = world({ ...camera, delay: milliseconds(400) });
    const outcome = verifier.verify(request, never);
    await clock.advance(milliseconds(799));
    expect(prober.count("login")).toBe(0);
    await clock.advance(seconds(2));
    expect((await outcome).verdict).toBe("verified");
  });

  it("to a device that came while the proofs were slow: the MAC is asked anew", async () => {
    const slow = { ...camera, delay: milliseconds(1100) };
    const steady = world(slow);
    const verified = steady.verifier.verify({ ...request, layer: "dhcp" }, never);
    await steady.clock.advance(seconds(11));
    expect((await verified).verdict).toBe("verified");
    expect(steady.prober.count("neighbour")).toBeGreaterThan(1);
    const { clock, prober, verifier } = world(slow);
    const outcome = verifier.verify({ ...request, layer: "dhcp" }, never);
    await clock.advance(milliseconds(1500));
    prober.put(NEW, { ...camera, mac: STRANGER });
    await clock.advance(seconds(11));
    expect(await outcome).toMatchObject({ verdict: "rejected", reason: "OtherMac" });
    expect(prober.count("login")).toBe(0);
  });
});

describe("where another device takes turns with the camera in the neighbour table", () => {
  const WIRELESS = mac("0c:79:55:4b:d4:2b");

  /** @param holders the table's entry at each look, the last one from then on */
  async function turns(
    holders: readonly MacAddress[],
    changes: Partial<VerifyRequest> = {},
  ): Promise<Verification & { prober: FakeProber }> {
    const { clock, prober, table, verifier } = world(camera);
    const left = [...holders];
    table.macOf = async () => (left.length > 1 ? left.shift() : left[0]);
    const outcome = verifier.verify({ ...request, ...changes }, never);
    await clock.advance(seconds(11));
    return { ...(await outcome), prober };
  }

  it("no password is sent and nothing is proved: what was answered may be the other's answer", async () => {
    const { prober, ...outcome } = await turns([STRANGER]);
    expect(outcome).toMatchObject({ verdict: "rejected", reason: "AddressContested", foreign: false, present: true });
    expect(outcome.evidence.steps.at(-1)?.detail).toBe("another device answers at the address in turn with this one");
    expect([prober.count("login"), prober.count("greeting")]).toEqual([0, 3]);
  });

  it("the proof is begun anew, and holds once the camera alone answers", async () => {
    const { prober, verdict } = await turns([STRANGER, MAC]);
    expect([verdict, prober.count("login"), prober.count("greeting")]).toEqual(["verified", 1, 2]);
  });

  it("an answer that came while the other held the address does not count, though the camera holds it again at the end", async () => {
    const { prober, verdict } = await turns([MAC, STRANGER, MAC]);
    expect([verdict, prober.count("login"), prober.count("greeting")]).toEqual(["verified", 1, 2]);
  });

  it("the login is not repeated after one was sent", async () => {
    // After each of three answers, before the login, after it.
    const { prober, ...outcome } = await turns([MAC, MAC, MAC, MAC, STRANGER]);
    expect(outcome).toMatchObject({ verdict: "rejected", reason: "AddressContested", login: "accepted" });
    expect(prober.count("login")).toBe(1);
  });

  it("nothing is wrong where the other MAC address is the camera's own", async () => {
    const { verdict } = await turns([WIRELESS], { device: { ...device, configuredMacs: [WIRELESS] } });
    expect(verdict).toBe("verified");
  });
});

describe("time", () => {
  it("ends after ten seconds with the reason that was hoped to pass", async () => {
    const { evidence, reason } = await verify({
      ...camera,
      greeting: { kind: "no-answer" },
      endpoint: "urn:uuid:front",
      login: "no-answer",
    });
    expect(reason).toBe("VerificationTimedOut");
    expect(evidence.took).toBe(10_000);
    const closed = await verify({ ...camera, connect: "refused" });
    expect(closed).toMatchObject({ reason: "PortClosed", evidence: { took: 10_000 } });
  });

  it("of a caller that has less is less", async () => {
    const { evidence } = await verify({ ...camera, connect: "refused" }, { within: seconds(3) });
    expect(evidence.took).toBe(3000);
  });

  it("is not lost on a prober that does not heed its signal", async () => {
    const { clock, prober, verifier } = world(camera);
    prober.connect = () => new Promise(() => undefined);
    const outcome = verifier.verify(request, never);
    await clock.advance(seconds(10));
    expect(await outcome).toMatchObject({ reason: "VerificationTimedOut", evidence: { took: 10_000 } });
    expect((await outcome).evidence.steps.at(-1)).toMatchObject({ proof: "connect", outcome: "failed" });
  });

  it("is short for a stranger at an address where the camera should be already", async () => {
    const { evidence } = await verify({ ...camera, mac: STRANGER }, { layer: "configured" });
    expect(evidence.took).toBeLessThanOrEqual(900);
    const arriving = await verify({ ...camera, mac: STRANGER });
    expect(arriving.evidence.took).toBeGreaterThan(7000);
  });

  it("of an abandoned verification ends at once", async () => {
    const { clock, prober, verifier } = world();
    const hurry = new AbortController();
    const outcome = verifier.verify(request, hurry.signal);
    await clock.advance(seconds(1));
    hurry.abort(new Error("shutdown"));
    await expect(outcome).rejects.toThrow("shutdown");
    await clock.settle();
    expect(clock.pending()).toEqual([]);
    expect(prober.count("login")).toBe(0);
  });
});

describe("a MAC on many addresses", () => {
  const many = [NEW, ip("192.168.1.60"), ip("192.168.1.61"), ip("192.168.1.62")];
  const seen: ScriptedHost = { ...camera, addressesOfMac: many };
  const plain = { ...request, identity: { macs: [MAC] } };

  it("is void where it answers there, and the camera's where the entries are stale", async () => {
    const proxied = world(seen);
    for (const address of many.slice(1)) proxied.prober.put(address, { mac: MAC });
    const outcome = proxied.verifier.verify(plain, never);
    await proxied.clock.advance(seconds(11));
    expect(await outcome).toMatchObject({ reason: "MacVoid", foreign: false });
    expect(proxied.prober.count("login")).toBe(0);
    const stale = await verify(seen, plain);
    expect(stale.verdict).toBe("verified");
    expect(stale.evidence.took).toBeLessThan(1500);
  });
});

it("a verification takes no longer than a person allows", async () => {
  const clock = new FakeClock();
  const prober = new FakeProber(clock);
  prober.put(NEW, { ...camera, connect: "refused" });
  const verifier = createVerifier({ prober, table: new FakeNeighbourTable(), clock, atMost: seconds(3) });
  const outcome = verifier.verify({ ...request, within: seconds(8) }, never);
  await clock.advance(seconds(3));
  expect(await outcome).toMatchObject({ verdict: "rejected", reason: "PortClosed", evidence: { took: 3000 } });
});

describe("callers", () => {
  it("with the same candidate share one verification; with another they wait their turn", async () => {
    const { clock, prober, verifier } = world(camera);
    prober.put(OTHER, camera);
    const outcomes = [NEW, NEW, OTHER].map((candidate) => verifier.verify({ ...request, candidate }, never));
    await clock.settle();
    await clock.advance(seconds(1));
    const [first, second, third] = await Promise.all(outcomes);
    expect(first).toBe(second);
    expect(third?.candidate).toBe(OTHER);
    expect(prober.count("login")).toBe(2);
    expect(prober.calls.findIndex((call) => call.proof === "login")).toBeLessThan(
      prober.calls.findIndex((call) => "address" in call && call.address === OTHER),
    );
  });

  it("of different devices do not wait for one another", async () => {
    const { clock, prober, verifier } = world();
    prober.put(OTHER, camera);
    const slow = verifier.verify(request, never);
    const quick = verifier.verify({ ...request, device: { ...device, id: "back" as DeviceId }, candidate: OTHER }, never);
    await clock.advance(milliseconds(10));
    expect((await quick).verdict).toBe("verified");
    await clock.advance(seconds(11));
    expect((await slow).reason).toBe("NobodyThere");
  });

  it("see what the prober throws", async () => {
    const { clock, prober, verifier } = world(camera);
    prober.endpoint = () => Promise.reject(new Error("no sockets left"));
    const outcome = verifier.verify(request, never).catch((error: unknown) => error);
    await clock.advance(seconds(1));
    expect(await outcome).toMatchObject({ message: "no sockets left" });
  });
});
