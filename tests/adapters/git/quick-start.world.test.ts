import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, describe, expect, test } from "vitest";
import type { MacAddress } from "../../../src/domain/addresses.ts";
import { fences, section, shellLines } from "../../documents.ts";
import { fluxReceiver } from "../../fakes/flux-receiver.ts";
import { expectFrames, moved } from "../../scenarios/scene.ts";
import { startHome, type HomeCamera } from "../../world/home.ts";
import { gitHttpServer } from "./http-server.ts";
import { makeRepository, removeRepositories } from "./repository.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const TOKEN = "canary-git-token";
const twin = { password: "canary-twins", realm: "IP Camera(C6F0)" };
const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, ...twin };
const garden: HomeCamera = { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, ...twin };

afterEach(removeRepositories);

/** Frigate's configuration as a HelmRelease of the chart has it. */
function helmRelease(document: string): string {
  const inner = document.replaceAll(/^(?=.)/gm, "      ");
  return `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: frigate\nspec:\n  values:\n    config: |\n${inner}`;
}

describe("docs/gitops.md at its word", () => {
  test("leads from nothing to a commit that heals, and has Flux called", { timeout: 240_000 }, async () => {
    await using home = await startHome({ cameras: [front, garden] });
    const page = section(await readFile(join(ROOT, "docs", "gitops.md"), "utf8"), "From nothing to the first healed commit");
    const path = "kubernetes/apps/frigate/helmrelease.yaml";
    const before = helmRelease(await home.readDocument());
    const repository = await makeRepository(path, before);
    await using server = await gitHttpServer(repository.folder, { [TOKEN]: "write" });
    await using flux = await fluxReceiver("canary-receiver");

    const desk = join(home.lan.folder, "desk");
    await mkdir(join(desk, "bin"), { recursive: true });
    const program = join(desk, "bin", "camera-shepherd");
    await writeFile(program, `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, "src", "main.ts")} "$@"\n`);
    await chmod(program, 0o755);
    const written = fences(page).find(({ language }) => language === "yaml")?.text ?? "";
    const options = written
      .replace("https://github.com/you/home-ops.git", server.url("home.git"))
      .replace("github_pat_11AAAA", `${TOKEN}\n    receiver: {url: "${flux.url}", token: canary-receiver}`)
      .replace("http://192.168.1.10:1984", home.go2rtc.url);
    expect(options).toContain(`path: ${path}\n`);
    await writeFile(join(desk, "camera-shepherd.yaml"), `data_dir: ${join(desk, "data")}\n${options}`);
    const env = { HOME: desk, PATH: `${join(desk, "bin")}:${process.env["PATH"] ?? ""}`, NO_COLOR: "1" };
    const said: string[] = [];
    const types = async (command: string) => {
      const { exitCode, stdout, stderr } = await execa("bash", ["-c", command], { cwd: desk, env, reject: false, timeout: 120_000 });
      said.push(stdout, stderr);
      return { code: exitCode, output: stdout, errors: stderr };
    };
    const [was, will] = [home.lan.at(20), home.lan.at(60)];
    const [check, plan, learn, heal, ...more] = shellLines(page).map((line) => line.replaceAll("192.168.1.77", will));
    expect(more).toEqual([]);

    const checked = await types(check ?? "");
    expect(checked.output).toContain(`${path} on main of ${server.url("home.git")}`);
    expect(checked.output).not.toContain("later release");
    expect(checked.output).toContain("brings commits into use at once");
    expect(flux.calls).toHaveLength(1);
    const planned = await types(plan ?? "");
    expect(planned, planned.errors).toMatchObject({ code: 0 });
    expect(planned.output).toContain(`rtsp://***@${will}/main`);
    expect(await types(learn ?? "")).toMatchObject({ code: 0, errors: "" });
    expect(Buffer.from(await repository.bytes(path)).toString()).toBe(before);
    expect(flux.calls).toHaveLength(1);

    await home.camera("front").moveByDhcp(will);
    const healed = await types(heal ?? "");
    expect(healed, healed.output + healed.errors).toMatchObject({ code: 0, errors: "" });
    expect(Buffer.from(await repository.bytes(path)).toString()).toBe(moved(before, [[was, will]]));
    expect(flux.calls).toHaveLength(2);
    await expectFrames(home.go2rtc, "front", will);
    const message = await repository.git("log", "-1", "--format=%B", "main");
    const example = fences(page).find(({ language }) => language === "text")?.text ?? "";
    const shown = example
      .replaceAll("192.168.1.50", was)
      .replaceAll("192.168.1.77", will)
      .replace(/evidence \d+/, "evidence N");
    expect(message.trim().replace(/evidence \d+/, "evidence N")).toBe(shown.trim());
    expect((await repository.git("rev-list", "--count", "main")).trim()).toBe("2");

    const kept = (await readdir(join(desk, "data", "git"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(kept.map(({ name }) => name)).toContain("askpass");
    for (const { parentPath, name } of kept) expect(await readFile(join(parentPath, name), "latin1"), name).not.toContain("canary");
    expect(said.join("\n")).not.toContain("canary");
  });
});
