import { OnvifEndpointProber } from "../../src/adapters/onvif/endpoint.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import { FakeProber, type ScriptedHost } from "../fakes/fake-prober.ts";
import { serveSoap } from "../adapters/onvif/soap-server.ts";
import { describeConnectProber, describeEndpointProber, describeNeighbourProber, describeRtspProber, type RtspPlace } from "./prober.ts";

const close = async (): Promise<void> => undefined;
const at = (host: number): IpAddress => `192.168.50.${host}` as IpAddress;

/** A fake prober by the machine's own time, so that the suite waits on it as on a real one. */
function fake(hosts: Readonly<Record<number, ScriptedHost>>): FakeProber {
  const prober = new FakeProber(createSystemClock());
  for (const [host, scripted] of Object.entries(hosts)) prober.put(at(Number(host)), scripted);
  return prober;
}

describeNeighbourProber("the fake prober", async () => {
  const camera = { address: at(50), mac: "0c:79:55:00:00:01" as MacAddress };
  const stranger = { address: at(51), mac: "0c:79:55:00:00:02" as MacAddress };
  const gateway = { address: at(1), mac: "02:c5:00:00:00:01" as MacAddress };
  const far = "10.1.2.3" as IpAddress;
  const prober = fake({ 50: { mac: camera.mac }, 51: { mac: stranger.mac }, 1: { mac: gateway.mac, gateway: true } });
  prober.put(far, { noLayer2: true });
  const moveCamera = async (to: IpAddress): Promise<void> => {
    prober.put(camera.address, undefined);
    prober.put(to, { mac: camera.mac });
  };
  return { prober, camera, stranger, gateway, empty: at(99), far, moveCamera, close };
});

describeConnectProber("the fake prober", async () => {
  const prober = fake({ 50: { connect: "open" }, 51: { connect: "refused" } });
  const place = (host: number): { address: IpAddress; port: number } => ({ address: at(host), port: 554 });
  return { prober, open: place(50), refused: place(51), silent: place(99), close };
});

describeEndpointProber("the fake prober", async () => {
  const endpoint = "urn:uuid:11111111-2222-3333-4444-555555555555";
  const place = (host: number): { address: IpAddress; ports: number[] } => ({ address: at(host), ports: [80] });
  const prober = fake({ 50: { endpoint }, 51: { connect: "open" } });
  return { prober, device: { ...place(50), endpoint }, other: place(51), silent: place(99), close };
});

describeEndpointProber("asking ONVIF devices over HTTP", async () => {
  const address = "127.0.0.1" as IpAddress;
  const guid = "URN:UUID:AAAAAAAA-2222-3333-4444-555555555555";
  const device = await serveSoap({
    body: `<tds:GetEndpointReferenceResponse><tds:GUID>${guid}</tds:GUID></tds:GetEndpointReferenceResponse>`,
  });
  const other = await serveSoap({ status: 404, raw: "<html>not here</html>" });
  const silent = await serveSoap({ silent: true });
  return {
    prober: new OnvifEndpointProber(createSystemClock()),
    device: { address, ports: [other.port, device.port], endpoint: guid.toLowerCase() },
    other: { address, ports: [other.port] },
    silent: { address, ports: [silent.port] },
    close: async () => {
      await Promise.all([device.close(), other.close(), silent.close()]);
    },
  };
});

describeRtspProber("the fake prober", async () => {
  const prober = fake({
    50: { greeting: { kind: "challenge", schemes: ["digest"], realm: "AXIS_1" }, login: "accepted" },
    51: { greeting: { kind: "challenge", schemes: ["basic"] }, login: "basic-only" },
    52: { greeting: { kind: "open" }, login: "accepted" },
    53: { greeting: { kind: "not-rtsp" } },
    54: { login: "unauthorized" },
    55: { login: "not-found" },
  });
  const url = (host: number): string => `rtsp://viewer@${at(host)}/live`;
  const place = (host: number): RtspPlace & { url: string } => ({ address: at(host), port: 554, path: "/live", url: url(host) });
  return {
    prober,
    digest: { ...place(50), realm: "AXIS_1", wrongPassword: url(54), wrongPath: url(55) },
    basic: { ...place(51), urlWhereAllowed: url(52) },
    open: place(52),
    notRtsp: place(53),
    silent: place(99),
    close,
  };
});
