import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MqttPublisher } from "../../src/adapters/mqtt/mqtt-publisher.ts";
import { freePort } from "../free-port.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { startMosquitto } from "../world/mosquitto.ts";
import { shepherdCommand, writeOptions } from "../world/shepherd.ts";

const never = new AbortController().signal;
const PASSWORDS = { follower: "canary-of-follower", owner: "canary-of-owner" };

interface Synced {
  readonly exitCode: number;
  readonly parts: readonly { readonly subject: string; readonly status: string; readonly reason: string; readonly message: string }[];
}

test("one sync hears what the broker kept as a user who may only read, publishes nothing, says goodbye, and goes on without a broker", async () => {
  const folder = temporaryFolder();
  const access = ["user follower", "topic read app/+/binding", "user owner", "topic readwrite #"];
  const mosquitto = await startMosquitto({ folder: join(folder, "broker"), port: await freePort(), users: PASSWORDS, access });
  onTestFinished(() => mosquitto.stop());
  const address = { url: mosquitto.url, username: "owner", password: { reveal: () => PASSWORDS.owner } };
  const owner = await new MqttPublisher({ address: () => Promise.resolve(address), clientId: "owner" }).open(
    { subscriptions: ["#"], onMessage: () => undefined, onTooLong: () => undefined },
    never,
  );
  const binding = { version: 1, origin: "one", camera: "attic", address: "192.0.2.9", macs: [], endpoint: "urn:uuid:1" };
  await owner.publish({ topic: "app/attic/binding", payload: JSON.stringify(binding), retain: true }, never);
  await owner.publish({ topic: "app/back/binding", payload: "x".repeat(40_000), retain: true }, never);
  await owner.close();

  const frigateFile = join(folder, "frigate.yaml");
  await writeFile(
    frigateFile,
    "cameras:\n  front:\n    ffmpeg:\n      inputs:\n        - path: rtsp://viewer:canary-cam@127.8.0.9:554/main\n",
  );
  const layers = { dhcp: false, neighbours: false, ws_discovery: false };
  const mqtt = { url: mosquitto.url, username: "follower", password: PASSWORDS.follower, base: "cluster", follow: ["app"] };
  const options = await writeOptions({
    folder: join(folder, "shepherd"),
    frigateFile,
    go2rtcUrl: "http://127.0.0.1:9",
    more: { network: { search: false, layers }, mqtt },
  });
  const sync = async (): Promise<Synced & { readonly output: string }> => {
    const { output, errors } = await shepherdCommand(["sync", "--once", "--json", "--config", options]);
    return { ...(JSON.parse(output.trim().split("\n").at(-1) ?? "") as Synced), output: output + errors };
  };
  const told = await sync();
  expect(told.parts.find(({ subject }) => subject === "mqtt")).toMatchObject({
    status: "ok",
    message: `cameras that other copies tell of at mqtt://127.0.0.1:${String(mosquitto.port)}: 1`,
  });
  const ours = mosquitto.log.filter((line) => line.includes("sync-shepherd"));
  expect(ours.some((line) => line.includes("Received PUBLISH"))).toBe(false);
  expect(ours.some((line) => line.includes("Received DISCONNECT"))).toBe(true);
  await mosquitto.down();
  const away = await sync();
  expect(away.parts.filter(({ status }) => status === "problem").map(({ reason }) => reason)).toContain("BrokerUnreachable");
  // Neither found the camera: nobody answers at its address.
  expect([told.exitCode, away.exitCode]).toEqual([1, 1]);
  expect([told.output, away.output, ...mosquitto.log].join("\n")).not.toContain("canary");
}, 90_000);
