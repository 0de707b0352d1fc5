import { expect, it } from "vitest";
import { hours, milliseconds, seconds } from "../../../src/domain/duration.ts";
import { type Publication, PublisherError } from "../../../src/ports/publisher.ts";
import { EventQueue } from "../../../src/reconcilers/mqtt/event-queue.ts";

const never = new AbortController().signal;

function room() {
  const queue = new EventQueue();
  const said: string[] = [];
  const room = {
    queue,
    said,
    fails: false,
    add: (name: string, at = seconds(0)) => queue.add({ topic: "t", payload: name, retain: false }, at),
    flush: (at = seconds(0)) => queue.flush({ publish }, at, never),
  };
  const publish = ({ payload }: Publication) => {
    if (room.fails) return Promise.reject(new PublisherError("BrokerUnreachable", "gone"));
    said.push(String(payload));
    return Promise.resolve("accepted" as const);
  };
  return room;
}

it("while nobody knows whether Home Assistant listens, an event is published at once, and again when it is born", async () => {
  const { queue, add, flush, said } = room();
  add("moved");
  await flush();
  await flush();
  expect(said).toEqual(["moved"]);
  queue.born();
  await flush();
  expect(said).toEqual(["moved", "moved"]);
  add("healed");
  await flush();
  await flush();
  expect(said.slice(2)).toEqual(["healed"]);
  expect(queue.size).toBe(0);
});

it("what was published before Home Assistant said goodbye was heard, what comes after it waits", async () => {
  const { queue, add, flush, said } = room();
  add("moved");
  await flush();
  queue.gone();
  add("lost");
  await flush();
  expect(said).toEqual(["moved"]);
  queue.born();
  await flush();
  expect(said).toEqual(["moved", "lost"]);
});

it("a new connection begins without knowing, and keeps what waits", async () => {
  const { queue, add, flush, said } = room();
  queue.born();
  queue.gone();
  add("moved");
  queue.begin(seconds(0));
  await flush();
  expect(said).toEqual(["moved"]);
  expect(queue.size).toBe(1);
});

it("what was published just before the connection ended is told again at a birth, what is older is not", async () => {
  const { queue, add, flush, said } = room();
  add("moved", seconds(0));
  add("healed", seconds(100));
  await flush(seconds(100));
  queue.begin(seconds(120));
  await flush(seconds(120));
  expect(said).toEqual(["moved", "healed"]);
  queue.born();
  await flush(seconds(130));
  expect(said).toEqual(["moved", "healed", "healed"]);
});

it("the oldest make room, and what is older than an hour is nobody's news", async () => {
  const { queue, add, flush, said } = room();
  for (let count = 0; count < 150; count += 1) add(String(count), count < 100 ? seconds(0) : seconds(10));
  expect(queue.size).toBe(100);
  queue.born();
  await flush(milliseconds(hours(1) + 1));
  expect([said.length, said[0]]).toEqual([50, "100"]);
});

it("what could not be published stays", async () => {
  const here = room();
  here.queue.born();
  here.add("moved");
  here.fails = true;
  await expect(here.flush()).rejects.toThrow(PublisherError);
  here.fails = false;
  await here.flush();
  expect(here.said).toEqual(["moved"]);
});
