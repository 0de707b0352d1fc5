import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSocket } from "node:dgram";
import { OnvifEndpointProber } from "../../../src/adapters/onvif/endpoint.ts";
import { TcpConnect } from "../../../src/adapters/lan/tcp-connect.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import { milliseconds, seconds } from "../../../src/domain/duration.ts";
import { describeEndpointProber } from "../../contract/prober.ts";
import { part } from "../../parts.ts";
import { startLan, type Host, type Lan } from "../../world/lan.ts";
import { start, type Program } from "../../world/programs.ts";
import { eventually } from "../../world/waiting.ts";

const prober = new OnvifEndpointProber(createSystemClock());
const signal = new AbortController().signal;
const GUID = "urn:uuid:11111111-2222-3333-4444-555555555555";

/** Answers Probes as a device does that refuses everything without a password; `group`: it listens at the multicast address alone. */
const RESPONDER = `
import { createSocket } from "node:dgram";
const [endpoint, group, relates] = process.argv.slice(-3);
const socket = createSocket({ type: "udp4", reuseAddr: true });
socket.on("message", (bytes, from) => {
  const id = /MessageID>([^<]+)</.exec(bytes.toString())?.[1] ?? "";
  const answer = "<e:Envelope><e:Header><a:RelatesTo>" + (relates === "wrong" ? "urn:uuid:0" : id) + "</a:RelatesTo></e:Header><e:Body><d:ProbeMatches><d:ProbeMatch>" +
    "<a:EndpointReference><a:Address>" + endpoint + "</a:Address></a:EndpointReference><d:XAddrs>http://192.168.50.99:10080/onvif/device_service</d:XAddrs>" +
    "</d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>";
  socket.send(answer, from.port, from.address);
});
socket.bind(3702, group === "group" ? "239.255.255.250" : "0.0.0.0", () => { socket.addMembership("239.255.255.250"); console.log("ready"); });
`;

const shared: { lan?: Lan; camera?: Host; other?: Host } = {};

function world(): { lan: Lan; camera: Host; other: Host } {
  const { lan, camera, other } = shared;
  if (lan === undefined || camera === undefined || other === undefined) throw new Error("not started");
  return { lan, camera, other };
}

beforeAll(async () => {
  shared.lan = await startLan();
  shared.camera = await shared.lan.attach("camera", "0c:79:55:00:00:01" as MacAddress);
  shared.other = await shared.lan.attach("other", "0c:79:55:00:00:02" as MacAddress);
  await shared.camera.addAddress(shared.lan.at(50));
  await shared.other.addAddress(shared.lan.at(51));
});
afterAll(() => shared.lan?.stop());

async function respond(host: Host, endpoint: string, mode: "unicast" | "group", relates: "right" | "wrong" = "right"): Promise<Program> {
  const state = { ready: false };
  const args = ["--input-type=module", "-e", RESPONDER, "--", endpoint, mode, relates];
  const program = start(process.execPath, args, { namespace: host.namespace, onLine: () => (state.ready = true) });
  await eventually("the responder", () => state.ready);
  return program;
}

describe("a device without GetEndpointReference", () => {
  it.each(["unicast", "group"] as const)("is asked by WS-Discovery (%s)", async (mode) => {
    const { lan, camera } = world();
    await using _device = await respond(camera, GUID, mode);
    expect(await prober.endpoint(lan.at(50), [80, 8000], seconds(5), signal)).toBe(GUID);
  });

  it("is not mistaken for another that answers the multicast", async () => {
    const { lan, other } = world();
    await using _other = await respond(other, GUID, "group");
    expect(await prober.endpoint(lan.at(50), [80], milliseconds(700), signal)).toBeUndefined();
  });

  it("must answer our own message", async () => {
    const { lan, camera } = world();
    await using _device = await respond(camera, GUID, "unicast", "wrong");
    expect(await prober.endpoint(lan.at(50), [80], milliseconds(700), signal)).toBeUndefined();
  });

  it("is not asked by multicast where it is behind a router", async () => {
    const { lan, camera } = world();
    await using _device = await respond(camera, GUID, "group");
    const heard = createSocket({ type: "udp4", reuseAddr: true });
    const state = { probes: 0 };
    heard.on("message", () => (state.probes += 1));
    await new Promise<void>((resolve) => heard.bind(3702, "239.255.255.250", resolve));
    heard.addMembership("239.255.255.250", lan.home.address);
    expect(await prober.endpoint("10.1.2.3" as never, [80], milliseconds(700), signal)).toBeUndefined();
    heard.close();
    expect(state.probes).toBe(0);
  });
});

describe("a device whose service is on a port that nobody guesses", () => {
  it("names it by WS-Discovery; the address that stands beside it is not asked", async () => {
    const { lan, camera } = world();
    await using _device = await respond(camera, GUID, "unicast");
    const serve = `import { createServer } from "node:http"; createServer((_asked, answer) => answer.end("<s:Envelope><s:Fault/></s:Envelope>")).listen(10080, () => console.log("ready"));`;
    expect(await prober.onvifPort(lan.at(50), [80, 8000], seconds(2), signal)).toBeUndefined();
    const state = { ready: false };
    await using _service = start(process.execPath, ["--input-type=module", "-e", serve], {
      namespace: camera.namespace,
      onLine: () => (state.ready = true),
    });
    await eventually("the service", () => state.ready);
    expect(await prober.onvifPort(lan.at(50), [80, 8000], seconds(5), signal)).toBe(10_080);
  });
});

/** An ONVIF device of another author; it listens at the group alone. */
async function foreignDevice(host: Host, address: IpAddress): Promise<Program> {
  const program = start(part("onvif-camera", "0.1.1"), [address, "8899", `rtsp://${address}/live`, GUID.slice(9), "SN1"], {
    namespace: host.namespace,
  });
  const connect = new TcpConnect(createSystemClock());
  await eventually("the ONVIF device", async () => (await connect.connect(address, 8899, seconds(1), signal)) === "open");
  return program;
}

describeEndpointProber("asking a device of another author", async () => {
  const { lan, camera } = world();
  const device = await foreignDevice(camera, lan.at(50));
  return {
    prober,
    device: { address: lan.at(50), ports: [80, 8899], endpoint: GUID },
    other: { address: lan.at(51), ports: [80] },
    silent: { address: lan.at(99), ports: [80] },
    close: () => device.stop(),
  };
});

describe("a device that moved", () => {
  it("has the same endpoint reference at its new address", async () => {
    const { lan, camera } = world();
    await camera.flush();
    await camera.addAddress(lan.at(77));
    await using _device = await foreignDevice(camera, lan.at(77));
    expect(await prober.endpoint(lan.at(77), [80, 8899], seconds(5), signal)).toBe(GUID);
    expect(await prober.endpoint(lan.at(50), [80, 8899], milliseconds(700), signal)).toBeUndefined();
  });
});
