import { expect, it } from "vitest";
import { INCIDENT_EVENTS, type IncidentEvent } from "../../src/domain/incident.ts";
import { type BoardEntry, NoticeBoard } from "../../src/reconcilers/notice-board.ts";
import { FakeBoard } from "../fakes/fake-board.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeStatus } from "../fakes/fake-status.ts";

const { signal } = new AbortController();
const entry = (id: string, event: IncidentEvent): BoardEntry => ({ id, event, title: id, message: `${id} is so`, nextStep: "Look." });

/** @param registry outlives the program, as the board does */
function scene(board = new FakeBoard(), registry = new FakeRegistry()) {
  const shown: { entries: readonly BoardEntry[]; dismissed: string[] } = { entries: [], dismissed: [] };
  const hang = new NoticeBoard({
    board,
    registry,
    events: new Set(INCIDENT_EVENTS),
    entries: () => shown.entries,
    dismissed: () => new Set(shown.dismissed),
    onDismissed: (ids) => void shown.dismissed.push(...ids),
    clock: new FakeClock(),
    random: () => 0,
    status: new FakeStatus(),
  });
  return { board, shown, registry, keep: (...entries: BoardEntry[]) => ((shown.entries = entries), hang.reconcile("home", signal)) };
}

it("five of a kind hang each for itself, six as one that names them, and of another kind beside it", async () => {
  const { board, keep } = scene();
  const many = Array.from({ length: 6 }, (_, index) => entry(`c${index}`, "offline"));
  await keep(...many.slice(0, 5));
  expect([...board.notes.keys()]).toEqual(["c0", "c1", "c2", "c3", "c4"]);
  await keep(...many, entry("t", "problem"));
  expect([...board.notes.keys()]).toEqual(["several/offline", "t"]);
  expect(board.notes.get("several/offline")).toEqual({
    title: "Camera Shepherd: 6 at once",
    message: "c0\nc1\nc2\nc3\nc4\nc5",
    nextStep: "Look.",
  });
});

it("who takes the one for many away has taken each of them away, and sees what comes later", async () => {
  const { board, shown, keep } = scene();
  const many = Array.from({ length: 6 }, (_, index) => entry(`c${index}`, "offline"));
  await keep(...many);
  board.notes.clear();
  await keep(...many, entry("late", "offline"));
  expect(shown.dismissed).toEqual(["c0", "c1", "c2", "c3", "c4", "c5"]);
  expect([...board.notes.keys()]).toEqual(["late"]);
});

it("notes that an earlier run left and that are over are taken down; those that go on are not hung up anew", async () => {
  const { board, keep } = scene();
  await board.put("old", { title: "", message: "", nextStep: "" }, signal);
  await board.put("c0", { title: "", message: "", nextStep: "" }, signal);
  await keep(entry("c0", "offline"));
  expect([[...board.notes.keys()], board.puts]).toEqual([["c0"], ["old", "c0"]]);
});

it("what a person took away while no program looked is not hung up again; what a restart of the board took away is", async () => {
  const first = scene();
  await first.keep(entry("a", "offline"), entry("b", "offline"));
  first.board.notes.delete("a");
  const second = scene(first.board, first.registry);
  await second.keep(entry("a", "offline"), entry("b", "offline"));
  expect([second.shown.dismissed, [...first.board.notes.keys()]]).toEqual([["a"], ["b"]]);
  first.board.wipe();
  const third = scene(first.board, first.registry);
  await third.keep(entry("b", "offline"));
  expect([third.shown.dismissed, [...first.board.notes.keys()]]).toEqual([[], ["b"]]);
});

it("what we take down ourselves was taken away by nobody, also where we are ended in the midst of it", async () => {
  const first = scene();
  await first.keep(entry("a", "offline"));
  const remove = first.board.remove.bind(first.board);
  first.board.remove = async (...given) => (await remove(...given), Promise.reject(new Error("ended")));
  await expect(first.keep()).rejects.toThrow("ended");
  first.board.remove = remove;
  const second = scene(first.board, first.registry);
  await second.keep(entry("a", "offline"));
  expect([second.shown.dismissed, [...first.board.notes.keys()]]).toEqual([[], ["a"]]);
});

it.each(["{", '{"id":"a"}', '[null,{"id":7},{"id":"a","run":7},{"id":"b","run":"1","entries":7}]'])(
  "a memory of another form is none: %s",
  async (text) => {
    const registry = new FakeRegistry();
    registry.consents.saveFact("hung/Home Assistant", text);
    const { shown, board, keep } = scene(new FakeBoard(), registry);
    await keep(entry("a", "offline"));
    expect([shown.dismissed, [...board.notes.keys()]]).toEqual([[], ["a"]]);
  },
);
