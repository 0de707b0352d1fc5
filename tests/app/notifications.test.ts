import { expect, it } from "vitest";
import { prepareNotifications } from "../../src/app/notifications.ts";
import { Watched } from "../../src/reconcilers/watched.ts";
import { options, problems } from "../config/loading.ts";
import { FakeBoard } from "../fakes/fake-board.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeHome } from "../reconcilers/fake-home.ts";

async function prepared(document: string, hasBoard = false) {
  const home = new FakeHome();
  const watched = new Watched();
  const added: unknown[] = [];
  watched.add = (watcher) => void added.push(watcher);
  const { registry, status, log, engine } = home;
  const shared = { registry, status, log, fleet: engine.fleet, clock: new FakeClock(), random: () => 0, watched };
  const owners: string[] = [];
  const board = (owner: string): FakeBoard => {
    owners.push(owner);
    return new FakeBoard();
  };
  await prepareNotifications(await options(document), {
    ...shared,
    installation: "0123abcd-ffff",
    surface: "page",
    board: hasBoard ? board : undefined,
  });
  return { listens: added.length > 0, owners };
}

it("nothing listens where nobody is to be told", async () => {
  expect(await prepared("{}")).toEqual({ listens: false, owners: [] });
  expect(await prepared('notify: [{kind: ntfy, url: "https://ntfy.example/canary"}]\n')).toEqual({ listens: true, owners: [] });
  expect(await prepared("{}", true)).toEqual({ listens: true, owners: ["0123abcd"] });
});

it("an unknown event is refused with what is meant, and a webhook without an address too", async () => {
  expect(await problems('notify: [{kind: ntfy, url: "https://ntfy.example/x", events: [moved, of-line]}]\n')).toEqual([
    "home.yaml:1: notify[0].events[1]: must be one of offline, impostor, approval, problem, first_write, moved; did you mean offline?",
  ]);
  expect(await problems("notify: [{kind: webhook}]\n")).toEqual(["home.yaml:1: notify[0].url: is missing"]);
  expect(await problems("home_assistant: {events: [ofline]}\n")).toEqual([
    "home.yaml:1: home_assistant.events[0]: must be one of offline, impostor, approval, problem, first_write, moved; did you mean offline?",
  ]);
});
