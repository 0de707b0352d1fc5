import { expect, it } from "vitest";
import { serversOf } from "../../src/app/servers.ts";
import { clientAt } from "../adapters/frigate/frigates.ts";
import { options } from "../config/loading.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

const ways = async (document: string, frigates: readonly string[] = []) =>
  serversOf(
    await options(document),
    frigates.map((url, index) => ({ name: `frigate-${String(index)}`, client: clientAt(url) })),
    new FakeClock(),
  ).map(({ name, place, way, document }) => [name, place, way?.why, ...(document === undefined ? [] : [document])]);

it("a go2rtc is the named one, else the one of each Frigate, else this machine's; each says why", async () => {
  expect(await ways('go2rtc: {url: "http://192.0.2.7:1984"}', ["http://192.0.2.5:5000"])).toEqual([
    ["go2rtc", "http://192.0.2.7:1984", "named under go2rtc"],
  ]);
  expect(await ways("")).toEqual([["go2rtc", "http://127.0.0.1:1984", "where go2rtc listens on this machine unless told otherwise"]]);
  // Which of the ways it is shows when one has answered.
  expect(await ways("", ["http://192.0.2.5:5000", "http://192.0.2.6:5000"])).toEqual([
    ["go2rtc", "http://192.0.2.5:1984", undefined, "frigate-0"],
    ["go2rtc-2", "http://192.0.2.6:1984", undefined, "frigate-1"],
  ]);
});
