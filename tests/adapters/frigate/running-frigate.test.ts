import { describe, expect, test } from "vitest";
import { HttpFrigate } from "../../../src/adapters/frigate/running-frigate.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";
import { FRIGATE_VERSIONS } from "../../fakes/fake-frigate/versions.ts";
import { clientAt, frigates, never, VALID } from "./frigates.ts";

const start = frigates();
const NAME = "frigate" as TargetName;
const HEALED = VALID.replaceAll("192.168.1.20", "192.168.1.60");

describe.each(FRIGATE_VERSIONS)("a running Frigate %s", (version) => {
  test("shows the addresses that it runs with, not those of its document, until it starts anew", async () => {
    const frigate = await start({ version, text: VALID });
    const running = new HttpFrigate(NAME, clientAt(frigate.url));
    frigate.edit(HEALED);
    const addresses = async () => (await running.state(never())).cameras.get("front");
    expect(await addresses()).toEqual({ inputs: ["192.168.1.20"], onvif: "192.168.1.20" });
    await running.restart(never());
    expect(await addresses()).toEqual({ inputs: ["192.168.1.60"], onvif: "192.168.1.60" });
    expect(frigate.restarts).toBe(1);
  });

  test("takes a change while it runs from 0.18 on, and its document keeps every byte", async () => {
    const frigate = await start({ version, text: VALID });
    const running = new HttpFrigate(NAME, clientAt(frigate.url));
    frigate.edit(HEALED);
    const lives = version === "0.18.0";
    expect(await running.applyLive("front", "ffmpeg", HEALED, never())).toBe(lives);
    expect(await running.applyLive("front", "onvif", HEALED, never())).toBe(lives);
    const now = lives ? "192.168.1.60" : "192.168.1.20";
    expect((await running.state(never())).cameras.get("front")).toEqual({ inputs: [now], onvif: now });
    expect(frigate.text).toBe(HEALED);
    expect(frigate.calls.some(({ url }) => url.includes("config/set"))).toBe(lives);
    expect(await running.applyLive("nobody", "ffmpeg", HEALED, never())).toBe(false);
  });

  test("started on a document that is not valid to it is in safe mode where there is one", async () => {
    const frigate = await start({ version, text: VALID });
    frigate.edit(`${VALID}nonsense: 1\n`);
    const { hasSafeMode } = frigate.traits;
    if (hasSafeMode) frigate.reload();
    const { safeMode, cameras } = await new HttpFrigate(NAME, clientAt(frigate.url)).state(never());
    expect([safeMode, cameras.size]).toEqual(hasSafeMode ? [true, 0] : [false, 1]);
  });
});

test("inputs by host name, by loopback and with masked credentials are read as what they are", async () => {
  const inputs = [
    "rtsp://user:p@ss@192.168.1.20/a",
    "rtsp://127.0.0.1:8554/front",
    "rtsp://nvr.lan/1",
    "http://10.0.0.9/flv?user=a&password=b",
  ];
  const text = VALID.replace(
    "        - path: rtsp://viewer:canary-front@192.168.1.20:554/main\n          roles: [detect]\n",
    inputs.map((path) => `        - path: ${path}\n          roles: []\n`).join(""),
  ).replace("host: 192.168.1.20", "host: http://192.168.1.20");
  const frigate = await start({ version: "0.17.2", text, schema: {} });
  const { cameras } = await new HttpFrigate(NAME, clientAt(frigate.url)).state(never());
  expect(cameras.get("front")).toEqual({ inputs: ["192.168.1.20", "10.0.0.9"], names: ["nvr.lan"], onvif: "192.168.1.20" });
});

test("what a person wants to know of it", async () => {
  const frigate = await start({ version: "0.17.2", text: VALID });
  expect(await new HttpFrigate(NAME, clientAt(frigate.url)).examine(never())).toEqual({
    version: frigate.traits.version,
    role: "admin",
    safeMode: false,
    schema: true,
  });
});
