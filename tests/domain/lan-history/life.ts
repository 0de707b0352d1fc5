import { assert } from "vitest";
import { isLocallyAdministered, type IpAddress, type MacAddress } from "../../../src/domain/addresses.ts";
import { milliseconds, seconds } from "../../../src/domain/duration.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { type CameraPlan, type History, type LanEvent } from "./history.ts";
import { checkDecision, checkLogins, type Tally } from "./laws.ts";
import { PASSWORD, SimulatedHome, type Bound } from "./simulated-home.ts";
import { SimulatedLan, type Host } from "./simulated-lan.ts";
import { seededRandom } from "../../fakes/seeded-random.ts";

/**
 * Lives through one history and checks the laws at every decision; throws at the first that is broken. At the end everything that is wrong is put right but
 * the addresses, and each camera that can be proved must be found.
 */
export async function live(history: History, tally: Tally): Promise<void> {
  const life = new Life(history, tally);
  await life.begin();
  for (const event of history.events) await life.happen(event);
  await life.putRight();
  await life.findAll();
}

/** As `live`, but nobody puts anything right: every camera must be found by itself. */
export async function liveUnaided(history: History, tally: Tally): Promise<void> {
  const life = new Life(history, tally);
  await life.begin();
  for (const event of history.events) await life.happen(event);
  await life.findAll();
}

class Life {
  readonly clock = new FakeClock();
  readonly lan: SimulatedLan;
  readonly home: SimulatedHome;
  readonly #history: History;
  readonly #tally: Tally;
  readonly #random: () => number;
  readonly #running = new Map<Bound, { again: boolean }>();
  readonly #cameras: Host[] = [];
  #strangers = 0;
  #broken: Error | undefined;

  constructor(history: History, tally: Tally) {
    this.#history = history;
    this.#tally = tally;
    this.#random = seededRandom(history.seed);
    this.lan = new SimulatedLan(this.clock, this.#random);
    this.home = new SimulatedHome(this.clock, this.lan, (told) => checkDecision(told, this.lan, this.#tally));
  }

  /** The day of installation: every camera is at its configured address and is learned. */
  async begin(): Promise<void> {
    const { cameras, sharedMac } = this.#history;
    for (const [index, plan] of cameras.entries()) this.#cameras.push(this.#camera(index, plan, sharedMac));
    this.lan.hosts.push(...this.#cameras);
    const enrolled = Promise.all(
      cameras.map(async (plan, index) => {
        const macs = this.#cameras[index]?.nics.map((nic) => nic.mac) ?? [];
        if (await this.home.enrol(index, this.#addressOf(index, plan), macs.length > 1 || plan.routed ? macs : []))
          this.#tally.count("enrolled");
        else this.#tally.count("not enrolled");
      }),
    );
    await this.clock.advance(seconds(10));
    await enrolled;
    for (const [index, plan] of cameras.entries()) if (plan.endpoint === "silent") delete this.#cameras[index]?.endpoint;
    if (sharedMac) this.#tally.count("form: two cameras with one MAC");
    this.lan.lyingTable = this.#history.lyingTable;
    if (this.#history.lyingTable) this.#tally.count("form: stale cache that is read as it is");
    for (const bound of this.home.devices) this.#look(bound);
    await this.#pass(12_000);
  }

  async happen(event: LanEvent): Promise<void> {
    await this.#pass(event.wait);
    const host = this.#cameras[event.device % this.#cameras.length];
    if (host === undefined) return;
    this.#tally.count(`form: ${event.kind}`);
    this.#apply(event, host);
    for (const bound of this.home.devices) this.#look(bound);
    await this.#pass(event.lag + 1);
    for (const bound of this.home.devices) this.#look(bound);
  }

  async putRight(): Promise<void> {
    await this.#pass(15_000);
    this.lan.proxying = false;
    for (const host of this.lan.hosts) if (host.device === undefined) Object.assign(host, { up: false, since: this.lan.now });
    for (const [index, host] of this.#cameras.entries()) {
      Object.assign(host, { up: true, portOpen: true, frozen: false, password: PASSWORD, delay: 5 });
      const [first, second] = host.nics;
      if (first === undefined) continue;
      if (second?.address !== undefined) this.lan.take(host, 1, undefined, false);
      if (first.address === undefined || this.lan.holders(first.address).length > 1)
        this.lan.take(host, 0, this.#spot(host, 100 + index), false);
    }
    for (const bound of this.home.devices) Object.assign(bound, { thawedAt: this.clock.now(), logins: [] });
  }

  async findAll(): Promise<void> {
    for (let round = 0; round < 6; round += 1) {
      for (const bound of this.home.devices) {
        const host = this.#cameras[bound.index];
        const nic = host?.nics[0];
        if (host?.routed === true && nic?.address !== undefined) this.home.sighted(nic.mac, nic.address, "dhcp");
        this.#look(bound);
      }
      await this.#pass(12_000);
      if (this.home.devices.every((bound) => this.#isRight(bound))) break;
    }
    checkLogins(this.lan, this.home, this.#tally);
    for (const bound of this.home.devices) {
      if (!this.#isProvable(bound)) this.#tally.count("settled: not provable, left alone");
      else if (this.#isRight(bound)) this.#tally.count("settled: found");
      else
        assert.fail(
          `device ${bound.index} is at ${this.#whereabouts(bound)} and is taken to be at ${bound.streamAt}${bound.parked ? ", parked" : ""}`,
        );
    }
  }

  #isRight(bound: Bound): boolean {
    return !bound.parked && this.#cameras[bound.index]?.nics.some((nic) => nic.address === bound.streamAt) === true;
  }

  #whereabouts(bound: Bound): string {
    return this.#cameras[bound.index]?.nics.map((nic) => nic.address ?? "nowhere").join(" and ") ?? "";
  }

  #isProvable(bound: Bound): boolean {
    const plan = this.#history.cameras[bound.index];
    const says = plan?.endpoint === "own";
    const macs = this.home.macsOf(bound);
    if (plan?.routed === true || macs.length === 0) return says;
    const shared = this.home.devices.some((other) => other !== bound && this.home.macsOf(other).some((mac) => macs.includes(mac)));
    const sound = !shared && !macs.some((mac) => isLocallyAdministered(mac));
    return sound || says || (plan?.endpoint === "none" && plan.realm === "serial");
  }

  #apply(event: LanEvent, host: Host): void {
    const [nic] = host.nics;
    if (nic === undefined) return;
    const old = nic.address;
    const to = this.#spot(host, event.spot);
    const free = this.lan.holders(to).length === 0;
    switch (event.kind) {
      case "dhcp-move":
        this.home.sighted(nic.mac, to, "dhcp");
        if (free) this.#later(event.lag, () => this.#takeIfFree(host, to, event.flag));
        break;
      case "silent-move":
        if (free) this.lan.take(host, 0, to, event.flag);
        break;
      case "swap":
        this.#swap(host, this.#cameras[(event.device + 1) % this.#cameras.length], event.flag);
        break;
      case "dhcp-never-used":
        this.home.sighted(nic.mac, to, "dhcp");
        break;
      case "impostor":
        this.#impostor(host, event);
        break;
      case "mac-clone":
        this.#clone(host, event);
        break;
      case "stranger-takes-old":
        if (free) this.lan.take(host, 0, to, false);
        if (old !== undefined) this.#stranger(host, old, event.flag);
        break;
      case "duplicate":
        if (old !== undefined) this.#stranger(host, old, event.flag);
        break;
      case "down":
        Object.assign(host, { up: false, since: this.lan.now });
        break;
      case "up":
        Object.assign(host, { up: true, since: this.lan.now, portOpen: true, frozen: false, password: PASSWORD });
        break;
      case "proxy-on":
      case "proxy-off":
        this.lan.proxying = event.kind === "proxy-on";
        if (this.lan.proxying) this.#unmask();
        break;
      case "second-interface":
        if (host.nics[1] !== undefined && free) this.lan.take(host, 1, host.nics[1].address === undefined ? to : undefined, event.flag);
        if (host.nics[1]?.address !== undefined) this.home.sighted(host.nics[1].mac, host.nics[1].address, "neighbours");
        break;
      case "stale-sighting":
        this.home.sighted(nic.mac, this.home.devices.find((bound) => bound.index === host.device)?.history[0] ?? to, "neighbours");
        break;
      case "forged-sighting":
        if (free) this.#stranger(host, to, event.flag);
        this.home.sighted(nic.mac, to, "dhcp");
        break;
      case "frozen":
        host.frozen = event.flag;
        break;
      case "password-changed":
        host.password = event.flag ? "canary-other" : PASSWORD;
        break;
      case "port-closed":
        host.portOpen = !event.flag;
        break;
      case "slow":
        host.delay = event.lag / 8;
        break;
    }
  }

  #swap(host: Host, other: Host | undefined, announced: boolean): void {
    const [one, two] = [host.nics[0], other?.nics[0]];
    if (other === undefined || other === host || one === undefined || two === undefined || other.routed !== host.routed) return;
    const [mine, theirs] = [one.address, two.address];
    this.lan.take(host, 0, theirs, announced);
    this.lan.take(other, 0, mine, announced);
    if (host.realm === other.realm) this.#tally.count("form: twins (one model, realm and password) swap");
    if (!announced) return;
    if (theirs !== undefined) this.home.sighted(one.mac, theirs, "dhcp");
    if (mine !== undefined) this.home.sighted(two.mac, mine, "neighbours");
  }

  /** Takes the camera's address after it went, or stands where it will be looked for, and says yes to every password. */
  #impostor(host: Host, event: LanEvent): void {
    const at = event.flag ? host.nics[0]?.address : this.#spot(host, event.spot);
    if (at === undefined) return;
    if (event.flag) this.lan.take(host, 0, event.lag % 2 === 0 ? undefined : this.#spot(host, event.spot + 20), false);
    const impostor = this.#stranger(host, at, true);
    impostor.realm = host.realm;
    impostor.schemes = event.spot % 2 === 0 ? ["digest"] : ["basic"];
    if (host.endpoint !== undefined && event.spot % 3 !== 0 && !host.routed) impostor.endpoint = host.endpoint;
    if (this.lan.proxying) this.#unmask();
    if (this.#random() < 0.5 && host.nics[0] !== undefined) this.home.sighted(host.nics[0].mac, at, "dhcp");
  }

  /** A perfect copy of a camera behind a proxy, which hides its MAC, cannot be told from the camera: nobody copies that well here. */
  #unmask(): void {
    for (const host of this.lan.hosts) {
      if (host.device !== undefined) continue;
      host.realm = "stranger";
      delete host.endpoint;
    }
  }

  /** Has the camera's very MAC. Its realm or its endpoint reference gives it away. */
  #clone(host: Host, event: LanEvent): void {
    const [nic] = host.nics;
    const at = nic?.address;
    if (nic === undefined || at === undefined || host.routed) return;
    Object.assign(host, { up: false, since: this.lan.now });
    const clone = this.#stranger(host, event.flag ? at : this.#spot(host, event.spot), true, nic.mac);
    const plan = this.#history.cameras[host.device ?? 0];
    if (plan?.endpoint === "own" && event.spot % 2 === 0) Object.assign(clone, { endpoint: "urn:uuid:clone", realm: host.realm });
    else clone.realm = "clone";
  }

  #stranger(near: Host, address: IpAddress, answers: boolean, mac?: MacAddress): Host {
    this.#strangers += 1;
    const own = `00:11:22:00:00:${String(this.#strangers + 10)}` as MacAddress;
    const host: Host = {
      name: `stranger ${this.#strangers}`,
      nics: [{ mac: mac ?? own, address: undefined }],
      realm: "stranger",
      schemes: ["digest"],
      routed: near.routed,
      portOpen: answers,
      up: true,
      frozen: false,
      delay: 1,
      since: 0,
    };
    this.lan.hosts.push(host);
    this.lan.take(host, 0, address, this.#random() < 0.5);
    if (this.#random() < 0.5) this.home.sighted(host.nics[0]?.mac ?? own, address, "neighbours");
    return host;
  }

  #takeIfFree(host: Host, address: IpAddress, announces: boolean): void {
    if (this.lan.holders(address).length === 0) this.lan.take(host, 0, address, announces);
    const bound = this.home.devices.find((one) => one.index === host.device);
    if (bound !== undefined) this.#look(bound);
  }

  #later(span: number, act: () => void): void {
    const { signal } = new AbortController();
    this.clock.wait("later", milliseconds(span), signal).then(act, (error: unknown) => {
      this.#broken ??= error instanceof Error ? error : new Error(String(error));
    });
  }

  /** Starts a pass, or has the one under way followed by another. */
  #look(bound: Bound): void {
    const running = this.#running.get(bound);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    const state = { again: false };
    this.#running.set(bound, state);
    const run = async (): Promise<void> => {
      do {
        state.again = false;
        await this.home.pass(bound);
      } while (state.again);
      this.#running.delete(bound);
    };
    run().catch((error: unknown) => {
      this.#broken ??= error instanceof Error ? error : new Error(String(error));
    });
  }

  async #pass(span: number): Promise<void> {
    await this.clock.advance(milliseconds(span));
    if (this.#broken !== undefined) throw this.#broken;
  }

  #addressOf(index: number, plan: CameraPlan): IpAddress {
    return (plan.routed ? `10.9.0.${10 + index}` : `192.168.1.${10 + index}`) as IpAddress;
  }

  #spot(host: Host, spot: number): IpAddress {
    return (host.routed ? `10.9.0.${10 + spot}` : `192.168.1.${10 + spot}`) as IpAddress;
  }

  #camera(index: number, plan: CameraPlan, sharedMac: boolean): Host {
    const first = sharedMac && index < 2 ? 0 : index;
    const vendor = plan.mac === "made" || (sharedMac && index < 2) ? "0c:79:55" : "02:79:55";
    const address = this.#addressOf(index, plan);
    const macs = [`${vendor}:00:0${first}:01`, `0c:79:55:00:0${index}:02`].slice(0, plan.interfaces) as MacAddress[];
    return {
      name: `camera ${index}`,
      device: index,
      nics: macs.map((mac, nic) => ({ mac, address: nic === 0 ? address : undefined })),
      ...(plan.endpoint === "none" ? {} : { endpoint: `urn:uuid:camera-${index}` }),
      realm: plan.realm === "maker" ? "BC Streaming Media" : `Login to 4E0A1B2C3D4${index}`,
      schemes: ["digest", "basic"],
      password: PASSWORD,
      routed: plan.routed,
      portOpen: true,
      up: true,
      frozen: false,
      delay: Math.floor(this.#random() * 30),
      since: 0,
    };
  }
}
