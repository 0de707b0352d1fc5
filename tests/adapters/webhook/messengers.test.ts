import { createServer, type IncomingHttpHeaders } from "node:http";
import { describe, expect, it } from "vitest";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { messengersOf } from "../../../src/adapters/webhook/messengers.ts";
import { ntfyCall } from "../../../src/adapters/webhook/ntfy.ts";
import { Secret } from "../../../src/config/secret.ts";
import { instant } from "../../../src/domain/duration.ts";
import { groupMessages, type IncidentMessage } from "../../../src/domain/incident-message.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { listening } from "../../listening.ts";
import { id } from "../../reconcilers/fake-home.ts";

const { signal } = new AbortController();
const OFFLINE: IncidentMessage = {
  id: "camera/front/offline",
  event: "offline",
  camera: { id: id("front"), name: "Front door" },
  reason: "CameraUnreachable",
  title: "Front door: Camera answers nowhere",
  message: "Front door answers nowhere",
  nextStep: "Check the power.",
  state: "open",
  isUrgent: true,
  at: instant(0),
};

async function listener() {
  const calls: { readonly url: string | undefined; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      calls.push({ url: request.url, headers: request.headers, body });
      response.writeHead(200).end();
    });
  });
  return { calls, host: `127.0.0.1:${await listening(server)}` };
}

function messenger(kind: "webhook" | "ntfy", host: string) {
  const option = { kind, url: new Secret(`http://${host}/canary-topic`), token: new Secret("canary-token") };
  const [made] = messengersOf([option], createSystemClock());
  if (made === undefined) throw new Error("no messenger was made");
  return made.messenger;
}

describe("a webhook", () => {
  it("gets an incident as JSON, with the token", async () => {
    const { calls, host } = await listener();
    await messenger("webhook", host).tell(OFFLINE, signal);
    expect(calls[0]?.headers).toMatchObject({ authorization: "Bearer canary-token", "content-type": "application/json" });
    expect(JSON.parse(calls[0]?.body ?? "")).toEqual({
      id: "camera/front/offline",
      event: "offline",
      state: "open",
      camera: "front",
      name: "Front door",
      reason: "CameraUnreachable",
      title: "Front door: Camera answers nowhere",
      message: "Front door answers nowhere",
      next_step: "Check the power.",
      at: "1970-01-01T00:00:00.000Z",
    });
  });

  it("gets several as one, with each of them", async () => {
    const { calls, host } = await listener();
    await messenger("webhook", host).tell(groupMessages([OFFLINE, { ...OFFLINE, state: "closed" }], instant(0)), signal);
    expect(JSON.parse(calls[0]?.body ?? "")).toMatchObject({
      id: "several",
      state: "open",
      incidents: [{ state: "open" }, { state: "closed" }],
    });
  });
});

describe("ntfy", () => {
  it("gets title, priority and tag as headers, and the next step below the text", async () => {
    const { calls, host } = await listener();
    await messenger("ntfy", host).tell(OFFLINE, signal);
    expect(calls[0]).toMatchObject({ url: "/canary-topic", body: "Front door answers nowhere\n→ Check the power." });
    expect(calls[0]?.headers).toMatchObject({
      title: "Front door: Camera answers nowhere",
      priority: "4",
      tags: "warning",
      authorization: "Bearer canary-token",
    });
  });

  it.each([
    [{ state: "closed" }, "2", "white_check_mark"],
    [{ state: "info" }, "2", "information_source"],
    [{ isUrgent: false }, "3", "warning"],
    [{ event: "impostor" }, "4", "rotating_light"],
    [{ event: "approval" }, "4", "raised_hand"],
  ] as const)("of %j has priority %s and the tag %s", (more, priority, tags) => {
    expect(ntfyCall({ ...OFFLINE, ...more }).headers).toMatchObject({ priority, tags });
  });

  it("gets a title of other letters as an encoded word, of any text as one line, and no message that it would make a file of", () => {
    const { headers, body } = ntfyCall({ ...OFFLINE, title: `Haustür\r\nx: y ${"ü".repeat(999)}`, message: "ü".repeat(9000) });
    const [, encoded = ""] = /^=\?UTF-8\?B\?([A-Za-z0-9+/=]+)\?=$/.exec(headers["title"] ?? "") ?? [];
    expect(Buffer.from(encoded, "base64").toString()).toMatch(/^Haustür x: y ü+…$/);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096);
    expect(body).toMatch(/^ü+…$/);
    expect(ntfyCall({ ...OFFLINE, title: "a\nb", nextStep: "" })).toMatchObject({ headers: { title: "a b" }, body: OFFLINE.message });
  });
});

it("those of one host are told apart, and a failure names neither path nor token", async () => {
  const url = new Secret("http://127.0.0.1:1/canary-topic");
  const made = messengersOf(
    [
      { kind: "ntfy", url },
      { kind: "webhook", url, token: new Secret("canary-token") },
    ],
    createSystemClock(),
  );
  expect(made.map(({ messenger: { name, place } }) => [name, place])).toEqual([
    ["127.0.0.1:1", "127.0.0.1:1"],
    ["127.0.0.1:1-2", "127.0.0.1:1"],
  ]);
  expect(await failureOf(made[1]?.messenger.tell(OFFLINE, signal) ?? Promise.resolve())).toMatchObject({
    name: "NotifyError",
    message: "cannot be reached (ECONNREFUSED)",
  });
});
