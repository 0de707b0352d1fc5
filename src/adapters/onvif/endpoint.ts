import { networkInterfaces } from "node:os";
import { networkContains, parseIp, parseNetwork, type IpAddress } from "../../domain/addresses.ts";
import { milliseconds, type Duration } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EndpointProber, OnvifPortProber } from "../../ports/prober.ts";
import { probeByDiscovery, type DiscoveryProbe } from "./discovery-probe.ts";
import { GET_ENDPOINT_REFERENCE, GET_ENDPOINT_REFERENCE_ACTION, parseEndpointReference, type Announcement } from "./messages.ts";
import { postSoap } from "./soap-post.ts";

const DEVICE_SERVICE = "/onvif/device_service";
const PARALLEL_PORTS = 4;
const MOST_PORTS = 16;
/** A filtered port swallows everything: it must leave time for the others. */
const ONE_PORT = milliseconds(1000);
/** Every device of the network hears the multicast, so the address alone gets its chance first. */
const EVERYBODY_AFTER = milliseconds(100);

/** Asks ONVIF devices who they are, without a password. */
export class OnvifEndpointProber implements EndpointProber, OnvifPortProber {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * By `GetEndpointReference` over HTTP on each port; where none answers with one (some devices refuse it without a password), by a WS-Discovery
   * Probe to the address, then to the discovery group, of which only the answer of the address itself counts. The first port of the list that
   * answers wins, and HTTP wins over discovery, so that the same device gives the same answer each time.
   * @returns in canonical spelling (`canonicalEndpoint`)
   * @throws the signal's reason when aborted
   */
  async endpoint(address: IpAddress, ports: readonly number[], within: Duration, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    const over = new AbortController();
    const end = AbortSignal.any([signal, over.signal]);
    const deadline = this.#clock.deadline("onvif endpoint", within, end);
    // A filtered port swallows everything: it must leave time for discovery.
    const halfway = this.#clock.deadline("onvif endpoint by http", milliseconds(within / 2), end);
    try {
      const discovery = probeByDiscovery(address, attachedAddress(address), deadline);
      const byHttp = await askPorts(address, [...new Set(ports)].slice(0, MOST_PORTS), halfway);
      const endpoint = byHttp ?? (await this.#byDiscovery(discovery, deadline))?.endpoint;
      signal.throwIfAborted();
      return endpoint;
    } finally {
      over.abort();
    }
  }

  async onvifPort(address: IpAddress, ports: readonly number[], within: Duration, signal: AbortSignal): Promise<number | undefined> {
    signal.throwIfAborted();
    const over = new AbortController();
    const deadline = this.#clock.deadline("onvif port", within, AbortSignal.any([signal, over.signal]));
    const listed = [...new Set(ports)].slice(0, MOST_PORTS);
    try {
      const discovery = probeByDiscovery(address, attachedAddress(address), deadline);
      for (let at = 0; at < listed.length && !deadline.aborted; at += PARALLEL_PORTS) {
        const some = listed.slice(at, at + PARALLEL_PORTS);
        const answers = some.map((port) => speaksSoap(address, port, this.#clock.deadline("one onvif port", ONE_PORT, deadline)));
        for (const [index, answer] of answers.entries()) if (await answer) return some[index];
      }
      const named = (await this.#byDiscovery(discovery, deadline))?.port;
      const isNew = named !== undefined && !listed.includes(named);
      const found = isNew && (await speaksSoap(address, named, deadline)) ? named : undefined;
      signal.throwIfAborted();
      return found;
    } finally {
      over.abort();
    }
  }

  async #byDiscovery(discovery: DiscoveryProbe, deadline: AbortSignal): Promise<Announcement | undefined> {
    const chance = this.#clock.wait("unicast probe", EVERYBODY_AFTER, deadline).catch((error: unknown) => {
      if (!deadline.aborted) throw error;
    });
    const early = await Promise.race([discovery.answer, chance]);
    if (early !== undefined) return early;
    discovery.askEverybody();
    return discovery.answer;
  }
}

/** Asks at most four ports at a time; the answer of the earliest port in the list that gives one. */
async function askPorts(address: IpAddress, ports: readonly number[], deadline: AbortSignal): Promise<string | undefined> {
  for (let at = 0; at < ports.length && !deadline.aborted; at += PARALLEL_PORTS) {
    const asked = ports.slice(at, at + PARALLEL_PORTS).map((port) => askPort(address, port, deadline));
    for (const answer of asked) {
      const endpoint = await answer;
      if (endpoint !== undefined) return endpoint;
    }
  }
  return undefined;
}

/** Whether it answers at the device service, be it that it refuses without a password. */
async function speaksSoap(address: IpAddress, port: number, deadline: AbortSignal): Promise<boolean> {
  const answer = await postSoap(address, port, DEVICE_SERVICE, GET_ENDPOINT_REFERENCE_ACTION, GET_ENDPOINT_REFERENCE, deadline);
  return answer !== undefined && /<(?:[\w.-]+:)?Envelope[\s>]/.test(answer);
}

async function askPort(address: IpAddress, port: number, deadline: AbortSignal): Promise<string | undefined> {
  const answer = await postSoap(address, port, DEVICE_SERVICE, GET_ENDPOINT_REFERENCE_ACTION, GET_ENDPOINT_REFERENCE, deadline);
  return answer === undefined ? undefined : parseEndpointReference(answer);
}

/** Our own address on the network that `address` is on; undefined where a router is between. */
function attachedAddress(address: IpAddress): IpAddress | undefined {
  const own = Object.values(networkInterfaces())
    .flat()
    .find((one) => {
      const network = one === undefined || one.family !== "IPv4" ? undefined : parseNetwork(one.cidr ?? "");
      return network !== undefined && networkContains(network, address);
    });
  return parseIp(own?.address ?? "");
}
