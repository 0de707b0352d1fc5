import { request } from "node:http";
import { request as secureRequest } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { frigates, VALID } from "../../adapters/frigate/frigates.ts";
import { FRIGATE_VERSIONS } from "./versions.ts";

// What the real Frigate does, by its own code (github.com/blakeblackshear/frigate, the tag of each version): frigate/api/app.py, frigate/api/auth.py,
// frigate/util/builtin.py, frigate/config/config.py, docker/main/rootfs/usr/local/nginx/conf/nginx.conf.

const start = frigates();
const HEALED = VALID.replaceAll("192.168.1.20", "192.168.1.60");

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly cookie: string;
}

function call(
  base: string,
  path: string,
  options: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const make = base.startsWith("https:") ? secureRequest : request;
  return new Promise((resolve, reject) => {
    const { method = "GET", body, headers = {} } = options;
    const asked = make(`${base}/api/${path}`, { method, headers, rejectUnauthorized: false, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          type: String(response.headers["content-type"]),
          text,
          cookie: String(response.headers["set-cookie"] ?? ""),
        }),
      );
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

const put = (data: unknown) => ({ method: "PUT", body: JSON.stringify(data), headers: { "content-type": "application/json" } });
const fresh = { headers: { "x-cache-bypass": "1" } };

describe.each(FRIGATE_VERSIONS)("the fake Frigate %s, as the real one", (version) => {
  const minor = Number(version.split(".")[1]);

  test("gives its text as it is in 0.14 and as a JSON string after, both as text/plain", async () => {
    const frigate = await start({ version, text: VALID });
    const { text, type } = await call(frigate.url, "config/raw");
    expect(type).toContain("text/plain");
    expect(text).toBe(minor >= 15 ? JSON.stringify(VALID) : VALID);
  });

  test("masks credentials in what runs, and shows the running configuration after a save, not the document", async () => {
    const frigate = await start({ version, text: VALID });
    await call(frigate.url, "config/save?save_option=saveonly", { method: "POST", body: HEALED });
    const { text } = await call(frigate.url, "config", fresh);
    expect(text).toContain("rtsp://*:*@192.168.1.20:554/main");
    expect(text).not.toContain("canary");
    expect(frigate.text).toBe(HEALED);
  });

  test("keeps answers for five seconds unless asked past them", async () => {
    const frigate = await start({ version, text: VALID });
    await call(frigate.url, "config/raw");
    frigate.edit(HEALED);
    expect((await call(frigate.url, "config/raw")).text).toContain("192.168.1.20");
    expect((await call(frigate.url, "config/raw", fresh)).text).not.toContain("192.168.1.20");
  });

  test("asks for a login on 8971 alone, and takes its cookie as a bearer too", async () => {
    const frigate = await start({ version, text: VALID });
    expect((await call(frigate.url, "version")).status).toBe(200);
    expect((await call(frigate.secureUrl, "version")).status).toBe(401);
    const login = (password: string) =>
      call(frigate.secureUrl, "login", { method: "POST", body: JSON.stringify({ user: "admin", password }) });
    expect((await login("wrong")).status).toBe(401);
    const { cookie } = await login("canary-frigate-admin");
    const token = /frigate_token=([^;]+)/.exec(cookie)?.[1] ?? "";
    expect((await call(frigate.secureUrl, "version", { headers: { cookie: `frigate_token=${token}` } })).status).toBe(200);
    expect((await call(frigate.secureUrl, "version", { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    frigate.authEnabled = false;
    expect((await login("canary-frigate-admin")).status).toBe(404);
  });

  test("lets only admins write from 0.16 on, and read the text from 0.17.1 on; the role of 8971 without login is viewer", async () => {
    const frigate = await start({ version, text: VALID });
    frigate.authEnabled = false;
    const save = await call(frigate.secureUrl, "config/save?save_option=saveonly", { method: "POST", body: HEALED });
    expect(save.status).toBe(minor >= 16 ? 403 : 200);
    expect((await call(frigate.secureUrl, "config/raw")).status).toBe(minor >= 17 ? 403 : 200);
    expect((await call(frigate.secureUrl, "config")).status).toBe(200);
  });

  test("validates before it writes, with the line; it empties the file, then fills it", async () => {
    const frigate = await start({ version, text: VALID });
    const refused = await call(frigate.url, "config/save?save_option=saveonly", { method: "POST", body: `${VALID}nonsense: 1\n` });
    expect(refused.status).toBe(400);
    expect(refused.text).toMatch(/Line \d+: nonsense/);
    const broken = await call(frigate.url, "config/save?save_option=saveonly", { method: "POST", body: "cameras: [\n" });
    expect([broken.status, broken.text]).toEqual([400, expect.stringContaining("Traceback")]);
    expect((await call(frigate.url, "config/save?save_option=saveonly", { method: "POST", body: "" })).status).toBe(400);
    expect(frigate.text).toBe(VALID);
    const between: string[] = [];
    frigate.whileEmpty = () => void between.push(frigate.text);
    const saved = await call(frigate.url, "config/save?save_option=saveonly", { method: "POST", body: HEALED });
    expect([saved.status, between, frigate.text]).toEqual([200, [""], HEALED]);
  });

  test("config/set: a JSON body from 0.15 on, an index inside a key fails, and only 0.18 changes what runs", async () => {
    const frigate = await start({ version, text: VALID });
    expect((await call(frigate.url, "config/set?a=1", { method: "PUT" })).status).toBe(minor >= 15 ? 422 : 400);
    const index = await call(frigate.url, "config/set?cameras.front.ffmpeg.inputs.0.path=x", put({ requires_restart: 1 }));
    expect(index.status).toBe(500);
    const inputs = [{ path: "rtsp://viewer:canary-front@192.168.1.60:554/main", roles: ["detect"] }];
    const data = { cameras: { front: { ffmpeg: { inputs } } } };
    const set = await call(
      frigate.url,
      "config/set",
      put({ requires_restart: 0, skip_save: true, config_data: data, update_topic: "config/cameras/front/ffmpeg" }),
    );
    expect(set.status).toBe(minor >= 17 ? 200 : 400);
    expect(frigate.running.cameras["front"]?.ffmpeg.inputs[0]?.path).toContain(minor >= 18 ? ".60" : ".20");
    // 0.17 knows no `skip_save`: its own writer formats the whole document anew.
    expect(frigate.text.includes("# the front's own")).toBe(minor !== 17);
    const onvif = { cameras: { front: { onvif: { host: "192.168.1.60" } } } };
    const topic = await call(
      frigate.url,
      "config/set",
      put({ requires_restart: 0, skip_save: true, config_data: onvif, update_topic: "config/cameras/front/onvif" }),
    );
    expect(topic.status).toBe(minor >= 18 ? 200 : minor === 17 ? 500 : 400);
  });

  test("gives a stream one source from 0.17 on, never a command", async () => {
    const frigate = await start({ version, text: VALID });
    const done = await call(frigate.url, "go2rtc/streams/front?src=rtsp%3A%2F%2F192.168.1.60%2Fa", { method: "PUT" });
    expect(done.status).toBe(minor >= 17 ? 200 : 404);
    const command = await call(frigate.url, "go2rtc/streams/front?src=exec%3Ax", { method: "PUT" });
    expect(command.status).toBe(minor >= 17 ? 400 : 404);
  });

  test("starts in safe mode on a text that is not valid to it, from 0.17 on", async () => {
    const frigate = await start({ version, text: VALID });
    frigate.edit(`${VALID}nonsense: 1\n`);
    await call(frigate.url, "restart", { method: "POST" });
    const { text } = await call(frigate.url, "config", fresh);
    expect(JSON.parse(text)).toMatchObject(minor >= 17 ? { safe_mode: true, cameras: {} } : { cameras: { front: {} } });
    await pause(1);
  });
});

test("nginx says itself that plain HTTP is wrong on the port of TLS", async () => {
  const frigate = await start({ version: "0.17.2", text: VALID });
  const { status, text } = await call(frigate.secureUrl.replace("https", "http"), "version");
  expect([status, text]).toEqual([400, expect.stringContaining("The plain HTTP request was sent to HTTPS port")]);
});
