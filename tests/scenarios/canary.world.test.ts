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
    frigate: [{ via: "file", file: "", url: "http://127.0.0.1:5000", username: "admin", password: secrets.frigate }],
    cameras: [{ id: "front", username: "viewer", password: secrets.option }],
    mqtt: { url: "mqtt://192.168.50.3", username: "shepherd", password: secrets.broker },
    storage: { endpoint: "http://127.0.0.1:9000", access_key_id: secrets.store, secret_access_key: secrets.store },
    http: { token: secrets.token },
    notify: [{ kind: "ntfy", url: `https://viewer:${secrets.notify}@ntfy.example/topic`, token: secrets.notify }],
    on_moved: [{ url: `https://hook.example/?token=${secrets.notify}`, headers: { authorization: `Bearer ${secrets.notify}` } }],
    portal: { url: "https://portal.example", site: "home", key: secrets.portal },
    limits: { frames: "5s" },
    health: { interval: "5s" },
  };
}
