import { assert, expect } from "vitest";
import type { IpAddress } from "../../src/domain/addresses.ts";
import { type Duration, hours, milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import type { Revision, WriteOutcome } from "../../src/ports/config-target.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import type { FakeClient } from "../fakes/fake-stream-server.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { at, FakeHome, FRIGATE, frigateText, GO2RTC, go2rtcText, type HomeCamera, mac, named, source } from "./fake-home.ts";
import { FilingServer } from "./filing-server.ts";

const NAMES = ["front", "back", "gate", "idle"];
const FIRST: readonly HomeCamera[] = NAMES.map((name, index) => ({
  name,
  mac: mac(`0c:79:55:4b:d4:3${index}`),
  address: at(20 + index),
}));

export const EVENTS = [
  "dhcp",
  "silent",
  "swap",
  "outage",
  "outage-elsewhere",
  "stranger",
  "comment",
  "go2rtc",
  "program",
  "crash",
  "viewer",
  "crowd",
] as const;
export type Event = (typeof EVENTS)[number];

/** A document that nobody may write without a change. */
class ThriftyTarget extends FakeConfigTarget {
  override async write(text: string, expected: Revision, signal: AbortSignal): Promise<WriteOutcome> {
    assert.notEqual(text, this.text);
    return super.write(text, expected, signal);
  }
}

/** A home in which something happens every few hours, and the program with it. The camera `idle` is left in peace. */
export class SimulatedWeek {
  readonly clock = new FakeClock();
  readonly registry = new FakeRegistry();
  readonly target: FakeConfigTarget;
  readonly server: FakeStreamServer;
  readonly events = new Map<Event, number>();
  home: FakeHome;
  /** What the document would be if nothing but the hosts had been changed by us. */
  expected: string;
  readonly #text: (cameras: readonly HomeCamera[]) => string;
  readonly #choose: (below: number) => number;
  readonly #places = new Map<string, IpAddress>();
  readonly #viewers: FakeClient[] = [];
  #nextHost = 100;

  /** @param choose a number below its argument */
  constructor(kind: "frigate" | "go2rtc", choose: (below: number) => number) {
    this.#choose = choose;
    this.#text = kind === "frigate" ? frigateText : go2rtcText;
    this.target = new ThriftyTarget({ name: kind, format: kind === "frigate" ? FRIGATE : GO2RTC, text: this.#text(FIRST) });
    this.expected = this.target.text;
    const streams = Object.fromEntries(FIRST.map(({ name, address }) => [name, [source(name, address)]]));
    this.server = kind === "frigate" ? new FakeStreamServer({ elsewhere: streams }) : new FilingServer(this.target);
    for (const { name, address } of FIRST) this.#places.set(name, address);
    this.home = this.#newHome();
  }

  /** Lets the time pass, with an event about every two hours, and checks the home after each. */
  async run(span: Duration): Promise<void> {
    await this.home.start();
    const end = this.clock.monotonic() + span;
    while (this.clock.monotonic() < end) {
      await this.#happen(EVENTS[this.#choose(EVENTS.length)] ?? "dhcp");
      await this.home.pass(minutes(7));
      await this.#check();
      await this.home.pass(minutes(20 + this.#choose(240)));
    }
    await this.#check();
    await this.home.stop();
  }

  async #happen(event: Event): Promise<void> {
    this.events.set(event, (this.events.get(event) ?? 0) + 1);
    const camera = this.#camera(this.#choose(NAMES.length - 1));
    switch (event) {
      case "dhcp":
        this.#move(camera, this.#free());
        return this.home.hear(camera, this.#where(camera));
      case "silent":
        return this.#move(camera, this.#free());
      case "crowd": {
        const all = NAMES.slice(0, -1).map((_name, index) => this.#camera(index));
        for (const one of all) this.home.leave(this.#where(one));
        await this.home.pass(seconds(this.#choose(90)));
        for (const one of all) this.#move(one, this.#free());
        for (const one of all) this.home.hear(one, this.#where(one));
        return;
      }
      case "swap": {
        const other = this.#camera((NAMES.indexOf(camera.name) + 1) % (NAMES.length - 1));
        const [here, there] = [this.#where(camera), this.#where(other)];
        this.#settle(camera, there);
        this.#settle(other, here);
        if (this.#choose(2) === 0) this.home.hear(camera, there);
        return;
      }
      case "outage":
        this.home.leave(this.#where(camera));
        await this.home.pass(minutes(1 + this.#choose(30)));
        return this.#settle(camera, this.#where(camera));
      case "outage-elsewhere":
        this.home.leave(this.#where(camera));
        await this.home.pass(minutes(1 + this.#choose(30)));
        return this.#move(camera, this.#free());
      case "stranger": {
        const here = this.#where(camera);
        for (const viewer of this.#viewers.splice(0)) viewer.close();
        this.#viewers.push(this.server.attach(named(camera.name)));
        this.home.stranger(here);
        await this.home.pass(minutes(1 + this.#choose(10)));
        assert.isFalse(this.server.dialled().has(here));
        return this.#move(camera, this.#free(), false);
      }
      case "comment": {
        const line = `# note ${this.clock.monotonic()}\n`;
        this.target.edit(this.target.text + line);
        this.expected += line;
        return;
      }
      case "go2rtc": {
        const { streams } = this.target.format.read(this.target.text);
        if (this.target.format.kind === "frigate")
          this.server.editElsewhere(Object.fromEntries(streams.map(({ name, sources }) => [name, sources.map(({ text }) => text)])));
        return this.server.restart();
      }
      case "program":
        await this.home.stop();
        this.home = this.#newHome();
        return this.home.start(seconds(1));
      case "crash":
        this.#move(camera, this.#free());
        this.home.hear(camera, this.#where(camera));
        await this.home.pass(milliseconds(this.#choose(3000)));
        await this.home.stop();
        this.home = this.#newHome();
        return this.home.start(seconds(1));
      case "viewer":
        this.#viewers.pop()?.close();
        this.#viewers.push(this.server.attach(named(camera.name)));
        return;
      default:
        return event satisfies never;
    }
  }

  /** Every address is right, every other byte is as people left it, and each write changed something. */
  async #check(): Promise<void> {
    const cameras = FIRST.map((camera) => ({ ...camera, address: this.#where(camera) }));
    const notes = this.expected.slice(this.#text(FIRST).length);
    assert.equal(this.target.text, this.#text(cameras) + notes);
    for (const { name, address } of cameras) assert.deepEqual(await this.home.sources(name, this.server), [source(name, address)]);
    assert.deepEqual(
      this.home.status.all().filter(({ status, subject }) => status === "problem" && !subject.startsWith("stream/")),
      [],
    );
    assert.deepEqual(this.registry.openChanges(), []);
    assert.deepEqual(this.registry.quarantines(), []);
    assert.deepEqual(this.registry.shadows(), []);
  }

  #newHome(): FakeHome {
    const { clock, registry } = this;
    const cameras = FIRST.map((camera) => ({ ...camera, address: this.#where(camera) }));
    return new FakeHome({ clock, registry, cameras, targets: [this.target], servers: [this.server] });
  }

  #camera(index: number): HomeCamera {
    return FIRST[index] ?? expect.unreachable();
  }

  #where({ name }: Pick<HomeCamera, "name">): IpAddress {
    return this.#places.get(name) ?? expect.unreachable();
  }

  #move(camera: HomeCamera, to: IpAddress, leaves = true): void {
    if (leaves) this.home.leave(this.#where(camera));
    this.#settle(camera, to);
  }

  #settle(camera: HomeCamera, address: IpAddress): void {
    this.home.place(camera, address);
    this.#places.set(camera.name, address);
  }

  /** An address that nobody had lately. */
  #free(): IpAddress {
    this.#nextHost = this.#nextHost >= 250 ? 100 : this.#nextHost + 1;
    return at(this.#nextHost);
  }
}

/** How often the registry was written for the camera that nothing happened to. */
export function idleWrites(week: SimulatedWeek): number {
  return [...week.registry.writes].filter(([what]) => what.endsWith(" idle")).reduce((sum, [, count]) => sum + count, 0);
}

export const WEEK = hours(7 * 24);
