import { describe, expect, test } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { Camera } from "../world/camera.ts";
import type { HomeCamera } from "../world/home.ts";
import type { Lan } from "../world/lan.ts";
import { pause } from "../world/waiting.ts";
import { begin, expectFrames, expectText, leftovers, listen, LONG, type Listening } from "./scene.ts";
import { LISTENERS, startStandalone } from "./standalone.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front", realm: "IP Camera(C6F0)" };
const ROUNDS = LONG ? 50 : 5;
/** A heal is over this long after the camera begins to move; the moments to kill at are spread over it. */
const [EARLIEST, LATEST] = [250, 750];

/** The moment of a round, ms after the camera begins to move: each round has its own part of the heal, and chance decides within it. */
function moment(round: number, rounds: number): number {
  return EARLIEST + ((LATEST - EARLIEST) * (round + Math.random())) / rounds;
}

/** How far the heal had come when the program was killed. */
function progress(heard: Listening): string {
  const kinds = new Set(heard.told().map(({ kind }) => kind));
  return ["frames", "document-written", "stream-pointed", "moved"].find((kind) => kinds.has(kind)) ?? "nothing";
}

/** Moves the camera and kills the program at that moment. */
async function moveAndKill(camera: Camera, to: IpAddress, options: string, after: number): Promise<string> {
  await using heard = listen(options);
  await heard.hears("DHCP to be heard", ({ kind, layer }) => kind === "layer-up" && layer === "dhcp");
  const moving = camera.moveByDhcp(to);
  await pause(after);
  await heard.kill();
  await moving;
  return progress(heard);
}

/** Each round's own address; none comes again within an hour of rounds. */
function addressOf(lan: Lan, round: number): IpAddress {
  return lan.at(30 + round);
}

function report(name: string, killed: readonly string[]): void {
  const counts = [...Map.groupBy(killed, (what) => what)].map(([what, all]) => `${what} ${String(all.length)}`);
  process.stdout.write(`${name}: killed ${String(killed.length)} times; the last thing done was ${counts.join(", ")}\n`);
}

describe("kill -9 in the middle of a heal of a document that go2rtc writes itself", () => {
  test(
    "leaves nothing that the next start does not put right, comments and quotes included",
    { timeout: LONG ? 900_000 : 180_000 },
    async () => {
      const yaml = (address: IpAddress): string =>
        [
          "# go2rtc of the house",
          LISTENERS.trimEnd(),
          "streams:",
          `  front: "rtsp://viewer:canary-front@${address}/main"   # the door`,
          "  both: # with sound",
          `    - 'rtsp://viewer:canary-front@${address}:554/main'`,
          "    - ffmpeg:both#audio=opus",
          "",
        ].join("\n");
      await using home = await startStandalone({ cameras: [front], pool: [210, 250], yaml: (lan) => yaml(lan.at(20)) });
      await (await begin(home, ["front"])).shepherd.stop();
      const [camera] = home.cameras;
      if (camera === undefined) throw new Error("one camera");
      const killed: string[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const to = addressOf(home.lan, round);
        killed.push(await moveAndKill(camera, to, home.options, moment(round, ROUNDS)));
        await using again = listen(home.options);
        await expectText(home.document, yaml(to));
        await expectFrames(home.go2rtc, "front", to);
        expect(await leftovers(home.document)).toEqual([]);
        again.shepherd.assertRunning();
      }
      report("go2rtc's own", killed);
      expect(killed).toHaveLength(ROUNDS);
    },
  );
});
