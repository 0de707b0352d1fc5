import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { INCIDENT_EVENTS, type IncidentEvent } from "../../src/domain/incident.ts";
import { createNotifications } from "../../src/reconcilers/notifications.ts";
import { createStatus } from "../../src/runtime/report.ts";
import { FakeBoard } from "../fakes/fake-board.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeLog } from "../fakes/fake-log.ts";
import { FakeMessenger } from "../fakes/fake-messenger.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { at, FakeHome, FRONT, type HomeCamera, mac } from "./fake-home.ts";

const ALL: ReadonlySet<IncidentEvent> = new Set(INCIDENT_EVENTS);
const USUAL: ReadonlySet<IncidentEvent> = new Set(INCIDENT_EVENTS.filter((event) => event !== "moved"));

/** A home with people who are told: one messenger, and a board that may outlive the program. */
function tellingHome(board = new FakeBoard(), registry = new FakeRegistry(), cameras?: readonly HomeCamera[], clock = new FakeClock()) {
  const log = new FakeLog();
  const messenger = new FakeMessenger();
  const heard: { notice?: (notice: Parameters<ReturnType<typeof createNotifications>["watcher"]["notice"]>[0]) => void } = {};
  const tell = (notice: Parameters<NonNullable<typeof heard.notice>>[0]): void => heard.notice?.(notice);
  const status = createStatus({ clock, tell, log });
  const home = new FakeHome({ clock, registry, ...(cameras === undefined ? {} : { cameras }), ports: { status, tell } });
  const notifications = createNotifications({
    fleet: home.engine.fleet,
    registry,
    addressees: [{ messenger, events: ALL }],
    board: { board, events: USUAL },
    surface: "commands",
    clock,
    random: () => 0,
    status,
    log,
  });
  heard.notice = (notice) => notifications.watcher.notice(notice);
  const stop = new AbortController();
  const running = notifications.run(stop.signal);
  return {
    home,
    board,
    messenger,
    status,
    registry,
    begin: () => home.start(),
    async end() {
      stop.abort();
      await clock.settle();
      await running;
      await home.stop();
    },
  };
}

const told = ({ told: all }: FakeMessenger): readonly string[] => all.map(({ state, id }) => `${state} ${id}`);

describe("people are told", () => {
  it("of a camera that answers nowhere, with the next step, and that it is back; the note goes by itself", async () => {
    const { home, board, messenger, begin, end } = tellingHome();
    await begin();
    home.leave(at(20));
    await home.pass(seconds(80));
    expect([told(messenger), board.puts]).toEqual([[], []]);
    await home.pass(minutes(1));
    expect(told(messenger)).toEqual(["open camera/front/offline"]);
    expect([...board.notes]).toMatchObject([
      [
        "camera/front/offline",
        { title: "front: Camera answers nowhere", nextStep: expect.stringContaining("power and network cable") as string },
      ],
    ]);
    home.place(FRONT, at(20));
    await home.pass(minutes(6));
    expect(told(messenger)).toEqual(["open camera/front/offline", "closed camera/front/offline"]);
    expect([...board.notes.keys()]).toEqual([]);
    await end();
  });

  it("of a move that was healed in seconds for information alone, and of the first write once, with the difference at home only", async () => {
    const { home, board, messenger, begin, end } = tellingHome();
    await begin();
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(minutes(1));
    expect(told(messenger)).toEqual(["info target/frigate/first_write", "info camera/front/moved"]);
    expect(JSON.stringify(messenger.told)).not.toContain("@@");
    expect([...board.notes.keys()]).toEqual(["target/frigate/first_write"]);
    const [note] = board.notes.values();
    expect(note?.verbatim).toContain("+      - rtsp://***@192.168.1.77");
    home.moveByDhcp(FRONT, at(77), at(78));
    await home.pass(minutes(1));
    expect(told(messenger).slice(2)).toEqual(["info camera/front/moved"]);
    await end();
  });

  it("of thirty cameras that lose their power by one message and one note", async () => {
    const cameras = Array.from({ length: 30 }, (_, index): HomeCamera => ({
      name: `camera${index}`,
      mac: mac(`0c7955aa00${index.toString(16).padStart(2, "0")}`),
      address: at(20 + index),
    }));
    const { home, board, messenger, begin, end } = tellingHome(new FakeBoard(), new FakeRegistry(), cameras);
    await begin();
    for (const { address } of cameras) home.leave(address);
    await home.pass(minutes(5));
    expect(messenger.told.map(({ several }) => several?.length)).toEqual([30]);
    expect([...board.notes.keys()]).toEqual(["several/offline"]);
    for (const camera of cameras) home.place(camera, camera.address);
    await home.pass(minutes(10));
    expect(messenger.told.flatMap(({ several = [] }) => several).filter(({ state }) => state === "closed")).toHaveLength(30);
    expect(messenger.told.length).toBeLessThanOrEqual(4);
    expect([...board.notes.keys()]).toEqual([]);
    await end();
  });
});

describe("people are told in the end", () => {
  it("of a camera that is still away when their messenger answers again after three hours, and that it is back", async () => {
    const { home, messenger, begin, end } = tellingHome();
    await begin();
    messenger.failing = Infinity;
    home.leave(at(20));
    await home.pass(minutes(180));
    messenger.failing = 0;
    await home.pass(minutes(20));
    expect(told(messenger)).toEqual(["open camera/front/offline"]);
    home.place(FRONT, at(20));
    await home.pass(minutes(6));
    expect(told(messenger)).toEqual(["open camera/front/offline", "closed camera/front/offline"]);
    await end();
  });

  it("nothing of a camera that came back while their messenger was away", async () => {
    const { home, messenger, begin, end } = tellingHome();
    await begin();
    messenger.failing = Infinity;
    home.leave(at(20));
    await home.pass(minutes(180));
    home.place(FRONT, at(20));
    await home.pass(minutes(6));
    messenger.failing = 0;
    await home.pass(minutes(60));
    expect(told(messenger)).toEqual([]);
    await end();
  });

  it.each([
    ["is still away", true, ["open camera/front/offline"]],
    ["is back", false, []],
  ])("of a camera that went just before the program was restarted and %s", async (_what, isAway, expected) => {
    const [registry, clock] = [new FakeRegistry(), new FakeClock()];
    const first = tellingHome(new FakeBoard(), registry, undefined, clock);
    await first.begin();
    first.home.leave(at(20));
    for (let left = 400; left > 0 && !(registry.consents.fact("incidents") ?? "").includes("offline"); left -= 1)
      await first.home.pass(seconds(1));
    expect(told(first.messenger)).toEqual([]);
    await first.end();

    const second = tellingHome(new FakeBoard(), registry, undefined, clock);
    if (isAway) second.home.leave(at(20));
    await second.begin();
    await second.home.pass(minutes(10));
    expect(told(second.messenger)).toEqual(expected);
    await second.end();
  });
});

describe("a note on the board", () => {
  async function offline(...given: Parameters<typeof tellingHome>) {
    const telling = tellingHome(...given);
    await telling.begin();
    telling.home.leave(at(20));
    await telling.home.pass(minutes(3));
    expect([...telling.board.notes.keys()]).toEqual(["camera/front/offline"]);
    return telling;
  }

  it("that a person took away is not hung up again, over a restart too, unless the same comes again", async () => {
    const first = await offline();
    first.board.notes.clear();
    await first.home.pass(minutes(10));
    expect(first.board.puts).toEqual(["camera/front/offline"]);
    await first.end();

    const second = tellingHome(first.board, first.registry);
    second.home.leave(at(20));
    await second.begin();
    await second.home.pass(minutes(10));
    expect([first.board.puts, told(second.messenger)]).toEqual([["camera/front/offline"], []]);
    second.home.place(FRONT, at(20));
    await second.home.pass(minutes(6));
    expect(told(second.messenger)).toEqual(["closed camera/front/offline"]);
    second.home.leave(at(20));
    await second.home.pass(minutes(5));
    expect([...first.board.notes.keys()]).toEqual(["camera/front/offline"]);
    await second.end();
  });

  it("that a person took away while we were restarted is not hung up again", async () => {
    const first = await offline();
    await first.end();
    first.board.notes.clear();
    const second = tellingHome(first.board, first.registry);
    second.home.leave(at(20));
    await second.begin();
    await second.home.pass(minutes(10));
    expect(first.board.puts).toEqual(["camera/front/offline"]);
    await second.end();
  });

  it("that Home Assistant forgot when it restarted is hung up again", async () => {
    const { home, board, status, end } = await offline();
    board.away = true;
    await home.pass(minutes(2));
    expect(status.get("notify/Home Assistant")).toMatchObject({ status: "ok" });
    board.wipe();
    board.away = false;
    await home.pass(minutes(3));
    expect(board.puts).toEqual(["camera/front/offline", "camera/front/offline"]);
    board.away = true;
    await home.pass(minutes(8));
    expect(status.get("notify/Home Assistant")).toMatchObject({
      status: "problem",
      reason: "NotifyFailed",
      message: "Home Assistant: it cannot be reached",
    });
    board.away = false;
    await home.pass(minutes(5));
    expect(status.get("notify/Home Assistant")).toMatchObject({ status: "ok" });
    await end();
  });

  it("is told to nobody twice over a restart of ours, and what is over by then is taken down", async () => {
    const first = await offline();
    expect(told(first.messenger)).toEqual(["open camera/front/offline"]);
    await first.end();
    const second = tellingHome(first.board, first.registry);
    await second.begin();
    await second.home.pass(seconds(30));
    expect([first.board.puts.length, first.board.notes.size]).toEqual([1, 1]);
    await second.home.pass(minutes(3));
    expect([told(second.messenger), first.board.notes.size]).toEqual([["closed camera/front/offline"], 0]);
    await second.end();
  });

  it("is none, and nobody is asked, in a home where all is well", async () => {
    const { home, board, messenger, begin, end } = tellingHome();
    await begin();
    board.away = true;
    await home.pass(minutes(10));
    expect([board.puts, messenger.calls]).toEqual([[], 0]);
    await end();
  });
});
