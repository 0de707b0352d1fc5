import { describe, expect, it } from "vitest";
import { type Duration, hours, milliseconds, minutes, seconds } from "../../../src/domain/duration.ts";
import { type Publication, type Published, PublisherError } from "../../../src/ports/publisher.ts";
import { type Again, EventQueue } from "../../../src/reconcilers/mqtt/event-queue.ts";

const never = new AbortController().signal;
const PROBE = "base/bridge/event";

/**
 * @param broker `tells`: it says that nobody listens; `silent`: it takes everything; `greedy`: it tells, and somebody listens to everything
 */
function room(broker: "tells" | "silent" | "greedy" = "tells") {
  const queue = new EventQueue(PROBE);
  const said: string[] = [];
  const room = {
    queue,
    said,
    fails: false,
    /** Whether a Home Assistant listens to the camera's events. */
    isThere: false,
    add: (name: string, at = seconds(0)) =>
      queue.add((again?: Again) => ({ topic: "t", payload: again === undefined ? name : `${name} ${again}`, retain: false }), at),
    flush: (at: Duration = seconds(0)) => queue.flush({ publish }, at, never),
  };
  const publish = ({ topic, payload }: Publication): Promise<Published> => {
    if (room.fails) return Promise.reject(new PublisherError("BrokerUnreachable", "gone"));
    if (topic !== PROBE) said.push(String(payload));
    const isHeard = broker !== "tells" || (topic !== PROBE && room.isThere);
    return Promise.resolve(isHeard ? "accepted" : "unheard");
  };
  return room;
}

describe("where the broker says that nobody listens", () => {
  it("an event that Home Assistant heard is over: no birth brings it a second time", async () => {
    const here = room();
    here.isThere = true;
    here.add("moved");
    await here.flush();
    expect(here.queue.size).toBe(0);
    // The MQTT integration is reloaded: a birth without a goodbye.
    here.queue.born();
    await here.flush();
    expect(here.said).toEqual(["moved"]);
  });

  it("one that nobody heard waits for the birth, and is tried once a minute: the birth may be missed", async () => {
    const here = room();
    here.add("moved");
    await here.flush();
    await here.flush(seconds(30));
    expect(here.said).toEqual(["moved"]);
    await here.flush(minutes(1));
    expect(here.said).toEqual(["moved", "moved"]);
    here.isThere = true;
    await here.flush(minutes(2));
    expect([here.said.length, here.queue.size]).toEqual([3, 0]);
    here.isThere = false;
    here.add("healed", minutes(3));
    await here.flush(minutes(3));
    here.isThere = true;
    here.queue.born();
    await here.flush(seconds(190));
    expect([here.said.slice(3), here.queue.size]).toEqual([["healed", "healed"], 0]);
  });

  it("what was missed goes before what is new", async () => {
    const here = room();
    here.add("moved");
    await here.flush();
    here.isThere = true;
    here.add("healed", seconds(5));
    await here.flush(seconds(5));
    expect(here.said).toEqual(["moved", "moved", "healed"]);
  });

  it("another Home Assistant's goodbye holds nothing back, and what it missed is told again when it is born, marked as heard", async () => {
    const here = room();
    here.isThere = true;
    here.queue.born();
    here.queue.gone();
    here.add("moved");
    await here.flush();
    expect(here.said).toEqual(["moved"]);
    here.queue.born();
    await here.flush();
    expect([here.said.slice(1), here.queue.size]).toEqual([["moved heard"], 0]);
  });

  it("and somebody listens to everything, so that this proves nothing: it is as with a broker that says nothing", async () => {
    const here = room("greedy");
    here.add("moved");
    await here.flush();
    expect(here.queue.size).toBe(1);
    here.queue.born();
    await here.flush();
    expect([here.said, here.queue.size]).toEqual([["moved", "moved perhaps"], 0]);
  });
});

describe("where the broker says nothing of it", () => {
  it("an event is published at once, and again, marked, at the next birth; after a birth once", async () => {
    const { queue, add, flush, said } = room("silent");
    add("moved");
    await flush();
    await flush(minutes(5));
    expect(said).toEqual(["moved"]);
    queue.born();
    await flush(minutes(6));
    expect(said).toEqual(["moved", "moved perhaps"]);
    add("healed", minutes(7));
    await flush(minutes(7));
    expect([said.slice(2), queue.size]).toEqual([["healed"], 0]);
  });

  it("what was published before Home Assistant said goodbye was heard; what comes after it is told at once, and again when it is back", async () => {
    const { queue, add, flush, said } = room("silent");
    add("moved");
    await flush();
    queue.gone();
    add("lost");
    await flush();
    expect(said).toEqual(["moved", "lost"]);
    queue.born();
    await flush();
    expect([said.slice(2), queue.size]).toEqual([["lost perhaps"], 0]);
  });

  it("what was published just before the connection ended is told again at a birth, what is older is not", async () => {
    const { queue, add, flush, said } = room("silent");
    add("moved", seconds(0));
    add("healed", seconds(100));
    await flush(seconds(100));
    queue.begin(seconds(120));
    await flush(seconds(120));
    expect(said).toEqual(["moved", "healed"]);
    queue.born();
    await flush(seconds(130));
    expect(said).toEqual(["moved", "healed", "healed perhaps"]);
  });
});

it("at most a hundred wait, the oldest make room, and what is older than an hour is left out", async () => {
  const { queue, add, flush, said } = room();
  for (let count = 0; count < 150; count += 1) add(String(count), count < 100 ? seconds(0) : seconds(10));
  expect(queue.size).toBe(100);
  queue.born();
  await flush(milliseconds(hours(1) + 1));
  expect([said.length, said[0]]).toEqual([50, "100"]);
});

it("what could not be published stays", async () => {
  const here = room();
  here.isThere = true;
  here.add("moved");
  here.fails = true;
  await expect(here.flush()).rejects.toThrow(PublisherError);
  here.fails = false;
  await here.flush();
  expect(here.said).toEqual(["moved"]);
});
