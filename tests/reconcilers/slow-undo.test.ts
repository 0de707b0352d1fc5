import { expect, it } from "vitest";
import { after, minutes, seconds } from "../../src/domain/duration.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText } from "./fake-home.ts";

it("an undo that takes longer than anybody waits is done to the end: document and go2rtc agree", async () => {
  const clock = new FakeClock();
  let takes = seconds(60);
  class Slow extends FakeConfigTarget {
    // As Frigate's API does it: once the text is sent, nothing takes it back.
    override async write(...[text, revision]: Parameters<FakeConfigTarget["write"]>) {
      const { signal } = new AbortController();
      if (takes > 0) await clock.wait("Frigate saves", takes, signal);
      return super.write(text, revision, signal);
    }
  }
  const target = new Slow({ name: "frigate", format: FRIGATE, text: frigateText([FRONT, BACK]) });
  const home = new FakeHome({ clock, targets: [target], ports: { requestsEvery: seconds(1) } });
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(77));
  await home.pass(minutes(2));
  expect(target.text).toContain("192.168.1.77");
  takes = seconds(60);
  const id = home.registry.consents.addRequest({ verb: "undo" }, clock.now(), after(clock.now(), seconds(30)));
  await home.pass(seconds(30));
  const answer = home.registry.consents.answerOf(id);
  await home.pass(minutes(5));
  const [text, sources, settled] = [
    target.text,
    await home.sources("front"),
    home.engine.fleet.devices.map(({ id: one }) => home.engine.fleet.settled(one)?.address),
  ];
  await home.stop();
  expect(answer).toMatchObject({ kind: "refused", message: expect.stringContaining("goes on") });
  expect(text).not.toContain("192.168.1.77");
  expect(JSON.stringify(sources)).not.toContain("192.168.1.77");
  expect(JSON.stringify(sources)).toContain("192.168.1.20");
  expect(settled).not.toContain("192.168.1.77");
});
