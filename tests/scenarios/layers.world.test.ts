import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { pause } from "../world/waiting.ts";
import { finished, type Launch, listenTo, without } from "./launch-kit.ts";
import { holdPort, lacking } from "./layers-kit.ts";
import { expectHealed, LONG, type Moves, type Told } from "./scene.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front" };
const garden: HomeCamera = { name: "garden", mac: "ec:71:db:11:02:7e" as MacAddress, password: "canary-garden" };

/** A machine on which one way of noticing or searching cannot work. */
interface Poor {
  readonly launch: (folder: string) => Launch;
  /** Takes what the program would need. */
  readonly take?: () => Promise<AsyncDisposable>;
  /** The layer that cannot work, and why, as a person is told. */
  readonly layer: "dhcp" | "neighbours" | "ask";
  readonly why: RegExp;
  /** What `check` says of it, and which of its parts are worse for it. */
  readonly checked: RegExp;
  readonly less: readonly string[];
}

const POOR: Readonly<Record<string, Poor>> = {
  "arp-scan": {
    launch: (folder) => ({ prefix: lacking(folder, "arp-scan") }),
    layer: "ask",
    why: /arp-scan is not installed/,
    checked: /^less +arp-scan +not installed: .*\n +→ Install the package arp-scan\.$/m,
    less: ["arp-scan"],
  },
  iproute2: {
    launch: (folder) => ({ prefix: lacking(folder, "ip") }),
    layer: "neighbours",
    why: /iproute2/,
    checked: /^less +iproute2 +not installed: .*\n +→ Install the package iproute2\.$/m,
    less: ["iproute2", "noticing neighbours"],
  },
  "UDP port 67, which another program holds": {
    launch: () => ({}),
    take: () => holdPort(67),
    layer: "dhcp",
    why: /UDP port 67 is held/,
    checked: /^less +noticing dhcp +DHCP requests: UDP port 67 is held/m,
    less: ["noticing dhcp"],
  },
  "the capability NET_RAW": {
    launch: () => ({ prefix: without("net_raw") }),
    layer: "ask",
    why: /NET_RAW/,
    checked: /^less +arp-scan +.*raw sockets.*\n +→ Give the program NET_RAW/m,
    less: ["arp-scan"],
  },
  "the capability NET_BIND_SERVICE": {
    launch: () => ({ prefix: without("net_bind_service") }),
    layer: "dhcp",
    why: /NET_BIND_SERVICE/,
    checked: /^less +noticing dhcp +DHCP requests: UDP port 67 may not be bound/m,
    less: ["noticing dhcp"],
  },
};

let home: Home;

beforeAll(async () => {
  home = await startHome({ cameras: [front, garden] });
});

afterAll(async () => {
  await home.stop();
});

describe("without", () => {
  test.for(Object.entries(POOR).map(([name, poor], index) => ({ name, poor, index })))(
    "$name it says so once, shows it in check, and heals all the same",
    async ({ poor, index }) => {
      const folder = join(home.lan.folder, `poor-${String(index)}`);
      const options = `${folder}.json`;
      const frigate = { via: "file", file: home.document };
      await writeFile(options, JSON.stringify({ data_dir: folder, frigate, health: { interval: "5s" } }));
      await using held = new AsyncDisposableStack();
      if (poor.take !== undefined) held.use(await poor.take());
      const launch = poor.launch(`${folder}-system`);

      const { code, output, errors } = await finished(["check", "--config", options], launch);
      expect(output).toMatch(poor.checked);
      expect([...output.matchAll(/^less +(.*?) {2}/gm)].map(([, part]) => part)).toEqual(poor.less);
      expect({ code, errors }).toEqual({ code: 0, errors: "" });

      await using heard = listenTo(["--config", options], launch);
      for (const name of ["front", "garden"])
        await heard.hears(`${name} to be learned`, (told) => told.kind === "learned" && told.device === name);
      const before = await home.readDocument();
      const [one, other] = [home.camera("front"), home.camera("garden")];
      const moves: readonly Moves[number][] = await Promise.all([
        one.moveByDhcp(home.lan.at(60 + index)).then(({ from, to }) => [from ?? to, to] as const),
        other.moveSilently(home.lan.at(80 + index)).then(({ from, to }) => [from ?? to, to] as const),
      ]);
      await expectHealed(home, before, moves, [one, other]);
      await heard.hears("what is missing to be said", saysIt(poor));
      await pause(LONG ? 15_000 : 500);
      heard.shepherd.assertRunning();
      expect(heard.told().filter(saysIt(poor))).toHaveLength(1);
      expect(unavailable(heard.told()).filter((subject) => subject !== `layer/${poor.layer}`)).toEqual([]);
      expect(heard.shepherd.output.filter(({ stream }) => stream === "error")).toEqual([]);
    },
  );
});

/** Whether this is the line that tells a person of it. Searching has no beginning of its own: its condition tells. */
function saysIt({ layer, why }: Poor): (told: Told) => boolean {
  return (told) =>
    layer === "ask"
      ? told.condition?.subject === "layer/ask" && why.test(told.condition.message)
      : told.kind === "layer-down" && told.layer === layer && why.test(told.message ?? "");
}

/** The layers that cannot work. */
function unavailable(told: readonly Told[]): readonly string[] {
  return told.flatMap(({ condition }) => (condition?.reason === "LayerUnavailable" ? [condition.subject] : []));
}
