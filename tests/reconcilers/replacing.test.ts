import { describe, expect, it, onTestFinished } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import type { ActionResult } from "../../src/ports/actions.ts";
import { at, BACK, FakeHome, FRONT, frigateText, type HomeSettings, id, mac, source } from "./fake-home.ts";

const NEW = { ...BACK, mac: mac("0c:79:55:4b:d4:77") };
const OTHER = { endpoint: "urn:uuid:the new one", greeting: { kind: "challenge", schemes: ["digest"], realm: "new" } } as const;

async function open(settings: HomeSettings = {}) {
  const home = new FakeHome(settings);
  onTestFinished(() => home.stop());
  await home.start();
  const adopt = async (address: string, camera = "back", replace = true): Promise<ActionResult> => {
    const action = { verb: "adopt", camera, mac: mac(address), ...(replace ? { replace: true as const } : {}) } as const;
    const [result] = await Promise.all([home.engine.actions.perform(action, new AbortController().signal), home.pass(seconds(5))]);
    return result;
  };
  return { home, adopt };
}

const backOf = (home: FakeHome) => home.registry.device(id("back")) ?? expect.unreachable();

describe("a camera that another one took the place of", () => {
  it("at its address: is parked, and once a person said so the new one is proved, learned whole, and its streams are put back", async () => {
    const { home, adopt } = await open();
    home.leave(BACK.address);
    await home.pass(minutes(3));
    home.place(NEW, BACK.address, OTHER);
    await home.pass(minutes(5));
    expect(home.reason("device/back")).toBe("Quarantined");
    expect(home.status.get("device/back")?.ask).toEqual({ verb: "replace", camera: "back" });
    expect(home.logins).toEqual([]);
    expect(home.registry.quarantines()).toHaveLength(1);

    expect(await adopt(NEW.mac)).toEqual({
      kind: "accepted",
      message: `back is ${NEW.mac} from now on, and what was learned of ${BACK.mac} is dropped; it was seen at ${at(21)} and is proved there`,
    });
    await home.pass(minutes(1));
    expect(home.logins).toEqual([source("back", at(21))]);
    expect(home.reason("device/back")).toBe("Healthy");
    expect(backOf(home).identity).toMatchObject({ macs: [NEW.mac], endpoint: OTHER.endpoint, realm: "new" });
    expect(home.registry.quarantines()).toEqual([]);
    expect(home.text).toBe(frigateText([FRONT, BACK]));
  });

  it("at another address that nobody named: is searched for by its new MAC address, proved, and healed", async () => {
    const { home, adopt } = await open();
    home.moveSilently(NEW, BACK.address, at(60), OTHER);
    await home.pass(minutes(3));
    expect(home.text).toContain(at(21));
    expect(home.logins).toEqual([]);
    expect(await adopt(NEW.mac)).toMatchObject({ kind: "accepted" });
    await home.pass(minutes(3));
    expect(home.text).toBe(frigateText([FRONT, BACK]).replaceAll(at(21), at(60)));
    expect(home.logins).toEqual([source("back", at(60))]);
    expect(backOf(home).identity).toMatchObject({ macs: [NEW.mac], endpoint: OTHER.endpoint });
  });

  it("or that was reset, and has the MAC address it had, is learned anew by that", async () => {
    const { home, adopt } = await open();
    home.leave(BACK.address);
    await home.pass(minutes(3));
    home.place(BACK, BACK.address, OTHER);
    await home.pass(minutes(5));
    expect(await adopt(BACK.mac)).toMatchObject({ kind: "accepted" });
    await home.pass(minutes(1));
    expect(home.reason("device/back")).toBe("Healthy");
    expect(backOf(home).identity).toMatchObject({ macs: [BACK.mac], endpoint: OTHER.endpoint });
  });

  it("and that refused the password is tried once more: it was the old one, or another account, that refused it", async () => {
    const { home, adopt } = await open();
    home.moveSilently(BACK, at(21), at(60), { login: "unauthorized" });
    home.hear(BACK, at(60));
    await home.pass(minutes(10));
    expect(home.reason("device/back")).toBe("LoginRefused");
    expect(home.logins).toHaveLength(1);
    home.moveSilently(NEW, at(60), at(60), OTHER);
    expect(await adopt(NEW.mac)).toMatchObject({ kind: "accepted" });
    await home.pass(minutes(2));
    expect(home.logins).toHaveLength(2);
    expect(home.reason("device/back")).toBe("Healthy");
    expect(backOf(home).refusedLogin).toBeUndefined();
  });

  it("is never guessed: said without that it is another, the MAC address is refused for the device that says so itself", async () => {
    const { home, adopt } = await open();
    home.leave(BACK.address);
    await home.pass(minutes(3));
    home.place(NEW, BACK.address, OTHER);
    await home.pass(minutes(5));
    expect(await adopt(NEW.mac, "back", false)).toEqual({
      kind: "refused",
      reason: "IdentityDiffers",
      message: `${NEW.mac} at ${at(21)} says that it is another camera than the back that was learned: if it took its place, say that it does`,
    });
    await home.pass(minutes(5));
    expect(home.reason("device/back")).toBe("Quarantined");
    expect(backOf(home).identity.macs).toEqual([BACK.mac]);
    expect(home.logins).toEqual([]);
  });

  it("is refused while the old one answers where it was proved; nothing is dropped", async () => {
    const { home, adopt } = await open();
    home.place(NEW, at(60), OTHER);
    const before = backOf(home);
    expect(await adopt(NEW.mac)).toEqual({
      kind: "refused",
      reason: "StillThere",
      message: `back (${BACK.mac}) still answers at ${at(21)}, and works there`,
    });
    expect(backOf(home)).toEqual(before);
    // Pulled a moment ago, it need not have been missed yet.
    home.leave(at(21));
    expect(await adopt(NEW.mac)).toMatchObject({ kind: "accepted" });
    await home.pass(minutes(2));
    expect(home.text).toContain(at(60));
  });

  it("is refused where the old one was found and healed a moment ago", async () => {
    const { home, adopt } = await open();
    home.place(NEW, at(60), OTHER);
    home.moveSilently(BACK, at(21), at(70));
    home.hear(BACK, at(70));
    await home.pass(seconds(2));
    expect(home.reason("device/back")).toBe("Healed");
    const before = backOf(home);
    expect(await adopt(NEW.mac)).toMatchObject({ kind: "refused", reason: "StillThere" });
    expect(backOf(home)).toEqual(before);
    expect(home.text).toContain(at(70));
  });

  it("is known by its MAC address at every moment: where the memory takes no more, the stranger at its address is not learned", async () => {
    const { home } = await open();
    home.leave(BACK.address);
    await home.pass(minutes(3));
    home.place(NEW, BACK.address, OTHER);
    await home.pass(minutes(5));
    const known: (readonly string[] | undefined)[] = [];
    const { registry } = home;
    for (const write of ["saveDevice", "forgetDevice", "replaceDevice"] as const) {
      const real = registry[write].bind(registry) as (word: unknown) => void;
      registry[write] = (word: unknown) => {
        real(word);
        known.push(registry.device(id("back"))?.identity.macs);
        throw new Error("the disk is full");
      };
      onTestFinished(() => void (registry[write] = real));
    }
    const action = { verb: "adopt", camera: "back", mac: mac("0c:79:55:4b:d4:99"), replace: true } as const;
    const asked = home.engine.actions.perform(action, new AbortController().signal).then(
      () => "accepted",
      () => "failed",
    );
    const [said] = await Promise.all([asked, home.pass(seconds(5))]);
    expect([said, known[0]]).toEqual(["failed", [action.mac]]);
    await home.pass(minutes(3));
    expect(backOf(home).identity.macs).toEqual([action.mac]);
    expect(home.logins).toEqual([]);
    expect(registry.quarantines()).toHaveLength(1);
  });

  it("is refused by a MAC address that is another camera's, and one that the options contradict; nothing is dropped", async () => {
    const options = [{ id: "front", macs: [FRONT.mac] }];
    const { home, adopt } = await open({ options });
    home.leave(at(20));
    home.leave(at(21));
    await home.pass(minutes(3));
    const before = home.registry.devices();
    expect(await adopt(FRONT.mac)).toMatchObject({ kind: "refused", reason: "DuplicateCamera" });
    expect(await adopt(NEW.mac, "front")).toEqual({
      kind: "refused",
      reason: "MacConfigured",
      message: `the options give front the MAC address ${FRONT.mac}, under cameras`,
    });
    expect(home.registry.devices()).toEqual(before);
  });

  it("said while the old one is looked at ends that look: what it finds is not taken for the new one's", async () => {
    const { home, adopt } = await open();
    home.leave(at(21));
    await home.pass(minutes(3));
    home.place(BACK, at(60), { delay: seconds(1) });
    home.hear(BACK, at(60));
    await home.pass(seconds(0.8));
    expect(await adopt(NEW.mac)).toMatchObject({ kind: "accepted", message: expect.stringContaining("is searched for") });
    await home.pass(minutes(2));
    expect(backOf(home)).toMatchObject({ identity: { macs: [NEW.mac] } });
    expect(backOf(home).verifiedAt).toBeUndefined();
    expect(home.text).toBe(frigateText([FRONT, BACK]));
  });
});
