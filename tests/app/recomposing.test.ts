import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, expect, it, vi } from "vitest";
import { startFakeSupervisor } from "../fakes/fake-supervisor.ts";
import { freePort } from "../free-port.ts";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "recomposing-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("run goes on while the Supervisor answers 502, takes up what it tells later in the same process, and ends in order", async () => {
  const apps = [{ slug: "0123abcd_frigate", name: "Frigate", version: "1", state: "started" as const }];
  const port = await freePort();
  const self = { ip_address: "127.0.0.1", ingress_port: port };
  await using fake = await startFakeSupervisor({ state: { apps, self, failing: 502 } });
  const layers = { dhcp: false, neighbours: false, ws_discovery: false };
  const settings = { data_dir: join(folder, "data"), network: { layers, search: false } };
  writeFileSync(join(folder, "options.json"), JSON.stringify(settings));
  const run = execa(process.execPath, [join(root, "src/main.ts"), "run", "--json", "--config", join(folder, "options.json")], {
    env: { SUPERVISOR: fake.authority, SUPERVISOR_TOKEN: fake.token },
    reject: false,
  });
  const lines: string[] = [];
  run.stdout.on("data", (piece: Buffer) => lines.push(piece.toString()));
  const said = (): readonly string[] =>
    lines
      .join("")
      .split("\n")
      .flatMap((line) => (line.includes('"home-assistant/supervisor"') || line.includes('"target/frigate/way"') ? [line] : []));
  await vi.waitFor(() => expect(lines.join("")).toContain("DocumentUnnamed"), { timeout: 20_000 });
  expect(said()).toEqual([expect.stringContaining("SupervisorUnreachable")]);
  fake.state.failing = undefined;
  await vi.waitFor(() => expect(lines.join("")).toContain("http://0123abcd-frigate:5000"), { timeout: 20_000 });
  expect(said().map((line) => /"reason":"(\w+)"/.exec(line)?.[1])).toEqual(["SupervisorUnreachable", "Healthy", "Healthy", "WayChosen"]);
  const asked = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${String(port)}${path}`)).status;
  await vi.waitFor(async () => expect(await asked("/health")).toBe(200), { timeout: 10_000 });
  expect(await asked("/")).toBe(403);
  run.kill("SIGTERM");
  expect(await run).toMatchObject({ exitCode: 0, stderr: "" });
  expect(lines.join("")).not.toContain(fake.token);
});

it("run knows after a restart of its own which Frigates it looked after, and keeps the one that is stopped just now", async () => {
  const app = (slug: string, state: "started" | "stopped") => ({ slug, name: slug, version: "1", state });
  const settings = {
    data_dir: join(folder, "two"),
    network: { layers: { dhcp: false, neighbours: false, ws_discovery: false }, search: false },
  };
  writeFileSync(join(folder, "two.json"), JSON.stringify(settings));
  await using fake = await startFakeSupervisor({
    state: { apps: [app("0123abcd_frigate", "started"), app("local_frigate-fa", "started")] },
  });
  const ways = async (): Promise<readonly string[]> => {
    const run = execa(process.execPath, [join(root, "src/main.ts"), "run", "--json", "--config", join(folder, "two.json")], {
      env: { SUPERVISOR: fake.authority, SUPERVISOR_TOKEN: fake.token },
      reject: false,
    });
    let text = "";
    run.stdout.on("data", (piece: Buffer) => (text += piece.toString()));
    await vi.waitFor(() => expect(text).toContain("http://local-frigate-fa:5000: it is Home Assistant's app"), { timeout: 20_000 });
    run.kill("SIGTERM");
    expect(await run).toMatchObject({ exitCode: 0 });
    return [...text.matchAll(/by Frigate's API at (http:\/\/[-\w]+:5000)/g)].map((match) => match[1] ?? "");
  };
  const both = ["http://0123abcd-frigate:5000", "http://local-frigate-fa:5000"];
  expect(await ways()).toEqual(both);
  fake.state.apps = [app("0123abcd_frigate", "stopped"), app("local_frigate-fa", "started")];
  expect(await ways()).toEqual(both);
});
