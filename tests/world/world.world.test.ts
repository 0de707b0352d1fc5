import { createSocket } from "node:dgram";
import { join } from "node:path";
import { describe, expect, test as base } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import { startCamera, swap, type Camera } from "./camera.ts";
import { captureDhcp, type DhcpCapture } from "./capture.ts";
import { reads } from "./decoding.ts";
import { startGo2rtc, type Go2rtc } from "./go2rtc.ts";
import { givenAway, startImpostor } from "./impostor.ts";
import { startLan, type Lan } from "./lan.ts";
import { oracle, takesConnections } from "./oracle.ts";
import { run } from "./programs.ts";
import { firstVideoPacket, RtspRefused } from "./rtsp-client.ts";
import { epochMilliseconds, eventually, pause } from "./waiting.ts";
import { frigateLikeWatcher, mseViewer } from "./watchers.ts";
import { duplicateAddress, slowArp } from "./wire-faults.ts";

const macs = {
  front: "0c:79:55:4b:d4:2a" as MacAddress,
  garden: "0c:79:55:4b:d4:2b" as MacAddress,
  garage: "ec:71:db:11:02:7e" as MacAddress,
  porch: "9c:8e:cd:30:5a:91" as MacAddress,
  stranger: "a4:14:37:00:00:07" as MacAddress,
};

/** The MAC addresses that answer for an address, asked on the wire from the home box; waits up to `seconds`. */
async function whoHas(address: IpAddress, seconds = 1): Promise<{ macs: string[]; firstMs: number | undefined }> {
  const begun = performance.now();
  const args = ["-b", "-c", "2", "-w", String(seconds), "-I", "eth0", address];
  const output = await run("arping", args).catch((error: unknown) =>
    error instanceof Error && "stdout" in error ? String(error.stdout) : "",
  );
  const replies = [...output.matchAll(/\[([0-9A-F:]{17})\]\s+([\d.]+)ms/g)];
  const first = replies[0]?.[2];
  expect(performance.now() - begun).toBeLessThan(30_000);
  return {
    macs: [...new Set(replies.map((match) => (match[1] ?? "").toLowerCase()))].toSorted(),
    firstMs: first === undefined ? undefined : Number(first),
  };
}

async function soap(address: IpAddress, operation: string): Promise<{ status: number; text: string }> {
  const body =
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>' +
    `<${operation} xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>`;
  const headers = { "Content-Type": "application/soap+xml; charset=utf-8" };
  const response = await fetch(`http://${address}:8000/onvif/device_service`, {
    method: "POST",
    body,
    headers,
    signal: AbortSignal.timeout(5_000),
  });
  return { status: response.status, text: await response.text() };
}

/** Asks by WS-Discovery; the endpoint references of those that answer within 2 s, by their address. */
async function probe(own: IpAddress): Promise<Map<string, string>> {
  const socket = createSocket("udp4");
  const found = new Map<string, string>();
  socket.on("message", (message, from) => {
    found.set(from.address, /<(?:\w+:)?EndpointReference>\s*<(?:\w+:)?Address>([^<]+)</.exec(message.toString())?.[1] ?? "");
  });
  await new Promise<void>((resolve) => socket.bind(0, own, resolve));
  socket.setMulticastInterface(own);
  const message =
    '<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" ' +
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header>' +
    `<w:MessageID>uuid:${crypto.randomUUID()}</w:MessageID><w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>` +
    "<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>" +
    "<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>";
  socket.send(message, 3702, "239.255.255.250");
  await pause(2_000);
  socket.close();
  return found;
}

interface Household {
  readonly lan: Lan;
  readonly capture: DhcpCapture;
  readonly front: Camera;
  readonly garden: Camera;
  readonly go2rtc: Go2rtc;
}

const test = base.extend<{ household: Household }>({
  household: [
    // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures that are needed from this pattern
    async ({}, use) => {
      await using lan = await startLan();
      await using capture = await captureDhcp(lan.router.host.namespace);
      const twin = { realm: "IP Camera(C6F0)", password: "canary-twins" };
      await using front = await startCamera(lan, { name: "front", mac: macs.front, address: lan.at(20), ...twin });
      await using garden = await startCamera(lan, { name: "garden", mac: macs.garden, address: lan.at(21), discovery: true, ...twin });
      const streams = { front: [front.url()], garden: [garden.url()] };
      await using go2rtc = await startGo2rtc({ file: join(lan.folder, "go2rtc.yaml"), streams });
      await use({ lan, capture, front, garden, go2rtc });
    },
    { scope: "file" },
  ],
});

describe("addresses", () => {
  test("a camera has the address that the router assigned to its MAC address", async ({ household: { lan, front } }) => {
    expect(front.address).toBe("192.168.50.20");
    expect(lan.router.events).toContainEqual(expect.objectContaining({ kind: "ACK", address: "192.168.50.20", mac: macs.front }));
    expect((await whoHas(lan.at(20))).macs).toEqual([macs.front]);
  });

  test("a move by DHCP takes seconds, is seen in the capture, and leaves nobody at the old address", async ({
    household: { lan, capture, front },
  }) => {
    const move = await front.moveByDhcp(lan.at(77));
    const seen = await capture.acknowledgedAfter(macs.front, move.leftAt);
    expect(seen.address).toBe("192.168.50.77");
    expect(seen.requestAt).toBeGreaterThan(move.leftAt);
    expect(move.arrivedAt).toBeGreaterThan(seen.requestAt);
    expect(move.arrivedAt - move.leftAt).toBeLessThan(3_000);
    expect((await whoHas(lan.at(77))).macs).toEqual([macs.front]);
    expect((await whoHas(lan.at(20))).macs).toEqual([]);
    expect(await takesConnections(lan.at(77), 554)).toBe(true);
  });

  test("a move with RELEASE says so, one without does not", async ({ household: { lan, front } }) => {
    const released = (): number => lan.router.events.filter((event) => event.kind === "RELEASE").length;
    const before = released();
    await front.moveByDhcp(lan.at(78));
    expect(released()).toBe(before);
    await front.moveByDhcp(lan.at(79), { release: true });
    expect(released()).toBe(before + 1);
  });

  test("a silent move sends no DHCP packet", async ({ household: { lan, front } }) => {
    const before = lan.router.events.length;
    await front.moveSilently(lan.at(80));
    expect((await whoHas(lan.at(80))).macs).toEqual([macs.front]);
    expect(lan.router.events.length).toBe(before);
    await front.moveByDhcp(lan.at(20));
  });

  test("twins that swap have each other's address, by DHCP and silently", async ({ household: { lan, front, garden } }) => {
    await swap(lan, front, garden);
    expect([front.address, garden.address]).toEqual(["192.168.50.21", "192.168.50.20"]);
    expect((await whoHas(lan.at(21))).macs).toEqual([macs.front]);
    await swap(lan, front, garden, "silently");
    expect((await whoHas(lan.at(20))).macs).toEqual([macs.front]);
    expect((await whoHas(lan.at(21))).macs).toEqual([macs.garden]);
  });

  test("a camera without power answers nobody, and comes back where the router wants it", async ({ household: { lan, front, garden } }) => {
    await garden.powerOff();
    expect((await whoHas(lan.at(21))).macs).toEqual([]);
    await lan.router.restart([
      [macs.front, lan.at(20)],
      [macs.garden, lan.at(30)],
    ]);
    const back = await garden.powerOn();
    expect(back.to).toBe("192.168.50.30");
    await garden.moveByDhcp(lan.at(21));
    await front.moveByDhcp(lan.at(20));
  });
});

describe("faults of the wire", () => {
  test("a proxying router answers for everybody", async ({ household: { lan } }) => {
    await lan.router.proxyArp(true);
    expect((await whoHas(lan.at(200))).macs).toEqual([lan.router.host.mac]);
    expect((await whoHas(lan.at(20))).macs).toContain(lan.router.host.mac);
    await lan.router.proxyArp(false);
    expect((await whoHas(lan.at(200))).macs).toEqual([]);
  });

  test("ARP answers come late, or never", async ({ household: { lan, front } }) => {
    {
      await using slow = await slowArp(front.host, 300, 0);
      const late = await whoHas(lan.at(20), 2);
      expect(slow).toBeDefined();
      expect(late.macs).toEqual([macs.front]);
      expect(late.firstMs).toBeGreaterThan(290);
    }
    {
      await using lost = await slowArp(front.host, 0, 1);
      expect(lost).toBeDefined();
      expect((await whoHas(lan.at(20))).macs).toEqual([]);
    }
    expect((await whoHas(lan.at(20))).macs).toEqual([macs.front]);
  });

  test("two hosts with one address both answer", async ({ household: { lan } }) => {
    await using other = await duplicateAddress(lan, "twice", macs.stranger, lan.at(20));
    expect((await whoHas(lan.at(20))).macs).toEqual([macs.front, other.mac]);
  });
});

describe("streams", () => {
  test("FFmpeg and a browser's player decode a Digest stream through go2rtc; frozen video stops them while RTCP flows", async ({
    household: { front, go2rtc },
  }) => {
    await using frigate = frigateLikeWatcher(go2rtc.streamUrl("front"));
    await using browser = mseViewer(go2rtc, "front");
    await frigate.reads.decodesAgain(0, 30_000);
    await browser.reads.decodesAgain(0, 10_000);
    expect(front.offers().at(-1)?.offered).toMatch(/^Digest username="viewer", realm="IP Camera\(C6F0\)"/);

    const receivedBytes = async (): Promise<number> => {
      const producer = (await go2rtc.streams())["front"]?.producers?.[0];
      return (producer as { bytes_recv?: number } | undefined)?.bytes_recv ?? 0;
    };
    const packets = async (): Promise<number> => (await go2rtc.streams())["front"]?.producers?.[0]?.receivers?.[0]?.packets ?? 0;
    await front.set({ frozen: true });
    await pause(500);
    const [bytes, count, shown] = [await receivedBytes(), await packets(), browser.reads.count()];
    await pause(3_000);
    expect(await packets()).toBe(count);
    expect(browser.reads.count()).toBe(shown);
    expect(await receivedBytes()).toBeGreaterThan(bytes);
    const thawed = epochMilliseconds();
    await front.set({ frozen: false });
    await browser.reads.decodesAgain(thawed, 10_000);
  });

  test("every fault of an RTSP server shows to a client", async ({ household: { front } }) => {
    const refusal = (url: string): Promise<unknown> => firstVideoPacket(url, 1_000).catch((error: unknown) => error);
    await firstVideoPacket(front.url());
    expect(await refusal(front.url().replace("canary-twins", "canary-wrong"))).toEqual(new RtspRefused(401, "DESCRIBE"));
    expect(await refusal(front.url(undefined, "/other"))).toEqual(new RtspRefused(404, "DESCRIBE"));
    await firstVideoPacket(front.url(undefined, "//main"));
    await front.set({ notFound: true });
    expect(await refusal(front.url())).toEqual(new RtspRefused(404, "DESCRIBE"));
    await front.set({ notFound: false, realm: "Another Realm" });
    await firstVideoPacket(front.url());
    expect(front.offers().at(-1)?.offered).toContain('realm="Another Realm"');
    await front.set({ realm: front.realm, auth: "basic" });
    await firstVideoPacket(front.url());
    expect(front.offers().at(-1)?.offered).toMatch(/^Basic /);
    await front.set({ auth: "basic+digest" });
    await firstVideoPacket(front.url());
    expect(front.offers().at(-1)?.offered).toMatch(/^Digest /);
    await front.set({ auth: "digest", answerDelay: 200 });
    const begun = performance.now();
    await firstVideoPacket(front.url());
    expect(performance.now() - begun).toBeGreaterThan(800);
    await front.set({ answerDelay: 0, silent: true });
    expect(await refusal(front.url())).toMatchObject({ message: "aborted" });
    await front.set({ silent: false, refuse: true });
    expect(await refusal(front.url())).toMatchObject({ code: "ECONNREFUSED" });
    await front.set({ refuse: false });
    await firstVideoPacket(front.url());
  });

  test("an impostor keeps what go2rtc offers it: the password by Basic, a hash by Digest", async ({
    household: { lan, garden, go2rtc },
  }) => {
    await garden.powerOff();
    const offered = async (auth: "basic" | "digest"): Promise<ReturnType<typeof givenAway>> => {
      await using impostor = await startImpostor(lan, { name: "stranger", mac: macs.stranger, address: lan.at(21), auth });
      await firstVideoPacket(go2rtc.streamUrl("garden"), 3_000).catch(() => undefined);
      return impostor.offers().map(givenAway).at(-1);
    };
    expect(await offered("basic")).toEqual({ kind: "password", text: "viewer:canary-twins" });
    const digest = await offered("digest");
    expect(digest?.kind).toBe("hash");
    expect(digest?.text).toMatch(/response="[0-9a-f]{32}"/);
    await garden.powerOn(lan.at(21));
    await lan.forgetNeighbours();
  });

  test("an oracle heals a move: the bound for every healer here", async ({ household: { lan, capture, front, go2rtc } }) => {
    const figures = await oracle({ go2rtc, capture }, front, lan.at(60));
    expect(figures.frames).toBeGreaterThan(figures.told - 1_000);
    process.stdout.write(
      `oracle, after the DHCPREQUEST: RTSP answers ${figures.answers.toFixed(0)} ms, go2rtc told ${figures.told.toFixed(0)} ms, ` +
        `new client's first packet ${figures.frames.toFixed(0)} ms\n`,
    );
  });
});

describe("identity", () => {
  test("our ONVIF responder tells its endpoint without a password and nothing else", async ({ household: { lan, garden } }) => {
    const known = await soap(lan.at(21), "GetEndpointReference");
    expect(known).toMatchObject({ status: 200 });
    expect(known.text).toContain(garden.endpoint);
    expect((await soap(lan.at(21), "GetSystemDateAndTime")).text).toContain("UTCDateTime");
    expect((await soap(lan.at(21), "GetServices")).text).toContain("http://192.168.50.21:8000/onvif/device_service");
    expect((await soap(lan.at(21), "GetDeviceInformation")).text).toContain("NotAuthorized");
  });

  test("it answers WS-Discovery, at a new address too", async ({ household: { lan, garden } }) => {
    expect((await probe(lan.home.address)).get("192.168.50.21")).toBe(garden.endpoint);
    await garden.moveByDhcp(lan.at(22));
    expect((await probe(lan.home.address)).get("192.168.50.22")).toBe(garden.endpoint);
    await garden.moveByDhcp(lan.at(21));
  });
});

describe("foreign cameras", () => {
  test("GStreamer's RTSP server speaks Digest and survives moves", async ({ household: { lan } }) => {
    await using garage = await startCamera(lan, {
      name: "garage",
      mac: macs.garage,
      address: lan.at(23),
      server: "gstreamer",
    });
    await firstVideoPacket(garage.url(), 10_000);
    expect(await firstVideoPacket(garage.url().replace(garage.password, "canary-wrong")).catch((error: unknown) => error)).toEqual(
      new RtspRefused(401, "DESCRIBE"),
    );
    expect((await soap(lan.at(23), "GetEndpointReference")).text).toContain(garage.endpoint);
    await garage.moveByDhcp(lan.at(24));
    await firstVideoPacket(garage.url(), 10_000);
    expect(garage.requests.map((request) => request.method)).toContain("PLAY");
  });

  test("the foreign ONVIF device is found by WS-Discovery, with the same endpoint after a move", async ({ household: { lan } }) => {
    await using porch = await startCamera(lan, {
      name: "porch",
      mac: macs.porch,
      address: lan.at(25),
      onvif: "crate",
    });
    const uuid = porch.endpoint.replace("urn:uuid:", "");
    await eventually("its port", () => takesConnections(lan.at(25), 8000), 5_000, 50);
    expect((await probe(lan.home.address)).get("192.168.50.25")).toContain(uuid);
    expect((await soap(lan.at(25), "GetSystemDateAndTime")).status).toBe(200);
    await porch.moveByDhcp(lan.at(26));
    await eventually("its port", () => takesConnections(lan.at(26), 8000), 5_000, 50);
    expect((await probe(lan.home.address)).get("192.168.50.26")).toContain(uuid);
  });
});

describe("the measure of decoding", () => {
  test("stray frames are no video, a steady run is", () => {
    const stray = reads();
    for (let at = 0; at < 100_000; at += 10_000) stray.note(at);
    expect(stray.runAfter(0)).toBeUndefined();
    const burst = reads();
    for (let at = 0; at < 1_000; at += 50) burst.note(at);
    expect(burst.runAfter(0)).toBeUndefined();
    const steady = reads();
    for (let at = 0; at < 3_000; at += 100) steady.note(at);
    expect(steady.runAfter(250)).toEqual({ resumedAt: 300, confirmedAt: 1_800 });
  });
});
