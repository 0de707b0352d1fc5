/**
 * What Home Assistant's entities cost: how fast 200 cameras are announced at a real Mosquitto, beside the older way of one topic for each entity, through the
 * same library on the same broker; what is published while nothing happens; and the memory of the built program with MQTT and HTTP on.
 * Run: `script/bench entities [--minutes N] [--cameras N] [--runs N] [--json FILE]`
 */
import { chmod, copyFile, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { EXPIRES_AFTER_SECONDS } from "../../src/domain/entities/entity.ts";
import { startHome } from "../world/home.ts";
import { startMosquitto, type Mosquitto } from "../world/mosquitto.ts";
import { start } from "../world/programs.ts";
import { epochMilliseconds, eventually, pause } from "../world/waiting.ts";
import { announceClassic } from "./entities/classic.ts";
import { listen } from "./entities/listener.ts";
import { showManyCameras } from "./entities/many-cameras.ts";
import { readTree } from "./memory/process-tree.ts";
import { type Row, rowOf } from "./row.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const MEGABYTE = 1024 * 1024;
const MANY = 200;
const ANNOUNCED_WITHIN = 2;
const PSS_AT_MOST = 120 * MEGABYTE;
const USERS = { owner: "canary-owner", shepherd: "canary-shepherd" };

/** Seconds until everything of 200 cameras is at the broker, each run with another connection; and what is published in a quiet while after that. */
async function announce(
  broker: Mosquitto,
  runs: number,
  minutes: number,
): Promise<{ readonly rows: readonly Row[]; readonly quiet: number }> {
  const ours: number[] = [];
  const classic: number[] = [];
  let quiet = 0;
  for (let run = 0; run < runs; run += 1) {
    await using listener = await listen(broker, "owner");
    {
      await using shown = await showManyCameras(MANY, { url: broker.url, username: "shepherd", password: USERS.shepherd });
      ours.push(await shown.announced);
      await listener.has(2 * (MANY + 1) + 1);
      if (run === runs - 1) {
        const before = listener.count();
        await pause(minutes * 60_000);
        quiet = listener.count() - before;
      }
    }
    classic.push(await announceClassic(MANY, { url: broker.url, username: "shepherd", password: USERS.shepherd }));
  }
  return { rows: [rowOf("one topic a device", ours), rowOf("one topic an entity", classic)], quiet };
}

interface Whole {
  readonly pss: number;
  readonly anonymous: number;
  readonly share: number;
  /** Messages of the program's while nothing happened. */
  readonly quiet: readonly string[];
}

/** The built program in a home of its own, MQTT and both listeners on. */
async function whole(cameras: number, minutes: number): Promise<Whole> {
  const mqtt = { url: "mqtt://127.0.0.1:1883", username: "shepherd", password: USERS.shepherd };
  await using home = await startHome({
    cameras: Array.from({ length: cameras }, (_, index) => ({
      name: `cam${index + 1}`,
      mac: `0c:79:55:4b:d6:${(0x10 + index).toString(16)}` as MacAddress,
    })),
    shepherd: { mqtt, http: { port: 8099, metrics_port: 9090 } },
  });
  await using broker = await startMosquitto({ folder: join(home.lan.folder, "mosquitto"), users: USERS });
  await using listener = await listen(broker, "owner");
  // A copy of Node: the world's cameras are Node programs too, and would take over most of the share of what all of them map.
  const node = join(home.lan.folder, "node");
  await copyFile(process.execPath, node);
  await chmod(node, 0o755);
  let lastWord = epochMilliseconds();
  const program = start(node, [join(ROOT, "dist", "camera-shepherd.mjs"), "run", "--json", "--config", home.options], {
    onLine: () => {
      lastWord = epochMilliseconds();
    },
  });
  await using _ = { [Symbol.asyncDispose]: () => program.stop() };
  await listener.has(2 * (cameras + 1) + 1, 120_000);
  await eventually("quiet", () => (program.assertRunning(), epochMilliseconds() - lastWord > 20_000), 120_000, 500);
  const [before, begun] = [listener.count(), epochMilliseconds()];
  const first = await readTree(program.pid);
  let [pss, anonymous] = [0, 0];
  for (const until = begun + minutes * 60_000; epochMilliseconds() < until;) {
    // Somebody looks at the page and the metrics, as they do.
    await Promise.all([fetch("http://127.0.0.1:8099/api/cameras"), fetch("http://127.0.0.1:9090/metrics")]).catch(() => undefined);
    await pause(5000);
    const now = await readTree(program.pid);
    pss = Math.max(pss, sum(now, "pss"));
    anonymous = Math.max(anonymous, sum(now, "anonymous"));
  }
  const share = (sum(await readTree(program.pid), "cpu") - sum(first, "cpu")) / (epochMilliseconds() - begun);
  return { pss, anonymous, share, quiet: listener.topics().slice(before) };
}

function sum(processes: Awaited<ReturnType<typeof readTree>>, what: "pss" | "anonymous" | "cpu"): number {
  return processes.reduce((total, one) => total + one[what], 0);
}

function wishes(): { readonly minutes: number; readonly cameras: number; readonly runs: number; readonly json: string | undefined } {
  const options = {
    minutes: { type: "string", default: "2" },
    cameras: { type: "string", default: "16" },
    runs: { type: "string", default: "5" },
    json: { type: "string" },
  } as const;
  const { values } = parseArgs({ options });
  const number = (name: "minutes" | "cameras" | "runs"): number => {
    if (!/^\d{1,3}(\.\d+)?$/.test(values[name]) || Number(values[name]) === 0) throw new Error(`--${name}: not a number: ${values[name]}`);
    return Number(values[name]);
  };
  return { minutes: number("minutes"), cameras: number("cameras"), runs: number("runs"), json: values.json };
}

async function bench(): Promise<boolean> {
  const { minutes, cameras, runs, json } = wishes();
  const begun = new Date().toISOString();
  process.stdout.write(`entities, ${begun}, Node ${process.version}, load average ${(loadavg()[0] ?? 0).toFixed(2)}\n`);
  const folder = join("/tmp", `bench-entities-${process.pid}`);
  const announced = await (async () => {
    await using broker = await startMosquitto({ folder, users: USERS });
    return await announce(broker, runs, minutes);
  })();
  const [ours, classic] = announced.rows;
  const ratio = (classic?.median ?? Number.NaN) / (ours?.median ?? Number.NaN);
  const isFast = (ours?.median ?? Infinity) <= ANNOUNCED_WITHIN;
  for (const { what, median, least, most } of announced.rows)
    process.stdout.write(
      `  ${String(MANY)} cameras, ${what.padEnd(20)} ${String(median)} s (${String(least)} – ${String(most)}, ${String(runs)} runs)\n`,
    );
  process.stdout.write(
    `  within ${String(ANNOUNCED_WITHIN)} s: ${isFast ? "pass" : "MISSED"}; one topic an entity takes ${ratio.toFixed(1)} times as long\n` +
      `  messages in ${String(minutes)} min after that: ${String(announced.quiet)}\n`,
  );
  const program = await whole(cameras, minutes);
  const isSmall = program.pss <= PSS_AT_MOST;
  process.stdout.write(
    `  the program, ${String(cameras)} cameras, MQTT and HTTP on: PSS at most ${(program.pss / MEGABYTE).toFixed(1)} MB (≤ ${String(PSS_AT_MOST / MEGABYTE)}), ` +
      `${(program.anonymous / MEGABYTE).toFixed(1)} in no file, ${(program.share * 100).toFixed(2)} % of a core: ${isSmall ? "pass" : "MISSED"}\n` +
      `  its messages in ${String(minutes)} min: ${String(program.quiet.length)} ${[...new Set(program.quiet)].join(" ")}\n`,
  );
  if (json !== undefined)
    await writeFile(json, `${JSON.stringify({ bench: "entities", begun, minutes, runs, announced, program }, undefined, 1)}\n`);
  // Each camera's state and the status, before they expire.
  const rounds = Math.ceil((minutes * 60) / (EXPIRES_AFTER_SECONDS / 3));
  const isQuiet = announced.quiet <= (MANY + 1) * rounds && program.quiet.length <= (cameras + 1) * rounds;
  return isFast && isSmall && isQuiet;
}

try {
  process.exitCode = (await bench()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`entities: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
