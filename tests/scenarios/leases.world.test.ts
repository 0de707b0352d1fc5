import { join } from "node:path";
import { expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startHome, type HomeCamera } from "../world/home.ts";
import { writeOptions } from "../world/shepherd.ts";
import { expectHealed, listen } from "./scene.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front" };

test("where nothing of the network is heard or searched, the DHCP server's lease file tells of the move", async () => {
  await using home = await startHome({ cameras: [front] });
  const network = { search: false, layers: { dhcp: false, neighbours: false }, lease_files: home.lan.router.leases };
  const options = await writeOptions({
    folder: join(home.lan.folder, "leases"),
    frigateFile: home.document,
    go2rtcUrl: home.go2rtc.url,
    more: { network },
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
});
