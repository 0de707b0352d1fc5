import { describe, expect, test } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { go2rtcDocument } from "../../src/adapters/go2rtc/document.ts";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { Device, DeviceId, OwnerName } from "../../src/domain/camera.ts";
import { type CameraOption, type Devices, groupDevices } from "../../src/domain/devices.ts";

const environment = new Map([["FRIGATE_PASSWORD", "canary"]]);
const frigate = (text: string) => frigateDocument({ environment }).read(text);
const go2rtc = (text: string) => go2rtcDocument({ environment }).read(text);
const known = (entries: Readonly<Record<OwnerName, string>>) => new Map(Object.entries(entries) as [OwnerName, DeviceId][]);
const none = known({});

function only({ devices }: Devices): Device {
  const [device, ...others] = devices;
  if (device === undefined || others.length > 0) throw new Error(`${devices.length} devices`);
  return device;
}

function summary({ devices }: Devices): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(devices.map(({ id, owners, addresses }) => [`${id} ${addresses.join(" ")}`, owners]));
}

describe("within one document", () => {
  test("a shared address, a shared name and a link make one device", () => {
    const reading = frigate(`
go2rtc:
  streams:
    front: [rtsp://192.168.1.10/main, "ffmpeg:front#audio=opus"]
    front_low: ffmpeg:front#video=h264
    yard: rtsp://192.168.1.11/main
    alone: rtsp://192.168.1.12/main
cameras:
  front: {ffmpeg: {inputs: [{path: "rtsp://127.0.0.1:8554/front"}]}}
  porch: {ffmpeg: {inputs: [{path: "rtsp://192.168.1.10/sub"}]}}
  garden: {ffmpeg: {inputs: [{path: "rtsp://127.0.0.1:8554/yard"}]}, onvif: {host: 192.168.1.11}}
`);
    expect(summary(groupDevices([reading], [], none))).toEqual({
      "front 192.168.1.10": ["camera:front", "camera:porch", "stream:front", "stream:front_low"],
      "garden 192.168.1.11": ["camera:garden", "stream:yard"],
      "alone 192.168.1.12": ["stream:alone"],
    });
  });

  test("an NVR with several cameras is one device, named after the first", () => {
    const inputs = [1, 2, 3]
      .map((channel) => `  ch${channel}: {ffmpeg: {inputs: [{path: "rtsp://192.168.1.10/${channel}01"}]}}`)
      .join("\n");
    expect(summary(groupDevices([frigate(`cameras:\n${inputs}\n`)], [], none))).toEqual({
      "ch1 192.168.1.10": ["camera:ch1", "camera:ch2", "camera:ch3"],
    });
  });

  test("an ONVIF host or web page elsewhere joins nothing and is reported", () => {
    const reading = frigate(`
cameras:
  one: {ffmpeg: {inputs: [{path: "rtsp://192.168.1.10/1"}]}, onvif: {host: 192.168.1.21}}
  two: {ffmpeg: {inputs: [{path: "rtsp://192.168.1.11/2"}]}, webui_url: "http://192.168.1.10/"}
`);
    const grouped = groupDevices([reading], [], none);
    expect(summary(grouped)).toEqual({ "one 192.168.1.10": ["camera:one"], "two 192.168.1.11": ["camera:two"] });
    expect(grouped.problems.map(({ reason, device }) => [reason, device])).toEqual([
      ["AddressesDiffer", "one"],
      ["AddressesDiffer", "two"],
    ]);
  });

  test("a camera whose stream has a host name counts with its ONVIF address", () => {
    expect(
      only(groupDevices([frigate("cameras: {a: {ffmpeg: {inputs: [{path: 'rtsp://a.local/x'}]}, onvif: {host: 192.168.1.10}}}")], [], none))
        .addresses,
    ).toEqual(["192.168.1.10"]);
  });

  test("what has no address is no device", () => {
    expect(
      groupDevices([frigate("cameras: {a: {ffmpeg: {inputs: [{path: 'rtsp://a.local/x'}, {path: /dev/video0}]}}}")], [], none).devices,
    ).toEqual([]);
  });

  test("disabled cameras are left alone, but not a stranger at their side", () => {
    const grouped = groupDevices(
      [
        frigate(
          "cameras: {a: {enabled: false, ffmpeg: {inputs: [{path: 'rtsp://192.168.1.10/x'}]}}, b: {ffmpeg: {inputs: [{path: 'rtsp://192.168.1.11/x'}]}}, c: {enabled: no, ffmpeg: {inputs: [{path: 'rtsp://192.168.1.11/y'}]}}}",
        ),
      ],
      [],
      none,
    );
    expect(summary(grouped)).toEqual({ "b 192.168.1.11": ["camera:b", "camera:c"] });
    expect(grouped.disabled).toEqual([{ title: "a", owners: ["camera:a"] }]);
  });
});

describe("across documents", () => {
  const first = frigate("cameras: {front: {ffmpeg: {inputs: [{path: 'rtsp://127.0.0.1:8554/front'}, {path: 'rtsp://192.168.1.10/sub'}]}}}");

  test("the name joins", () => {
    expect(summary(groupDevices([first, go2rtc("streams: {front: rtsp://192.168.1.20/live}\n")], [], none))).toEqual({
      "front 192.168.1.10 192.168.1.20": ["camera:front", "stream:front"],
    });
  });

  test("an address does not", () => {
    expect(summary(groupDevices([first, go2rtc("streams: {garage: rtsp://192.168.1.10/live}\n")], [], none))).toEqual({
      "front 192.168.1.10": ["camera:front"],
      "garage 192.168.1.10": ["stream:garage"],
    });
  });

  test("two that one document tells apart are not one because the other is not healed yet", () => {
    const healed = go2rtc("streams: {front: rtsp://192.168.1.30/x, garage: rtsp://192.168.1.20/x}\n");
    const stale = go2rtc("streams: {front: rtsp://192.168.1.20/x, garage: rtsp://192.168.1.20/x}\n");
    expect(groupDevices([healed, stale], [], none).devices.map(({ id }) => id)).toEqual(["front", "garage"]);
  });
});

describe("what is known stays", () => {
  const twins = known({ "camera:front": "front", "stream:front": "front", "camera:back": "back", "stream:back": "back" });
  const document = (front: string, back: string) =>
    frigate(
      `go2rtc: {streams: {front: "rtsp://${front}/x", back: "rtsp://${back}/x"}}\ncameras: {front: {ffmpeg: {inputs: [{path: "rtsp://${front}/y"}]}}, back: {ffmpeg: {inputs: [{path: "rtsp://${back}/y"}]}}}`,
    );

  test("in the middle of a swap, when both have one address", () => {
    expect(summary(groupDevices([document("192.168.1.10", "192.168.1.10")], [], twins))).toEqual({
      "front 192.168.1.10": ["camera:front", "stream:front"],
      "back 192.168.1.10": ["camera:back", "stream:back"],
    });
  });

  test("after a swap that only one of two documents has", () => {
    const grouped = groupDevices(
      [document("192.168.1.11", "192.168.1.10"), go2rtc("streams: {front: rtsp://192.168.1.10/x, back: rtsp://192.168.1.11/x}\n")],
      [],
      twins,
    );
    expect(summary(grouped)).toEqual({
      "front 192.168.1.11 192.168.1.10": ["camera:front", "stream:front"],
      "back 192.168.1.10 192.168.1.11": ["camera:back", "stream:back"],
    });
  });

  test("the id, though another name comes first now", () => {
    const reading = frigate(
      "cameras: {attic: {ffmpeg: {inputs: [{path: 'rtsp://192.168.1.10/2'}]}}, front: {ffmpeg: {inputs: [{path: 'rtsp://192.168.1.10/1'}]}}}",
    );
    expect(summary(groupDevices([reading], [], known({ "camera:front": "the-recorder" })))).toEqual({
      "the-recorder 192.168.1.10": ["camera:attic", "camera:front"],
    });
  });

  test("a new name at an address that two known devices share is a device of its own, unless a link or name speaks for one", () => {
    const reading = go2rtc(
      "streams: {front: rtsp://192.168.1.10/1, back: rtsp://192.168.1.10/2, odd: rtsp://192.168.1.10/3, even: [rtsp://192.168.1.10/4, 'ffmpeg:back#audio=aac']}\n",
    );
    expect(summary(groupDevices([reading], [], twins))).toEqual({
      "front 192.168.1.10": ["stream:front"],
      "back 192.168.1.10": ["stream:back", "stream:even"],
      "odd 192.168.1.10": ["stream:odd"],
    });
  });

  test("a new name elsewhere is new, and takes no known device's id", () => {
    const reading = go2rtc("streams: {front: rtsp://192.168.1.10/1}\n");
    expect(summary(groupDevices([reading], [], known({ "camera:gone": "front" })))).toEqual({ "front-2 192.168.1.10": ["stream:front"] });
  });

  test("a second run finds what the first made", () => {
    const readings = [
      document("192.168.1.10", "192.168.1.11"),
      go2rtc("streams: {front: rtsp://192.168.1.10/x, side: rtsp://192.168.1.12/x}\n"),
    ];
    const first = groupDevices(readings, [], none);
    const settled = new Map(first.devices.flatMap(({ id, owners }) => owners.map((owner) => [owner, id] as const)));
    expect(groupDevices(readings, [], settled)).toEqual(first);
    expect(first.devices.map(({ id }) => id)).toEqual(["front", "back", "side"]);
  });
});

describe("options", () => {
  const reading = frigate(
    "cameras: {front: {ffmpeg: {inputs: [{path: 'rtsp://192.168.1.10/1'}]}}, back: {ffmpeg: {inputs: [{path: 'rtsp://192.168.1.11/1'}]}}}",
  );
  const mac = "02:00:00:00:00:01" as MacAddress;

  test.each([
    ["by id", { id: "front", macs: [mac] }, "front"],
    ["by name", { id: "door", name: "front", macs: [mac] }, "door"],
    ["by address", { id: "door", address: "192.168.1.10" as IpAddress, macs: [mac] }, "door"],
    ["by the host of its URL", { id: "door", url: "rtsp://viewer:canary@192.168.1.10/1", macs: [mac] }, "door"],
  ] as const)("claim a camera %s", (_, option: CameraOption, id) => {
    const { devices } = groupDevices([reading], [option], none);
    expect(devices.map((device) => [device.id, device.addresses, device.configuredMacs])).toEqual([
      [id, ["192.168.1.10"], [mac]],
      ["back", ["192.168.1.11"], []],
    ]);
  });

  test("keep a known id, and add a title", () => {
    const { devices } = groupDevices(
      [reading],
      [{ id: "front", name: "Front door", macs: [], allowBasic: true }],
      known({ "camera:front": "device-1" }),
    );
    expect(devices[0]).toMatchObject({ id: "device-1", title: "Front door", allowBasic: true });
  });

  test("of their own make a device of their own", () => {
    const { devices } = groupDevices(
      [reading],
      [{ id: "shed", macs: [mac], url: "rtsp://viewer:canary@192.168.1.30:8554/live?x#y" }],
      none,
    );
    expect(devices[2]).toEqual({
      id: "shed",
      title: "shed",
      owners: [],
      addresses: ["192.168.1.30"],
      streams: [],
      streamPort: 8554,
      onvifPorts: [80, 8000, 8080, 8899, 2020],
      loginUrl: "rtsp://viewer:canary@192.168.1.30:8554/live?x",
      streamPath: "/live?x",
      allowBasic: false,
      configuredMacs: [mac],
    });
  });

  test("switched off are left alone", () => {
    const grouped = groupDevices(
      [reading],
      [
        { id: "front", macs: [], enabled: false },
        { id: "shed", macs: [], enabled: false },
      ],
      none,
    );
    expect(grouped.devices.map(({ id }) => id)).toEqual(["back"]);
    expect(grouped.disabled.map(({ title }) => title)).toEqual(["front"]);
  });

  test("with one id, one MAC or one meaning twice are problems, and the first counts", () => {
    const { devices, problems } = groupDevices(
      [reading],
      [
        { id: "front", macs: [mac] },
        { id: "front", macs: ["02:00:00:00:00:02" as MacAddress] },
        { id: "back", macs: [mac] },
        { id: "door", name: "back", macs: [] },
      ],
      none,
    );
    expect(problems.map(({ reason, message }) => [reason, message])).toEqual([
      ["DuplicateCamera", "cameras holds the id front twice; the second is not used"],
      ["DuplicateCamera", `back and front have the same MAC address ${mac}`],
      ["DuplicateCamera", "door and back mean the same camera; door is not used"],
    ]);
    expect(devices.slice(0, 2).map(({ id, configuredMacs }) => [id, configuredMacs])).toEqual([
      ["front", [mac]],
      ["back", []],
    ]);
  });
});

describe("how a device is reached", () => {
  const device = (streams: string, option?: CameraOption) =>
    only(groupDevices([go2rtc(`streams:\n  a: ${streams}\n`)], option === undefined ? [] : [option], none));

  test.each([
    [
      "[rtmp://192.168.1.10/x, http://192.168.1.10:81/y, 'rtsp://viewer:canary@192.168.1.10:555/z?a=b#c']",
      555,
      "rtsp://viewer:canary@192.168.1.10:555/z?a=b",
      "/z?a=b",
    ],
    ["ffmpeg:rtsp://viewer:can/ary@192.168.1.10/z#video=copy", 554, "rtsp://viewer:can/ary@192.168.1.10/z", "/z"],
    ["'http://192.168.1.10/flv?user=viewer&password=canary'", 80, undefined, "/"],
    ["rtsp://192.168.1.10/z", 554, undefined, "/z"],
    ["rtsp://viewer@192.168.1.10/z", 554, undefined, "/z"],
    ["rtsp://viewer:@192.168.1.10", 554, undefined, "/"],
    ["rtsp://viewer:${NONE}@192.168.1.10:555/z", 555, undefined, "/z"],
    ["rtsp://viewer:${FRIGATE_PASSWORD}@192.168.1.10/z", 554, "rtsp://viewer:canary@192.168.1.10/z", "/z"],
    ["rtspx://viewer:canary@192.168.1.10:7441/z", 7441, undefined, "/"],
    ["tapo://canary@192.168.1.10", 8800, undefined, "/"],
    ["tcp://192.168.1.10:1234", 1234, undefined, "/"],
    ["gopro://192.168.1.10", 554, undefined, "/"],
  ])("%s", (streams, streamPort, loginUrl, streamPath) => {
    const { streamPort: port, loginUrl: login, streamPath: path } = device(streams);
    expect([port, login, path]).toEqual([streamPort, loginUrl, streamPath]);
  });

  test("user and password of the options replace those of the document", () => {
    expect(
      device("rtsp://viewer:${NONE}@192.168.1.10:555/z?y#x", { id: "a", macs: [], username: "vi:ewer", password: "can/ary@" }).loginUrl,
    ).toBe("rtsp://vi%3Aewer:can%2Fary%40@192.168.1.10:555/z?y");
  });

  test("the documents' ONVIF port comes first", () => {
    const [one] = groupDevices(
      [frigate("go2rtc: {streams: {a: 'onvif://192.168.1.10:8001'}}\ncameras: {a: {onvif: {host: 192.168.1.10, port: 8899}}}")],
      [],
      none,
    ).devices;
    expect(one?.onvifPorts).toEqual([8899, 8001, 80, 8000, 8080, 2020]);
  });

  test("only streams that read the camera itself are its streams", () => {
    const reading = go2rtc("streams: {a: rtsp://192.168.1.10/x, a_low: 'ffmpeg:a#video=h264', b: }\n");
    expect(only(groupDevices([reading], [], none)).streams.map(({ name }) => name)).toEqual(["a"]);
  });
});
