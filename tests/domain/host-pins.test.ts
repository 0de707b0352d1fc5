import { describe, expect, it, test } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { go2rtcDocument } from "../../src/adapters/go2rtc/document.ts";
import { parseIp } from "../../src/domain/addresses.ts";
import { groupDevices } from "../../src/domain/devices.ts";
import type { DocumentFormat } from "../../src/domain/document.ts";
import type { HostName } from "../../src/domain/host-name.ts";
import { namedCameras } from "../../src/domain/host-pins.ts";
import { nestedDocument } from "../../src/domain/nested-document.ts";
import { sameMeaning } from "../../src/domain/same-meaning.ts";

const ip = (text: string) => parseIp(text) ?? expect.unreachable(text);
const FRONT = { id: "front", address: ip("192.168.1.20"), pin_host: true };
const BACK = { id: "back", address: ip("192.168.1.21"), pin_host: true };
const NEW = ip("192.168.1.60");

const frigate = (...options: Parameters<typeof namedCameras>[0]) =>
  frigateDocument({ environment: new Map([["FRIGATE_HOST", "front.lan"]]), cameras: namedCameras(options) });

const HOME = `# my home
go2rtc:
  streams:
    front:
      - "rtsp://viewer:canary@front.lan:554/main"  # the door
      - ffmpeg:front#audio=opus
    front_sub: rtsp://viewer:canary@FRONT.lan/sub
    front_talk: rtsp://viewer:canary@front.lan/talk
cameras:
  front:
    ffmpeg:
      inputs:
        - path: rtsp://127.0.0.1:8554/front
          roles: [record]
        - path: rtsp://127.0.0.1:8554/front_sub
          roles: [detect]
    onvif:
      host: front.lan
    webui_url: http://front.lan/
  back:
    ffmpeg:
      inputs:
        - path: rtsp://back.lan:554/main
          roles: [detect]
`;

/** The text after every name that is asked for has become the address. */
function pinnedText(format: DocumentFormat, text: string, to = NEW): string {
  return format.rewrite(text, ({ name }) => (name === undefined ? undefined : to)).text;
}

function why(format: DocumentFormat, text: string): readonly string[] {
  return format.read(text).leftAlone.map((left) => `${left.host} ${left.why}`);
}

describe("a host name that a person asked to have replaced", () => {
  it("is a place of its camera, at the address that it stands for", () => {
    const { occurrences, leftAlone } = frigate(FRONT).read(HOME);
    expect(occurrences.map(({ path, name, address }) => [path.join("."), name, address])).toEqual([
      ["go2rtc.streams.front.0", "front.lan", FRONT.address],
      ["go2rtc.streams.front_sub", "FRONT.lan", FRONT.address],
      ["go2rtc.streams.front_talk", "front.lan", FRONT.address],
      ["cameras.front.onvif.host", "front.lan", FRONT.address],
      ["cameras.front.webui_url", "front.lan", FRONT.address],
    ]);
    expect(leftAlone.map(({ host, why }) => `${host} ${why}`)).toEqual(["back.lan hostname"]);
  });

  it("makes its streams and its camera one device, with the address in what it is reached by", () => {
    const options = [{ id: "front", macs: [], address: FRONT.address }];
    const { devices } = groupDevices([frigate(FRONT).read(HOME)], options, new Map());
    expect(devices).toMatchObject([
      {
        id: "front",
        owners: ["camera:front", "stream:front", "stream:front_sub", "stream:front_talk"],
        addresses: [FRONT.address],
        loginUrl: "rtsp://viewer:canary@192.168.1.20:554/main",
      },
    ]);
    expect(devices[0]?.streams[0]?.sources[0]).toMatchObject({
      address: FRONT.address,
      resolved: "rtsp://viewer:canary@192.168.1.20:554/main",
      named: { host: "front.lan", resolved: "rtsp://viewer:canary@front.lan:554/main" },
    });
  });

  it("changes into the address and back, and every other byte stays", () => {
    const format = frigate(FRONT);
    const after = pinnedText(format, HOME);
    expect(after).toBe(HOME.replaceAll(/front\.lan/gi, NEW));
    const edits = format.rewrite(HOME, ({ name }) => (name === undefined ? undefined : NEW)).edits;
    expect(edits.map(({ from, to }) => `${from} ${to}`)).toContain("FRONT.lan 192.168.1.60");
    const names = new Map(edits.map(({ path, from }) => [path.join(), from]));
    expect(format.rewrite(after, ({ path }) => names.get(path.join())).text).toBe(HOME);
    expect(pinnedText(format, after)).toBe(after);
  });

  it("is written also where the address is the one that it stands for", () => {
    expect(pinnedText(frigate(FRONT), HOME, FRONT.address)).toBe(HOME.replaceAll(/front\.lan/gi, FRONT.address));
  });

  it("is found within another YAML", () => {
    const indented = HOME.replaceAll(/^/gm, "    ").trimEnd();
    const text = `kind: ConfigMap\napiVersion: v1\ndata:\n  config.yml: |\n${indented}\n`;
    const format = nestedDocument(frigate(FRONT));
    for (const to of [NEW, FRONT.address]) expect(pinnedText(format, text, to)).toBe(text.replaceAll(/front\.lan/gi, to));
    expect(format.rewrite(text, ({ name }) => (name === undefined ? undefined : NEW)).edits[0]).toMatchObject({
      from: "front.lan",
      to: NEW,
    });
  });

  it("is found in a stand-alone go2rtc.yaml, and go2rtc's writing of the name is not taken for one of the address", () => {
    const format = go2rtcDocument({ environment: new Map(), cameras: namedCameras([FRONT]) });
    const text = "streams:\n  front: rtsp://front.lan/main\n";
    expect(pinnedText(format, text)).toBe("streams:\n  front: rtsp://192.168.1.60/main\n");
    expect(sameMeaning(format, text, pinnedText(format, text, FRONT.address))).toBe(false);
  });
});

describe("a host name is left alone", () => {
  test.each([
    ["without the option", [{ ...FRONT, pin_host: false }]],
    ["with the option of another camera", [BACK]],
    ["where no camera is in the options", []],
  ])("%s", (_case, options) => {
    const text = HOME.replace("back.lan", "192.168.1.21");
    const format = frigate(...options);
    expect(pinnedText(format, text)).toBe(text);
    expect(why(format, text)).toContain("front.lan hostname");
    expect(() => format.rewrite(text, () => "front.lan" as HostName)).toThrow(
      options[0] === BACK ? "other addresses" : "is not an address",
    );
  });

  it("where another camera uses the name too, with the reason", () => {
    const text = HOME.replace("back.lan", "Front.LAN");
    for (const format of [frigate(FRONT), frigate(FRONT, BACK), frigate(FRONT, { ...BACK, address: FRONT.address })]) {
      expect(pinnedText(format, text)).toBe(text);
      expect(new Set(why(format, text))).toEqual(new Set(["front.lan shared-name", "FRONT.lan shared-name", "Front.LAN shared-name"]));
    }
  });

  it("where a stream of another camera of the options, or one that another camera reads, has it", () => {
    const streams = "go2rtc:\n  streams:\n    front: rtsp://nvr.lan/1\n    back: rtsp://nvr.lan/2\n";
    expect(why(frigate(FRONT, { ...BACK, pin_host: false }), streams)).toEqual(["nvr.lan shared-name", "nvr.lan shared-name"]);
    const read = `${streams}cameras:\n  yard:\n    ffmpeg:\n      inputs:\n        - path: rtsp://127.0.0.1:8554/back\n          roles: [detect]\n`;
    expect(why(frigate(FRONT), read)).toEqual(["nvr.lan shared-name", "nvr.lan shared-name"]);
    expect(pinnedText(frigate(FRONT), streams)).toBe(streams.replaceAll("nvr.lan", NEW));
  });

  it("where its camera has several names for its video: which of them is the camera's is not known", () => {
    const text = HOME.replace("FRONT.lan", "relay.lan");
    expect(pinnedText(frigate(FRONT), text)).toBe(text);
    expect(why(frigate(FRONT), text)).toContain("relay.lan several-names");
  });

  it("beside its video: a web page elsewhere stays, and the rest is replaced", () => {
    const text = HOME.replace("http://front.lan/", "http://door.example/");
    expect(pinnedText(frigate(FRONT), text)).toBe(text.replaceAll(/front\.lan/gi, NEW));
    expect(why(frigate(FRONT), text)).toContain("door.example hostname");
  });

  it("where a variable fills it, or a broker has the name too", () => {
    const filled = `cameras:\n  front:\n    ffmpeg:\n      inputs:\n        - path: rtsp://{FRIGATE_HOST}/main\n          roles: [detect]\n`;
    expect(pinnedText(frigate(FRONT), filled)).toBe(filled);
    const anchored = `mqtt:\n  host: &name front.lan\ncameras:\n  front:\n    onvif:\n      host: *name\n`;
    expect(pinnedText(frigate(FRONT), anchored)).toBe(anchored);
    expect(why(frigate(FRONT), anchored)).toEqual(["front.lan not-rewritable"]);
  });

  it("where it is no name that a machine can have", () => {
    const text = HOME.replaceAll(/front\.lan/gi, "192.168.1.256");
    expect(pinnedText(frigate(FRONT), text)).toBe(text);
  });
});
