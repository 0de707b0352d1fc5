import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFailed, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { runGo2rtc } from "../world/go2rtc.ts";
import { startHome, type Home } from "../world/home.ts";
import { startImpostor } from "../world/impostor.ts";
import { start } from "../world/programs.ts";
import { writeOptions } from "../world/shepherd.ts";
import { eventually } from "../world/waiting.ts";
import { captureAll, findings, tablesOf, watchArguments } from "./canary-kit.ts";
import { finished, launched, spoken } from "./launch-kit.ts";
import { expectText, moved, PATIENCE } from "./scene.ts";

/** Names of all passwords, keys and tokens of the home. */
const SECRETS = [
  "front",
  "garden",
  "onvif",
  "api",
  "broker",
  "frigate",
  "store",
  "token",
  "notify",
  "home",
  "portal",
  "option",
  "comment",
] as const;
type Secrets = Readonly<Record<(typeof SECRETS)[number], string>>;

function makeSecrets(): Secrets {
  const random = crypto.randomUUID().slice(0, 8);
  return Object.fromEntries(SECRETS.map((name) => [name, `canary-${name}-${random}`])) as Secrets;
}

/** Frigate's document as a careless person writes it: secrets everywhere. */
function careless(home: Home, secrets: Secrets): string {
  const host = (name: string): string => home.camera(name).address ?? "";
  return [
    `# the broker's password is ${secrets.comment}`,
    `mqtt: {host: 192.168.50.3, user: frigate, password: ${secrets.broker}}`,
    "go2rtc:",
    "  streams:",
    `    front: rtsp://viewer:${secrets.front}@${host("front")}/main   # password: ${secrets.comment}`,
    "    garden:",
    `      - rtsp://viewer:{FRIGATE_GARDEN_PASSWORD}@${host("garden")}/main`,
    "cameras:",
    ...["front", "garden"].flatMap((name) => [
      `  ${name}:`,
      "    ffmpeg:",
      "      inputs:",
      `        - {path: "rtsp://127.0.0.1:8554/${name}", roles: [detect]}`,
      `    onvif: {host: ${host(name)}, port: 8000, user: viewer, password: ${secrets.onvif}}`,
    ]),
    "",
  ].join("\n");
}

function options(secrets: Secrets): Record<string, unknown> {
  return {
    cameras: [{ id: "front", username: "viewer", password: secrets.front }],
    mqtt: { url: "mqtt://192.168.50.3", username: "shepherd", password: secrets.broker },
    storage: { endpoint: "http://127.0.0.1:9000", access_key_id: secrets.store, secret_access_key: secrets.store },
    http: { token: secrets.token, port: 8099, metrics_port: 9090 },
    notify: [{ kind: "ntfy", url: `https://viewer:${secrets.notify}@ntfy.example/topic`, token: secrets.notify }],
    home_assistant: { url: "http://127.0.0.1:8123", token: secrets.home },
    on_moved: [{ url: `https://hook.example/?token=${secrets.notify}`, headers: { authorization: `Bearer ${secrets.notify}` } }],
    portal: { url: "https://portal.example", site: "home", key: secrets.portal },
    limits: { frames: "5s" },
    health: { interval: "5s" },
  };
}

/** A home whose every password is a canary; its go2rtc asks for one too, on the loopback interface as well. */
async function startCarelessHome(secrets: Secrets): Promise<AsyncDisposable & { home: Home; file: string; go2rtc: Careful }> {
  await using undo = new AsyncDisposableStack();
  const home = undo.use(
    await startHome({
      cameras: [
        { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: secrets.front },
        { name: "garden", mac: "ec:71:db:11:02:7e" as MacAddress, password: secrets.garden, realm: "Login to 4F02A19PAK" },
      ],
    }),
  );
  await home.go2rtc.stop();
  const yaml = join(home.lan.folder, "careful", "go2rtc.yaml");
  await mkdir(dirname(yaml));
  const api = `api:\n  listen: ":1984"\n  username: admin\n  password: ${secrets.api}\n  local_auth: true\n`;
  const streams = ["front", "garden"].map((name) => `  ${name}: ${home.camera(name).url()}\n`).join("");
  await writeFile(yaml, `${api}rtsp:\n  listen: ":8554"\nwebrtc:\n  listen: ""\nstreams:\n${streams}`, { mode: 0o600 });
  const go2rtc = undo.use(await runGo2rtc({ file: yaml }));
  await writeFile(home.document, careless(home, secrets));
  const file = await writeOptions({
    folder: join(home.lan.folder, "careless"),
    frigateFile: home.document,
    go2rtcUrl: go2rtc.url,
    more: {
      ...options(secrets),
      frigate: [{ via: "file", file: home.document, url: "http://127.0.0.1:5000", username: "admin", password: secrets.frigate }],
      go2rtc: [{ url: go2rtc.url, username: "admin", password: secrets.api }],
    },
  });
  const owned = undo.move();
  return { home, file, go2rtc, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type Careful = Awaited<ReturnType<typeof runGo2rtc>>;

test("passwords are in no output, message, argument, table of facts or packet, and a planted one is found", async () => {
  const secrets = makeSecrets();
  await using careless = await startCarelessHome(secrets);
  const { home, file, go2rtc } = careless;
  const { lan } = home;
  const launch = { env: { FRIGATE_GARDEN_PASSWORD: secrets.garden } };
  const database = join(lan.folder, "careless", "data", "camera-shepherd.db");
  const places = new Map<string, string | Buffer>();
  const [front, garden] = [home.camera("front"), home.camera("garden")];
  await using capture = await captureAll(join(lan.folder, "everything.pcap"));
  const original = await home.readDocument();

  // A person at a terminal: a move, a stranger at the address of the other camera, and one that moved and shows no picture.
  const told = async (run: ReturnType<typeof launched>, what: RegExp): Promise<void> => {
    await eventually(what.source, () => (run.assertRunning(), what.test(spoken(run))), PATIENCE, 50);
  };
  const run = launched(["run", "--log-level", "debug", "--config", file], launch);
  await using stopRun = new AsyncDisposableStack();
  stopRun.use(run);
  onTestFailed(() => void process.stdout.write(`${spoken(run).slice(-6000)}\n`));
  await using arguments_ = watchArguments(run.pid);
  await told(run, /front +learned at/);
  await told(run, /garden +learned at/);
  await front.moveByDhcp(lan.at(60));
  await expectText(home.document, moved(original, [[lan.at(20), lan.at(60)]]));
  await told(run, /frames flow again/);
  await garden.powerOff();
  const impostor = await startImpostor(lan, {
    name: "stranger",
    mac: "3c:84:6a:00:00:01" as MacAddress,
    address: lan.at(21),
    auth: "basic",
  });
  await using strangers = new AsyncDisposableStack();
  strangers.use(impostor);
  await told(run, /stream garden: no password goes there/);
  const parked = tablesOf(database);
  await garden.powerOn(lan.at(61));
  await told(run, /stream garden put back/);
  const healed = moved(original, [
    [lan.at(20), lan.at(60)],
    [lan.at(21), lan.at(61)],
  ]);
  await expectText(home.document, healed);
  await front.set({ frozen: true });
  await front.moveByDhcp(lan.at(62));
  await told(run, /previous text was restored/);
  await expectText(home.document, healed);
  await run.stop();
  places.set("run", spoken(run));
  await front.set({ frozen: false });

  // A program that reads it.
  const read = launched(["run", "--json", "--log-level", "debug", "--config", file], launch);
  stopRun.use(read);
  await using readArguments = watchArguments(read.pid);
  await told(read, /"device\/front"/);
  const asked = await finished(["resync", "front", "--config", file], launch);
  expect(asked).toMatchObject({ code: 0 });
  places.set("resync", `${asked.output}\n${asked.errors}`);
  await told(read, /"kind":"frames"/);
  await expectText(home.document, moved(healed, [[lan.at(60), lan.at(62)]]));
  for (const [name, text] of await answersOf(secrets.token)) places.set(name, text);
  await read.stop();
  places.set("run --json", spoken(read));

  const note = async (args: readonly string[]): Promise<void> => {
    const { output, errors } = await finished([...args, "--log-level", "debug", "--config", file], launch);
    places.set(args.join(" "), `${String(places.get(args.join(" ")) ?? "")}\n${output}\n${errors}`);
  };
  await note(["plan", "--assume", "front=192.168.50.99", "--assume", "garden=192.168.50.98"]);
  await note(["plan", "--json", "--assume", "front=192.168.50.99"]);
  await note(["check"]);
  await note(["check", "--json"]);
  await note(["sync", "--json"]);
  // All is right but for the call of on_moved, which is still owed.
  expect(String(places.get("sync --json"))).toMatch(/"finished":true,.*"exitCode":1,.*"reason":"HookFailed"/);
  // And where go2rtc is gone in the midst of it.
  await garden.moveByDhcp(lan.at(63));
  await go2rtc.stop();
  await note(["sync", "--dry-run"]);
  await note(["sync"]);
  await note(["sync", "--json"]);
  expect(String(places.get("sync"))).toContain("go2rtc at http://127.0.0.1:1984 does not answer");
  expect(places.get("plan --assume front=192.168.50.99 --assume garden=192.168.50.98")).toContain("rtsp://***@192.168.50.99");

  const lines = [...arguments_.seen(), ...readArguments.seen()];
  for (const part of ["src/main.ts", "monitor neigh", "arp-scan"]) expect(lines.filter((line) => line.includes(part))).not.toEqual([]);
  places.set("arguments", lines.join("\n"));
  places.set("children's environments", `${arguments_.environments()}${readArguments.environments()}`);
  const tables = tablesOf(database);
  // What is put back, and what documents said, is kept in these two, in a file for its owner alone.
  for (const [name, text] of tables) if (name !== "quarantine" && name !== "change") places.set(`table ${name}`, text);
  expect([...tables.keys()]).toEqual(expect.arrayContaining(["change", "device", "evidence", "quarantine"]));
  expect(findings(new Map([["parked", parked.get("quarantine") ?? ""]]), [secrets.garden])).toEqual([`parked: ${secrets.garden}`]);
  expect(findings(new Map([["change", tables.get("change") ?? ""]]), [secrets.front])).toEqual([`change: ${secrets.front}`]);
  expect(impostor.offers()).toEqual([]);

  const planted = `planted-${crypto.randomUUID()}`;
  const plantedPlaces: ReadonlyMap<string, string | Buffer> = await plant(planted, lan.router.address, database);
  const packets = await capture.end();
  places.set("packets", packets);
  // Logins passed there, so that a password would have.
  for (const part of ["DESCRIBE rtsp://192.168.50.61", 'Authorization: Digest username="viewer"'])
    expect(packets.includes(part)).toBe(true);
  expect(findings(places, Object.values(secrets))).toEqual([]);
  expect(findings(new Map([...plantedPlaces, ["packets", packets]]), [planted])).toEqual(
    ["output", "arguments", "table device", "packets"].map((place) => `${place}: ${planted}`),
  );
});

/** What the listeners tell whoever has the token, and whoever has none. */
async function answersOf(token: string): Promise<ReadonlyMap<string, string>> {
  const api = "http://127.0.0.1:8099";
  const paths = ["status", "cameras", "cameras/front", "cameras/front/evidence", "proposals", "changes", "plan", "openapi.json", "nothing"];
  const urls = ["http://127.0.0.1:9090/metrics", `${api}/metrics`, `${api}/ready`, ...paths.map((path) => `${api}/api/${path}`)];
  const headers = { authorization: `Bearer ${token}` };
  const answers = new Map<string, string>();
  for (const url of urls) {
    for (const [who, init] of [
      ["with the token", { headers }],
      ["without", {}],
    ] as const) {
      const answer = await fetch(url, init);
      answers.set(`${url} ${who}`, `${JSON.stringify([...answer.headers])}\n${await answer.text()}`);
    }
  }
  expect(answers.get("http://127.0.0.1:9090/metrics without")).toContain("camera_shepherd_");
  expect(answers.get(`${api}/api/cameras with the token`)).toContain('"front"');
  expect(answers.get(`${api}/api/changes with the token`)).toContain("192.168.50.62");
  return answers;
}

/** Puts a text where none of the home's secrets may stand, and collects it from there as it is done with the program. */
async function plant(text: string, router: string, database: string): Promise<ReadonlyMap<string, string>> {
  const socket = createSocket("udp4");
  socket.send(`password=${text}`, 9, router);
  const output = await finished(["plan", "--assume", `${text}=nowhere`]);
  await using program = start("timeout", ["20", process.execPath, "-e", "setTimeout(() => undefined, 20_000)", text]);
  await using watched = watchArguments(program.pid);
  await eventually("the planted argument", () => [...watched.seen()].some((line) => /^\S*node .*planted/.test(line)), PATIENCE);
  const copy = `${database}.copy`;
  const original = new DatabaseSync(database, { readOnly: true });
  original.exec(`VACUUM INTO '${copy}'`);
  original.close();
  const changed = new DatabaseSync(copy);
  changed.prepare("UPDATE device SET realm = ?").run(text);
  changed.close();
  const closed = once(socket, "close");
  socket.close();
  await closed;
  return new Map([
    ["output", `${output.output}${output.errors}`],
    ["arguments", [...watched.seen()].join("\n")],
    ["table device", tablesOf(copy).get("device") ?? ""],
  ]);
}
