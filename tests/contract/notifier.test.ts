import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { PersistentNotifications } from "../../src/adapters/home-assistant/persistent-notifications.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { messengersOf } from "../../src/adapters/webhook/messengers.ts";
import { Secret } from "../../src/config/secret.ts";
import { instant } from "../../src/domain/duration.ts";
import { movedMessage } from "../../src/domain/incident-message.ts";
import type { Messenger } from "../../src/ports/notifier.ts";
import { homeAssistant } from "../adapters/home-assistant/scene.ts";
import { failureOf } from "../fakes/failure-of.ts";
import { FakeBoard } from "../fakes/fake-board.ts";
import { FakeMessenger } from "../fakes/fake-messenger.ts";
import { listening } from "../listening.ts";
import { at, id } from "../reconcilers/fake-home.ts";
import { boardContract } from "./board.ts";

const MESSAGE = movedMessage({ camera: id("front"), name: "Front", to: at(77), at: instant(0) });

interface Told {
  readonly messenger: Messenger;
  readonly count: () => number;
  fail(times: number): void;
}

async function byHttp(kind: "webhook" | "ntfy"): Promise<Told> {
  let [told, failing] = [0, 0];
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(failing === 0 ? 200 : 500).end();
      if (failing === 0) told += 1;
      else failing -= 1;
    });
  });
  const url = new Secret(`http://127.0.0.1:${await listening(server)}/canary`);
  const [made] = messengersOf([{ kind, url }], createSystemClock());
  return { messenger: made?.messenger ?? expect.unreachable(), count: () => told, fail: (times) => (failing = times) };
}

const ways: Readonly<Record<string, () => Promise<Told>>> = {
  "the fake": () => {
    const messenger = new FakeMessenger();
    return Promise.resolve({ messenger, count: () => messenger.told.length, fail: (times: number) => (messenger.failing = times) });
  },
  "a webhook": () => byHttp("webhook"),
  ntfy: () => byHttp("ntfy"),
};

describe.each(Object.entries(ways))("%s, as a messenger", (_name, make) => {
  it("is told at each call, fails with a NotifyError, can be called again, and says where it is without a path", async () => {
    const { messenger, count, fail } = await make();
    const { signal } = new AbortController();
    await messenger.tell(MESSAGE, signal);
    fail(1);
    expect(await failureOf(messenger.tell(MESSAGE, signal))).toMatchObject({ name: "NotifyError", message: "answered 500" });
    await messenger.tell(MESSAGE, signal);
    expect(count()).toBe(2);
    expect([messenger.name, messenger.place].every((text) => text !== "" && !text.includes("/"))).toBe(true);
    expect(await failureOf(messenger.tell(MESSAGE, AbortSignal.abort(new Error("over"))))).toMatchObject({ message: "over" });
    expect(count()).toBe(2);
  });
});

describe("the fake, as a board", () => {
  boardContract(() => Promise.resolve(new FakeBoard()));
});

describe("Home Assistant's persistent notifications, as a board", () => {
  boardContract(async () => new PersistentNotifications((await homeAssistant()).link, "0123abcd"));
});
