import { createServer as createTls } from "node:https";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { minutes } from "../../../src/domain/duration.ts";
import { listen } from "../../fakes/fake-home-assistant/websocket-server.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { listening } from "../../listening.ts";
import { LOOPBACK } from "../system/loopback-certificate.ts";
import { homeAssistant, linkTo, until } from "./scene.ts";

const { signal } = new AbortController();

describe("the connection to Home Assistant", () => {
  it("names what is wrong with a certificate, and what helps", async () => {
    const server = createTls(LOOPBACK, (_request, response) => response.end());
    const port = await listening(server);
    onTestFinished(() => void server.close());
    const failure = await failureOf(linkTo(`https://127.0.0.1:${port}`, "canary").session(signal));
    expect(failure).toMatchObject({ kind: "unreachable", message: expect.stringMatching(/SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/) });
  });

  it("is one for all who ask, and another once it was lost", async () => {
    const { core, link } = await homeAssistant();
    const [one, other] = await Promise.all([link.session(signal), link.session(signal)]);
    expect(one).toBe(other);
    expect([core.logins, one.version]).toEqual([1, "2026.11.0"]);
    core.restart();
    await until(() => one.lost.aborted);
    expect(await failureOf(one.call({ type: "auth/current_user" }, signal))).toMatchObject({ kind: "unreachable" });
    expect(await link.session(signal)).not.toBe(one);
    expect(core.logins).toBe(2);
  });

  it("opens by itself no second time: nobody asks, nobody is called", async () => {
    const { core, link } = await homeAssistant();
    await link.session(signal);
    core.restart();
    await new Promise((go) => setTimeout(go, 1200));
    expect([core.logins, core.connections]).toEqual([1, 0]);
  });

  it("tells answers and refusals from one another, each in words", async () => {
    const { core, link } = await homeAssistant();
    const session = await link.session(signal);
    expect(await session.call({ type: "auth/current_user" }, signal)).toMatchObject({ is_admin: true });
    expect(await failureOf(session.call({ type: "no/such" }, signal))).toMatchObject({
      name: "HomeAssistantError",
      kind: "refused",
      message: "it does not know no/such: the integration is not loaded there",
    });
    core.admin = false;
    expect(await failureOf(session.subscribe({ type: "dhcp/subscribe_discovery" }, () => undefined, signal))).toMatchObject({
      kind: "refused",
      message: "only an administrator's token may ask for dhcp/subscribe_discovery",
    });
  });

  it("with a refused token is not tried again for a quarter of an hour, then half an hour", async () => {
    const clock = new FakeClock();
    const { core, link } = await homeAssistant(clock);
    core.refuses = true;
    for (const [pause, logins] of [
      [0, 1],
      [14, 1],
      [1.1, 2],
      [29, 2],
      [1.1, 3],
    ] as const) {
      await clock.advance(minutes(pause));
      expect(await failureOf(link.session(signal))).toMatchObject({ kind: "login", message: "it refuses the token" });
      expect(core.logins).toBe(logins);
    }
  });

  it("to nobody, to no WebSocket, and to something else says so, and ends nothing else", async () => {
    const other = await listen(
      "/api/websocket",
      () => undefined,
      (client) => client.send("hello"),
    );
    const list = await listen(
      "/api/websocket",
      () => undefined,
      (client) => client.send('[{"type":"auth_required"},null]'),
    );
    const deaf = await listening(createServer((socket) => void socket.end("SSH-2.0-x\r\n")));
    onTestFinished(async () => void (await Promise.all([other.close(), list.close()])));
    const nobody = "no WebSocket of Home Assistant's answers there";
    for (const [port, message] of [
      [1, nobody],
      [deaf, nobody],
      [other.port, "what answers there is not Home Assistant"],
      [list.port, "what answers there is not Home Assistant"],
    ] as const)
      expect(await failureOf(linkTo(`http://127.0.0.1:${String(port)}`, "canary").session(signal))).toMatchObject({
        kind: "unreachable",
        message,
      });
  });

  it("drops events that were not asked for, and is closed by what is no message", async () => {
    const { core, link } = await homeAssistant();
    const session = await link.session(signal);
    core.say('{"id":3,"type":"event","event":{}}');
    expect(await session.call({ type: "auth/current_user" }, signal)).toMatchObject({ is_admin: true });
    core.say("{");
    await until(() => session.lost.aborted);
    expect(session.lost.reason).toMatchObject({ name: "HomeAssistantError", message: "the connection was lost" });
  });

  it("that gives no answer is given up after fifteen seconds, and one without a sign of life is closed", async () => {
    const clock = new FakeClock();
    const { core, link } = await homeAssistant(clock);
    const session = await link.session(signal);
    core.silent = true;
    const failed = failureOf(session.call({ type: "auth/current_user" }, signal));
    await clock.advance(minutes(0.26));
    expect(await failed).toMatchObject({ kind: "unreachable", message: "no answer within 15 s" });
    expect(session.lost.aborted).toBe(false);
    await clock.advance(minutes(1.1));
    await until(() => session.lost.aborted);
    expect(session.lost.aborted).toBe(true);
  });

  it("ends with the program, also while it is opened", async () => {
    const mute = await listen(
      "/api/websocket",
      () => undefined,
      () => undefined,
    );
    onTestFinished(() => mute.close());
    const link = linkTo(`http://127.0.0.1:${String(mute.port)}`, "canary");
    const opening = failureOf(link.session(signal));
    await until(() => mute.clients.size > 0);
    link.close();
    expect(await opening).toMatchObject({ message: "the program ends" });
    await until(() => mute.clients.size === 0);
    expect(mute.clients.size).toBe(0);
    expect(await failureOf(linkTo("http://127.0.0.1:1", "x").session(AbortSignal.abort(new Error("over"))))).toMatchObject({
      message: "over",
    });
  });
});
