import { describe, expect, it, onTestFinished } from "vitest";
import { DhcpFeed } from "../../../src/adapters/home-assistant/dhcp-feed.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { minutes, seconds } from "../../../src/domain/duration.ts";
import type { Sighting } from "../../../src/domain/sighting.ts";
import { LayerUnavailable } from "../../../src/ports/sightings.ts";
import { homeAssistant, linkTo, until } from "./scene.ts";

const FRONT = { mac_address: "0C:79:55:4B:D4:2A", hostname: "front", ip_address: "192.168.1.60" };
const BACK = { mac_address: "0c79554bd42b", hostname: "", ip_address: "192.168.1.61" };

function watch(feed: DhcpFeed) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const told: Sighting[] = [];
  const ready: number[] = [];
  const ended = feed
    .watch(
      (sighting) => void told.push(sighting),
      () => void ready.push(told.length),
      stop.signal,
    )
    .catch((error: unknown) => error);
  return { told, ready, ended, stop };
}

describe("what Home Assistant sees", () => {
  it("is told: the whole table first, then each change; MAC addresses in our form, nothing that is none", async () => {
    const { core, link } = await homeAssistant();
    core.seen.push(
      FRONT,
      BACK,
      { mac_address: "ff:ff:ff:ff:ff:ff", hostname: "x", ip_address: "192.168.1.62" },
      { ...FRONT, ip_address: "fe80::1" },
    );
    const { told, ready, ended, stop } = watch(new DhcpFeed(link, createSystemClock(), () => 0));
    await until(() => told.length === 2);
    expect(told).toEqual([
      { layer: "home_assistant", mac: "0c:79:55:4b:d4:2a", address: "192.168.1.60", at: expect.any(Number), hostName: "front" },
      { layer: "home_assistant", mac: "0c:79:55:4b:d4:2b", address: "192.168.1.61", at: expect.any(Number) },
    ]);
    core.see({ ...FRONT, ip_address: "192.168.1.77", hostname: "f".repeat(999) });
    await until(() => told.length === 3);
    expect(told[2]).toMatchObject({ mac: "0c:79:55:4b:d4:2a", address: "192.168.1.77", hostName: "f".repeat(253) });
    core.tell("dhcp/subscribe_discovery", { add: "nothing" });
    core.tell("dhcp/subscribe_discovery", { add: [null, 7, { mac_address: 1 }], change: [] });
    core.see({ ...FRONT, ip_address: "192.168.1.77" });
    await until(() => told.length === 4);
    expect([told.length, ready.length]).toEqual([4, 1]);
    stop.abort();
    expect(await ended).toBeUndefined();
  });

  it("is not told again after Core was away, but for what changed meanwhile", async () => {
    const { core, link } = await homeAssistant();
    core.seen.push(FRONT, BACK);
    const feed = new DhcpFeed(link, createSystemClock(), () => 0);
    const first = watch(feed);
    await until(() => first.told.length === 2);
    core.restart();
    expect(await first.ended).toBeInstanceOf(LayerUnavailable);
    expect(await first.ended).toMatchObject({ message: `${core.url}: the connection was lost`, retryAfter: seconds(2) });
    core.seen.splice(0, 1, { ...FRONT, ip_address: "192.168.1.77" });
    const second = watch(feed);
    await until(() => second.told.length === 1);
    expect(second.told.map(({ address }) => address)).toEqual(["192.168.1.77"]);
  });

  it("is tried again with growing pauses while Core is away", async () => {
    const feed = new DhcpFeed(linkTo("http://127.0.0.1:1", "canary"), createSystemClock(), () => 0);
    const pauses: unknown[] = [];
    for (let count = 0; count < 7; count += 1) pauses.push(await watch(feed).ended);
    expect(pauses.map((error) => (error as LayerUnavailable).retryAfter)).toEqual([2, 4, 8, 16, 32, 60, 60].map(seconds));
    expect(pauses[0]).toMatchObject({ message: "http://127.0.0.1:1: no WebSocket of Home Assistant's answers there" });
  });

  it("needs an administrator's token, and a token at all: said with the remedy, and asked for seldom", async () => {
    const { core, link } = await homeAssistant();
    core.admin = false;
    const refused = await watch(new DhcpFeed(link, createSystemClock(), () => 0)).ended;
    expect(refused).toMatchObject({
      message: `${core.url}: only an administrator's token may ask for dhcp/subscribe_discovery`,
      retryAfter: minutes(10),
    });
    const wrong = (await watch(new DhcpFeed(linkTo(core.url, "wrong"), createSystemClock(), () => 0)).ended) as LayerUnavailable;
    expect(wrong.message).toBe(`${core.url}: it refuses the token; make a new long-lived access token, and set home_assistant.token`);
    expect(wrong.retryAfter).toBeGreaterThan(minutes(14));
  });
});
