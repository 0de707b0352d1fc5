import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFailed, test } from "vitest";
import { MqttPublisher } from "../../src/adapters/mqtt/mqtt-publisher.ts";
import { begin, moved } from "../scenarios/scene.ts";
import { startHome } from "../world/home.ts";
import { startMosquitto } from "../world/mosquitto.ts";
import { run } from "../world/programs.ts";
import { HOME_OF_POD, startPod } from "../world/routed.ts";
import { runShepherd, writeOptions } from "../world/shepherd.ts";

const PASSWORDS = { app: "canary-of-app", cluster: "canary-of-cluster", owner: "canary-of-owner" };
const never = new AbortController().signal;

test("a CronJob without a volume heals a camera that moved: it knows it by what the app on the camera's network keeps at the broker, and finds it by asking addresses", async () => {
  const mqtt = { url: "mqtt://127.0.0.1:1883", username: "app", password: PASSWORDS.app };
  const cameras = [{ name: "front", mac: "0c:79:55:4b:d4:2a" as never }];
  await using home = await startHome({ cameras, shepherd: { mqtt } });
  await using pod = await startPod(home.lan);
  const front = home.camera("front");
  const before = await home.readDocument();
  const former = home.lan.at(20);
  await using mosquitto = await startMosquitto({
    folder: join(home.lan.folder, "broker"),
    users: PASSWORDS,
    access: ["user app", "topic readwrite #", "user owner", "topic readwrite #", "user cluster", "topic read camera_shepherd/+/binding"],
    more: ["persistence false", `listener 1884 ${HOME_OF_POD}`],
  });
  const kept = Promise.withResolvers<string>();
  const address = { url: mosquitto.url, username: "owner", password: { reveal: () => PASSWORDS.owner } };
  const owner = await new MqttPublisher({ address: () => Promise.resolve(address), clientId: "owner" }).open(
    {
      subscriptions: ["camera_shepherd/front/binding"],
      onMessage: ({ payload }) => kept.resolve(Buffer.from(payload).toString()),
      onTooLong: () => undefined,
    },
    never,
  );
  {
    await using app = await begin(home, ["front"]);
    const binding = await kept.promise;
    app.shepherd.assertRunning();
    expect(JSON.parse(binding)).toMatchObject({
      version: 1,
      camera: "front",
      address: former,
      macs: [front.mac],
      endpoint: expect.any(String),
    });
    expect(binding).not.toContain(front.password);
  }
  await owner.close();

  const folder = join(home.lan.folder, "pod");
  await mkdir(folder, { recursive: true });
  const document = join(folder, "frigate.yml");
  await copyFile(home.document, document);
  const options = await writeOptions({
    folder,
    frigateFile: document,
    go2rtcUrl: home.go2rtc.url.replace("127.0.0.1", HOME_OF_POD),
    more: {
      network: { ranges: [`${home.lan.at(40)}/29`] },
      mqtt: {
        url: `mqtt://${HOME_OF_POD}:1884`,
        username: "cluster",
        password: PASSWORDS.cluster,
        base: "cluster",
        follow: ["camera_shepherd"],
      },
    },
  });
  const to = home.lan.at(44);
  await front.moveSilently(to);
  // A static address comes without a gateway here: the pod is behind the home box.
  await run("ip", ["-n", front.host.namespace, "route", "add", "10.42.0.0/24", "via", home.lan.home.address]);
  await using sync = runShepherd(["sync", "--once", "--json", "--config", options], { namespace: pod.namespace });
  const output = (): string => sync.output.map(({ text }) => text).join("\n");
  onTestFailed(() => void process.stdout.write(`one sync told:\n${output()}\n`));
  expect(await sync.exited).toBe(0);
  expect(await readFile(document, "utf8")).toBe(moved(before, [[former, to]]));
  const result = JSON.parse(sync.output.filter(({ stream }) => stream === "out").at(-1)?.text ?? "") as {
    readonly devices: readonly { readonly outcome: string }[];
  };
  expect(result.devices).toMatchObject([{ device: "front", outcome: "healed", from: former, address: to }]);
  expect(output()).not.toContain("canary-of");
}, 120_000);
