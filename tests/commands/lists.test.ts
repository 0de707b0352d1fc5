import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assert, describe, expect, it } from "vitest";
import { writeNewFile } from "../../src/adapters/file/new-file.ts";
import { readMacList } from "../../src/adapters/mac-lists/read-mac-list.ts";
import { formatReservations } from "../../src/adapters/reservations/formats.ts";
import { parseArguments } from "../../src/commands/arguments.ts";
import { runExport } from "../../src/commands/export-command.ts";
import { runImport } from "../../src/commands/import-command.ts";
import type { Program } from "../../src/commands/program.ts";
import { instant } from "../../src/domain/duration.ts";
import { at, BACK, FakeHome, FRONT, id, mac } from "../reconcilers/fake-home.ts";
import { FakeRunLock } from "../fakes/fake-run-lock.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const signal = new AbortController().signal;
const NEW = mac("0c:79:55:4b:d4:99");
const MADE_UP = mac("02:00:00:00:00:05");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function programOf(home: FakeHome): Program {
  const { engine, targets, servers, registry, status, search, clock } = home;
  const absent = (): Promise<never> => Promise.reject(new Error("not asked for"));
  const reservables = () =>
    registry
      .devices()
      .map(({ id: device, identity, address }) => ({ id: device, macs: identity.macs, ...(address === undefined ? {} : { address }) }));
  const others = {
    probeDataFolder: absent,
    readIproute2: absent,
    readArpScan: absent,
    prepareHttp: absent,
    prepareMqtt: absent,
    tryBroker: absent,
    changed: absent,
    close: () => undefined,
    connect: absent,
    keepFailedLogin: () => undefined,
  };
  return {
    engine,
    targets,
    servers,
    registry,
    status,
    search,
    clock,
    sources: [],
    hosted: undefined,
    runLock: new FakeRunLock(),
    frigates: [],
    ways: new Map(),
    reservables,
    formatReservations,
    readMacList,
    ...others,
  };
}

/** Runs a command line on the home; FILE holds the text. */
async function type(home: FakeHome, line: string, text = ""): Promise<Ended> {
  const [stdout, stderr]: string[][] = [[], []];
  const output = { print: (one: string) => void stdout?.push(one), complain: (one: string) => void stderr?.push(one) };
  const invocation = parseArguments(line.split(" "));
  const code =
    invocation.kind === "export"
      ? await runExport(programOf(home), invocation, { ...output, writeFile: writeNewFile }, signal)
      : invocation.kind === "import"
        ? await runImport(programOf(home), invocation, { colour: false }, { ...output, read: (path) => reading(path, text) }, signal)
        : assert.fail(JSON.stringify(invocation));
  return { code, stdout: stdout?.join("") ?? "", stderr: stderr?.join("") ?? "" };
}

async function reading(path: string, text: string) {
  return path === "absent" ? ({ kind: "missing" } as const) : ({ kind: "text", text } as const);
}

/** A home that was never learned, or one whose `front` was. */
function home(learned = false): FakeHome {
  const made = new FakeHome();
  if (!learned) return made;
  const identity = { macs: [FRONT.mac], realm: "a camera" };
  const record = {
    id: id("front"),
    owners: ["camera:front" as const],
    identity,
    address: at(20),
    verifiedAt: instant(5),
    history: [at(9)],
    switches: [],
  };
  made.registry.saveDevice(record);
  return made;
}

const macsOf = (made: FakeHome, name: string) => made.registry.device(id(name))?.identity.macs;

describe("import", () => {
  it("takes a MAC address by name, else by address, says of the rest why not, and keeps what was learned", async () => {
    const made = home(true);
    const text = `name,mac,ip\nBack,${BACK.mac},10.0.0.1\nfront,${FRONT.mac},\nphone,${NEW},192.168.1.99\n`;
    const ended = await type(made, "import list.csv", text);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout.split("\n")).toEqual([
      `list.csv:2: ${BACK.mac} taken for back`,
      `list.csv:3: ${FRONT.mac} front is known by it`,
      `list.csv:4: ${NEW} not taken: no configured camera has that name or address`,
      "1 MAC address taken, 1 known already, 0 to be corrected, 1 of no camera.",
      "",
    ]);
    expect(macsOf(made, "back")).toEqual([BACK.mac]);
    expect(made.registry.device(id("back"))).toMatchObject({ owners: expect.arrayContaining(["camera:back"]), history: [] });
    expect(made.registry.device(id("back"))?.address).toBeUndefined();
    expect((await type(made, "import list.csv", text)).stdout).toContain(`${BACK.mac} back is known by it`);
  });

  it("takes it for the camera that is at the address by now, unless another line names that camera", async () => {
    const made = home();
    expect((await type(made, "import l", `${NEW},192.168.1.20\n`)).stdout).toContain("taken for front, which is at 192.168.1.20");
    const other = home();
    const ended = await type(other, "import l", `thief,${NEW},192.168.1.20\nfront,${FRONT.mac},192.168.1.77\n`);
    expect(ended.stdout).toContain("not taken: it is listed at the address of front, which another line names");
    expect(macsOf(other, "front")).toEqual([FRONT.mac]);
  });

  it("overwrites a learned MAC address that differs with --force alone", async () => {
    const made = home(true);
    const refused = await type(made, "import l", `front,${NEW}\n`);
    expect(refused.code).toBe(2);
    expect(refused.stdout).toContain(`not taken: front is known by ${FRONT.mac}: with --force it is known by this one instead`);
    expect(macsOf(made, "front")).toEqual([FRONT.mac]);
    expect(await type(made, "import l --force", `front,${NEW}\n`)).toMatchObject({ code: 0 });
    expect(made.registry.device(id("front"))).toMatchObject({
      identity: { macs: [NEW], realm: "a camera" },
      address: at(20),
      history: [at(9)],
    });
  });

  it("never gives one camera's MAC address to another, not even by force; several of one camera are all taken", async () => {
    const made = home(true);
    const ended = await type(made, "import l --force", `back,${FRONT.mac}\nback,${NEW}\nback,${MADE_UP}\nfront,${NEW}\n`);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain(`l:1: ${FRONT.mac} not taken: front has that MAC address`);
    expect(ended.stdout).toContain(`l:3: ${MADE_UP} taken for back; the device makes it up, so it proves little`);
    expect(ended.stdout).toContain(`l:4: ${NEW} not taken: back has that MAC address`);
    expect([macsOf(made, "back"), macsOf(made, "front")]).toEqual([[NEW, MADE_UP], [FRONT.mac]]);
  });

  it("takes nothing with --dry-run", async () => {
    const made = home();
    expect((await type(made, "import l --dry-run", `front,${NEW}\n`)).stdout).toContain("1 MAC address would be taken");
    expect(made.registry.devices()).toEqual([]);
  });

  it("tells a broken line with its place and takes the others; a file that is absent, or names no camera, needs a person", async () => {
    const made = home();
    const ended = await type(made, "import l", `front,${NEW}\nback,nonsense,192.168.1.1\n`);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/^l:2: holds no MAC address: .*\n$/) });
    expect(macsOf(made, "front")).toEqual([NEW]);
    expect(await type(made, "import absent")).toEqual({ code: 2, stdout: "", stderr: "absent is not there: correct its name\n" });
    expect(await type(made, "import l", `phone,${BACK.mac}\n`)).toMatchObject({
      code: 2,
      stdout: expect.stringContaining("No line names"),
    });
  });

  it("prints one line for programs", async () => {
    const { stdout, code } = await type(home(), "import l --json", `front,${NEW}\nx\n`);
    expect(JSON.parse(stdout)).toMatchObject({
      exitCode: code,
      lines: [{ line: 1, kind: "taken", device: "front" }],
      broken: [{ line: 2 }],
    });
  });
});

describe("export", () => {
  it("prints what was learned, and says the rest on standard error", async () => {
    const made = home(true);
    made.registry.saveDevice({ id: id("back"), owners: [], identity: { macs: [BACK.mac] }, history: [], switches: [] });
    expect(await type(made, "export reservations --format dnsmasq")).toEqual({
      code: 0,
      stdout: `# back was never proved at an address\ndhcp-host=${FRONT.mac},192.168.1.20,front\n`,
      stderr: "mind: back was never proved at an address\n",
    });
    const { stdout } = await type(made, "export reservations --json");
    expect(JSON.parse(stdout)).toEqual({
      reservations: [{ device: "front", name: "front", macs: [FRONT.mac], address: "192.168.1.20" }],
      notes: [{ device: "back", kind: "no-address", message: "back was never proved at an address" }],
    });
  });

  it("has nothing to say of a home that was not learned yet", async () => {
    expect(await type(home(), "export reservations --format csv")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("let sync"),
    });
  });

  it("writes a file that is not there, replaces one with --force alone, and leaves nothing else behind", async () => {
    const folder = temporaryFolder();
    const [made, path] = [home(true), join(folder, "cameras.csv")];
    const line = `export reservations --format csv --out ${path}`;
    expect(await type(made, line)).toEqual({ code: 0, stdout: "", stderr: `${path}: 1 reservation\n` });
    expect(await readFile(path, "utf8")).toBe(`name,mac,ip\nfront,${FRONT.mac},192.168.1.20\n`);
    await writeFile(path, "mine");
    expect(await type(made, line)).toMatchObject({ code: 64, stderr: expect.stringContaining("name another file, or add --force") });
    expect(await readFile(path, "utf8")).toBe("mine");
    expect(await type(made, `${line} --force`)).toMatchObject({ code: 0 });
    expect([(await readFile(path, "utf8")).includes(FRONT.mac), (await stat(path)).mode & 0o777]).toEqual([true, 0o644]);
    expect(await type(made, line.replace("cameras.csv", "no/cameras.csv"))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("create it"),
    });
    expect(await type(made, `${line.replace(path, folder)} --force`)).toMatchObject({ code: 2 });
    expect(await readdir(folder)).toEqual(["cameras.csv"]);
  });
});
