import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listExitCode, renderAdoptions } from "../../src/commands/adopt-command.ts";
import { parseArguments } from "../../src/commands/arguments.ts";
import type { Adoption, Contender } from "../../src/domain/adoption.ts";
import type { DeviceId } from "../../src/domain/camera.ts";
import { devicesOf, HOME as DOCUMENT } from "./homes.ts";
import { ip, mac } from "./notices.ts";

const camera = (id: string): DeviceId => id as DeviceId;
const device = (last: string, host: number, says: readonly string[]): Contender => ({
  mac: mac(`0c:79:55:4b:d4:${last}`),
  address: ip(`192.168.1.${host}`),
  says,
});
const twins = [device("2a", 80, ['realm "IP Camera(C6F0)"']), device("2b", 81, ['realm "IP Camera(C6F0)"'])];
const HOME: readonly Adoption[] = [
  {
    kind: "proposed",
    camera: camera("porch"),
    device: { ...device("91", 77, ['realm "Login to 4F02A19PAK"']), endpoint: "urn:uuid:1" },
    evidence: ["it is a Dahua, as the stream path is", "RTSP asks for a password on port 554", "it speaks ONVIF"],
  },
  { kind: "unclear", camera: camera("front"), devices: twins, rivals: [camera("garden")] },
  { kind: "unclear", camera: camera("garden"), devices: twins.slice(0, 1), rivals: [camera("front")] },
  {
    kind: "address",
    camera: camera("attic"),
    devices: [
      { address: ip("10.9.0.9"), says: ['realm "IP Camera" as learned'] },
      { address: ip("10.9.0.12"), says: [] },
    ],
    rivals: [],
  },
  {
    kind: "none",
    camera: camera("garage"),
    near: [{ device: device("99", 90, []), why: "RTSP does not know the stream path (404) on port 554" }],
  },
];

describe("the list", () => {
  it("ends with a person to act where something waits, or where no camera is known because a document cannot be read", () => {
    const [front] = devicesOf(DOCUMENT);
    const devices = front === undefined ? [] : [front];
    const lost = HOME.filter(({ kind }) => kind === "none");
    expect(listExitCode([], { devices: [], complete: false })).toBe(2);
    expect(listExitCode([], { devices: [], complete: true })).toBe(0);
    expect(listExitCode([], { devices, complete: false })).toBe(0);
    expect(listExitCode(HOME, { devices, complete: true })).toBe(2);
    expect(listExitCode(lost, { devices, complete: true })).toBe(1);
  });

  it("of a home where everything can happen reads like this", async () => {
    const text = renderAdoptions(HOME, (id) => id, 6, { colour: false });
    await expect(text).toMatchFileSnapshot("../golden/output/adopt.txt");
  });

  it("stands in README.md as it prints", () => {
    const says = ['realm "Login to 4F02A19PAK"'];
    const evidence = ["it is a Dahua, as the stream path is", "RTSP asks for a password on port 554", "it speaks ONVIF"];
    const front: Adoption = {
      kind: "proposed",
      camera: camera("front"),
      device: { ...device("2a", 77, says), endpoint: "urn:uuid:1" },
      evidence,
    };
    const text = renderAdoptions([front], (id) => id, 6, { colour: false });
    expect(readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8")).toContain(text);
  });

  it("shows commands that this program understands", () => {
    const text = renderAdoptions(HOME, (id) => id, 6, { colour: false });
    const commands = [...text.matchAll(/camera-shepherd (adopt \S+=[0-9a-f:.]+)$/gm)].map(([, command = ""]) => command.split(" "));
    expect(commands).toHaveLength(6);
    expect(commands.map((argv) => parseArguments(argv).kind)).toEqual(commands.map(() => "adopt"));
  });

  it("of a home where all is known, and of one without cameras, says so", () => {
    expect(renderAdoptions([], (id) => id, 3, { colour: false })).toBe("Nothing to adopt: every camera is known.\n");
    expect(renderAdoptions([], (id) => id, 0, { colour: false })).toBe(
      "No camera is known here: no configuration that was read names one. camera-shepherd check shows what is missing.\n",
    );
  });
});

describe("the words behind adopt", () => {
  it("are a camera and a MAC address, however that is written", () => {
    expect(parseArguments(["adopt", "front=0C-79-55-4B-D4-2A"])).toEqual({
      kind: "adopt",
      adoption: { camera: "front", mac: "0c:79:55:4b:d4:2a" },
      json: false,
    });
    expect(parseArguments(["adopt", "a=b=0c79554bd42a", "--json"])).toMatchObject({ adoption: { camera: "a=b" }, json: true });
    expect(parseArguments(["adopt", "a=b=10.9.0.9"])).toMatchObject({ adoption: { camera: "a=b", address: "10.9.0.9" } });
    expect(parseArguments(["adopt"])).toEqual({ kind: "adopt", json: false });
    expect(parseArguments(["adopt", "front=0c:79:55:4b:d4:2a", "--replace"])).toMatchObject({
      adoption: { camera: "front", mac: "0c:79:55:4b:d4:2a", replace: true },
    });
    expect(parseArguments(["adopt", "front=10.9.0.9", "--replace"])).toEqual({
      kind: "refused",
      message: "adopt front=10.9.0.9 --replace needs the new camera's MAC address, such as 0c:79:55:4b:d4:2a",
    });
    expect(parseArguments(["adopt", "--replace"])).toEqual({
      kind: "refused",
      message: "--replace goes with CAMERA=MAC, the new camera's MAC address",
    });
  });

  it.each([
    ["front", 'adopt needs CAMERA=MAC, such as front=0c:79:55:4b:d4:2a, or CAMERA=ADDRESS, such as front=192.168.1.77, not "front"'],
    [
      "=0c:79:55:4b:d4:2a",
      'adopt needs CAMERA=MAC, such as front=0c:79:55:4b:d4:2a, or CAMERA=ADDRESS, such as front=192.168.1.77, not "=0c:79:55:4b:d4:2a"',
    ],
    ["front=192.168.1.700", 'adopt front=192.168.1.700: "192.168.1.700" is no MAC address, such as 0c:79:55:4b:d4:2a, and no IPv4 address'],
    [
      "front=00:00:00:00:00:00",
      'adopt front=00:00:00:00:00:00: "00:00:00:00:00:00" is no MAC address, such as 0c:79:55:4b:d4:2a, and no IPv4 address',
    ],
  ])("%s are refused", (word, message) => {
    expect(parseArguments(["adopt", word])).toEqual({ kind: "refused", message });
  });
});
