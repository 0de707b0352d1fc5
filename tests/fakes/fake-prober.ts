import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import { milliseconds, type Duration } from "../../src/domain/duration.ts";
import { makersOf, type Maker, type VendorAnswer } from "../../src/domain/vendor-id.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { ConnectReading, GreetingReading, LoginReading, NeighbourReading, Prober } from "../../src/ports/prober.ts";

/** How a host at an address answers. What is left out is answered as by a closed port or an empty place. */
export interface ScriptedHost {
  readonly mac?: MacAddress;
  readonly gateway?: boolean;
  /** Addresses that the table gives the MAC; only the asked one where absent. */
  readonly addressesOfMac?: readonly IpAddress[];
  readonly noLayer2?: boolean;
  readonly connect?: ConnectReading;
  readonly endpoint?: string;
  /** Where its ONVIF service is; the first port that is asked where absent. */
  readonly onvifPort?: number;
  readonly vendor?: VendorAnswer;
  readonly greeting?: GreetingReading;
  readonly login?: LoginReading;
  /** Before each answer, in virtual time. */
  readonly delay?: Duration;
}

export type ProbeCall =
  | {
      readonly proof: "neighbour" | "connect" | "endpoint" | "vendor" | "greeting" | "onvif-port";
      readonly address: IpAddress;
    }
  | { readonly proof: "login"; readonly url: string; readonly allowBasic: boolean };

/** A prober that answers by a script and writes down what it was asked. An address without a host lets every question run into its time limit. */
export class FakeProber implements Prober {
  readonly calls: ProbeCall[] = [];
  /** Of each question for an endpoint reference the ports, in their order. */
  readonly endpointPorts: { readonly address: IpAddress; readonly ports: readonly number[] }[] = [];
  readonly #clock: Clock;
  readonly #hosts = new Map<IpAddress, ScriptedHost>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Puts a host at an address; undefined leaves the address empty. */
  put(address: IpAddress, host: ScriptedHost | undefined): void {
    if (host === undefined) this.#hosts.delete(address);
    else this.#hosts.set(address, host);
  }

  /** How often a proof was taken. */
  count(proof: ProbeCall["proof"]): number {
    return this.calls.filter((call) => call.proof === proof).length;
  }

  async neighbour(address: IpAddress, wanted: readonly MacAddress[], within: Duration, signal: AbortSignal): Promise<NeighbourReading> {
    this.calls.push({ proof: "neighbour", address });
    const end = this.#clock.monotonic() + within;
    for (;;) {
      const host = this.#hosts.get(address);
      await this.#pause(host, within, signal);
      if (host?.noLayer2 === true) return { found: "no-layer-2" };
      const left = end - this.#clock.monotonic();
      if (host?.mac !== undefined && (wanted.includes(host.mac) || left <= 0)) {
        return { found: "mac", mac: host.mac, gateway: host.gateway === true, addressesOfMac: host.addressesOfMac ?? [address] };
      }
      if (left <= 0) return { found: "nobody" };
      await this.#clock.wait("fake neighbour", milliseconds(Math.min(100, left)), signal);
    }
  }

  async connect(address: IpAddress, _port: number, within: Duration, signal: AbortSignal): Promise<ConnectReading> {
    this.calls.push({ proof: "connect", address });
    const host = this.#hosts.get(address);
    await this.#pause(host, within, signal);
    if (host?.connect !== undefined) return host.connect;
    await this.#clock.wait("fake connect", within, signal);
    return "timeout";
  }

  async endpoint(address: IpAddress, ports: readonly number[], within: Duration, signal: AbortSignal): Promise<string | undefined> {
    this.calls.push({ proof: "endpoint", address });
    this.endpointPorts.push({ address, ports });
    const host = this.#hosts.get(address);
    await this.#pause(host, within, signal);
    if (host?.endpoint === undefined) await this.#clock.wait("fake endpoint", within, signal);
    return host?.endpoint;
  }

  async vendor(address: IpAddress, makers: readonly Maker[], within: Duration, signal: AbortSignal): Promise<VendorAnswer | undefined> {
    this.calls.push({ proof: "vendor", address });
    const host = this.#hosts.get(address);
    await this.#pause(host, within, signal);
    const answer = host?.vendor;
    return answer !== undefined && makersOf(answer.uid).some((maker) => makers.includes(maker)) ? answer : undefined;
  }

  async onvifPort(address: IpAddress, ports: readonly number[], _within: Duration, signal: AbortSignal): Promise<number | undefined> {
    this.calls.push({ proof: "onvif-port", address });
    signal.throwIfAborted();
    const host = this.#hosts.get(address);
    return host?.endpoint === undefined ? undefined : (host.onvifPort ?? ports[0]);
  }

  async greeting(address: IpAddress, _port: number, _path: string, within: Duration, signal: AbortSignal): Promise<GreetingReading> {
    this.calls.push({ proof: "greeting", address });
    const host = this.#hosts.get(address);
    await this.#pause(host, within, signal);
    if (host?.greeting !== undefined) return host.greeting;
    await this.#clock.wait("fake greeting", within, signal);
    return { kind: "no-answer" };
  }

  async login(url: string, allowBasic: boolean, within: Duration, signal: AbortSignal): Promise<LoginReading> {
    this.calls.push({ proof: "login", url, allowBasic });
    const address = [...this.#hosts.keys()].find((one) => new RegExp(`[@/]${one.replaceAll(".", "\\.")}(?=[:/]|$)`).test(url));
    const host = address === undefined ? undefined : this.#hosts.get(address);
    await this.#pause(host, within, signal);
    if (host?.login !== undefined) return host.login;
    await this.#clock.wait("fake login", within, signal);
    return "no-answer";
  }

  async #pause(host: ScriptedHost | undefined, within: Duration, signal: AbortSignal): Promise<void> {
    if (host?.delay === undefined) return;
    await this.#clock.wait("fake delay", milliseconds(Math.min(host.delay, within)), signal);
  }
}
