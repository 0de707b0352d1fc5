import { join } from "node:path";
import { expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startCamera } from "../world/camera.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { start } from "../world/programs.ts";
import { far, HOME_OF_POD, startPod } from "../world/routed.ts";
import { writeOptions } from "../world/shepherd.ts";
import { begin, expectFrames, expectText, moved, type Listening } from "./scene.ts";

const routed = { routed: true, static: true } as const;
const mac = (last: string): MacAddress => `0c:79:55:4b:d4:${last}` as MacAddress;
const SAME = "urn:uuid:11111111-0000-0000-0000-00000000beef";
const UID = "9527000ABCDEF123";
const TAPO = "80224F5A11B2C3D4E5F60718293A4B5C";
const cameras: readonly HomeCamera[] = [
  { name: "garage", mac: mac("01"), address: far(2), ...routed },
  { name: "yard", mac: mac("02"), address: far(3), onvif: "none", ...routed },
  { name: "shed", mac: mac("03"), address: far(4), endpoint: SAME, ...routed },
  { name: "attic", mac: mac("04"), address: far(5), onvif: "none", ...routed },
  { name: "hall", mac: mac("05"), address: far(6), onvif: "none", ...routed },
];
const SEARCHED = { ranges: ["10.9.0.0/28"] };

/** The condition of a camera, once it has that reason. */
function reasonOf(heard: Listening, camera: string, reason: string): Promise<unknown> {
  return heard.hears(
    `${camera} to be ${reason}`,
    ({ condition }) => condition?.subject === `device/${camera}` && condition.reason === reason,
  );
}

test("cameras behind a router are found by what they say of themselves, or left alone with the reason until a person says where; from a pod as well", async () => {
  await using home = await startHome({ cameras, shepherd: { health: { interval: "5s" }, network: SEARCHED } });
  const responder = join(import.meta.dirname, "../world/vendor-program.ts");
  await using reolink = start(process.execPath, [responder, "reolink", UID], { namespace: "yard" });
  await using tapo = start(process.execPath, [responder, "tplink", TAPO], { namespace: "hall" });
  for (const one of [reolink, tapo]) one.assertRunning();
  const [yard, shed, attic, hall] = [home.camera("yard"), home.camera("shed"), home.camera("attic"), home.camera("hall")];
  const before = await home.readDocument();
  {
    await using heard = await begin(home, ["garage", "yard", "shed", "hall"]);
    await reasonOf(heard, "attic", "NoMacHere");
    // Another unit of the shed's model, which says the very same of itself and would take any password.
    await using twin = await startCamera(home.behind ?? home.lan, {
      name: "twin",
      mac: mac("99"),
      address: far(11),
      static: true,
      endpoint: SAME,
      admitAnyone: true,
    });
    await Promise.all([yard.moveSilently(far(9)), shed.moveSilently(far(10)), attic.moveSilently(far(13)), hall.moveSilently(far(14))]);
    const offered = attic.offers().length;
    const after = moved(before, [
      [far(3), far(9)],
      [far(6), far(14)],
    ]);
    await expectText(home.document, after);
    await expectFrames(home.go2rtc, "yard", far(9));
    await expectFrames(home.go2rtc, "hall", far(14));
    await reasonOf(heard, "shed", "IdentityShared");
    expect(twin.offers()).toEqual([]);
    const proposal = await heard.hears("the attic to be proposed", ({ condition }) => condition?.reason === "AddressUnproved");
    expect(proposal.condition).toMatchObject({ subject: "adopt/attic", ask: { verb: "adopt", camera: "attic", devices: [far(13)] } });
    expect(proposal.condition?.message).toMatch(/ one device may be it(?:, or shed)?: /);
    expect(attic.offers()).toHaveLength(offered);
    expect(await home.readDocument()).toBe(after);
    expect((await home.shepherdCommand(["adopt", `attic=${far(13)}`])).code).toBe(0);
    await expectText(home.document, moved(after, [[far(5), far(13)]]));
    await expectFrames(home.go2rtc, "attic", far(13));
  }
  await fromPod(home);
});

/** The program in a pod: no camera is on its network, and no broadcast comes there. */
async function fromPod(home: Home): Promise<void> {
  await using pod = await startPod(home.lan);
  const go2rtc = [{ name: "go2rtc", url: home.go2rtc.url.replace("127.0.0.1", HOME_OF_POD) }];
  const more = { go2rtc, health: { interval: "5s" }, network: SEARCHED };
  const options = await writeOptions({ folder: join(home.lan.folder, "pod"), frigateFile: home.document, go2rtcUrl: "", more });
  await using heard = await begin({ options }, ["garage"], pod);
  const before = await home.readDocument();
  await home.camera("garage").moveSilently(far(12));
  await expectText(home.document, moved(before, [[far(2), far(12)]]));
  await expectFrames(home.go2rtc, "garage", far(12));
  const move = heard.told().find(({ kind }) => kind === "moved");
  expect(move?.evidence?.steps.map(({ proof, outcome }) => `${proof} ${outcome}`)).toEqual([
    "neighbour skipped",
    "connect passed",
    "identity passed",
    "login passed",
  ]);
}
