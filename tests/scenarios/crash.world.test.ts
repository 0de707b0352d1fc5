import { randomInt } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { announceByArp, type Camera } from "../world/camera.ts";
import type { HomeCamera } from "../world/home.ts";
import { startImpostor } from "../world/impostor.ts";
import { epochMilliseconds, pause } from "../world/waiting.ts";
import { acknowledged, expectAtWork, expectSettled, expectWhole, liveAgain, startCrashHome } from "./crash-kit.ts";
import { begin, type Listening, LONG, moved, recordTexts, sourceHosts } from "./scene.ts";
import { seededRandom } from "../fakes/seeded-random.ts";

const twin = { password: "canary-twins", realm: "IP Camera(C6F0)" };
const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, ...twin };
const garden: HomeCamera = { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, ...twin, moreSources: ["ffmpeg:garden#audio=opus"] };

const MOVES = LONG ? 100 : 10;
const STRANGERS = LONG ? 20 : 4;
/** A heal takes a third of this; what comes after it, such as the removal of what go2rtc stored, falls in the rest. */
const SPAN = 1_500;

/** Seed of the moments; a failure is repeated with `SEED=… `. */
function seeded(what: string): () => number {
  const seed = Number(process.env["SEED"] ?? randomInt(2 ** 31));
  process.stdout.write(`${what}: SEED=${String(seed)}\n`);
  return seededRandom(seed);
}

describe("killed at random moments, and started again", () => {
  test(
    "of heals: the document is the old or the new text all the time, and every heal is completed",
    { timeout: MOVES * 30_000 },
    async () => {
      const random = seeded(`${String(MOVES)} kills`);
      await using crashing = await startCrashHome([front, garden]);
      const { home } = crashing;
      const cameras = [home.camera("front"), home.camera("garden")];
      await using lives = new AsyncDisposableStack();
      let life: Listening = lives.use(await begin(home, ["front", "garden"]));
      const tally = { before: 0, after: 0 };
      for (let round = 0; round < MOVES; round += 1) {
        const camera = cameras[round % 2] as Camera;
        const [from, to] = [camera.address ?? home.lan.at(0), home.lan.at(30 + (round % 70) + (round >= 70 ? 170 : 0))];
        const old = await home.readDocument();
        const text = moved(old, [[from, to]]);
        await expectAtWork(life, ["front", "garden"]);
        const record = recordTexts(home.document);
        const asked = epochMilliseconds();
        const moving = camera.moveByDhcp(to);
        await acknowledged(home, camera, to, asked);
        const moment = Math.round(random() * SPAN);
        await pause(moment);
        await life.kill();
        tally[(await home.readDocument()) === old ? "before" : "after"] += 1;
        await moving;
        life = lives.use(await liveAgain(home));
        try {
          await expectWhole(crashing, text, camera);
        } catch (error) {
          throw new Error(`round ${String(round)}, ${camera.name}, killed ${String(moment)} ms after the lease`, { cause: error });
        } finally {
          await record[Symbol.asyncDispose]();
        }
        expect(record.texts).toEqual([old, text]);
      }
      await expectSettled(home);
      process.stdout.write(`killed before the document was written ${String(tally.before)} times, after it ${String(tally.after)} times\n`);
    },
  );

  test(
    "while a stranger has the address: the stream has its sources back once the camera is proved again",
    { timeout: STRANGERS * 60_000 },
    async () => {
      const random = seeded(`${String(STRANGERS)} strangers`);
      await using crashing = await startCrashHome([front]);
      const { home } = crashing;
      const camera = home.camera("front");
      await using lives = new AsyncDisposableStack();
      let life: Listening = lives.use(await begin(home, ["front"]));
      const parked: (readonly (string | undefined)[])[] = [];
      for (let round = 0; round < STRANGERS; round += 1) {
        const address = camera.address ?? home.lan.at(0);
        const old = await home.readDocument();
        await expectAtWork(life, ["front"]);
        await camera.powerOff();
        const stranger = { name: "stranger", mac: "a4:14:37:00:00:07" as MacAddress, address, auth: "digest", announce: false } as const;
        await using impostor = await startImpostor(home.lan, stranger);
        await announceByArp(impostor.host, address);
        const isParked = round % 2 === 0;
        if (isParked) await life.hears("the stream to be parked", ({ kind }) => kind === "quarantined");
        const moment = Math.round(random() * SPAN);
        await pause(moment);
        await life.kill();
        if (isParked) parked.push(await sourceHosts(home.go2rtc, "front"));
        // It comes back to where it was when the stranger has gone, or is given another address.
        const stays = round % 4 < 2;
        if (stays) await impostor.stop();
        await camera.powerOn(stays ? address : home.lan.at(40 + round));
        life = lives.use(await liveAgain(home));
        try {
          await expectWhole(crashing, moved(old, [[address, camera.address ?? address]]), camera);
        } catch (error) {
          throw new Error(`round ${String(round)}, killed after ${String(moment)} ms`, { cause: error });
        }
        expect(impostor.offers().filter(({ agent }) => !(agent ?? "").startsWith("go2rtc"))).toEqual([]);
      }
      expect(parked).toEqual(Array.from({ length: Math.ceil(STRANGERS / 2) }, () => ["127.0.0.1"]));
    },
  );
});
