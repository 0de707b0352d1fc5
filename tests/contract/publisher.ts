import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Incoming, type Publisher, PublisherError, type Session, type SessionWish } from "../../src/ports/publisher.ts";

/** A broker that knows `us`, who may not publish below `denied/`, and `other`, who may do everything; `stranger` has the wrong password. */
export interface BrokerKit {
  publisher(as: "us" | "other" | "stranger"): Publisher;
  /** Our connections are lost without a goodbye. */
  cut(): void;
  /** Nothing answers from now on. */
  stop(): Promise<void>;
  readonly tellsDenials: boolean;
}

const never = new AbortController().signal;

class Ear {
  readonly heard: string[] = [];
  readonly tooLong: number[] = [];
  readonly wish: SessionWish;

  constructor(subscriptions: readonly string[], will = "will") {
    this.wish = {
      subscriptions,
      will: { topic: "base/status", payload: will, retain: true },
      onMessage: (message) => void this.heard.push(shown(message)),
      onTooLong: (bytes) => void this.tooLong.push(bytes),
    };
  }

  /** Everything that was heard, once it is so many messages. */
  async hears(count: number): Promise<readonly string[]> {
    await vi.waitUntil(() => this.heard.length >= count, { timeout: 5000, interval: 10 });
    return this.heard;
  }
}

function shown({ topic, payload, retained }: Incoming): string {
  return `${topic}=${Buffer.from(payload).toString("latin1")}${retained ? " kept" : ""}`;
}

async function opened(publisher: Publisher, wish: SessionWish): Promise<Session> {
  const session = await publisher.open(wish, never);
  onTestFinished(() => session.close());
  return session;
}

async function failureOf(promise: Promise<unknown>): Promise<PublisherError> {
  const failure: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof PublisherError)) throw new Error("no PublisherError", { cause: failure });
  return failure;
}

/** What every broker and its adapter do. */
export function publisherContract(name: string, start: () => Promise<BrokerKit>): void {
  describe(`a publisher: ${name}`, () => {
    test("what is published reaches those whose filter covers it, kept messages also those who come later", async () => {
      const kit = await start();
      const ear = new Ear(["base/+/state", "base/cmd/#"]);
      const other = await opened(kit.publisher("other"), ear.wish);
      const us = await opened(kit.publisher("us"), new Ear([]).wish);
      await expect(us.publish({ topic: "base/front/state", payload: "{}", retain: true }, never)).resolves.toBe("accepted");
      await us.publish({ topic: "base/cmd/a/b", payload: Uint8Array.of(0, 255), retain: false }, never);
      await us.publish({ topic: "base/front/event", payload: "no", retain: true }, never);
      expect(await ear.hears(2)).toEqual(["base/front/state={}", "base/cmd/a/b=\0ÿ"]);
      const late = new Ear(["base/#"]);
      await opened(kit.publisher("us"), late.wish);
      expect((await late.hears(2)).toSorted()).toEqual(["base/front/event=no kept", "base/front/state={} kept"]);
      await us.publish({ topic: "base/front/state", payload: "", retain: true }, never);
      await us.publish({ topic: "base/front/event", payload: "", retain: true }, never);
      const later = new Ear(["base/#"]);
      await opened(kit.publisher("other"), later.wish);
      await other.publish({ topic: "base/end", payload: "end", retain: false }, never);
      expect(await later.hears(1)).toEqual(["base/end=end"]);
    });

    test("many at once are all acknowledged, in order", async () => {
      const kit = await start();
      const ear = new Ear(["base/+/state"]);
      await opened(kit.publisher("other"), ear.wish);
      const us = await opened(kit.publisher("us"), new Ear([]).wish);
      const wanted = Array.from({ length: 300 }, (_, index) => `base/${String(index)}/state`);
      await Promise.all(wanted.map((topic) => us.publish({ topic, payload: "x".repeat(1000), retain: false }, never)));
      expect(await ear.hears(wanted.length)).toEqual(wanted.map((topic) => `${topic}=${"x".repeat(1000)}`));
    });

    test("the will is published for who is gone without a word, and not after a goodbye", async () => {
      const kit = await start();
      const ear = new Ear(["base/status", "base/end"]);
      const other = await opened(kit.publisher("other"), ear.wish);
      const first = await opened(kit.publisher("us"), new Ear([]).wish);
      kit.cut();
      expect(await first.ended).not.toBe("");
      expect(await ear.hears(1)).toEqual(["base/status=will"]);
      const failure = await failureOf(first.publish({ topic: "base/x", payload: "", retain: false }, never));
      expect(failure.reason).toBe("BrokerUnreachable");
      const second = await opened(kit.publisher("us"), new Ear([], "second will").wish);
      await second.close();
      await second.ended;
      await other.publish({ topic: "base/end", payload: "end", retain: false }, never);
      expect(await ear.hears(2)).toEqual(["base/status=will", "base/end=end"]);
      await other.publish({ topic: "base/status", payload: "", retain: true }, never);
    });

    test("a wrong password is told apart from a broker that is away", async () => {
      const kit = await start();
      const refused = await failureOf(kit.publisher("stranger").open(new Ear([]).wish, never));
      expect([refused.reason, refused.message.includes("wrong-password")]).toEqual(["BrokerRefusesLogin", false]);
      await kit.stop();
      const away = await failureOf(kit.publisher("us").open(new Ear([]).wish, never));
      expect(away.reason).toBe("BrokerUnreachable");
    });

    test("a denied topic: told where the broker can, and nobody hears of it", async () => {
      const kit = await start();
      const ear = new Ear(["denied/#", "base/end"]);
      await opened(kit.publisher("other"), ear.wish);
      const us = await opened(kit.publisher("us"), new Ear([]).wish);
      expect(us.tellsDenials).toBe(kit.tellsDenials);
      const outcome = await us.publish({ topic: "denied/x", payload: "x", retain: false }, never);
      expect(outcome).toBe(kit.tellsDenials ? "denied" : "accepted");
      await us.publish({ topic: "base/end", payload: "end", retain: false }, never);
      expect(await ear.hears(1)).toEqual(["base/end=end"]);
    });

    test("that nobody listens is told where the broker can", async () => {
      const kit = await start();
      await opened(kit.publisher("other"), new Ear(["base/+/event"]).wish);
      const us = await opened(kit.publisher("us"), new Ear([]).wish);
      const said = async (topic: string, retain: boolean) => us.publish({ topic, payload: "x", retain }, never);
      const alone = kit.tellsDenials ? "unheard" : "accepted";
      expect(await Promise.all([said("base/front/event", false), said("base/front/other", false)])).toEqual(["accepted", alone]);
      expect([await said("base/kept", true), await said("base/back/event", false)]).toEqual([alone, "accepted"]);
      await us.publish({ topic: "base/kept", payload: "", retain: true }, never);
    });

    test("a message that is too long is dropped and counted, and the next ones arrive", async () => {
      const kit = await start();
      const ear = new Ear(["base/cmd/#"]);
      await opened(kit.publisher("us"), ear.wish);
      const other = await opened(kit.publisher("other"), new Ear([]).wish);
      await other.publish({ topic: "base/cmd/x", payload: "x".repeat(64 * 1024), retain: false }, never);
      await other.publish({ topic: "base/cmd/x", payload: "x".repeat(64 * 1024 + 1), retain: false }, never);
      await other.publish({ topic: "base/cmd/x", payload: "x".repeat(1_500_000), retain: false }, never);
      await other.publish({ topic: "base/cmd/y", payload: "y", retain: false }, never);
      expect(await ear.hears(2)).toEqual([`base/cmd/x=${"x".repeat(64 * 1024)}`, "base/cmd/y=y"]);
      expect(ear.tooLong).toHaveLength(2);
    });

    test("an abort ends an attempt and a publication with its reason", async () => {
      const kit = await start();
      const stop = new AbortController();
      const reason = new Error("enough");
      const us = await opened(kit.publisher("us"), new Ear([]).wish);
      const opening = kit.publisher("us").open(new Ear([]).wish, stop.signal);
      const publishing = us.publish({ topic: "base/x", payload: "", retain: false }, stop.signal);
      stop.abort(reason);
      await expect(opening).rejects.toBe(reason);
      await expect(publishing).rejects.toBe(reason);
      await expect(us.publish({ topic: "base/x", payload: "", retain: false }, stop.signal)).rejects.toBe(reason);
      await expect(kit.publisher("us").open(new Ear([]).wish, stop.signal)).rejects.toBe(reason);
    });
  });
}
