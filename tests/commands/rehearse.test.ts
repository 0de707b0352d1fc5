import { describe, expect, it } from "vitest";
import { parseArguments } from "../../src/commands/arguments.ts";
import type { Rehearsal } from "../../src/commands/camera-arguments.ts";
import type { Program } from "../../src/commands/program.ts";
import { runRehearsal } from "../../src/commands/rehearse-command.ts";
import { TargetError } from "../../src/ports/config-target.ts";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, BACK, FakeHome, FRONT, type HomeSettings, source, STRANGER } from "../reconcilers/fake-home.ts";

const OPTIONS = {
  frigate: [{ name: "frigate", restart: "auto" }],
  network: { search: true, interfaces: [], ranges: [], layers: {} },
} as unknown as Parameters<typeof runRehearsal>[1];

interface Rehearsed {
  readonly code: number;
  readonly text: string;
  readonly errors: string;
  /** Cameras of which a failed login was stored. */
  readonly kept: readonly string[];
}

/** A home that learned its cameras, and whose program was stopped since. */
async function learnedHome(settings: HomeSettings = {}): Promise<FakeHome> {
  const first = new FakeHome(settings);
  await first.once();
  await first.stop();
  return new FakeHome({ ...settings, registry: first.registry, clock: first.clock });
}

async function rehearse(home: FakeHome, rehearsal: Partial<Rehearsal> = {}, json = false): Promise<Rehearsed> {
  const { engine, targets, servers, registry, status, search, clock } = home;
  const parts = { engine, targets, servers, registry, status, search, clock, sources: [home.dhcp] };
  const program = { ...parts, keepFailedLogin: (id: string) => void kept.push(id) } as unknown as Program;
  const kept: string[] = [];
  const said = { text: "", errors: "" };
  const output = {
    print: (text: string): void => {
      said.text += text;
    },
    complain: (text: string): void => {
      said.errors += text;
    },
  };
  const asked = { camera: "front", login: false, ...rehearsal };
  const running = runRehearsal(program, OPTIONS, asked, { json, look: { colour: false } }, output, new AbortController().signal);
  await home.clock.advance(seconds(25));
  return { code: await running, ...said, kept };
}

describe("a rehearsal", () => {
  it("of a home that is well says that it would work, and changes nothing", async () => {
    const home = await learnedHome();
    const before = [home.text, await home.sources("front")];
    const { code, text } = await rehearse(home, { address: at(77) });
    expect(code).toBe(0);
    await expect(text).toMatchFileSnapshot("../golden/output/rehearse.txt");
    expect([home.text, await home.sources("front")]).toEqual(before);
    expect(home.document.written).toEqual([]);
    expect(home.logins).toEqual([]);
    expect(text).not.toContain("canary");
    await home.stop();
  });

  it("without an address stands for any other one", async () => {
    const home = await learnedHome();
    const { code, text } = await rehearse(home);
    expect(code).toBe(0);
    expect(text).toContain("192.0.2.77 stands for it");
    expect(text).toContain("would write 2 places");
    await home.stop();
  });

  it("where go2rtc takes no new source says so, and what brings it into use", async () => {
    const server = new FakeStreamServer({ refuses: true, elsewhere: { front: [source("front", at(20))], back: [source("back", at(21))] } });
    const home = await learnedHome({ servers: [server] });
    const { code, text } = await rehearse(home, { address: at(60) });
    expect(code, text).toBe(0);
    expect(text).toMatch(/less +go2rtc go2rtc +front: it takes no source for front/);
    expect(text).toContain("Without it Frigate is restarted for a move");
    expect(text).not.toContain("PUT");
    await home.stop();
  });

  it("tries one login where it is asked to, and none after it was refused", async () => {
    const home = await learnedHome();
    home.deaf(FRONT.address);
    expect(await rehearse(home, { login: true })).toMatchObject({
      code: 0,
      text: expect.stringContaining("the camera accepted the password"),
    });
    expect(home.logins).toEqual([source("front", FRONT.address)]);
    home.place(FRONT, FRONT.address, { login: "unauthorized" });
    home.deaf(FRONT.address);
    expect(await rehearse(home, { login: true })).toMatchObject({ code: 2, text: expect.stringContaining("refused the password") });
    expect(home.logins).toHaveLength(2);
    await rehearse(home, { login: true });
    expect(home.logins).toHaveLength(2);
    await home.stop();
  });

  it("tries none within five minutes of one that failed, in whichever process that was", async () => {
    const first = await learnedHome();
    first.place(FRONT, FRONT.address, { login: "not-found" });
    first.deaf(FRONT.address);
    const failed = await rehearse(first, { login: true });
    expect(failed.code).not.toBe(0);
    expect(failed.kept).toEqual(["front"]);
    const tried = first.logins.length;
    await rehearse(first, { login: true });
    expect(first.logins).toHaveLength(tried);
    await first.stop();
    const next = new FakeHome({ registry: first.registry, clock: first.clock });
    next.deaf(FRONT.address);
    expect(await rehearse(next, { login: true })).toMatchObject({ text: expect.stringContaining("not tried: it failed"), kept: [] });
    expect(next.logins).toEqual([]);
    await next.pass(minutes(5));
    expect(await rehearse(next, { login: true })).toMatchObject({ code: 0 });
    expect(next.logins).toHaveLength(1);
    await next.stop();
  });

  it("tries none while its frames flow", async () => {
    const home = await learnedHome();
    const viewer = home.go2rtc.attach("front" as never);
    expect(await rehearse(home, { login: true })).toMatchObject({ code: 0, text: expect.stringContaining("frames flow already") });
    expect(home.logins).toEqual([]);
    viewer.close();
    await home.stop();
  });

  it("of a camera that another device stands in for says so", async () => {
    const home = await learnedHome();
    home.stranger(FRONT.address);
    const { code, text } = await rehearse(home);
    expect(code).not.toBe(0);
    expect(text).toContain(STRANGER);
    expect(text).toContain("It would not work for front");
    await home.stop();
  });

  it("of a camera that was never learned names adopt", async () => {
    const home = new FakeHome();
    const { code, text } = await rehearse(home);
    expect(code).toBe(2);
    expect(text).toContain("camera-shepherd adopt front=MAC");
    await home.stop();
  });

  it("says that a document may not be written", async () => {
    const home = await learnedHome();
    home.document.checkWritable = () => Promise.reject(new TargetError("DocumentForbidden", "permission denied"));
    const { code, text } = await rehearse(home);
    expect(code).toBe(2);
    expect(text).toContain("but it may not: permission denied");
    await home.stop();
  });

  it("says that the camera's network is not searched here", async () => {
    const home = await learnedHome();
    home.search.on = [];
    expect((await rehearse(home)).text).toContain("is on no network that is searched here");
    await home.stop();
  });

  it("of a camera that nobody knows ends with 64 and the nearest name", async () => {
    const home = await learnedHome();
    expect(await rehearse(home, { camera: "fornt" })).toMatchObject({
      code: 64,
      text: "",
      errors: expect.stringContaining("did you mean front?"),
    });
    await home.stop();
  });

  it("is for programs, too", async () => {
    const home = await learnedHome();
    const { text } = await rehearse(home, { camera: BACK.name }, true);
    expect(JSON.parse(text)).toMatchObject({ exitCode: 0, camera: "back", works: true, verdict: expect.stringContaining("It would work") });
    await home.stop();
  });
});

describe("its flags", () => {
  it("are read", () => {
    expect(parseArguments(["check", "--rehearse", "front", "--at", "192.168.1.77", "--login"])).toMatchObject({
      kind: "check",
      rehearse: { camera: "front", address: "192.168.1.77", login: true },
    });
    expect(parseArguments(["check", "--rehearse", "front"])).toMatchObject({ rehearse: { camera: "front", login: false } });
    expect(parseArguments(["check"])).not.toHaveProperty("rehearse");
  });

  it.each([
    [["--at", "192.168.1.77"], "--at belongs to --rehearse CAMERA"],
    [["--login"], "--login belongs to --rehearse CAMERA"],
    [["--rehearse", "front", "--at", "here"], '--at: "here" is not an IPv4 address'],
  ])("%j are refused", (flags, message) => {
    expect(parseArguments(["check", ...flags])).toEqual({ kind: "refused", message });
  });
});
