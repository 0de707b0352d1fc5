import { expect, it } from "vitest";
import { minutes } from "../../src/domain/duration.ts";
import { checkGrouping } from "../../src/commands/check-grouping.ts";
import { BRIDGE_ENTITIES } from "../../src/domain/entities/bridge-entities.ts";
import { statesOf } from "../../src/domain/entities/entity.ts";
import { homePage } from "../../src/http/page/home-page.ts";
import { createHomeView } from "../../src/reconcilers/home-view.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, mac, movedText, source } from "./fake-home.ts";

const signal = new AbortController().signal;
const sub = (text: string): string => text.replaceAll("/main", "/sub");

/** Two Frigates, each with a go2rtc and a document of its own; `front` of the barn is at this address, and read by another path. */
function twoFrigates(address: typeof FRONT.address) {
  const house = new FakeConfigTarget({ name: "house", format: FRIGATE, text: frigateText([FRONT, BACK]) });
  const barn = new FakeConfigTarget({ name: "barn", format: FRIGATE, text: sub(frigateText([{ ...FRONT, address }])) });
  const streams = { front: [source("front", at(20))], back: [source("back", at(21))] };
  const first = new FakeStreamServer({ name: "go2rtc", document: "house", elsewhere: streams });
  const second = new FakeStreamServer({ name: "go2rtc-2", document: "barn", elsewhere: { front: [sub(source("front", address))] } });
  const home = new FakeHome({ cameras: [FRONT, BACK], targets: [house, barn], servers: [first, second] });
  const front = async (server: FakeStreamServer): Promise<readonly string[] | undefined> =>
    (await server.list(signal)).get("front" as never)?.producers.map(({ url }) => url);
  return { home, house, barn, second, shown: async () => [await front(first), await front(second)] };
}

it("one camera in two Frigates is pointed in each as that one's document has it", async () => {
  const { home, house, barn, shown } = twoFrigates(at(20));
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(2));
  expect(await shown()).toEqual([[source("front", at(60))], [sub(source("front", at(60)))]]);
  expect(house.text).toBe(movedText(frigateText([FRONT, BACK]), at(20), at(60)));
  expect(barn.text).toBe(sub(movedText(frigateText([FRONT]), at(20), at(60))));
  expect(home.status.get("cameras/front/NameShared")).toBeUndefined();
  await home.stop();
});

it("two cameras of one name in two Frigates: the move of one changes nothing of the other's, and it is said", async () => {
  const { home, house, barn, shown } = twoFrigates(at(30));
  const before = barn.text;
  home.place({ name: "front", mac: mac("0c:79:55:4b:d9:99") }, at(30));
  await home.start();
  await home.pass(minutes(1));
  expect(home.status.get("cameras/front/NameShared")).toMatchObject({
    status: "problem",
    reason: "NameShared",
    message: `front is at ${at(20)} in /fake/house.yml, which is looked after, and at ${at(30)} in /fake/barn.yml, where it never was and which is left alone`,
  });
  const signal = new AbortController().signal;
  const conditions = home.status.all();
  const view = createHomeView({ engine: home.engine, registry: home.registry, status: home.status, servers: ["go2rtc", "go2rtc-2"] });
  const states = JSON.stringify(statesOf(BRIDGE_ENTITIES, { isReady: true, conditions, pending: [], surface: "page" }));
  const page = homePage(view, new Set(), { proof: "", here: "./" }).text;
  const [said] = await checkGrouping(home.status).gather(signal);
  expect(said).toMatchObject({ part: "cameras", state: "less", nextStep: expect.stringContaining("give one of them another name") });
  for (const words of [said?.found, states, page]) expect(words).toContain(`at ${at(30)} in /fake/barn.yml, where it never was`);
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(30));
  expect(await shown()).toEqual([[source("front", at(60))], [sub(source("front", at(30)))]]);
  expect(house.text).toBe(movedText(frigateText([FRONT, BACK]), at(20), at(60)));
  expect(barn.text).toBe(before);
  barn.edit(before.replaceAll("front", "gate"));
  await home.pass(minutes(1));
  expect(home.status.get("cameras/front/NameShared")).toBeUndefined();
  await home.stop();
});

it("a stranger at the address of one of two cameras of one name: the other's stream is not parked", async () => {
  const { home, shown } = twoFrigates(at(30));
  home.place({ name: "front", mac: mac("0c:79:55:4b:d9:99") }, at(30));
  await home.start();
  await home.pass(minutes(1));
  home.stranger(at(20));
  await home.pass(minutes(5));
  expect(home.reason("device/front")).toBe("Quarantined");
  const [first, second] = await shown();
  expect(first).not.toEqual([source("front", at(20))]);
  expect(second).toEqual([sub(source("front", at(30)))]);
  await home.stop();
});

it.each([20, 30])(
  "a stream of that name that somebody watches in the barn, of the camera at .%i, is the house's camera's only where it is that",
  async (host) => {
    const { home, second } = twoFrigates(at(host));
    if (host !== 20) home.place({ name: "front", mac: mac("0c:79:55:4b:d9:99") }, at(30));
    await home.start();
    const client = second.attach("front" as never);
    await home.pass(minutes(1));
    const front = home.engine.fleet.devices.find(({ id }) => id === "front");
    const isOwn = host === 20;
    expect(front === undefined ? "none" : home.engine.liveStream(front)).toEqual(
      isOwn ? { server: "go2rtc-2", stream: "front" } : undefined,
    );
    expect(home.status.get("stream/go2rtc-2/front")?.status).toBe(isOwn ? "ok" : undefined);
    client.close();
    await home.stop();
  },
);

it("video of the barn's camera does not say that the house's camera of that name has healed", async () => {
  const { home, house, second } = twoFrigates(at(30));
  home.place({ name: "front", mac: mac("0c:79:55:4b:d9:99") }, at(30));
  // As Frigate counts frames: it does not tell where they come from.
  second.watch = () => Promise.resolve({ videoPackets: 25 });
  await home.start();
  await home.pass(minutes(1));
  home.moveByDhcp(FRONT, at(20), at(60));
  home.deaf(at(60));
  await home.pass(minutes(2));
  expect(home.told("frames")).toEqual([]);
  expect(home.told("rolled-back")).toHaveLength(1);
  expect(house.text).toBe(frigateText([FRONT, BACK]));
  await home.stop();
});
