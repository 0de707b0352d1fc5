import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { swap } from "../world/camera.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { mseViewer } from "../world/watchers.ts";
import { begin, expectFrames, expectText, moved, PATIENCE, recordTexts, sourceHosts, type Listening } from "./scene.ts";

const twin = { password: "canary-twins", realm: "IP Camera(C6F0)" };
const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, ...twin };
const garden: HomeCamera = { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, ...twin };

/** Both cameras' addresses are exchanged: in the document as one change, in go2rtc, and for viewers. */
async function expectSwapped(home: Home, heard: Listening, before: string, texts: readonly string[]): Promise<void> {
  const [one, other] = [home.camera("front"), home.camera("garden")];
  if (one.address === undefined || other.address === undefined) throw new Error("both have addresses");
  const swapped = moved(before, [
    [one.address, other.address],
    [other.address, one.address],
  ]);
  await expectText(home.document, swapped);
  await expectFrames(home.go2rtc, "front", one.address);
  await expectFrames(home.go2rtc, "garden", other.address);
  expect(await readFile(home.document, "utf8")).toBe(swapped);
  // Never a text in which both, or neither, have one address.
  expect(texts).toEqual([before, swapped]);
  const written = heard.told().filter((told) => told.kind === "document-written");
  expect(written).toHaveLength(1);
  expect(new Set(written[0]?.edits?.map((edit) => edit.from))).toEqual(new Set([one.address, other.address]));
}

describe("twins that swap their addresses", () => {
  test.each(["dhcp", "silently"] as const)("%s: are healed as one change, never crossed", async (by) => {
    await using home = await startHome({ cameras: [front, garden] });
    await using heard = await begin(home, ["front", "garden"]);
    // Whose viewers get the other camera's pictures at once: the password fits.
    await using viewers = new AsyncDisposableStack();
    for (const name of ["front", "garden"]) {
      await viewers.use(mseViewer(home.go2rtc, name)).reads.decodesAgain(0, PATIENCE);
    }
    const before = await home.readDocument();
    await using record = recordTexts(home.document);
    await swap(home.lan, home.camera("front"), home.camera("garden"), by);
    await expectSwapped(home, heard, before, record.texts);
    expect(heard.told().filter((told) => told.kind === "quarantined")).toEqual([]);
  });

  test("are healed when they swapped while nobody looked", async () => {
    await using home = await startHome({ cameras: [front, garden] });
    await (await begin(home, ["front", "garden"])).shepherd.stop();
    const before = await home.readDocument();
    await swap(home.lan, home.camera("front"), home.camera("garden"));
    await using record = recordTexts(home.document);
    const synced = await home.shepherdCommand(["sync", "--once"]);
    expect(synced).toMatchObject({ code: 0, errors: "" });
    expect(synced.output).toContain("2 cameras healed");
    const swapped = moved(before, [
      [home.lan.at(20), home.lan.at(21)],
      [home.lan.at(21), home.lan.at(20)],
    ]);
    expect(await home.readDocument()).toBe(swapped);
    expect(record.texts.filter((text) => text !== before && text !== swapped)).toEqual([]);
    await expectFrames(home.go2rtc, "front", home.lan.at(21));
    await expectFrames(home.go2rtc, "garden", home.lan.at(20));
  });
});

describe("addresses of which one begins with the other", () => {
  test("are told apart when one camera moves, and when two swap", async () => {
    const cameras = [13, 131].map((n, index) => ({ ...(index === 0 ? front : garden), n }));
    await using home = await startHome({
      cameras: cameras.map(({ n, ...camera }) => ({ ...camera, address: `192.168.50.${String(n)}` as NonNullable<HomeCamera["address"]> })),
    });
    // The router's address is the beginning of both, and a broker has it.
    const text = (await home.readDocument()).replace("mqtt:\n  enabled: false", "mqtt:\n  enabled: false\n  host: 192.168.50.1");
    await writeFile(home.document, text);
    await using heard = await begin(home, ["front", "garden"]);
    await swap(home.lan, home.camera("front"), home.camera("garden"));
    const swapped = moved(text, [
      [home.lan.at(13), home.lan.at(131)],
      [home.lan.at(131), home.lan.at(13)],
    ]);
    await expectText(home.document, swapped);
    await expectFrames(home.go2rtc, "front", home.lan.at(131));
    await home.camera("garden").moveByDhcp(home.lan.at(14));
    await expectText(home.document, moved(swapped, [[home.lan.at(13), home.lan.at(14)]]));
    await expectFrames(home.go2rtc, "garden", home.lan.at(14));
    expect(await sourceHosts(home.go2rtc, "front")).toEqual([home.lan.at(131)]);
    expect(await home.readDocument()).toContain("host: 192.168.50.1\n");
    expect(heard.told().filter((told) => told.kind === "moved")).toHaveLength(3);
  });
});
