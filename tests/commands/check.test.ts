import { describe, expect, it } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { namedCameras } from "../../src/domain/host-pins.ts";
import { readArpScan, readIproute2 } from "../../src/adapters/system/programs.ts";
import { parseNetwork } from "../../src/domain/addresses.ts";
import { after, type Instant, minutes, seconds } from "../../src/domain/duration.ts";
import { checkExitCode, checkLine, type CheckItem, type CheckProducer, gatherChecks, renderCheck } from "../../src/commands/check.ts";
import { type CameraMemory, checkCameras } from "../../src/commands/check-cameras.ts";
import { checkDocuments, checkNames, checkOptions, checkServers } from "../../src/commands/check-home.ts";
import { checkUse } from "../../src/commands/check-use.ts";
import { checkDataFolder, checkInterfaces, checkLayers, checkNode, checkProgram } from "../../src/commands/check-machine.ts";
import { type ConfigTarget, type Revision, TargetError, type TargetName } from "../../src/ports/config-target.ts";
import type { DeviceRecord } from "../../src/ports/registry.ts";
import { LayerUnavailable, type SightingSource } from "../../src/ports/sightings.ts";
import { StreamServerError } from "../../src/ports/stream-server.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeProcesses } from "../fakes/fake-processes.ts";
import { devicesOf, format, HOME } from "./homes.ts";
import { EVENING, ip, mac } from "./notices.ts";

const { signal } = new AbortController();
const plain = { colour: false };

const gather = (...producers: readonly CheckProducer[]) => gatherChecks(producers, new FakeClock(EVENING), signal);

function target(name: string, text: string | TargetError, mayWrite?: TargetError): ConfigTarget {
  return {
    name: name as TargetName,
    place: `/config/${name}.yml`,
    format,
    read: () => (typeof text === "string" ? Promise.resolve({ text, revision: "1" as Revision }) : Promise.reject(text)),
    write: () => Promise.reject(new Error("check writes nothing")),
    checkWritable: () => (mayWrite === undefined ? Promise.resolve() : Promise.reject(mayWrite)),
  };
}

function layer(name: SightingSource["layer"], watch: SightingSource["watch"]): SightingSource {
  return { layer: name, watch };
}

const nothingToTell = () => Promise.resolve(undefined);
const working: SightingSource["watch"] = (_, onReady, stop) =>
  new Promise((resolve) => {
    stop.addEventListener("abort", () => resolve());
    onReady();
  });

function aborted(stop: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    stop.addEventListener("abort", () => reject(stop.reason));
  });
}

const record: DeviceRecord = {
  id: devicesOf(HOME)[0]?.id ?? ("none" as DeviceRecord["id"]),
  owners: [],
  identity: { macs: [mac("0c:79:55:4b:d4:2a")], endpoint: "urn:uuid:0c79554b", realm: "IP Camera" },
  address: ip("192.168.1.50"),
  verifiedAt: EVENING,
  history: [],
  switches: [],
};

const memory = (device: CameraMemory["device"], fact?: string, kind = "second-mac"): CameraMemory => ({
  device,
  consents: { fact: (name) => (name.startsWith(`${kind} `) ? fact : undefined), holds: () => [] },
});

describe("names of cameras in the options", () => {
  const readings = [format.read(HOME)];
  const [known = ""] = readings.flatMap(({ cameras }) => cameras.map(({ name }) => String(name)));
  const found = async (options: Parameters<typeof checkNames>[0], documents = readings) =>
    (await gather(checkNames(options, documents))).map(({ state, found: words }) => [state, words]);

  it("that no document has are told, with the nearest that one has", async () => {
    const mistyped = `${known}t`;
    const told = ["act", `no camera is called ${mistyped}; did you mean ${known}?`];
    expect(await found({ cameras: [{ id: mistyped }, { id: known }], files: [{ camera: mistyped }, { camera: known }] })).toEqual([
      told,
      told,
    ]);
  });

  it("are the camera's own where its address or stream is given there", async () => {
    expect(await found({ cameras: [{ id: "shed", address: "192.168.1.9" }], files: [{ camera: "shed" }] })).toEqual([]);
  });

  it("are not judged while a document cannot be read", async () => {
    expect(await found({ cameras: [{ id: "shed" }], files: [] }, [])).toEqual([]);
  });
});

describe("the table", () => {
  it("of a home with everything in it reads like this", async () => {
    const processes = new FakeProcesses();
    processes.script("ip", { lines: ["ip utility, iproute2-6.1.0, libbpf 1.1.2"] });
    processes.script("arp-scan", ({ args }) =>
      args[0] === "--version"
        ? { lines: ["arp-scan 1.10.0"] }
        : { stderr: "pcap_activate: lo: You don't have permission to perform this capture on that device", exitCode: 1 },
    );
    const network = parseNetwork("192.168.1.0/24");
    if (network === undefined) throw new Error("no network");
    const base = { mac: mac("14:ea:63:a9:04:08"), address: ip("192.168.1.10"), network };
    const items = await gather(
      checkNode("24.21.0"),
      checkOptions("/etc/camera-shepherd.yaml", ["portal.url", "portal.site", "cameras[0].power"]),
      checkDataFolder("/data", () => Promise.resolve("writable, database of 3 cameras")),
      checkProgram("iproute2", "Install iproute2.", "address changes are noticed later", (stop) => readIproute2(processes, stop)),
      checkProgram("arp-scan", "Install arp-scan.", "networks larger than a /22 are not searched", (stop) => readArpScan(processes, stop)),
      checkLayers(
        [
          layer("dhcp", working),
          layer("neighbours", () => Promise.reject(new LayerUnavailable("neighbours", "no permission for netlink", minutes(1)))),
        ],
        new FakeClock(),
        nothingToTell,
      ),
      checkInterfaces(
        {
          interfaces: () =>
            Promise.resolve([
              { ...base, name: "eth0" },
              { ...base, name: "docker0", avoid: "a container bridge" },
            ]),
        },
        [],
      ),
      checkDocuments([
        target("frigate", HOME),
        target("broken", "cameras: [\n"),
        target("closed", HOME.slice(0, HOME.indexOf("  gate:")), new TargetError("DocumentForbidden", "permission denied")),
        target("absent", new TargetError("DocumentMissing", "/config/absent.yml is not there")),
      ]),
      checkServers([
        {
          name: "go2rtc",
          place: "http://127.0.0.1:1984",
          way: { why: "named under go2rtc", isByFrigate: false },
          info: () => Promise.resolve({ version: "1.9.14", rtspPort: 8554 }),
        },
        {
          name: "far",
          place: "http://10.0.0.9:1984",
          info: () => Promise.reject(new StreamServerError("ServerUnreachable", "connection refused")),
        },
        {
          name: "shut",
          place: "http://10.0.0.8:1984",
          info: () => Promise.reject(new StreamServerError("ServerRefusesLogin", "401 Unauthorized")),
        },
      ]),
      checkCameras(
        devicesOf(HOME),
        memory((id) => (id === record.id ? record : undefined)),
        after(EVENING, minutes(5)),
        () => Promise.resolve({ layers: ["dhcp", "neighbours", "ws_discovery"], networks: [{ name: "eth0", network }] }),
      ),
    );
    const table = renderCheck(items, plain);
    await expect(table).toMatchFileSnapshot("../golden/output/check.txt");
    expect(table).not.toContain("canary");
    expect(checkExitCode(items)).toBe(2);
    expect(JSON.parse(checkLine(items))).toMatchObject({
      exitCode: 2,
      items: expect.arrayContaining([{ part: "Node.js", state: "ok", found: "24.21.0" }]),
    });
  });

  it("ends with one sentence and the code that fits it", () => {
    const item = (state: CheckItem["state"]): CheckItem => ({ part: "x", state, found: "y" });
    const outcome = (...states: CheckItem["state"][]) => [
      checkExitCode(states.map(item)),
      renderCheck(states.map(item), plain).trimEnd().split("\n").at(-1),
    ];
    expect(outcome("ok", "info")).toEqual([0, "Every part is in order. Cameras were not asked."]);
    expect(outcome("ok", "less")).toEqual([0, "Every part is in order. 1 part could be better. Cameras were not asked."]);
    expect(outcome("absent", "less", "less")).toEqual([1, "1 part is absent for now. 2 parts could be better."]);
    expect(outcome("act", "absent", "act")).toEqual([2, "2 parts need a person."]);
  });

  it("masks what a part says and lets no control character through", () => {
    expect(renderCheck([{ part: "a\u001B", state: "ok", found: "rtsp://viewer:canary@10.0.0.1\u0007" }], plain)).toMatch(
      /^ok {6}a\? {2}rtsp:\/\/\*\*\*@10\.0\.0\.1\?/,
    );
  });
});

describe("how a change comes into use", () => {
  const withFacts = (examine: NonNullable<ConfigTarget["examine"]>): ConfigTarget => ({ ...target("frigate", HOME), examine });

  it("is said with what to do; of a document that has nothing of the kind nothing is", async () => {
    const examined = withFacts(() =>
      Promise.resolve([
        { state: "ok", found: "pull requests can be opened" },
        { state: "act", found: "the Receiver refuses the signature", reason: "PipelineRefused" },
      ]),
    );
    expect(await gather(...checkUse([examined, target("other", HOME)]))).toEqual([
      { part: "document frigate", state: "ok", found: "pull requests can be opened" },
      {
        part: "document frigate",
        state: "act",
        found: "the Receiver refuses the signature",
        nextStep: "Correct the token, or allow the named verb on the named object.",
      },
    ]);
  });

  it("hides nothing of the document where it does not answer, and says nothing again that the document's line says", async () => {
    const clock = new FakeClock();
    const silent = withFacts((stop) => clock.wait("silence", minutes(5), stop).then(() => []));
    const gathering = gatherChecks([checkDocuments([silent]), ...checkUse([silent])], clock, signal);
    await clock.advance(minutes(1));
    expect(await gathering).toMatchObject([
      { part: "document frigate", state: "ok" },
      { part: "document frigate", state: "info" },
      { part: "document frigate", state: "absent", found: "no answer within 10 s" },
    ]);
    const broken = withFacts(() => Promise.reject(new TargetError("GitUnreachable", "not there")));
    expect(await gather(...checkUse([broken]))).toEqual([]);
  });
});

describe("gathering", () => {
  it("gives each part ten seconds, and the others go on", async () => {
    const clock = new FakeClock();
    const never: CheckProducer = {
      part: "slow",
      gather: (stop) => aborted(stop),
    };
    const failing: CheckProducer = { part: "failing", gather: () => Promise.reject(new Error("http://viewer:canary@10.0.0.1 is odd")) };
    const gathering = gatherChecks([never, failing, checkNode("22.1.0")], clock, signal);
    await clock.advance(seconds(10));
    expect(await gathering).toEqual([
      { part: "slow", state: "absent", found: "no answer within 10 s" },
      { part: "failing", state: "absent", found: "http://***@10.0.0.1 is odd" },
      { part: "Node.js", state: "act", found: "22.1.0", nextStep: "Install Node.js 24 or newer." },
    ]);
  });

  it("stops when it is told to", async () => {
    await expect(
      gatherChecks(
        [{ part: "a", gather: (stop) => Promise.reject(stop.reason) }],
        new FakeClock(),
        AbortSignal.abort(new Error("stopped")),
      ),
    ).rejects.toThrow("stopped");
  });
});

describe("parts", () => {
  it("programs: missing, another one, or all right", async () => {
    const processes = new FakeProcesses();
    expect(await readIproute2(processes, signal)).toEqual({ kind: "missing" });
    expect(await readArpScan(processes, signal)).toEqual({ kind: "missing" });
    processes.script("ip", { stderr: "ip: invalid option -- 'V'\nBusyBox v1.35.0", exitCode: 1 });
    expect(await readIproute2(processes, signal)).toEqual({ kind: "other", what: "BusyBox's ip, or an unknown one" });
    processes.script("arp-scan", ({ args }) =>
      args[0] === "--version"
        ? { lines: ["arp-scan 1.10.0"] }
        : { stderr: "ERROR: Could not obtain MAC address for interface lo", exitCode: 1 },
    );
    expect(await readArpScan(processes, signal)).toEqual({ kind: "found", version: "1.10.0" });
    expect(await gather(checkProgram("arp-scan", "Install it.", "less", () => Promise.resolve({ kind: "missing" })))).toEqual([
      { part: "arp-scan", state: "less", found: "not installed: less", nextStep: "Install it." },
    ]);
  });

  it("a layer that never comes up is stopped after three seconds", async () => {
    const clock = new FakeClock();
    const silent: SightingSource["watch"] = (_, __, stop) => aborted(stop);
    const gathering = checkLayers([layer("dhcp", silent)], clock, nothingToTell).gather(signal);
    await clock.advance(seconds(3));
    expect(await gathering).toEqual([{ part: "noticing dhcp", state: "less", found: "DHCP requests: it did not start within 3 s" }]);
  });

  it("a data folder that cannot be written needs a person", async () => {
    expect(await gather(checkDataFolder("/data", () => Promise.reject(new Error("permission denied"))))).toMatchObject([
      { state: "act", found: "/data: permission denied" },
    ]);
  });

  it("a host name that is to be replaced is named with what becomes of it", async () => {
    const cameras = namedCameras([{ id: "gate", address: ip("192.168.1.60"), pin_host: true }]);
    const pinning = { ...target("frigate", HOME), format: frigateDocument({ environment: new Map(), cameras }) };
    const found = (await gather(checkDocuments([pinning]))).map((item) => item.found);
    expect(found).toContain("cameras.gate.ffmpeg.inputs[0].path: gate.lan gives way to its camera's address once that is proved");
    expect(found[0]).toMatch(/^Frigate's configuration \S+: \d+ cameras, .*; may be written$/);
  });

  it("interfaces: one that is named and absent, none at all", async () => {
    const none = { interfaces: () => Promise.resolve([]) };
    expect(await gather(checkInterfaces(none, ["eth9"]))).toMatchObject([{ part: "interface eth9", state: "act" }]);
    expect(await gather(checkInterfaces(none, []))).toMatchObject([{ part: "interfaces", state: "less" }]);
  });

  it("a document that was not found needs a person; none at all by the person's wish, no go2rtc and no camera do not", async () => {
    const unnamed = target("frigate", new TargetError("DocumentUnnamed", "none was found; looked in /config"));
    expect(await gather(checkDocuments([unnamed]))).toMatchObject([
      {
        state: "act",
        found: expect.stringContaining("none was found; looked in /config") as string,
        nextStep: expect.stringContaining("frigate.file") as string,
      },
    ]);
    expect(
      await gather(
        checkDocuments([]),
        checkServers([]),
        checkCameras(
          [],
          memory(() => undefined),
          EVENING,
        ),
      ),
    ).toMatchObject([{ state: "info" }, { state: "less" }, { state: "info" }]);
  });

  it("a camera on no network of this machine is noticed by nothing that sees MAC addresses alone", async () => {
    const [device] = devicesOf(HOME);
    if (device === undefined) throw new Error("no device");
    const { endpoint: _endpoint, ...identity } = record.identity;
    const known = (more: object) => memory(() => ({ ...record, identity: { ...identity, ...more } }));
    const layers = ["dhcp", "neighbours", "ws_discovery"] as const;
    const far = () => Promise.resolve({ layers, networks: [] });
    const items = await gather(
      checkCameras([device], known({}), EVENING, far),
      checkCameras([device], known({ endpoint: "urn:uuid:1" }), EVENING, far),
      checkCameras([device], known({ endpoint: "urn:uuid:1" }), EVENING, () => Promise.resolve({ layers: ["dhcp"], networks: [] })),
    );
    expect(items.map(({ state, found }) => [state, found.slice(found.indexOf("found again"))])).toEqual([
      ["less", "found again by its MAC address, but nothing here would notice it: 192.168.1.50 is on no network of this machine"],
      ["ok", "found again by its MAC address and ONVIF endpoint: ONVIF announcements"],
      [
        "less",
        "found again by its MAC address and ONVIF endpoint, but nothing here would notice it: 192.168.1.50 is on no network of this machine",
      ],
    ]);
    expect(items[0]?.nextStep).toContain("enable ONVIF");
  });

  it("a camera with a MAC address of its own making would not be found by it, and a refused password needs a person", async () => {
    const [device] = devicesOf(HOME);
    if (device === undefined) throw new Error("no device");
    const made: DeviceRecord = { ...record, identity: { macs: [mac("02:00:00:00:00:01")] } };
    const refused: DeviceRecord = { ...record, refusedLogin: { urlDigest: "x", address: ip("192.168.1.50"), at: EVENING } };
    const items = await gather(
      checkCameras(
        [device],
        memory(() => made),
        EVENING,
      ),
      checkCameras(
        [device],
        memory(() => refused),
        EVENING,
      ),
    );
    expect(items).toMatchObject([{ state: "absent", found: expect.stringContaining("would not be found again") }, { state: "act" }]);
    // It moved, and refuses where it is now; later it was proved again where it was.
    const elsewhere = { urlDigest: "x", address: ip("192.168.1.77"), at: EVENING };
    const moved = (verifiedAt: Instant) => memory(() => ({ ...record, verifiedAt, refusedLogin: elsewhere }));
    const places = await gather(
      checkCameras([device], moved(after(EVENING, minutes(-1))), EVENING),
      checkCameras([device], moved(after(EVENING, minutes(1))), after(EVENING, minutes(2))),
    );
    const words = expect.stringContaining("refused the password at 192.168.1.77 0 ms ago") as string;
    expect(places).toMatchObject([{ state: "act", found: words }, { state: "ok" }]);
  });

  it("a camera that was noticed with another MAC address waits for a person, until nothing is noticed any more", async () => {
    const [device] = devicesOf(HOME);
    if (device === undefined) throw new Error("no device");
    const words = "it says that it is front: camera-shepherd adopt front=0c:79:55:4b:d4:f0";
    const items = await gather(
      checkCameras(
        [device],
        memory(() => record, words),
        EVENING,
      ),
      checkCameras(
        [device],
        memory(() => record, ""),
        EVENING,
      ),
    );
    expect(items).toMatchObject([{ state: "ok" }, { state: "act", found: words }, { state: "ok" }]);
    const unproved = await gather(
      checkCameras(
        [device],
        memory(() => record, words, "unproved-address"),
        EVENING,
      ),
    );
    expect(unproved).toMatchObject([{ state: "ok" }, { state: "act", found: words }]);
    expect(checkExitCode(items)).toBe(2);
  });
});
