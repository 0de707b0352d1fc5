import { describe, expect, it } from "vitest";
import {
  type Adoption,
  type Claims,
  contradictsPath,
  type FoundDevice,
  matchAdoptions,
  type Unlearned,
} from "../../src/domain/adoption.ts";
import { adoptionWords } from "../../src/domain/adoption-words.ts";
import { type IpAddress, type MacAddress, parseIp, parseMac } from "../../src/domain/addresses.ts";
import type { DeviceId } from "../../src/domain/camera.ts";
import { makerOfPath, makerOfSayings } from "../../src/domain/maker.ts";
import type { GreetingReading } from "../../src/domain/readings.ts";

const mac = (last: number): MacAddress => parseMac(`0c795500${last.toString(16).padStart(4, "0")}`) ?? expect.unreachable();
const at = (host: number): IpAddress => parseIp(`192.168.1.${host}`) ?? expect.unreachable();
const DAHUA = "/cam/realmonitor?channel=1&subtype=0";
const HIKVISION = "/Streaming/Channels/101";
const REOLINK = "/h264Preview_01_main";
const PLAIN = "/live";
const OPEN: GreetingReading = { kind: "open" };
const MISSING: GreetingReading = { kind: "refused", status: 404 };
const asks = (realm?: string): GreetingReading => ({ kind: "challenge", schemes: ["digest"], ...(realm === undefined ? {} : { realm }) });

const camera = (id: string, streamPath: string, streamPort = 554): Unlearned => ({ id: id as DeviceId, title: id, streamPort, streamPath });

/** A device that answers on port 554 the same to each of these paths. */
function device(
  number: number,
  greeting: GreetingReading | Readonly<Record<string, GreetingReading>>,
  more: Partial<FoundDevice> = {},
): FoundDevice {
  const paths = [DAHUA, HIKVISION, REOLINK, PLAIN];
  const answers = paths.map((path) => {
    const own = "kind" in greeting ? (greeting as GreetingReading) : ((greeting as Record<string, GreetingReading>)[path] ?? MISSING);
    return { port: 554, path, greeting: own };
  });
  return { mac: mac(number), address: at(number), gateway: false, sayings: [], answers, ...more };
}

const nobody: Claims = { identities: [], addresses: new Set() };
const match = (cameras: readonly Unlearned[], found: readonly FoundDevice[], claims: Partial<Claims> = {}) =>
  matchAdoptions(cameras, found, { ...nobody, ...claims });
const short = (adoption: Adoption | undefined): unknown => {
  if (adoption?.kind === "proposed") return adoption.device.mac;
  return adoption?.kind === "unclear" ? [adoption.devices.map((one) => one.mac), adoption.rivals] : adoption?.kind;
};

it("names devices in the order of their addresses, in whatever order they answered", () => {
  const found = [device(110, asks("x")), device(21, asks("x")), device(9, asks("x"))];
  expect(match([camera("front", PLAIN)], found).map(short)).toEqual([[[mac(9), mac(21), mac(110)], []]]);
});

describe("a single fitting device", () => {
  it("is proposed with what speaks for it", () => {
    const [adoption] = match([camera("front", DAHUA)], [device(77, asks("Login to 4F02A19PAK"), { endpoint: "urn:uuid:1" })]);
    expect(adoption).toEqual({
      kind: "proposed",
      camera: "front",
      device: { mac: mac(77), address: at(77), endpoint: "urn:uuid:1", says: ['realm "Login to 4F02A19PAK"'] },
      evidence: ["it is a Dahua, as the stream path is", "RTSP asks for a password on port 554", "it speaks ONVIF"],
    });
  });

  it("is told by the path where it answers that before it asks for a password", () => {
    const found = [device(1, { [PLAIN]: asks("x") }), device(2, { [REOLINK]: asks("x") }), device(3, OPEN, { answers: [] })];
    expect(match([camera("front", PLAIN)], found).map(short)).toEqual([mac(1)]);
  });

  it("is told by the port", () => {
    const answers = [{ port: 8554, path: PLAIN, greeting: OPEN }];
    expect(match([camera("front", PLAIN, 8554)], [device(1, OPEN), device(2, OPEN, { answers })]).map(short)).toEqual([mac(2)]);
  });

  it("of several that fit is the one that Home Assistant calls as the camera, unless it is called as two", () => {
    const found = [device(1, asks("x"), { called: "Back-Yard" }), device(2, asks("x"), { called: "Front Door" }), device(3, asks("x"))];
    const cameras = [camera("front_door", PLAIN), camera("backyard", PLAIN), camera("side", PLAIN)];
    const matched = match(cameras, found);
    expect(matched.map(short)).toEqual([mac(2), mac(1), mac(3)]);
    expect(matched[0]).toMatchObject({
      device: { says: ['realm "x"', 'called "Front Door" in Home Assistant'] },
      evidence: ["Home Assistant calls it Front Door", "RTSP asks for a password on port 554"],
    });
    expect(match([camera("front_door", PLAIN), { ...camera("x", PLAIN), title: "Front door" }], found.slice(1)).map(short)).toEqual([
      [[mac(2), mac(3)], ["x"]],
      [[mac(2), mac(3)], ["front_door"]],
    ]);
    const twice = [device(1, asks("x"), { called: "front" }), device(2, asks("x"), { called: "front" })];
    expect(match([camera("front", PLAIN)], twice).map(short)).toEqual([[[mac(1), mac(2)], []]]);
    expect(match([camera("front", REOLINK)], [device(1, asks("Login to 4F02A19PAK"), { called: "front" })]).map(short)).toEqual(["none"]);
    expect(match([camera("--", PLAIN)], [device(1, asks("x"), { called: "." }), device(2, asks("x"))]).map(short)).toEqual([
      [[mac(1), mac(2)], []],
    ]);
  });

  it("is what is left when makers told the others apart", () => {
    const found = [device(1, asks("Login to 4F02A19PAK")), device(2, asks("BC Streaming Media")), device(3, asks("IPCAM"))];
    const cameras = [camera("any", PLAIN), camera("gate", REOLINK), camera("front", DAHUA)];
    expect(match(cameras, found).map(short)).toEqual([mac(3), mac(2), mac(1)]);
  });

  it("counts once though it is at two addresses, and is a proxy at three", () => {
    const [one, two, three] = [7, 8, 9].map((host) => device(5, asks("x"), { address: at(host) }));
    if (one === undefined || two === undefined || three === undefined) throw new Error("none");
    expect(match([camera("front", PLAIN)], [one, two]).map(short)).toEqual([mac(5)]);
    expect(match([camera("front", PLAIN)], [one, two, three]).map(short)).toEqual(["none"]);
  });
});

describe("what cannot be told apart", () => {
  const twins = [device(1, asks("IP Camera(C6F0)")), device(2, asks("IP Camera(C6F1)"))];

  it("is two devices of one model", () => {
    expect(match([camera("front", HIKVISION)], twins).map(short)).toEqual([[[mac(1), mac(2)], []]]);
  });

  it("is two cameras of one model, though one device fits", () => {
    const cameras = [camera("front", HIKVISION), camera("garden", HIKVISION)];
    expect(match(cameras, twins.slice(0, 1)).map(short)).toEqual([
      [[mac(1)], ["garden"]],
      [[mac(1)], ["front"]],
    ]);
  });

  it("is two and two", () => {
    const cameras = [camera("front", HIKVISION), camera("garden", HIKVISION)];
    expect(match(cameras, twins).map(short)).toEqual([
      [[mac(1), mac(2)], ["garden"]],
      [[mac(1), mac(2)], ["front"]],
    ]);
  });

  it("keeps devices that surely fit another camera from a third one", () => {
    const cameras = [camera("front", HIKVISION), camera("garden", HIKVISION), camera("any", PLAIN)];
    expect(match(cameras, [...twins, device(3, asks("?"))]).map(short)[2]).toEqual(mac(3));
    expect(match(cameras, twins).map(short)[2]).toBe("none");
  });

  it("is a device of a known maker and one that does not say, where the path is nobody's", () => {
    expect(match([camera("front", PLAIN)], [...twins.slice(0, 1), device(3, asks("?"))]).map(short)).toEqual([[[mac(1), mac(3)], []]]);
  });
});

describe("nothing is proposed", () => {
  const cameras = [camera("front", DAHUA)];
  const good = device(77, asks("Login to 4F02A19PAK"), { endpoint: "urn:uuid:ab" });

  it.each<[string, FoundDevice, Partial<Claims>]>([
    ["a gateway", { ...good, gateway: true }, {}],
    ["a MAC that is another camera's", good, { identities: [{ macs: [mac(77)] }] }],
    ["an endpoint that is another camera's", good, { identities: [{ macs: [], endpoint: "urn:uuid:AB" }] }],
    ["an address that is another camera's", good, { addresses: new Set([at(77)]) }],
    ["another maker's device", device(77, asks("BC Streaming Media")), {}],
    ["another maker's device by its hardware", device(77, asks(), { sayings: ["DS-2CD2042"] }), {}],
    ["a server that does not know the path", device(77, MISSING), {}],
    ["a server that answers 454", device(77, { kind: "refused", status: 454 }), {}],
    ["what is no RTSP", device(77, { kind: "not-rtsp" }), {}],
    ["what gives no answer", device(77, { kind: "no-answer" }), {}],
  ])("for %s", (_what, found, claims) => {
    expect(match(cameras, [found], claims).map(short)).toEqual(["none"]);
  });

  it("and why is said, of those only that have the port open", () => {
    const found = [device(1, asks("BC Streaming Media")), device(2, asks(), { answers: [] })];
    const [adoption] = match(cameras, found);
    expect(adoption).toMatchObject({
      kind: "none",
      near: [{ device: { mac: mac(1) }, why: "it is a Reolink, and the stream path is Dahua's" }],
    });
  });
});

describe("makers", () => {
  it.each([
    [DAHUA, "Dahua"],
    ["//cam/realmonitor", "Dahua"],
    ["/ISAPI/Streaming/channels/101", "Hikvision"],
    ["/h264/ch1/main/av_stream", "Hikvision"],
    ["/Preview_01_sub", "Reolink"],
    ["/axis-media/media.amp?videocodec=h264", "Axis"],
    ["/profile2/media.smp", "Hanwha"],
    ["/unicast/c1/s0/live", "Uniview"],
    ["/stream1", undefined],
    ["/live/cam/realmonitor", undefined],
  ])("of the path %s: %s", (path, maker) => expect(makerOfPath(path)).toBe(maker));

  it.each([
    [["Login to 4K049EBPAG1D7E7"], "Dahua"],
    [["IP Camera(C2183)"], "Hikvision"],
    [["BC Streaming Media", "RLC-810A Reolink"], "Reolink"],
    [["TP-LINK Streaming Media"], "TP-Link"],
    [["AXIS_00408CEF081C"], "Axis"],
    [["Login to use!"], undefined],
    [["IP Camera"], undefined],
    [["BC Streaming Media", "AXIS_00408CEF081C"], undefined],
    [[], undefined],
  ])("of %j: %s", (sayings, maker) => expect(makerOfSayings(sayings)).toBe(maker));

  it("contradict a path only where both are known and differ", () => {
    expect(contradictsPath(DAHUA, asks("BC Streaming Media"))).toBe("the device there is a Reolink, and the stream path is Dahua's");
    expect(contradictsPath(DAHUA, asks("Login to 4K049EBPAG1D7E7"))).toBeUndefined();
    expect(contradictsPath(PLAIN, asks("BC Streaming Media"))).toBeUndefined();
    expect(contradictsPath(DAHUA, asks("IPCAM"))).toBeUndefined();
    expect(contradictsPath(DAHUA, OPEN)).toBeUndefined();
  });
});

describe("the words", () => {
  const words = (cameras: readonly Unlearned[], found: readonly FoundDevice[]): string[] =>
    match(cameras, found).map((adoption) => adoptionWords(adoption, (id) => `the ${id}`));

  it("of a proposal name the device and why", () => {
    expect(words([camera("front", DAHUA)], [device(77, asks("Login to 4F02A19PAK"))])).toEqual([
      'the front is probably 0c:79:55:00:00:4d at 192.168.1.77 (realm "Login to 4F02A19PAK"): the only device that fits: it is a Dahua, as the stream path is, RTSP asks for a password on port 554',
    ]);
  });

  it("of twins name each, and how to tell them apart", () => {
    const [text] = words([camera("front", HIKVISION), camera("garden", HIKVISION)], [device(1, asks("IP Camera(C6F0)")), device(2, OPEN)]);
    expect(text).toBe(
      'one device fits the front, and the garden as well: 0c:79:55:00:00:01 at 192.168.1.1 (realm "IP Camera(C6F0)"). Compare the MAC addresses with the stickers on the cameras, or unplug one and see which address is gone',
    );
  });

  it("of nothing say what was looked at", () => {
    expect(words([camera("front", DAHUA)], [])).toEqual([
      "no camera that is not known yet answers on this network: is the front switched on, and on this network?",
    ]);
    expect(words([camera("front", DAHUA)], [device(1, MISSING)])).toEqual([
      "no device fits the front. Looked at: 0c:79:55:00:00:01 at 192.168.1.1: RTSP does not know the stream path (404) on port 554",
    ]);
  });
});
