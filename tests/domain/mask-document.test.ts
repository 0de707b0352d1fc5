import { describe, expect, it } from "vitest";
import { maskDocument } from "../../src/domain/mask-document.ts";
import { PLACES } from "./mask-places.ts";
import { HOME } from "../commands/homes.ts";

describe("maskDocument", () => {
  it("shows no credential of a home and every address", () => {
    const masked = maskDocument(HOME);
    expect(masked).not.toContain("canary");
    expect(masked.split("\n")).toHaveLength(HOME.split("\n").length);
    expect(masked.match(/192\.168\.1\.\d+/g)).toEqual(HOME.match(/192\.168\.1\.\d+/g));
  });

  it.each([
    ["an alias", "x: &a canary\nmqtt: {password: *a}\n"],
    ["a block scalar", "auth:\n  token: |\n    canary\n    canary\n"],
    ["a folded URL", 'path: "rtsp://viewer:can\\\n  ary@10.0.0.1/a"\npath2: >-\n  rtsp://viewer:canary\n  @10.0.0.1/a\n'],
    ["quotes and spaces in a password", "path: rtsp://viewer:canary'x y@10.0.0.1/a\n"],
    ["an escape", 'path: "rtsp://viewer:canary\\x40 canary\\x4010.0.0.1/a"\n'],
    ["variables", "environment_vars:\n  FRIGATE_RTSP_PASSWORD: canary\n  FRIGATE_USER: canary\n"],
    ["a variable that is a URL", "environment_vars:\n  FRIGATE_CAM: rtsp://viewer:canary@10.0.0.1/a\n"],
    ["users", "mqtt: {user: canary}\nonvif: {username: canary}\n"],
    ["comments", "a: 1 # password: canary\n# api_key = canary\n# rtsp://viewer:canary@10.0.0.1/\n"],
    ["a list of tokens", "tokens: [canary, canary]\n"],
    ["a text that is no YAML", "a: [\nurl: rtsp://viewer:canary@10.0.0.1\n"],
    [
      "what is secret in a document inside a ConfigMap",
      "data:\n  config.yml: |\n    onvif:\n      host: 10.0.0.1\n      password: canary\n    token: |\n      canary\n",
    ],
    [
      "a document inside that begins with a list",
      "data:\n  config.yml: |-\n    - path: rtsp://viewer:canary@10.0.0.1/a\n      password: canary\n",
    ],
    ["a document inside on one line", 'data: {config.yml: "onvif:\\n  host: 10.0.0.1\\n  password: canary\\n"}\n'],
    ["a folded document inside", "config: >\n  onvif: 1\n\n  password: canary\n"],
    [
      "a login under auth",
      "a: {auth: canary:canary}\nauthorization: Basic canary\nbasic_auth: ['x:canary']\nheaders: {X-Api-Key: canary, Cookie: canary}\n",
    ],
    ["a login under auth in a text that is no YAML", "a: [\nauth: canary\nauthorization: Bearer canary\n"],
    [
      "what go2rtc keeps of accounts and pairings",
      "homekit: {front: {pin: canary, device_private: canary}}\nxiaomi: {'123': 'V1:canarycanary'}\n",
    ],
    ["a query broken over lines", 'path: "http://10.0.0.1/flv?user=x&password=can\\\n  canary"\n'],
    ["a command broken over lines", "s: >-\n  exec:curl -u\n  viewer:canary\n  http://10.0.0.1/a\n"],
    ["an escape in a query", 'path: "http://10.0.0.1/flv?password\\x3dcanary"\n'],
    ["a header in a script", "s: |\n  expr: let token = 'canary';\n  fetch(u, {headers: {'Authorization': 'Bearer canary'}})\n"],
    ["CRLF", "password: canary\r\nb: 1\r\n"],
  ])("hides %s", (_, text) => {
    const masked = maskDocument(text);
    expect(masked).not.toMatch(/canary|can\\|ary@/);
    expect(masked.split("\n")).toHaveLength(text.split("\n").length);
  });

  it("shows the addresses in a document inside a document", () => {
    const text = "data:\n  config.yml: |\n    onvif:\n      host: 10.0.0.1\n      password: secret\n    path: rtsp://u:p@10.0.0.2/a\n";
    expect(maskDocument(text)).toBe(text.replace("secret", "***").replace("u:p@", "***@"));
  });

  it("keeps an address in a variable, and what is no secret", () => {
    const text = "environment_vars: {FRIGATE_HOST: 10.0.0.1, FRIGATE_CAM: rtsp://10.0.0.2/a}\nkeyframe: 3\nmonkey: banana\n";
    expect(maskDocument(text)).toBe(text);
  });

  it("keeps Frigate's groups and switches that are named like a secret", () => {
    const text =
      "auth: {enabled: true, cookie_secure: true, session_length: 86400}\nproxy: {auth: false}\nwebrtc: {auth: }\n" +
      "users: {reset_admin_password: true}\ngenai: {provider_options: {max_tokens: 4096}}\n";
    expect(maskDocument(text)).toBe(text);
  });

  it.each(PLACES.map(({ text, masked }) => [text, masked] as const))("in a stream: %s", (place, masked) => {
    const [source, shown] = [place.replaceAll("•", "canary7"), masked ?? place.replaceAll("•", "***")];
    const text = `go2rtc:\n  streams:\n    front: ${JSON.stringify(source)}\n    back: rtsp://10.0.0.2/a\n`;
    const hidden = maskDocument(text);
    expect(hidden).not.toContain("canary");
    expect(hidden).toContain("back: rtsp://10.0.0.2/a\n");
    expect(hidden).toBe(text.replace(JSON.stringify(source), () => JSON.stringify(shown)));
  });
});
