import { EventEmitter } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createSession } from "../../../src/adapters/mqtt/session.ts";
import type { Session } from "../../../src/ports/publisher.ts";

const never = new AbortController().signal;

/** The library's client, as far as a session uses it. @param acknowledge answers one publication */
function room(acknowledge: (topic: string, payload: Buffer) => Promise<void>, longest?: number) {
  const removed = new Map<number, () => void>();
  let id = 0;
  const client = Object.assign(new EventEmitter(), {
    options: { protocolVersion: 5 },
    connected: true,
    disconnecting: false,
    serverProperties: longest === undefined ? {} : { maximumPacketSize: longest },
    getLastMessageId: () => id,
    publishAsync: (topic: string, payload: Buffer) => {
      id += 1;
      const given = Promise.withResolvers<void>();
      removed.set(id, () => given.reject(new Error("Message removed")));
      acknowledge(topic, payload).then(given.resolve, given.reject);
      return given.promise;
    },
    removeOutgoingMessage: (which: number) => removed.get(which)?.(),
  });
  return { client, session: createSession(client as never, "mqtt://broker.lan:1883", []) };
}

function publish(session: Session, topic: string, payload: string | Uint8Array = "x") {
  return session.publish({ topic, payload, retain: true }, never);
}

describe("a publication", () => {
  test("that is over is forgotten, however long the connection stands", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { client, session } = room(async () => undefined);
    const published = async (): Promise<WeakRef<Uint8Array>> => {
      const picture = new Uint8Array(100_000);
      await publish(session, "base/front/picture", picture);
      return new WeakRef(picture);
    };
    const pictures = await Promise.all(Array.from({ length: 20 }, published));
    await new Promise((resolve) => setTimeout(resolve, 0));
    collect();
    expect(pictures.filter((picture) => picture.deref() !== undefined)).toHaveLength(0);
    client.emit("close");
    await expect(publish(session, "base/front/state")).rejects.toMatchObject({ reason: "BrokerUnreachable" });
  });

  test("is refused when the connection ends before it is acknowledged", async () => {
    const { client, session } = room(() => new Promise(() => undefined));
    const all = Promise.allSettled(Array.from({ length: 30 }, () => publish(session, "base/front/state")));
    client.emit("close");
    for (const one of await all) expect(one).toMatchObject({ status: "rejected", reason: { reason: "BrokerUnreachable" } });
  });

  test.each([131, 135, 144, 149, 151, 153])("that is refused with code %i is denied", async (code) => {
    const { session } = room(() => Promise.reject(Object.assign(new Error("Publish error"), { code })));
    await expect(publish(session, "base/front/state")).resolves.toBe("denied");
  });

  test("is measured in bytes where the broker takes no more", async () => {
    const sent: number[] = [];
    const { session } = room(async (_topic, payload) => void sent.push(payload.length), 1000);
    await expect(publish(session, "t", "ü".repeat(600))).resolves.toBe("denied");
    await expect(publish(session, "t", "ü".repeat(400))).resolves.toBe("accepted");
    expect(sent).toEqual([800]);
  });
});

describe("a broker that acknowledges nothing", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("denies what it gave no answer to within a minute, and what comes after it is sent", async () => {
    const { session } = room((topic) => (topic.endsWith("picture") ? new Promise(() => undefined) : Promise.resolve()));
    const pictures = Promise.all(Array.from({ length: 16 }, () => publish(session, "base/front/picture")));
    const state = publish(session, "base/front/state");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(new Set(await pictures)).toEqual(new Set(["denied"]));
    await expect(state).resolves.toBe("accepted");
  });
});
