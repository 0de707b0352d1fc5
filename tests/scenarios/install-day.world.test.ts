import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import type { Camera } from "../world/camera.ts";
import { section, shellLines, words } from "../documents.ts";
import { startHome, type HomeCamera } from "../world/home.ts";
import { captureAll, findings } from "./canary-kit.ts";
import { expectText, moved } from "./scene.ts";

const random = crypto.randomUUID().slice(0, 8);
const canary = (name: string): string => `canary-${name}-${random}`;
const HIKVISION = { realm: "IP Camera(C6F0)", paths: ["/Streaming/Channels/101"], password: canary("twins") };

/** Two of one model, and four that are all different; one tells its path before it asks for a password. */
const CAMERAS: readonly HomeCamera[] = [
  { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, ...HIKVISION },
  { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, ...HIKVISION },
  {
    name: "porch",
    mac: "9c:8e:cd:30:5a:91" as MacAddress,
    realm: "Login to 4F02A19PAK",
    paths: ["/cam/realmonitor"],
    password: canary("porch"),
  },
  {
    name: "gate",
    mac: "ec:71:db:11:02:7e" as MacAddress,
    realm: "BC Streaming Media",
    paths: ["/h264Preview_01_main"],
    password: canary("gate"),
  },
  { name: "yard", mac: "ec:71:db:11:02:7f" as MacAddress, realm: "IPCAM", paths: ["/live"], password: canary("yard") },
  { name: "shed", mac: "ec:71:db:11:02:80" as MacAddress, realm: "IPCAM", paths: ["/video"], password: canary("shed") },
];

test("three of six cameras had moved on the day of installation: nobody gets a password unasked, and no twin is guessed", async () => {
  await using home = await startHome({ cameras: CAMERAS, shepherd: { limits: { frames: "5s" } } });
  const before = await home.readDocument();
  const [front, garden, porch] = ["front", "garden", "porch"].map((name) => home.camera(name)) as [Camera, Camera, Camera];
  const [was, will] = [[20, 21, 22].map((host) => home.lan.at(host)), [60, 61, 62].map((host) => home.lan.at(host))];
  for (const [index, camera] of [front, garden, porch].entries()) await camera.moveByDhcp(will[index] ?? home.lan.at(63));
  await using capture = await captureAll(join(home.lan.folder, "first-day.pcap"));

  // What is there is shown; whoever fits two, or is one of two, is not guessed.
  const page = await readFile(join(import.meta.dirname, "..", "..", "README.md"), "utf8");
  const typed = ["The cameras had already moved", "Would it work?"].flatMap((heading) => shellLines(section(page, heading)));
  const [list, adopt, rehearse, ...more] = typed.map((line) =>
    words(line)
      .slice(1)
      .filter((word) => !/^--config$|\.yaml$/.test(word)),
  );
  if (list === undefined || adopt === undefined || rehearse === undefined) throw new Error("README.md has other commands");
  expect(more).toEqual([]);
  const listed = await home.shepherdCommand([...list, "--json"]);
  expect(listed, listed.errors).toMatchObject({ code: 2, errors: "" });
  const { cameras } = JSON.parse(listed.output) as { cameras: { camera: string; kind: string; device?: unknown; devices?: unknown[] }[] };
  const twins = [
    expect.objectContaining({ mac: front.mac, address: will[0] }),
    expect.objectContaining({ mac: garden.mac, address: will[1] }),
  ];
  expect(cameras).toMatchObject([
    { camera: "front", kind: "unclear", devices: twins, rivals: ["garden"] },
    { camera: "garden", kind: "unclear", devices: twins, rivals: ["front"] },
    { camera: "porch", kind: "proposed", device: { mac: porch.mac, address: will[2] } },
  ]);

  // Asked of every device, answered by all, and not one password, hash or changed byte.
  for (const camera of home.cameras) expect(camera.offers(), camera.name).toEqual([]);
  expect(porch.requests.some(({ protocol, method }) => protocol === "rtsp" && method === "DESCRIBE")).toBe(true);
  const wire = await capture.end();
  expect(wire.includes("DESCRIBE")).toBe(true);
  expect(
    findings(
      new Map([["the wire", wire]]),
      home.cameras.map(({ password }) => password),
    ),
  ).toEqual([]);
  expect(wire.includes("Authorization:")).toBe(false);
  expect(await home.readDocument()).toBe(before);

  // A person confirms the one, and tells the other by its sticker: each is healed, and its twin gets nothing.
  const confirmed = await home.shepherdCommand(adopt.map((word) => word.replace(/^front=.*/, `porch=${porch.mac}`)));
  expect(confirmed, confirmed.output + confirmed.errors).toMatchObject({ code: 0 });
  expect(front.offers().length + garden.offers().length).toBe(0);
  await expectText(home.document, moved(before, [[home.lan.at(22), home.lan.at(62)]]));
  const told = await home.shepherdCommand(adopt);
  expect(told, told.output + told.errors).toMatchObject({ code: 0 });
  expect(garden.offers()).toEqual([]);
  expect(front.offers().length).toBeGreaterThan(0);
  expect(await readFile(home.document, "utf8")).toContain(`@${will[0] ?? ""}/Streaming/Channels/101`);
  expect(await readFile(home.document, "utf8")).toContain(`@${was[1] ?? ""}/Streaming/Channels/101`);

  // Would it work again? Asked of the camera that was just healed, without its password.
  const offered = front.offers().length;
  const document = await home.readDocument();
  const rehearsed = await home.shepherdCommand(rehearse);
  expect(rehearsed, rehearsed.output + rehearsed.errors).toMatchObject({ code: 0, errors: "" });
  expect(rehearsed.output).toContain("It would work: front would be found, proved and healed. Nothing was changed.");
  expect(rehearsed.output).toMatch(/would write \d places: go2rtc\.streams\.front\[0\]/);
  expect(front.offers()).toHaveLength(offered);
  expect(await home.readDocument()).toBe(document);
}, 120_000);
