import type { Device, DeviceId } from "../domain/camera.ts";
import { formatDuration, instant, type Instant, milliseconds, minutes, seconds } from "../domain/duration.ts";
import { mayCycle, type PowerLimits, type PowerQuestion, type PowerVerdict } from "../domain/power-policy.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { type PowerControl, PowerError } from "../ports/power.ts";
import type { NeighbourProber } from "../ports/prober.ts";
import type { Registry } from "../ports/registry.ts";
import type { NeighbourSearch } from "../ports/search.ts";
import type { Status } from "../ports/status.ts";
import { type BackoffPolicy, backoffDelay } from "../runtime/backoff.ts";
import { type Outcome, Waiting } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";
import type { Searches } from "./searches.ts";
import type { SightingDesk } from "./sighting-desk.ts";
import type { StreamWatch } from "./stream-watch.ts";

/** How long the power stays off. */
const OFF_FOR = seconds(5);
const LOOK_AGAIN = seconds(30);
/** A switch that is off or away is looked at again this often. */
const REFUSED_AGAIN = minutes(5);
/** Switching on must be done, and seen in the switch's state, within this; also while the program ends. */
const ON_WITHIN = seconds(5);
/** A switch tells its state a moment after it was switched. */
const STATE_AGAIN = seconds(1);
/** Switching on again is tried so soon, and then less often. */
const ON_AGAIN: BackoffPolicy = { initial: seconds(5), factor: 2, max: minutes(5), jitter: 0.1 };
const GATEWAY_WITHIN = seconds(4);

export interface PowerPorts {
  readonly fleet: Fleet;
  readonly registry: Pick<Registry, "device" | "consents">;
  readonly searches: Searches;
  readonly desk: Pick<SightingDesk, "candidates">;
  readonly streams: Pick<StreamWatch, "flowOf" | "repairsOf">;
  readonly status: Status;
  readonly search: Pick<NeighbourSearch, "gateways">;
  readonly prober: NeighbourProber;
  readonly clock: Clock;
  readonly random: Random;
  /** Absent: nothing here has switches. */
  readonly power?: PowerControl | undefined;
  readonly powerLimits: PowerLimits;
}

/** What is remembered of a switch over a restart. `off`: it was, or was to be, switched off by us and not on again yet. */
interface Cycle {
  readonly at: Instant;
  readonly isOff: boolean;
}

/**
 * Cuts the power of a camera that stays dead for five seconds, where a person named its switch. It is written down before: no restart of this program
 * repeats it, or leaves the camera without power.
 */
export class Power implements Reconciler<DeviceId> {
  readonly name = "power";
  readonly #ports: PowerPorts;
  /** By switch: how often it was switched on again without being on. */
  readonly #tries = new Map<string, number>();

  constructor(ports: PowerPorts) {
    this.#ports = ports;
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const { fleet, power, status } = this.#ports;
    const device = fleet.device(id);
    const name = device?.power;
    if (device === undefined || name === undefined || device.battery === true) return {};
    if (power === undefined) {
      const message = `${name} cannot power-cycle ${device.title}: Home Assistant is not spoken to`;
      status.set(`power/${id}`, "problem", "PowerRefused", message);
      return {};
    }
    if (this.#cycleOf(name)?.isOff === true) await this.#switchOnWithin(power, device, name, signal);
    const verdict = await this.#verdict(device, name, signal);
    if (!verdict.ok) {
      if (verdict.isNetwork === true)
        status.set(`power/${id}`, "unknown", "PowerWithheld", `the power of ${device.title} is not cycled: ${verdict.why}`);
      if (!this.#isGone(device)) this.#right(device, name);
      return { requeueAfter: milliseconds(Math.min(LOOK_AGAIN, verdict.after ?? LOOK_AGAIN)) };
    }
    return (await this.#cycle(power, device, name, signal)) ? { requeueAfter: LOOK_AGAIN } : { requeueAfter: REFUSED_AGAIN };
  }

  /** @returns false where the switch could not be used */
  async #cycle(power: PowerControl, device: Device, name: string, signal: AbortSignal): Promise<boolean> {
    const { status, clock } = this.#ports;
    const subject = `power/${device.id}`;
    try {
      const refusal = refusalOf(name, await power.state(name, signal));
      if (refusal !== undefined) {
        status.set(subject, "problem", "PowerRefused", `${device.title} answers nowhere, and ${refusal}`);
        return false;
      }
      const isSwitch = name.startsWith("switch.");
      this.#keep(name, { at: clock.now(), isOff: isSwitch });
      const gone = formatDuration(this.#ports.searches.missingFor(device.id));
      const message = `${device.title} has answered nowhere for ${gone}; its power is cycled by ${name}`;
      status.set(subject, "unknown", "PowerCycled", message);
      if (!isSwitch) await power.press(name, signal);
      else await this.#offAndOn(power, device, name, signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PowerError)) throw error;
      throw new Waiting("PowerRefused", REFUSED_AGAIN, `${name} could not power-cycle ${device.title}: ${error.message}`, { cause: error });
    }
  }

  async #offAndOn(power: PowerControl, device: Device, name: string, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    try {
      await power.switchOff(name, signal);
      await clock.wait("a camera without power", OFF_FOR, signal);
    } finally {
      // Whatever happened meanwhile, the end of the program too: the camera gets its power back.
      await this.#switchOnWithin(power, device, name, new AbortController().signal);
    }
  }

  async #switchOnWithin(power: PowerControl, device: Device, name: string, signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const deadline = this.#ports.clock.deadline("power on", ON_WITHIN, AbortSignal.any([signal, ended.signal]));
    await this.#switchOn(power, device, name, deadline).finally(() => ended.abort());
  }

  /** That it was accepted says nothing: a radio may have lost it. Only the state of the switch ends it. */
  async #switchOn(power: PowerControl, device: Device, name: string, signal: AbortSignal): Promise<void> {
    const cycle = this.#cycleOf(name);
    try {
      await power.switchOn(name, signal);
      while ((await power.state(name, signal)) !== "on") await this.#ports.clock.wait("the state of a switch", STATE_AGAIN, signal);
      this.#tries.delete(name);
      this.#keep(name, { at: cycle?.at ?? this.#ports.clock.now(), isOff: false });
    } catch (error) {
      const tries = (this.#tries.get(name) ?? 0) + 1;
      this.#tries.set(name, tries);
      const why = error instanceof PowerError ? error.message : "it was told, and is not on";
      const message = `${name} could not be switched on again, so ${device.title} may be without power: ${why}`;
      throw new Waiting("PowerStillOff", backoffDelay(ON_AGAIN, tries, this.#ports.random), message, { cause: error });
    }
  }

  async #verdict(device: Device, name: string, signal: AbortSignal): Promise<PowerVerdict> {
    const { powerLimits } = this.#ports;
    const question = this.#question(device, name);
    const verdict = mayCycle({ ...question, isNetworkUp: true }, powerLimits);
    // The gateway is disturbed only where its answer decides.
    if (!verdict.ok || question.others.some(({ isOnSwitch }) => !isOnSwitch)) return verdict;
    return mayCycle({ ...question, isNetworkUp: await this.#doesGatewayAnswer(signal) }, powerLimits);
  }

  async #doesGatewayAnswer(signal: AbortSignal): Promise<boolean> {
    const { search, prober } = this.#ports;
    const gateways = (await search.gateways(signal)).slice(0, 4);
    const readings = await Promise.all(gateways.map((gateway) => prober.neighbour(gateway, [], GATEWAY_WITHIN, signal)));
    return readings.some(({ found }) => found === "mac");
  }

  /** Where Frigate reads the camera itself, or go2rtc is away, the frames that Frigate counts tell. */
  #isSeenByFrigate(device: Device): boolean {
    const { fleet, status } = this.#ports;
    return fleet.documents.some(({ target, reading }) =>
      reading.cameras.some(
        ({ name }) => fleet.deviceOf(`camera:${name}`) === device.id && status.get(`camera/${target.name}/${name}`)?.status === "ok",
      ),
    );
  }

  #question(device: Device, name: string): Omit<PowerQuestion, "isNetworkUp"> {
    const { fleet, registry, desk, streams, clock, searches } = this.#ports;
    const moves = fleet.devices.flatMap(({ id }) => registry.device(id)?.switches.map(({ at }) => at) ?? []);
    const others = fleet.devices.filter((other) => other.id !== device.id && other.battery !== true);
    return {
      now: clock.now(),
      goneFor: this.#isGone(device) ? searches.missingFor(device.id) : undefined,
      flow: this.#isSeenByFrigate(device) ? "live" : streams.flowOf(device),
      repairs: streams.repairsOf(device),
      candidates: desk.candidates(device.id, fleet.addressOf(device)).length,
      lastCycle: this.#cycleOf(name)?.at,
      lastMove: moves.length === 0 ? undefined : instant(Math.max(...moves)),
      others: others.map((other) => ({ isGone: searches.lostAt(other.id) !== undefined, isOnSwitch: other.power === name })),
    };
  }

  /** It was given up: it answers at no address. */
  #isGone({ id }: Device): boolean {
    const { searches, status } = this.#ports;
    return searches.isMissing(id) && status.get(`device/${id}`)?.reason === "CameraUnreachable";
  }

  #right(device: Device, name: string): void {
    const { status } = this.#ports;
    const subject = `power/${device.id}`;
    const shown = status.get(subject);
    if (shown === undefined || shown.status === "ok") return;
    status.set(subject, "ok", "Healthy", `${device.title} answers; ${name} is left alone`);
  }

  #cycleOf(name: string): Cycle | undefined {
    const [, at, state] = /^(\d+) (on|off)$/.exec(this.#ports.registry.consents.fact(`power/${name}`) ?? "") ?? [];
    return at === undefined ? undefined : { at: instant(Number(at)), isOff: state === "off" };
  }

  #keep(name: string, { at, isOff }: Cycle): void {
    this.#ports.registry.consents.saveFact(`power/${name}`, `${String(Math.round(at))} ${isOff ? "off" : "on"}`);
  }
}

function refusalOf(name: string, state: Awaited<ReturnType<PowerControl["state"]>>): string | undefined {
  switch (state) {
    case "absent":
      return `there is no ${name} in Home Assistant`;
    case "unavailable":
      return `${name} is not available`;
    case "off":
      return `${name} is off: somebody switched it off`;
    case "on":
      return undefined;
  }
}
