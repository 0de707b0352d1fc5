import { expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { firstServer } from "../../src/reconcilers/first-server.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { FakeHome, named } from "./fake-home.ts";

const signal = new AbortController().signal;
const server = (address: string) => new FakeStreamServer({ streams: { front: [`rtsp://${address}/x`] } });
const shown = async (one: ReturnType<typeof firstServer>) => (await one.list(signal)).get(named("front"))?.producers[0]?.url;

it("takes the first way that answers, another when that is gone, and the better one again within a minute", async () => {
  const [best, second] = [server("192.0.2.1"), server("192.0.2.2")];
  const clock = new FakeClock();
  const one = firstServer("go2rtc", [best, second], clock);
  expect(await shown(one)).toContain("192.0.2.1");
  best.setGone(true);
  await expect(one.list(signal)).rejects.toMatchObject({ reason: "ServerUnreachable" });
  expect(await shown(one)).toContain("192.0.2.2");
  best.setGone(false);
  await clock.advance(seconds(30));
  expect(await shown(one)).toContain("192.0.2.2");
  await clock.advance(minutes(1));
  expect(await shown(one)).toContain("192.0.2.1");
});

it("tells the best way's trouble where none answers", async () => {
  const [best, second] = [server("192.0.2.1"), server("192.0.2.2")];
  best.setGone(true);
  second.setGone(true);
  const one = firstServer("go2rtc", [best, second], new FakeClock());
  await expect(one.point(named("front"), ["rtsp://192.0.2.9/x"], signal)).rejects.toMatchObject({ reason: "ServerUnreachable" });
  expect(one.place).toBe(best.place);
});

it("says which way it is, and why it is no better one, in the server's condition too", async () => {
  const best = new FakeStreamServer({ way: { why: "found at Frigate's host", isByFrigate: false } });
  const second = new FakeStreamServer({ place: "http://frigate:5000", way: { why: "through Frigate", isByFrigate: true } });
  const home = new FakeHome({ servers: [firstServer("go2rtc", [best, second], new FakeClock())] });
  const clock = new FakeClock();
  const one = firstServer("go2rtc", [best, second], clock);
  expect(one.way).toBeUndefined();
  await one.list(signal);
  expect(one.way).toEqual({ why: "found at Frigate's host", isByFrigate: false });
  best.setGone(true);
  await clock.advance(minutes(1));
  await one.list(signal);
  expect(one.way).toEqual({ why: "go2rtc at http://go2rtc.invalid:1984 does not answer; through Frigate", isByFrigate: true });
  await home.start();
  expect(home.status.get("server/go2rtc")?.message).toBe(
    "http://frigate:5000 answers (go2rtc at http://go2rtc.invalid:1984 does not answer; through Frigate)",
  );
  await home.stop();
});
