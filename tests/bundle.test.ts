import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort } from "./free-port.ts";

const root = join(import.meta.dirname, "..");
const MOST_BYTES = 4_000_000;

describe("the bundle", () => {
  // Outside the repository, so that a package that is not bundled is not found.
  const folder = mkdtempSync(join(tmpdir(), "camera-shepherd-bundle-"));
  const bundle = join(folder, "camera-shepherd.mjs");
  const options = { cwd: folder, preferLocal: true, localDir: root, reject: false } as const;

  beforeAll(async () => {
    await execa("node", [join(root, "script/build.mjs"), folder], { cwd: root, preferLocal: true });
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("starts and tells its usage", async () => {
    const run = await execa("node", [bundle, "--help"], options);
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(run.stdout).toContain("camera-shepherd");
  });

  it("refuses bad usage with exit code 64", async () => {
    expect(await execa("node", [bundle, "no-such-command"], options)).toMatchObject({ exitCode: 64 });
  });

  it("reads express and prom-client only where a listener is asked for", () => {
    const parts = join(folder, "parts");
    const text = (name: string): string => readFileSync(join(parts, name), "utf8");
    const isThere = (name: string): boolean => /x-powered-by|process_cpu_user_seconds_total/i.test(text(name));
    const read = new Set(["program.mjs"]);
    for (const name of read) for (const [, other = ""] of text(name).matchAll(/^import\b.*?"\.\/([^"]+)"/gm)) read.add(other);
    const lazy = readdirSync(parts).filter((name) => name.endsWith(".mjs") && !read.has(name));
    expect([...read].filter(isThere)).toEqual([]);
    expect(lazy.filter(isThere)).not.toEqual([]);
  });

  it("reads none of what speaks MQTT, HTTP or Home Assistant's WebSocket while it runs without them", async () => {
    const parts = join(folder, "parts");
    const packagesOf = (part: string): readonly string[] => {
      const { sources } = JSON.parse(readFileSync(join(parts, `${part}.map`), "utf8")) as { readonly sources: readonly string[] };
      return sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []);
    };
    const LAZY = ["mqtt", "express", "prom-client", "home-assistant-js-websocket"];
    const all = new Set(readdirSync(parts).flatMap((name) => (name.endsWith(".mjs") ? packagesOf(name) : [])));
    expect(LAZY.filter((name) => !all.has(name))).toEqual([]);

    const quiet = { layers: { dhcp: false, neighbours: false, ws_discovery: false }, search: false };
    writeFileSync(join(folder, "idle.json"), JSON.stringify({ data_dir: join(folder, "idle"), frigate: { via: "none" }, network: quiet }));
    // V8 tells in these files which scripts a process has read.
    const seen = join(folder, "coverage");
    const run = execa("node", [bundle, "run", "--config", join(folder, "idle.json")], { ...options, env: { NODE_V8_COVERAGE: seen } });
    const [first] = (await once(run.stdout, "data")) as readonly Buffer[];
    expect(String(first)).toContain("go2rtc");
    run.kill("SIGTERM");
    expect(await run).toMatchObject({ exitCode: 0, stderr: "" });
    const read = readdirSync(seen).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(seen, name), "utf8")) as { readonly result: readonly { readonly url: string }[] };
      return result.flatMap(({ url }) => /\/parts\/([^/]+)$/.exec(url)?.[1] ?? []);
    });
    expect(read).toContain("program.mjs");
    const packages = new Set(read.flatMap(packagesOf));
    expect(packages).toContain("zod");
    expect(LAZY.filter((name) => packages.has(name))).toEqual([]);
  }, 30_000);

  it("serves HTTP where that is asked for, and ends in time", async () => {
    const port = await freePort();
    const quiet = { layers: { dhcp: false, neighbours: false, ws_discovery: false }, search: false };
    const settings = { data_dir: join(folder, "data"), frigate: { via: "none" }, network: quiet, http: { port } };
    writeFileSync(join(folder, "options.json"), JSON.stringify(settings));
    const run = execa("node", [bundle, "run", "--config", join(folder, "options.json")], options);
    const health = await vi.waitFor(async () => (await fetch(`http://127.0.0.1:${String(port)}/health`)).json(), { timeout: 20_000 });
    expect(health).toMatchObject({ status: "ok" });
    const begun = performance.now();
    run.kill("SIGTERM");
    expect(await run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(performance.now() - begun).toBeLessThan(5000);
  }, 30_000);

  it("stays small", () => expect(statSync(bundle).size).toBeLessThan(MOST_BYTES));
});
