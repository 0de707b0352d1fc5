import { expect, it } from "vitest";
import { parseIp, type IpAddress } from "../../src/domain/addresses.ts";
import { loginUrlAt } from "../../src/domain/login-url.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? expect.unreachable();
const OLD = ip("192.168.1.1");
const NEW = ip("192.168.1.77");

it.each([
  ["rtsp://viewer:canary-1@192.168.1.1:554/s?a=192.168.1.1#x", "rtsp://viewer:canary-1@192.168.1.77:554/s?a=192.168.1.1#x"],
  ["rtsp://viewer:p%40ss@192.168.1.1", "rtsp://viewer:p%40ss@192.168.1.77"],
  ["rtsp://viewer:p@192.168.1.9@192.168.1.1/s", "rtsp://viewer:p@192.168.1.9@192.168.1.77/s"],
  ["rtsps://viewer:a:b@192.168.1.1:322/", "rtsps://viewer:a:b@192.168.1.77:322/"],
  ["rtsp://192.168.1.1/s?user=viewer", "rtsp://192.168.1.77/s?user=viewer"],
])("%s", (url, expected) => {
  expect(loginUrlAt(url, [OLD], NEW)).toBe(expected);
});

it.each([
  ["another host", "rtsp://viewer:canary-1@192.168.1.13/s"],
  ["a longer host", "rtsp://viewer:canary-1@192.168.1.1.example/s"],
  ["a host name", "rtsp://viewer:canary-1@camera.lan/s"],
  ["the address in the path only", "rtsp://viewer:pa/x@192.168.1.1/s"],
  ["the address behind a hash", "rtsp://viewer:pa#x@192.168.1.1/s"],
  ["no RTSP", "http://viewer:canary-1@192.168.1.1/s"],
  ["no URL", "192.168.1.1"],
])("gives no URL for %s: nobody gets a password by guess", (_what, url) => {
  expect(loginUrlAt(url, [OLD], NEW)).toBeUndefined();
});
