import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startCamera } from "../world/camera.ts";
import { frigateDocument } from "../world/frigate-document.ts";
import { startHome } from "../world/home.ts";
import { startRepeater } from "../world/repeater.ts";
import { mseViewer } from "../world/watchers.ts";
import { expectText, listen, moved, PATIENCE } from "./scene.ts";

const REPEATER = "e8:9c:25:00:00:77" as MacAddress;

/** A second channel of the recorder, read by Frigate itself. */
const channel = (url: string): string =>
  `\n  channel_two:\n    ffmpeg:\n      inputs:\n        - path: ${url}\n          roles: [record]\n`;

/** The MAC addresses of a camera with a network socket and Wi-Fi. */
const [WIRED, WIRELESS] = ["9c:8e:cd:30:5b:01" as MacAddress, "9c:8e:cd:30:5b:02" as MacAddress];

test("a repeater's one MAC, a recorder's two channels, a changed password, a wrong clock and a second interface: healed or said, never a wrong camera", async () => {
  await using home = await startHome({
    cameras: [
      { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front" },
      { name: "nvr", mac: "ec:71:db:11:02:7e" as MacAddress, password: "canary-nvr", paths: ["/main", "/two"] },
    ],
    shepherd: { health: { interval: "5s", failures: 1 } },
  });
  const { lan } = home;
  await using repeater = await startRepeater(lan, "repeater", REPEATER, lan.at(9));
  const inner = (name: string, host: number, onvif: "own" | "none") =>
    startCamera(repeater.behind, {
      name,
      mac: `9c:8e:cd:30:5a:${String(host)}` as MacAddress,
      address: lan.at(host),
      static: true,
      password: `canary-${name}`,
      onvif,
    });
  await using shed = await inner("shed", 31, "own");
  await using barn = await inner("barn", 32, "own");
  await using mute = await inner("mute", 33, "none");
  const yard = {
    password: "canary-yard",
    endpoint: "urn:uuid:0c79554b-0000-1000-8000-9c8ecd305b01",
    discovery: true,
    static: true,
  } as const;
  await using wired = await startCamera(lan, { ...yard, name: "yard", mac: WIRED, address: lan.at(34) });
  const [front, nvr] = [home.camera("front"), home.camera("nvr")];
  await front.set({ clockAhead: 90_000 });

  const cameras = [front, nvr, shed, barn, mute, wired];
  const text = frigateDocument(cameras.map((camera) => ({ camera, sources: [camera.url()] }))).replace(
    "\ndetect:\n",
    () => `${channel(nvr.url(undefined, "/two"))}detect:\n`,
  );
  await writeFile(home.document, text, { mode: 0o600 });
  for (const camera of [shed, barn, mute, wired]) {
    const put = new URLSearchParams({ name: camera.name, src: camera.url() });
    expect((await fetch(`${home.go2rtc.url}/api/streams?${put.toString()}`, { method: "PUT" })).status).toBe(200);
  }

  await using heard = listen(home.options);
  for (const name of ["front", "nvr", "shed", "barn", "yard"])
    await heard.hears(`${name} to be learned`, ({ kind, device }) => kind === "learned" && device === name);
  const unlearned = await heard.hears("mute to be refused", ({ condition }) => condition?.subject === "device/mute");
  expect(unlearned.condition).toMatchObject({
    status: "problem",
    reason: expect.stringMatching(/^(?:DuplicateCamera|MacVoid)$/) as string,
  });
  const clock = await heard.hears("the clock to be said", ({ condition }) => condition?.subject === "device/front/clock");
  expect(clock.condition).toMatchObject({ status: "problem", reason: "ClockOff" });
  expect(clock.condition?.message).toMatch(/^the clock of front is 1 min (?:29|30|31) s ahead/);

  // The recorder moves: both of its channels are one device. Behind the repeater one camera moves without a word and another goes, and none there is taken
  // for another.
  await Promise.all([barn.powerOff(), shed.moveSilently(lan.at(41)), nvr.moveByDhcp(lan.at(60)), wired.powerOff()]);
  // The cable is pulled: the same camera says so by Wi-Fi, with another MAC address.
  await using wireless = await startCamera(lan, { ...yard, name: "yard-air", mac: WIRELESS, address: lan.at(44) });
  const healed = moved(text, [
    [lan.at(21), lan.at(60)],
    [lan.at(31), lan.at(41)],
    [lan.at(34), lan.at(44)],
  ]);

  // Meanwhile the password is changed on a camera, whose sessions end with it.
  await using viewer = mseViewer(home.go2rtc, "front");
  await viewer.reads.decodesAgain(0, PATIENCE);
  expect(front.offers().filter(({ status }) => status === 401)).toEqual([]);
  await front.set({ password: "canary-changed" });
  await front.moveByDhcp(lan.at(20));
  const said = await heard.hears("the password to be missed", ({ condition }) => condition?.subject === "device/front/stream");
  expect(said.condition).toMatchObject({ status: "problem", reason: "LoginRefused" });
  expect(said.condition?.message).toMatch(
    /^front has not moved, but refuses the password at 192\.168\.50\.20; edit .*frigate\.yml: go2rtc\.streams\.front/,
  );
  expect(front.offers().filter(({ agent, status }) => agent === "camera-shepherd" && status === 401)).toHaveLength(1);

  const second = await heard.hears("the second interface to be proposed", ({ condition }) => condition?.subject === "adopt/yard");
  expect(second.condition).toMatchObject({ status: "problem", reason: "SecondMacProposed" });
  expect(second.condition?.ask).toEqual({ verb: "adopt", camera: "yard", devices: [WIRELESS] });
  expect(wireless.offers()).toEqual([]);
  expect(await readFile(home.document, "utf8")).toContain(`@${lan.at(34)}/`);
  const adopted = await home.shepherdCommand(["adopt", `yard=${WIRELESS}`]);
  expect(adopted.code).toBe(0);

  await expectText(home.document, healed);
  expect(wireless.offers().filter(({ status }) => status === 401)).toEqual([]);
  await heard.hears("barn to be missed", ({ kind, device }) => kind === "lost" && device === "barn");
  // No password went to another camera than its own.
  for (const camera of cameras.filter((one) => one !== front)) {
    const offered = camera.offers().map(({ url, status }) => ({ url, status }));
    expect(offered.filter(({ status }) => status === 401)).toEqual([]);
  }
});
