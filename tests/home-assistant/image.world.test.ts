import { readFileSync } from "node:fs";
import { copyFile, mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { load as loadYaml } from "js-yaml";
import { describe, expect, onTestFailed, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { expectFrames, expectText, moved } from "../scenarios/scene.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { eventually } from "../world/waiting.ts";
import { builtImage, inContainer, type ContainerOptions } from "./container.ts";
import { isGroup } from "./supervisor-rules.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front", realm: "IP Camera(C6F0)" };
const root = join(import.meta.dirname, "..", "..");
const image = builtImage();
const healthCheck = image.config.Healthcheck.Test.slice(1);
const start = [...image.config.Entrypoint, ...image.config.Cmd];

interface Started extends AsyncDisposable {
  readonly lines: readonly string[];
  signal(name: "SIGTERM" | "SIGSTOP" | "SIGCONT"): void;
  ended(): Promise<{ readonly exitCode?: number | undefined }>;
}

function startContainer(options: ContainerOptions): Started {
  const running = inContainer(image, start, options);
  const lines: string[] = [];
  const note = (bytes: unknown): void => void lines.push(...String(bytes).split("\n"));
  running.stdout.on("data", note);
  running.stderr.on("data", note);
  onTestFailed(() => void process.stdout.write(`the container said:\n${lines.join("\n")}\n`));
  return {
    lines,
    signal: (name) => void running.kill(name),
    ended: async () => running,
    [Symbol.asyncDispose]: async () => {
      running.kill("SIGKILL");
      await running;
    },
  };
}

/** The folders that the Supervisor mounts, with what it writes there: the form's defaults, an option of another release, and the folder of Frigate's app. */
async function supervised(home: Home): Promise<{ readonly document: string; readonly options: ContainerOptions }> {
  const folder = join(home.lan.folder, "supervisor");
  const frigate = join(folder, "app_configs", "ccab4aaf_frigate");
  await mkdir(frigate, { recursive: true });
  await mkdir(join(folder, "data"));
  const document = join(frigate, "config.yml");
  await copyFile(home.document, document);
  const config = loadYaml(readFileSync(join(root, "config.yaml"), "utf8"));
  await writeFile(
    join(folder, "data", "options.json"),
    JSON.stringify({ ...(isGroup(config) && isGroup(config["options"]) ? config["options"] : {}), poll_seconds: 5 }, undefined, 2),
  );
  const folders = { "/data": join(folder, "data"), "/app_configs": join(folder, "app_configs") };
  return { document, options: { folders, shared: join(folder, "shm"), env: { TZ: "Europe/Berlin" } } };
}

/** The lines of an example in `DOCS.md`. */
function shownIn(name: string): readonly string[] {
  const page = readFileSync(join(root, "DOCS.md"), "utf8");
  const block = new RegExp(`<!-- ${name}:begin -->\\s*\`\`\`text\\n([\\s\\S]*?)\`\`\`\\s*<!-- ${name}:end -->`).exec(page)?.[1];
  if (block === undefined) throw new Error(`DOCS.md has no example called ${name}`);
  return block.split("\n");
}

/** Lines without what differs from one run to the next: times, spans, ids of devices, what was said in one breath, and spaces at both ends. */
function told(lines: readonly string[]): readonly string[] {
  const plain = lines.map((line) =>
    line
      .replaceAll(/\d\d:\d\d:\d\d|[0-9a-f-]{36}|\d+(?:\.\d+)? m?s\b/g, "…")
      .trim()
      .replace(/^…\s+network\s+noticing:/, "noticing"),
  );
  return plain.filter((line) => line !== "");
}

describe("the image, started as the Supervisor starts it", () => {
  test("learns, is healthy, heals a move, is unhealthy where it hangs, and stops on SIGTERM with code 0", async () => {
    await using home = await startHome({ cameras: [front] });
    const { document, options } = await supervised(home);
    const before = await readFile(document, "utf8");
    const healthy = async (): Promise<number | undefined> => (await inContainer(image, healthCheck, options)).exitCode;
    expect(await healthy()).toBe(1);

    await using container = startContainer(options);
    await eventually("front to be learned", () => container.lines.some((line) => /front\s+learned at/.test(line)), 45_000, 100);
    expect(await healthy()).toBe(0);

    const camera = home.camera("front");
    await camera.moveByDhcp(home.lan.at(60));
    await expectText(document, moved(before, [[home.lan.at(20), home.lan.at(60)]]));
    await expectFrames(home.go2rtc, "front", home.lan.at(60));
    await eventually("the heal to be told", () => container.lines.some((line) => /front\s+healed:/.test(line)));

    // One that hangs touches nothing any more; a minute later its heartbeat is too old.
    container.signal("SIGSTOP");
    const heartbeat = join(options.shared, "camera-shepherd.heartbeat");
    const past = Date.now() / 1000 - 61;
    await utimes(heartbeat, past, past);
    expect(await healthy()).toBe(1);
    container.signal("SIGCONT");
    await eventually("the heartbeat to go on", async () => (await healthy()) === 0, 15_000, 500);

    const asked = performance.now();
    container.signal("SIGTERM");
    expect((await container.ended()).exitCode).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(await healthy()).toBe(1);
    expect(container.lines.join("\n")).not.toContain("canary");
    const said = container.lines.filter((line) => line.includes("poll_seconds"));
    expect(said).toEqual([expect.stringMatching(/^ {2}\/data\/options\.json:\d+: poll_seconds: unknown key$/)]);
    for (const name of ["learned", "healed"]) {
      const shown = told(shownIn(name)).filter((line) => !told(container.lines).includes(line));
      expect(shown, `DOCS.md shows under ${name} what was not said`).toEqual([]);
    }
  });
});

describe("the image, started as deploy/compose.yaml starts it", () => {
  test("has all that it needs of the host's network and of the machine", async () => {
    await using home = await startHome({ cameras: [front] });
    const compose = loadYaml(readFileSync(join(root, "deploy/compose.yaml"), "utf8")) as {
      readonly services: Readonly<Record<string, { readonly cap_add: readonly string[] }>>;
    };
    const folder = join(home.lan.folder, "compose");
    for (const name of ["config", "data"]) await mkdir(join(folder, name), { recursive: true });
    await copyFile(home.document, join(folder, "config", "config.yml"));
    const checked = await inContainer(image, ["camera-shepherd", "check", "--json"], {
      folders: { "/config": join(folder, "config"), "/data": join(folder, "data") },
      shared: join(folder, "shm"),
      capabilities: compose.services["camera-shepherd"]?.cap_add ?? [],
    });
    expect(checked).toMatchObject({ exitCode: 0, stderr: "" });
    const { items } = JSON.parse(String(checked.stdout)) as {
      readonly items: readonly { readonly part: string; readonly state: string; readonly found: string }[];
    };
    const stateOf = (part: string): string | undefined => items.find((item) => item.part === part)?.state;
    const wanted = ["data folder", "iproute2", "arp-scan", "noticing dhcp", "noticing neighbours", "noticing ws_discovery", "layer 2"];
    expect(wanted.filter((part) => stateOf(part) !== "ok")).toEqual([]);
    expect(items.find(({ part }) => part === "document frigate")?.found).toContain("/config/config.yml");
  });
});
