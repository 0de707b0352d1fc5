import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const script = (name: string) => join(root, "script", name);
const NEEDED = "bash sh dirname cat mkdir sleep sha256sum cut tail flock kill rm".split(" ");

describe("what the scripts refuse", () => {
  it("script/test: an unknown option", async () => {
    expect(await execa(script("test"), ["--fast"], { reject: false })).toMatchObject({
      exitCode: 64,
      stderr: "usage: script/test [--long]",
    });
  });

  it("script/bootstrap: an unknown purpose", async () => {
    const run = await execa(script("bootstrap"), ["--for", "picnic"], { reject: false });
    expect(run).toMatchObject({ exitCode: 64, stderr: "usage: script/bootstrap [--for demo]" });
  });

  it.for(["pictures", "demo-picture"])("script/%s: any option", async (name) => {
    expect(await execa(script(name), ["--help"], { reject: false })).toMatchObject({ exitCode: 64, stderr: `usage: script/${name}` });
  });

  it("script/bench: an unknown name, after which it lists those that are there", async () => {
    const run = await execa(script("bench"), ["../demo"], { reject: false });
    expect(run).toMatchObject({ exitCode: 64 });
    expect(run.stderr).toContain("there is no bench called ../demo");
    const listed = await execa(script("bench"), []);
    expect(run.stderr).toContain(listed.stdout);
  });
});

it("script/bench tells how it is used", async () => {
  expect((await execa(script("bench"), ["--help"])).stdout).toContain("script/bench NAME [--json FILE]");
});

it("script/demo tells what it can do without installing anything", async () => {
  const nothing = mkdtempSync(join(tmpdir(), "demo-help-"));
  for (const tool of ["bash", "cat", "dirname"]) symlinkSync(`/bin/${tool}`, join(nothing, tool));
  const run = await execa(script("demo"), ["--moves", "1", "--help"], { env: { PATH: nothing }, extendEnv: false, reject: false });
  rmSync(nothing, { recursive: true });
  expect(run).toMatchObject({
    exitCode: 0,
    stderr: "",
    stdout: expect.stringMatching(/^script\/demo: makes a home.*--moves N.*--every SECONDS/s),
  });
});

describe("script/bootstrap on a machine that it cannot make ready", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "camera-shepherd-machine-"));
    mkdirSync(join(folder, "bin"));
    for (const name of NEEDED) symlinkSync(`/bin/${name}`, join(folder, "bin", name));
    program("id", "echo 1000");
    program("node", "echo v20.19.0");
    program("npm", "exit 1");
    program("dpkg-query", "echo not-installed");
    program("apt-get", "exit 1");
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function program(name: string, body: string): void {
    const path = join(folder, "bin", name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  }

  function bootstrap(...words: readonly string[]) {
    const env = { PATH: join(folder, "bin"), HOME: folder, CAMERA_SHEPHERD_CACHE: join(folder, "cache") };
    return execa(script("bootstrap"), words, { env, extendEnv: false, reject: false });
  }

  it("says that Node is too old", async () => {
    program("node", "echo v18.20.4");
    const run = await bootstrap();
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toBe("bootstrap: node is 18.20.4\nbootstrap: to do: install Node 20 or later");
  });

  it("says that npm is missing", async () => {
    rmSync(join(folder, "bin/npm"));
    const run = await bootstrap();
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("there is no npm");
  });

  it("tells a person without root and sudo which packages to have installed", async () => {
    const run = await bootstrap();
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("neither root nor sudo");
    expect(run.stderr).toMatch(/apt-get install --no-install-recommends .*\bffmpeg\b.*\barp-scan\b/);
  });

  it("asks for no more than the demo needs where it is for the demo", async () => {
    const [all, demo] = [await bootstrap(), await bootstrap("--for", "demo")];
    expect(all.stderr).toMatch(/\bchromium\b/);
    expect(demo.stderr).toMatch(/apt-get install .*\bdnsmasq-base\b/);
    expect(demo.stderr).not.toMatch(/\b(chromium|buildah|openssh-server)\b/);
  });

  it("asks only for what is missing", async () => {
    program("dpkg-query", 'for last; do :; done; [ "$last" = arp-scan ] && echo not-installed || echo installed');
    const run = await bootstrap();
    expect(run.stderr).toContain("apt-get install --no-install-recommends arp-scan\n".trim());
    expect(run.stderr).not.toContain("ffmpeg");
  });

  it("shows how an installation failed, and where to read on", async () => {
    program("id", "echo 0");
    program("apt-get", "echo E: no space left; exit 100");
    program("env", 'shift; exec "$@"');
    const run = await bootstrap();
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("E: no space left");
    expect(run.stderr).toContain("/log/apt-install.log");
    expect(run.stderr).toContain("to do: run it by hand");
  });
});
