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

/** The folders that the Supervisor mounts, with what it writes there: the form's defaults, and the folder of Frigate's app. */
async function supervised(home: Home): Promise<{ readonly document: string; readonly options: ContainerOptions }> {
  const folder = join(home.lan.folder, "supervisor");
  const frigate = join(folder, "app_configs", "ccab4aaf_frigate");
  await mkdir(frigate, { recursive: true });
  await mkdir(join(folder, "data"));
  const document = join(frigate, "config.yml");
  await copyFile(home.document, document);
  const config = loadYaml(readFileSync(join(import.meta.dirname, "..", "..", "config.yaml"), "utf8"));
  await writeFile(join(folder, "data", "options.json"), JSON.stringify(isGroup(config) ? config["options"] : {}));
  const folders = { "/data": join(folder, "data"), "/app_configs": join(folder, "app_configs") };
  return { document, options: { folders, shared: join(folder, "shm"), env: { TZ: "Europe/Berlin" } } };
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
  });
});
