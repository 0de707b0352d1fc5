/**
 * How long it takes on the day of installation until a camera that had moved is proposed, beside the naive way on the same LAN: arp-scan, then one
 * DESCRIBE a host. The naive way neither knows which of the cameras are claimed nor looks whether another one fits as well.
 * Run: `script/bench adopt [--runs N] [--json FILE]`
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { RtspDescribeProber } from "../../src/adapters/rtsp/prober.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { parseIp, type MacAddress } from "../../src/domain/addresses.ts";
import { seconds } from "../../src/domain/duration.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { run } from "../world/programs.ts";
import { runShepherd, writeOptions } from "../world/shepherd.ts";
import { eventually } from "../world/waiting.ts";
import { rowOf } from "./row.ts";

const PATH = "/cam/realmonitor";
const HIKVISION = { realm: "IP Camera(C6F0)", paths: ["/Streaming/Channels/101"] };
/** Six cameras, three of which move before anything is learned; and as many hosts again that are no cameras. */
const CAMERAS: readonly HomeCamera[] = [
  { name: "porch", mac: "9c:8e:cd:30:5a:91" as MacAddress, realm: "Login to 4F02A19PAK", paths: [PATH] },
  { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, ...HIKVISION },
  { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, ...HIKVISION },
  { name: "gate", mac: "ec:71:db:11:02:7e" as MacAddress, realm: "BC Streaming Media", paths: ["/h264Preview_01_main"] },
  { name: "yard", mac: "ec:71:db:11:02:7f" as MacAddress, realm: "IPCAM", paths: ["/live"] },
  { name: "shed", mac: "ec:71:db:11:02:80" as MacAddress, realm: "IPCAM", paths: ["/video"], onvif: "none" },
];
const OTHERS = 6;
const never = new AbortController().signal;

/** Seconds from the start of the program, with nothing learned, to the proposal of the camera that can be told. */
async function proposal(home: Home, round: number): Promise<number> {
  const options = await writeOptions({
    folder: join(home.lan.folder, `first-day-${round}`),
    frigateFile: home.document,
    go2rtcUrl: home.go2rtc.url,
  });
  const begun = performance.now();
  const shepherd = runShepherd(["run", "--json", "--config", options]);
  try {
    await eventually("the proposal", () => shepherd.output.some(({ text }) => text.includes("AdoptionProposed")), 60_000, 10);
    return (performance.now() - begun) / 1000;
  } finally {
    await shepherd.stop();
  }
}

/** Seconds until the naive way has asked every host for the camera's path. */
async function naive(home: Home, wanted: string): Promise<number> {
  const prober = new RtspDescribeProber(createSystemClock());
  const begun = performance.now();
  const scan = await run("arp-scan", ["-l", "-q", "-x", "-I", home.lan.home.interface]);
  const hosts = scan.split("\n").flatMap((line) => parseIp(line.split("\t")[0] ?? "") ?? []);
  const fitting: string[] = [];
  for (const host of hosts) {
    const greeting = await prober.greeting(host, 554, PATH, seconds(3), never);
    if (greeting.kind === "challenge" && greeting.realm?.startsWith("Login to ") === true) fitting.push(host);
  }
  if (!fitting.includes(wanted)) throw new Error("the naive way did not find the camera");
  return (performance.now() - begun) / 1000;
}

async function bench(runs: number, json: string | undefined): Promise<void> {
  await using home = await startHome({ cameras: CAMERAS });
  await using undo = new AsyncDisposableStack();
  for (let index = 0; index < OTHERS; index += 1) {
    const other = undo.use(await home.lan.attach(`other${index}`, `0c:79:55:00:00:0${index}` as MacAddress));
    await other.addAddress(home.lan.at(120 + index));
  }
  const moved = ["porch", "front", "garden"].map((name) => home.camera(name));
  for (const [index, camera] of moved.entries()) await camera.moveByDhcp(home.lan.at(60 + index));
  const ours: number[] = [];
  const peers: number[] = [];
  for (let round = 0; round < runs; round += 1) {
    ours.push(await proposal(home, round));
    peers.push(await naive(home, home.lan.at(60)));
    process.stderr.write(`run ${round + 1}: proposed after ${ours.at(-1)?.toFixed(2)} s; naive way ${peers.at(-1)?.toFixed(2)} s\n`);
  }
  const rows = [rowOf("start of the program to proposal", ours), rowOf("arp-scan and one DESCRIBE a host", peers)];
  const ratio = Math.round(((rows[0]?.median ?? Number.NaN) / (rows[1]?.median ?? Number.NaN)) * 100) / 100;
  for (const { what, n, median, least, most } of rows)
    process.stdout.write(`${what.padEnd(36)} n=${n}  median ${median.toFixed(2)} s  (${least.toFixed(2)} to ${most.toFixed(2)} s)\n`);
  process.stdout.write(`ratio of medians: ${ratio.toFixed(2)}\n`);
  if (json !== undefined)
    await writeFile(json, `${JSON.stringify({ bench: "adopt", begun: new Date().toISOString(), rows, ratio }, undefined, 1)}\n`);
}

const { values } = parseArgs({ options: { runs: { type: "string", default: "5" }, json: { type: "string" } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1 || runs > 50) {
  process.stderr.write(`adopt: --runs is 1 to 50, not ${values.runs}\n`);
  process.exitCode = 64;
} else await bench(runs, values.json);
