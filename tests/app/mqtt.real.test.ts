import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { MqttPublisher } from "../../src/adapters/mqtt/mqtt-publisher.ts";
import type { Session } from "../../src/ports/publisher.ts";
import { oldBroker } from "../adapters/mqtt/proxy.ts";
import { freePort } from "../free-port.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Mosquitto, type MosquittoOptions, startMosquitto } from "../world/mosquitto.ts";
import { runShepherd, type Shepherd, shepherdCommand, writeOptions } from "../world/shepherd.ts";

const PASSWORDS = { shepherd: "canary-of-ours", owner: "canary-of-theirs" };
const never = new AbortController().signal;

async function broker(more: Partial<MosquittoOptions> = {}): Promise<Mosquitto> {
  const mosquitto = await startMosquitto({ folder: temporaryFolder(), port: await freePort(), users: PASSWORDS, ...more });
  onTestFinished(() => mosquitto.stop());
  return mosquitto;
}

/** The program on a home that is nowhere: one camera in the document, no layer, no go2rtc. */
async function optionsFor(port: number, mqtt: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = temporaryFolder();
  const frigateFile = join(folder, "frigate.yaml");
  await writeFile(
    frigateFile,
    "cameras:\n  front:\n    ffmpeg:\n      inputs:\n        - path: rtsp://viewer:canary-cam@127.8.0.9:554/main\n",
  );
  const layers = { dhcp: false, neighbours: false, ws_discovery: false };
  const own = { url: `mqtt://127.0.0.1:${String(port)}`, username: "shepherd", password: PASSWORDS.shepherd, ...mqtt };
  const more = { network: { search: false, layers }, mqtt: own, log_level: "info" };
  return writeOptions({ folder, frigateFile, go2rtcUrl: "http://127.0.0.1:9", more });
}

function runWith(options: string): Shepherd {
  const program = runShepherd(["run", "--config", options]);
  onTestFinished(() => program.stop());
  return program;
}

function lines(program: Shepherd, word: string): readonly string[] {
  return program.output.filter(({ stream, text }) => stream === "out" && text.includes(word)).map(({ text }) => text);
}

/** Somebody else at the broker, who hears everything of ours. */
class Owner {
  readonly heard: string[] = [];
  session: Session | undefined;

  async join(port: number): Promise<void> {
    const address = { url: `mqtt://127.0.0.1:${String(port)}`, username: "owner", password: { reveal: () => PASSWORDS.owner } };
    const publisher = new MqttPublisher({ address: () => Promise.resolve(address), clientId: "owner" });
    const onMessage = ({ topic, payload }: { readonly topic: string; readonly payload: Uint8Array }): void =>
      void this.heard.push(`${topic} ${Buffer.from(payload).toString()}`);
    const will = { topic: "owner", payload: "", retain: false };
    this.session = await publisher.open({ will, subscriptions: ["#"], onMessage, onTooLong: () => undefined }, never);
  }

  async say(topic: string, payload: string, retain = false): Promise<void> {
    await this.session?.publish({ topic: `camera_shepherd/${topic}`, payload, retain }, never);
  }

  async hears(...words: readonly string[]): Promise<string> {
    const found = await vi.waitUntil(() => this.heard.find((line) => words.every((word) => line.includes(word))), { timeout: 15_000 });
    return found;
  }

  count(word: string): number {
    return this.heard.filter((line) => line.includes(word)).length;
  }
}

describe("the program at a real broker", () => {
  test("commands, bad commands and floods; a broker that restarts; a goodbye", async () => {
    const mosquitto = await broker();
    const owner = new Owner();
    await owner.join(mosquitto.port);
    await owner.say("cmd/undo", "PRESS", true);
    const program = runWith(await optionsFor(mosquitto.port));
    await owner.hears("camera_shepherd/status online");
    await owner.say("cmd/resync", "PRESS");
    expect(await owner.hears("bridge/result", '"resync"')).toContain('{"command":"resync","ok":true');
    await owner.say("front/cmd/reconnect", '{"camera": ');
    expect(await owner.hears("bridge/result", '"reconnect"')).toContain('"camera":"front","ok":false,"reason":"CommandMalformed"');
    await owner.say("cmd/resync", "x".repeat(1_500_000));
    await vi.waitUntil(() => program.output.some(({ text }) => text.includes("a message that is too long was dropped")), { timeout: 5000 });
    await Promise.all(Array.from({ length: 1000 }, () => owner.say("cmd/resync", "PRESS")));
    const leftOut = (): number =>
      owner.heard.reduce((sum, line) => sum + Number(/"message":"(\d+) commands were not carried out/.exec(line)?.[1] ?? 0), 0);
    await vi.waitUntil(() => leftOut() > 900, { timeout: 10_000 });
    expect(owner.count("bridge/result")).toBeLessThan(100);
    await vi.waitUntil(() => lines(program, "CommandRetained").length + lines(program, "had kept the command").length > 0, {
      timeout: 5000,
    });
    expect(owner.count('"command":"undo"')).toBe(0);

    await mosquitto.restart();
    await owner.join(mosquitto.port);
    owner.heard.length = 0;
    await owner.hears("camera_shepherd/status online");
    await vi.waitUntil(
      async () => {
        await owner.say("cmd/resync", "PRESS");
        return owner.count('"resync"') > 0;
      },
      { timeout: 10_000, interval: 200 },
    );
    await program.stop();
    await owner.hears("camera_shepherd/status offline");
    expect(await program.exited).toBe(0);
    const everything = [...program.output.map(({ text }) => text), ...owner.heard, ...mosquitto.log].join("\n");
    expect(everything).not.toContain("canary");
    expect(everything).not.toContain(`"level":"error"`);
    await owner.session?.close();
  });

  test("a refused password is said once with what to do, tried rarely, and check tells the same", async () => {
    const mosquitto = await broker();
    const options = await optionsFor(mosquitto.port, { password: "canary-wrong" });
    const program = runWith(options);
    const { code, output } = await shepherdCommand(["check", "--config", options]);
    expect(code).toBe(2);
    expect(output).toMatch(/act +MQTT broker +mqtt:\/\/127\.0\.0\.1:\d+ (?:refuses the user name or password|does not let this user in)/);
    await vi.waitUntil(() => lines(program, "The MQTT broker refuses").length > 0, { timeout: 10_000 });
    expect(lines(program, "The MQTT broker refuses")).toHaveLength(1);
    const attempts = mosquitto.log.filter((line) => line.includes("run-shepherd") || line.includes("not authorised")).length;
    expect(attempts).toBeLessThan(8);
    expect([...program.output.map(({ text }) => text), output, ...mosquitto.log].join("\n")).not.toContain("canary");
  });

  test("topics that are denied, told by MQTT 5 and in silence by 3.1.1: said once, the rest goes on", async () => {
    const access = [
      "user shepherd",
      "topic readwrite camera_shepherd/#",
      "topic deny camera_shepherd/status",
      "user owner",
      "topic readwrite #",
    ];
    const mosquitto = await broker({ access });
    const old = await oldBroker(mosquitto.port);
    const [told, silent] = await Promise.all([mosquitto.port, old.port].map(async (port) => runWith(await optionsFor(port))));
    if (told === undefined || silent === undefined) throw new Error("two programs");
    await vi.waitUntil(() => lines(told, "does not let the user publish to").length > 0, { timeout: 15_000 });
    await vi.waitUntil(() => lines(silent, "passes on nothing of what is published to camera_shepherd/status").length > 0, {
      timeout: 15_000,
    });
    const owner = new Owner();
    await owner.join(mosquitto.port);
    await owner.say("cmd/resync", "PRESS");
    await vi.waitUntil(() => owner.count('"resync"') === 2, { timeout: 5000 });
    const title = "The MQTT broker does not let this user use a topic";
    expect([lines(told, title).length, lines(silent, title).length]).toEqual([1, 1]);
    await owner.session?.close();
  });
});
