import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import type { Assumption } from "../../src/commands/arguments.ts";
import { planChanges, type Plan } from "../../src/commands/plan.ts";
import { resolveAssumptions } from "../../src/commands/plan-input.ts";
import { planLine, renderPlan } from "../../src/commands/plan-report.ts";
import { groupDevices } from "../../src/domain/devices.ts";
import { namedCameras } from "../../src/domain/host-pins.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { devicesOf, documentOf, HOME } from "./homes.ts";
import { ip } from "./notices.ts";

const assume = (camera: string, address: string): Assumption => ({ camera, address: ip(address) });

function plan(assumptions: readonly Assumption[], reveal = false, text = HOME): Plan {
  const devices = devicesOf(text);
  const resolved = resolveAssumptions(assumptions, devices);
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  return planChanges({ documents: [documentOf(text)], devices, desired: resolved.desired, reveal, warnings: resolved.warnings });
}

const plain = { colour: false };

describe("plan", () => {
  it("reads like this", async () => {
    const { stdout, stderr } = renderPlan(plan([assume("front", "192.168.1.77")]), plain);
    await expect(`${stderr}\n${stdout}`).toMatchFileSnapshot("../golden/output/plan.txt");
    expect(stdout + stderr).not.toContain("canary");
  });

  it("of a document in a repository is applied in a clone, and names the file as it is called there", () => {
    const devices = devicesOf(HOME);
    const documents = [documentOf(HOME, "apps/frigate.yml on main of https://git.example.org/home.git")];
    const resolved = resolveAssumptions([assume("front", "192.168.1.77")], devices);
    if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
    const input = { documents, devices, desired: resolved.desired, reveal: false, warnings: [] };
    const { stdout, stderr } = renderPlan(planChanges(input), plain);
    expect(stdout).toMatch(/^--- a\/apps\/frigate\.yml\n\+\+\+ b\/apps\/frigate\.yml\n/);
    expect(stderr).toContain("with --reveal the diff can be applied where the document is (in Git: in a clone): | patch -p1\n");
  });

  it("rewrites every place of the camera and no other address", () => {
    const { documents, exitCode, changed } = plan([assume("front", "192.168.1.77")], true);
    expect(documents[0]?.edits.length).toBe(5);
    expect(documents[0]?.restart).toEqual(["front"]);
    expect([exitCode, changed]).toEqual([0, true]);
    const added = documents[0]?.diff.split("\n").filter((line) => line.startsWith("+") && !line.startsWith("+++")) ?? [];
    expect(added).toHaveLength(5);
    expect(added.every((line) => line.includes("192.168.1.77"))).toBe(true);
  });

  it("gives a diff that patch applies where passwords are revealed", () => {
    const folder = temporaryFolder();
    const file = join(folder, "config/frigate.yml");
    mkdirSync(dirname(file));
    writeFileSync(file, HOME);
    const { stdout } = renderPlan(plan([assume("front", "192.168.1.77")], true), plain);
    execFileSync("patch", ["-p1", "-d", folder], { input: stdout });
    expect(readFileSync(file, "utf8")).toBe(HOME.replaceAll("192.168.1.50", "192.168.1.77"));
  });

  it("shows a host name that is to be replaced, also by the address that it stands for, and none that a person put back", () => {
    const gate = namedCameras([{ id: "gate", address: ip("192.168.1.60"), pin_host: true }]);
    const pinning = frigateDocument({ environment: new Map(), cameras: gate });
    const document = { ...documentOf(HOME), format: pinning };
    const { devices } = groupDevices([pinning.read(HOME)], [], new Map());
    const gates = devices.filter(({ title }) => title === "gate");
    const at = (address: string, keptNames?: ReadonlySet<string>) => {
      const desired = new Map(gates.map(({ id }) => [id, ip(address)]));
      const shown = planChanges({ documents: [document], devices, desired, reveal: true, warnings: [], ...(keptNames && { keptNames }) });
      return { ...shown.documents[0], exitCode: shown.exitCode };
    };
    expect(at("192.168.1.60")).toMatchObject({ edits: [{ from: "gate.lan", to: "192.168.1.60" }], restart: [], exitCode: 0 });
    expect(at("192.168.1.60").diff).toContain("\n+        - path: rtsp://192.168.1.60/stream1\n");
    expect(at("192.168.1.77")).toMatchObject({ edits: [{ from: "gate.lan", to: "192.168.1.77" }], restart: ["gate"] });
    expect(at("192.168.1.60", new Set(["gate.lan"]))).toMatchObject({ edits: [], diff: "" });
  });

  it("says which stream would be pointed where, and which cannot be", () => {
    const streams = plan([assume("192.168.1.50", "192.168.1.77")], true).streams;
    expect(streams.map(({ stream }) => stream)).toEqual(["front", "front_sub", "garage"]);
    expect(streams[0]?.sources).toEqual(["rtsp://viewer:canary@192.168.1.77:554/stream1", "ffmpeg:front#audio=opus"]);
    expect(streams[2]?.left).toMatch(/^go2rtc takes no command/);
    expect(streams[2]?.sources).toBeUndefined();
  });

  it("says that nothing would change", () => {
    const same = plan([assume("front", "192.168.1.50")]);
    expect([same.changed, same.exitCode, same.streams]).toEqual([false, 0, []]);
    expect(renderPlan(same, plain)).toMatchObject({ stdout: "", stderr: expect.stringContaining("Nothing would change.") });
    expect(plan([]).changed).toBe(false);
  });

  it("writes two cameras that swapped as one change", () => {
    const { documents } = plan([assume("front", "192.168.1.5"), assume("back", "192.168.1.50")], true);
    expect(documents[0]?.edits.map(({ from, to }) => `${from} ${to}`).toSorted()).toEqual([
      "192.168.1.5 192.168.1.50",
      ...Array.from({ length: 5 }, () => "192.168.1.50 192.168.1.5"),
    ]);
  });

  it("names a document that cannot be read, with code 2, and goes on with the others", () => {
    const devices = devicesOf(HOME);
    const broken = { ...documentOf("cameras: [\n", "/config/broken.yml"), name: "broken" };
    const absent = {
      name: "absent",
      place: "/absent.yml",
      format: documentOf("").format,
      problem: "/absent.yml is not there",
      nextStep: "Create it.",
    };
    const all = planChanges({
      documents: [broken, absent, documentOf(HOME)],
      devices,
      desired: new Map([[devices[0]?.id ?? (broken.name as never), ip("192.168.1.77")]]),
      reveal: false,
      warnings: [],
    });
    expect(all.exitCode).toBe(2);
    expect(all.documents.map(({ nextStep }) => nextStep)).toEqual(["Correct the named line.", "Create it.", undefined]);
    expect(renderPlan(all, { colour: false }).stderr).toContain("absent: /absent.yml is not there\n  → Create it.\n");
    expect(all.documents.map(({ problem, diff }) => [problem !== undefined, diff !== ""])).toEqual([
      [true, false],
      [true, false],
      [false, true],
    ]);
    expect(all.documents[0]?.problem).toMatch(/^\/config\/broken\.yml:\d+: /);
    expect(renderPlan(all, plain).stderr).not.toContain("Nothing would change");
  });

  it("ends with 2 where a moved camera stands in a variable", () => {
    const text = `environment_vars: {}\ncameras:\n  front:\n    ffmpeg:\n      inputs:\n        - path: rtsp://192.168.1.50/a\n        - path: rtsp://{FRIGATE_HOST}/b\n`;
    expect(plan([assume("front", "192.168.1.77")], false, text).exitCode).toBe(2);
    expect(plan([], false, text).exitCode).toBe(0);
    expect(renderPlan(plan([], false, text), plain).stderr).toContain("stands in a variable; edit FRIGATE_HOST where it is set");
  });

  it("is one line of JSON for programs", () => {
    const line = JSON.parse(planLine(plan([assume("front", "192.168.1.77")])));
    expect(Object.keys(line)).toEqual(["changed", "exitCode", "warnings", "documents", "streams"]);
    const page = readFileSync(join(import.meta.dirname, "../../docs/output.md"), "utf8");
    for (const key of [
      ...Object.keys(line),
      ...Object.keys(line.documents[0]),
      ...line.streams.flatMap((stream: object) => Object.keys(stream)),
    ])
      expect(page).toContain(`\`${key}\``);
    expect(planLine(plan([assume("front", "192.168.1.77")]))).not.toContain("canary");
  });
});

describe("--assume", () => {
  const devices = devicesOf(HOME);
  const message = (...assumptions: Assumption[]) => {
    const resolved = resolveAssumptions(assumptions, devices);
    return resolved.ok ? resolved.warnings : resolved.problems;
  };

  it("finds the camera by id, by a stream's name, in any case, and by its address", () => {
    for (const name of ["front", "FRONT", "front_sub", "192.168.1.50"]) {
      const resolved = resolveAssumptions([assume(name, "192.168.1.77")], devices);
      expect(resolved).toMatchObject({ ok: true, desired: new Map([["front", "192.168.1.77"]]) });
    }
  });

  it("tells every camera that it does not know, with the nearest and the known ones", () => {
    expect(message(assume("frotn", "192.168.1.77"), assume("192.168.1.99", "192.168.1.77"))).toEqual([
      expect.stringMatching(
        /^--assume frotn=192\.168\.1\.77: no camera has that id, name or address; did you mean front\? Known: front \(192\.168\.1\.50\), back \(192\.168\.1\.5\)/,
      ),
      expect.stringMatching(/^--assume 192\.168\.1\.99=192\.168\.1\.77: no camera has that id, name or address Known: /),
    ]);
    expect(resolveAssumptions([assume("a", "192.168.1.77")], [])).toEqual({
      ok: false,
      problems: ["--assume a=192.168.1.77: no camera is known here: no document names one"],
    });
  });

  it("refuses one camera at two addresses, and minds two cameras at one", () => {
    expect(message(assume("front", "192.168.1.77"), assume("front_sub", "192.168.1.78"))).toEqual([
      "--assume: front cannot be at 192.168.1.77 and at 192.168.1.78",
    ]);
    expect(message(assume("front", "192.168.1.5"))).toEqual(["front and back would both be at 192.168.1.5"]);
    expect(message(assume("front", "192.168.1.5"), assume("back", "192.168.1.50"))).toEqual([]);
  });
});
