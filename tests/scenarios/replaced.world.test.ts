import { expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { announceByArp, startCamera } from "../world/camera.ts";
import { startHome, type HomeCamera } from "../world/home.ts";
import { pause } from "../world/waiting.ts";
import { begin, expectFrames, fileState } from "./scene.ts";

const password = "canary-front-door";
const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password, realm: "IP Camera(C6F0)" };
const fresh = { name: "fresh", mac: "a4:14:37:00:00:07" as MacAddress, password, realm: "IP Camera(77AA)" };

test("a camera that another one took the place of: parked, then proved and learned anew on a person's word alone", async () => {
  await using home = await startHome({ cameras: [front] });
  await using heard = await begin(home, ["front"]);
  const before = await fileState(home.document);
  const early = await home.shepherdCommand(["adopt", `front=${fresh.mac}`, "--replace"]);
  expect(early, early.output + early.errors).toMatchObject({ code: 2 });
  expect(early.output).toContain("still answers at");

  await home.camera("front").powerOff();
  await using other = await startCamera(home.lan, { ...fresh, address: home.lan.at(20), static: true });
  await announceByArp(other.host, home.lan.at(20));
  await heard.hears("the stream to be parked", ({ kind, device }) => kind === "quarantined" && device === "front");
  const plain = await home.shepherdCommand(["adopt", `front=${fresh.mac}`]);
  expect(plain, plain.output + plain.errors).toMatchObject({ code: 2 });
  expect(plain.output).toContain(`camera-shepherd adopt front=${fresh.mac} --replace`);
  await pause(2_000);
  const theirs = other.offers().filter(({ agent }) => agent === "camera-shepherd");
  expect(theirs).toEqual([]);

  const said = await home.shepherdCommand(["adopt", `front=${fresh.mac}`, "--replace"]);
  expect(said, said.output + said.errors).toMatchObject({ code: 0 });
  await heard.hears("the stream to be put back", ({ kind }) => kind === "released");
  await expectFrames(home.go2rtc, "front", home.lan.at(20));
  expect(await fileState(home.document)).toEqual(before);
}, 120_000);
