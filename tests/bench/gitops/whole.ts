import { readFile, writeFile } from "node:fs/promises";
import type { MacAddress } from "../../../src/domain/addresses.ts";
import { gitHttpServer } from "../../adapters/git/http-server.ts";
import { makeRepository, removeRepositories } from "../../adapters/git/repository.ts";
import { fluxReceiver } from "../../fakes/flux-receiver.ts";
import type { Cluster } from "../../kubernetes/cluster.ts";
import { makeNamespace, textOf } from "../../kubernetes/frigate-namespace.ts";
import { startHome } from "../../world/home.ts";
import { epochMilliseconds, eventually, pause } from "../../world/waiting.ts";
import { newClients } from "../../world/watchers.ts";
import { type Row, rowOf } from "./rows.ts";

const NAMESPACE = "whole";
const PATH = "apps/frigate/config.yml";
const GATHER = 5_000;
const CAMERAS = ["front", "garden"] as const;

/**
 * The program with one Frigate in Git and one in a ConfigMap, on real parts: the router acknowledges a move, and it is told when a new viewer at go2rtc gets
 * the first video packet from the new address, when Flux's Receiver was called for the commit, and when the ConfigMap has the address.
 */
export async function benchWhole(cluster: Cluster, moves: number): Promise<readonly Row[]> {
  await using undo = new AsyncDisposableStack();
  undo.defer(removeRepositories);
  const cameras = CAMERAS.map((name, index) => ({ name, mac: `0c:79:55:4b:d7:${String(10 + index)}` as MacAddress }));
  const home = undo.use(await startHome({ cameras }));
  const document = await home.readDocument();
  const repository = await makeRepository(PATH, document);
  const server = undo.use(await gitHttpServer(repository.folder, { "bench-token": "write" }));
  const flux = undo.use(await fluxReceiver("bench-secret"));
  await makeNamespace(cluster, NAMESPACE, document);
  const receiver = { url: flux.url, token: "bench-secret" };
  const git = { url: server.url("home.git"), path: PATH, token: "bench-token", receiver };
  const kubernetes = { namespace: NAMESPACE, configmap: "frigate", kubeconfig: await cluster.kubeconfig() };
  const frigate = [
    { name: "repository", via: "git", git },
    { name: "cluster", via: "kubernetes", kubernetes },
  ];
  const options = { ...(JSON.parse(await readFile(home.options, "utf8")) as object), frigate, mqtt: { url: "none" } };
  await writeFile(home.options, JSON.stringify(options), { mode: 0o600 });

  const learned = new Set<string>();
  const movedAt: number[] = [];
  const program = home.runShepherd(["run", "--json"], {
    onLine: ({ at, text }) => {
      const device = /"kind":"learned","device":"([^"]+)"/.exec(text)?.[1];
      if (device !== undefined) learned.add(device);
      if (text.includes('"kind":"moved"')) movedAt.push(at);
    },
  });
  await eventually("both cameras to be learned", () => (program.assertRunning(), learned.size >= CAMERAS.length), 60_000, 50);
  await pause(3_000);

  const [video, called, patched, afterGit, afterMap]: number[][] = [[], [], [], [], []];
  for (let move = 0; move < moves; move += 1) {
    const to = home.lan.at(60 + move);
    const name = CAMERAS[move % CAMERAS.length] ?? "front";
    const camera = home.camera(name);
    const [calls, seen] = [flux.calls.length, movedAt.length];
    const { leftAt } = await camera.moveByDhcp(to, { sessions: "end" });
    const { requestAt } = await home.capture.acknowledgedAfter(camera.mac, leftAt);
    await using viewers = newClients(home.go2rtc, name, to);
    const frames = await viewers.firstPacket;
    await viewers.stop();
    // What looks at the ConfigMap costs the API server a connection: not before it may have changed.
    await pause(Math.max(0, requestAt + GATHER - 200 - epochMilliseconds()));
    await eventually("the ConfigMap", async () => (await textOf(cluster, NAMESPACE)).includes(`${to}`), 20_000, 20);
    const map = epochMilliseconds();
    await eventually("the Receiver", () => flux.calls.length > calls, 20_000, 20);
    const receiverAt = performance.timeOrigin + (flux.calls[calls] ?? Number.NaN);
    if (
      !Buffer.from(await repository.bytes(PATH))
        .toString("utf8")
        .includes(to)
    )
      throw new Error("the Receiver was called for no commit");
    const end = (movedAt[seen] ?? Number.NaN) + GATHER;
    const seconds = (since: number, at: number): number => (at - since) / 1000;
    video?.push(seconds(requestAt, frames));
    called?.push(seconds(requestAt, receiverAt));
    patched?.push(seconds(requestAt, map));
    afterGit?.push(seconds(end, receiverAt));
    afterMap?.push(seconds(end, map));
    program.assertRunning();
    await pause(2_000);
  }
  return [
    rowOf("from the DHCPREQUEST to video at go2rtc", video ?? []),
    rowOf("from the DHCPREQUEST to the ConfigMap patched", patched ?? []),
    rowOf("from the DHCPREQUEST to the Receiver called", called ?? []),
    rowOf("from the end of the window to the ConfigMap", afterMap ?? []),
    rowOf("from the end of the window to the Receiver", afterGit ?? []),
  ];
}
