import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startHome, type HomeCamera } from "../world/home.ts";
import { writeOptions } from "../world/shepherd.ts";
import { eventually } from "../world/waiting.ts";
import { expectHealed, listen } from "./scene.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front" };

test("where nothing of the network is heard or searched, the DHCP server's lease file tells of the move; another program's file follows, and another program is told", async () => {
  await using home = await startHome({ cameras: [front] });
  const network = { search: false, layers: { dhcp: false, neighbours: false }, lease_files: home.lan.router.leases };
  const other = join(home.lan.folder, "mediamtx.yml");
  const text = `paths:\n  front: { source: "rtsp://u:p@${home.lan.at(20)}/main" } # not ${home.lan.at(200)}\n`;
  await writeFile(other, text);
  await using hook = await listener();
  const options = await writeOptions({
    folder: join(home.lan.folder, "leases"),
    frigateFile: home.document,
    go2rtcUrl: home.go2rtc.url,
    more: {
      network,
      files: [{ path: other, camera: "front" }],
      on_moved: [{ url: `http://127.0.0.1:${hook.port}/canary`, headers: { authorization: "canary-token" } }],
    },
  });
  await using heard = listen(options);
  await heard.hears("the file to be read", ({ kind, layer }) => kind === "layer-up" && layer === "leases");
  await heard.hears("front to be learned", ({ kind }) => kind === "learned");
  const before = await home.readDocument();
  const camera = home.camera("front");
  await camera.moveByDhcp(home.lan.at(77));
  const { evidence } = await heard.hears("the move", ({ kind }) => kind === "moved");
  expect(evidence).toMatchObject({ candidate: home.lan.at(77), layer: "leases", verdict: "verified" });
  await expectHealed(home, before, [[home.lan.at(20), home.lan.at(77)]], [camera]);
  expect(await readFile(other, "utf8")).toBe(text.replace(`${home.lan.at(20)}/`, `${home.lan.at(77)}/`));
  await eventually("the call", () => hook.calls.length > 0, 20_000, 50);
  const call = { camera: "front", name: "front", mac: front.mac, from: home.lan.at(20), to: home.lan.at(77), evidence: expect.any(Number) };
  expect(hook.calls).toEqual([{ ...call, id: expect.stringMatching(/^front-\d+$/), at: expect.any(String) }]);
  expect(heard.shepherd.output.filter(({ text: line }) => line.includes("canary"))).toEqual([]);
});

/** A program that is told of moves. */
async function listener(): Promise<AsyncDisposable & { readonly port: number; readonly calls: readonly unknown[] }> {
  const calls: unknown[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      calls.push(JSON.parse(body));
      response.writeHead(204).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const end = async (): Promise<void> => void server.close();
  return { port: (server.address() as AddressInfo).port, calls, [Symbol.asyncDispose]: end };
}
