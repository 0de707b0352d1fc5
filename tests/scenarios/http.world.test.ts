import { describe, expect, test } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import { startHome, type HomeCamera } from "../world/home.ts";
import { eventually, pause } from "../world/waiting.ts";
import { expectHealed, fileState, listen, LONG, PATIENCE, sourceHosts } from "./scene.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front", realm: "IP Camera(C6F0)" };
const garden: HomeCamera = { ...front, name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress };
const TOKEN = "canary-token-of-the-api";
const API = "http://127.0.0.1:8099";
/** How long a lie has to be resisted. */
const VIGIL = LONG ? 60_000 : 3000;

function post(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${TOKEN}` },
): Promise<Response> {
  const json = { "content-type": "application/json" };
  return fetch(API + path, { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) });
}

async function isReady(): Promise<boolean> {
  const answer = await fetch(`${API}/ready`).catch(() => undefined);
  return answer?.status === 200;
}

describe("a camera that moved without a packet, while nothing here notices by itself,", () => {
  test("is found when somebody asks by HTTP for a look, or reports where it is; a report that lies moves nothing", async () => {
    // No way of noticing is on, nobody watches, and the regular look is an hour away.
    const shepherd = {
      network: { layers: { dhcp: false, neighbours: false, ws_discovery: false } },
      health: { interval: "1h" },
      http: { port: 8099, token: TOKEN, metrics_port: 9090 },
    };
    await using home = await startHome({ cameras: [{ ...front, static: true }, garden], shepherd });
    await using heard = listen(home.options);
    for (const name of ["front", "garden"])
      await heard.hears(`${name} to be learned`, ({ kind, device }) => kind === "learned" && device === name);
    await eventually("readiness", isReady, PATIENCE);
    const camera = home.camera("front");
    const before = await fileState(home.document);

    const report = (address: IpAddress): Promise<Response> => post("/api/sightings", { mac: front.mac, address });
    expect((await post("/api/resync", {}, {})).status).toBe(401);
    for (const address of [home.lan.at(99), home.lan.at(21)]) expect((await report(address)).status).toBe(202);
    await pause(VIGIL);
    expect(await fileState(home.document)).toEqual(before);
    expect(heard.told().filter(({ kind }) => ["moved", "stream-pointed", "document-written"].includes(kind))).toEqual([]);
    expect(await sourceHosts(home.go2rtc, "front")).toEqual([home.lan.at(20)]);

    await camera.moveSilently(home.lan.at(93));
    await pause(2000);
    expect(heard.told().filter(({ kind }) => kind === "moved")).toEqual([]);
    expect((await post("/api/resync", {})).status).toBe(202);
    await expectHealed(home, before.text, [[home.lan.at(20), home.lan.at(93)]], [camera]);
    await heard.hears("its frames", ({ kind }) => kind === "frames");

    const { text } = await fileState(home.document);
    await camera.moveSilently(home.lan.at(94));
    await pause(1000);
    expect((await report(home.lan.at(94))).status).toBe(202);
    await expectHealed(home, text, [[home.lan.at(93), home.lan.at(94)]], [camera]);
    const metrics = await (await fetch("http://127.0.0.1:9090/metrics")).text();
    expect(metrics).toContain("camera_shepherd_moves_total 2\n");
    expect(metrics).toContain('camera_shepherd_candidates_total{layer="reported"}');
    expect(metrics).not.toContain("canary");
  });
});
