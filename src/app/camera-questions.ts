import type { KernelNeighbourProber } from "../adapters/lan/neighbour-prober.ts";
import { TcpConnect } from "../adapters/lan/tcp-connect.ts";
import { UdpQuestions } from "../adapters/lan/udp-questions.ts";
import { askClock } from "../adapters/onvif/clock.ts";
import { OnvifEndpointProber } from "../adapters/onvif/endpoint.ts";
import { askInterfaces } from "../adapters/onvif/network-interfaces.ts";
import { askStreamPaths } from "../adapters/onvif/stream-uri.ts";
import { usernameToken } from "../adapters/onvif/username-token.ts";
import { ReolinkUid } from "../adapters/reolink/uid.ts";
import { digestAnswer } from "../adapters/rtsp/digest-answer.ts";
import { RtspDescribeProber } from "../adapters/rtsp/prober.ts";
import { parseRtspUrl } from "../adapters/rtsp/url.ts";
import { TplinkDeviceId } from "../adapters/tplink/device-id.ts";
import type { Instant } from "../domain/duration.ts";
import type { CameraDetails } from "../ports/camera-details.ts";
import type { Clock } from "../ports/clock.ts";
import type { Prober } from "../ports/prober.ts";
import type { VendorDiscovery } from "../ports/vendor-discovery.ts";
import { AnyMaker } from "../reconcilers/makers.ts";

/** What a proved camera is asked. */
export function detailsOf(clock: Clock): CameraDetails {
  return {
    clockOffset: (address, ports, within, signal) => askClock(clock, address, ports, within, signal),
    streamPaths: (address, ports, loginUrl, within, signal) => {
      const answer = digestAnswer(loginUrl);
      return answer === undefined ? Promise.resolve({ kind: "no-answer" }) : askStreamPaths(clock, address, ports, answer, within, signal);
    },
    hardwareAddresses: (address, ports, loginUrl, within, signal) => {
      const digest = digestAnswer(loginUrl);
      const credentials = parseRtspUrl(loginUrl)?.credentials;
      if (digest === undefined || credentials === undefined) return Promise.resolve({ kind: "no-answer" });
      const proofs = { digest, token: (created: Instant) => usernameToken(credentials, created) };
      return askInterfaces(clock, address, ports, proofs, within, signal);
    },
  };
}

/** The questions of a proof, each with its adapter. */
export function proberOf(clock: Clock, neighbours: KernelNeighbourProber): Prober {
  const anyMaker = new AnyMaker(vendorsOf(clock));
  const tcp = new TcpConnect(clock);
  const onvif = new OnvifEndpointProber(clock);
  const rtsp = new RtspDescribeProber(clock);
  return {
    neighbour: (address, wanted, within, signal) => neighbours.neighbour(address, wanted, within, signal),
    connect: (address, port, within, signal) => tcp.connect(address, port, within, signal),
    endpoint: (address, ports, within, signal) => onvif.endpoint(address, ports, within, signal),
    vendor: (address, makers, within, signal) => anyMaker.vendor(address, makers, within, signal),
    onvifPort: (address, ports, within, signal) => onvif.onvifPort(address, ports, within, signal),
    greeting: (address, port, path, within, signal) => rtsp.greeting(address, port, path, within, signal),
    login: (url, allowBasic, within, signal) => rtsp.login(url, allowBasic, within, signal),
  };
}

/** The makers' own ways of finding their devices. */
export function vendorsOf(clock: Clock): readonly VendorDiscovery[] {
  const datagrams = new UdpQuestions(clock);
  return [new ReolinkUid(datagrams), new TplinkDeviceId(datagrams)];
}
