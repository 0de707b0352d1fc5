import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seconds } from "../../../src/domain/duration.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";
import { at, BACK, FakeHome, FRONT, frigateText, type HomeSettings } from "../../reconcilers/fake-home.ts";
import { askPage, press, proofOf, PROXY, saidOn, type ServedPage, servePageOf } from "./page-kit.ts";

let home: FakeHome;
let page: ServedPage;

async function begin(settings: HomeSettings = {}): Promise<void> {
  home = new FakeHome(settings);
  await home.start();
  page = await servePageOf(home);
}

beforeEach(() => begin());

afterEach(async () => {
  await page[Symbol.asyncDispose]();
  await home.stop();
});

/** The page's text without its tags, one blank between words. */
const words = (text: string): string =>
  text
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();

describe("who is shown the page", () => {
  it("Home Assistant's proxy alone, by the address of its connection", async () => {
    expect((await askPage(page, "/")).status).toBe(200);
    for (const from of ["127.0.0.1", "127.0.0.3"]) {
      const refused = await askPage(page, "/", { from, headers: { "x-forwarded-for": PROXY, "x-real-ip": PROXY } });
      expect([refused.status, refused.text]).toEqual([403, "This page is shown by Home Assistant alone.\n"]);
    }
    const posted = await askPage(page, "/", { from: "127.0.0.3", form: { verb: "resync", proof: await proofOf(page) } });
    expect(posted.status).toBe(403);
  });

  it("also where the socket listens for IPv6 as well, which writes the address otherwise", async () => {
    await using both = await servePageOf(home, { host: "::" });
    expect((await askPage(both, "/")).status).toBe(200);
    expect((await askPage(both, "/", { from: "127.0.0.3" })).status).toBe(403);
  });

  it("the machine itself is told that the program runs, and nothing else", async () => {
    const { status, text } = await askPage(page, "/health", { from: "127.0.0.1" });
    expect([status, JSON.parse(text)]).toEqual([200, { status: "ok", version: "1.2.3" }]);
    expect((await askPage(page, "/page.css", { from: "127.0.0.1" })).status).toBe(403);
  });
});

describe("what the page holds", () => {
  it("every camera, by relative addresses alone, in a form that no browser runs anything foreign in", async () => {
    const { text, headers } = await askPage(page, "/");
    expect(words(text)).toContain("2 cameras, all well");
    expect(words(text)).toMatch(/front Works Address 192\.168\.1\.20 MAC 0c:79:55:4b:d4:20/);
    expect(text).toContain('<meta charset="utf-8"');
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none';.*script-src 'self';.*frame-ancestors 'self'$/);
    const addresses = [...text.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses.length).toBeGreaterThan(4);
    expect(addresses.filter((address) => !/^\.\/[\w.-]*$/.test(address ?? ""))).toEqual([]);
    expect(text).not.toMatch(/<script(?![^>]*src=)|\son\w+=|style=/i);
    for (const file of ["/page.css", "/page.js"]) expect((await askPage(page, file)).status).toBe(200);
  });

  it("a camera's name, whatever it is, as text", async () => {
    await page[Symbol.asyncDispose]();
    await home.stop();
    const name = `<img src=x onerror=alert(1)>"'&\u202e`;
    await begin({ options: [{ id: "front", name, macs: [], allowBasic: false, enabled: true, battery: false }] });
    const { text } = await askPage(page, "/");
    expect(text).not.toContain("<img");
    expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\ufffd");
    const place = /href="\.\/(camera-\w+)">&lt;img/.exec(text)?.[1] ?? "";
    const one = await askPage(page, `/${place}`);
    expect([one.status, one.text.includes("<img")]).toEqual([200, false]);
  });

  it("no password", async () => {
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(60));
    const { text } = await askPage(page, "/");
    expect(text).toContain("***@192.168.1.77");
    expect(text).not.toContain("canary");
  });

  it("of one camera everything, with why addresses were accepted or refused", async () => {
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(60));
    const place = /href="\.\/(camera-\w+)">front/.exec((await askPage(page, "/")).text)?.[1] ?? "";
    const { text } = await askPage(page, `/${place}`);
    expect(words(text)).toMatch(/Address 192\.168\.1\.77.*Earlier addresses 192\.168\.1\.20/);
    expect(words(text)).toMatch(/192\.168\.1\.77: It is the camera Proved to be the same camera.*neighbour passed/);
    expect((await askPage(page, "/camera-0000000000000000")).status).toBe(404);
    const pressed = await askPage(page, `/${place}`, { form: { verb: "resync", camera: "front", proof: await proofOf(page) } });
    expect(pressed.headers["location"]).toMatch(new RegExp(`^\\./${place}\\?said=[0-9a-f]{16}$`));
  });

  it("what a person has to do though it is no problem: Frigate's restart for pan, tilt and zoom", async () => {
    home.status.set("target/frigate/restart", "unknown", "RestartNeeded", "pan, tilt and zoom of front wait");
    const shown = words((await askPage(page, "/")).text);
    expect(shown).toMatch(/Needs attention.*pan, tilt and zoom of front wait.* Cameras front Works/);
    expect(shown.match(/pan, tilt and zoom/g)).toHaveLength(1);
  });

  it("what is wrong, and what a person can do", async () => {
    home.leave(at(20));
    await home.pass(seconds(200));
    const { text } = await askPage(page, "/");
    expect(words(text)).toContain("2 cameras, 1 with trouble");
    expect(words(text)).toMatch(/front (?:Camera is being searched for|Camera answers nowhere)/);
  });
});

describe("a button", () => {
  it("looks at everything again, and at one camera", async () => {
    expect(saidOn(await press(page, { verb: "resync" }))).toBe("every camera and document is looked at again");
    expect(saidOn(await press(page, { verb: "resync", camera: "front" }))).toBe("front is looked at again");
  });

  it("reconnects a camera", async () => {
    expect(saidOn(await press(page, { verb: "reconnect", camera: "back" }))).toBe("the streams of back get a new connection");
  });

  it("approves exactly the change that is shown", async () => {
    await page[Symbol.asyncDispose]();
    await home.stop();
    await begin({ ports: { unconfirmed: new Set(["frigate" as TargetName]) } });
    home.moveByDhcp(FRONT, at(20), at(77));
    await home.pass(seconds(60));
    const before = home.text;
    const { text } = await askPage(page, "/");
    expect(words(text)).toContain("1 change waits for you");
    expect(words(text)).toMatch(/Waiting for you frigate: front .*What would be written/);
    const id = /name="verb" value="approve"[^>]*>\s*<input[^>]*name="id" value="([^"]+)"/.exec(text)?.[1] ?? "";
    expect(home.text).toBe(before);
    const pressed = press(page, { verb: "approve", id });
    await home.pass(seconds(60));
    expect(saidOn(await pressed)).not.toBe("");
    expect(home.text).toBe(before.replaceAll("192.168.1.20", "192.168.1.77"));
    expect(saidOn(await press(page, { verb: "approve", id }))).not.toBe("");
  });

  it("takes the last change of a document back", async () => {
    const before = home.text;
    home.moveByDhcp(BACK, at(21), at(88));
    await home.pass(seconds(90));
    expect(home.text).not.toBe(before);
    const { text } = await askPage(page, "/");
    expect(words(text)).toMatch(/Changes to configurations frigate Written, and it works/);
    expect([...text.matchAll(/<button[^>]*>Undo</g)]).toHaveLength(1);
    const pressed = press(page, { verb: "undo", target: "frigate" });
    await home.pass(seconds(30));
    expect(saidOn(await pressed)).not.toBe("");
    expect(home.text).toBe(before);
  });

  it("says which device a camera is, and refuses what is no MAC address", async () => {
    expect(saidOn(await press(page, { verb: "adopt", camera: "front", mac: "front door" }))).toMatch(/^That is no MAC address/);
    expect(saidOn(await press(page, { verb: "adopt", camera: "front", mac: BACK.mac }))).toContain("is the MAC address of back");
  });

  it("says on a camera's own page that another one took its place, and never without the tick", async () => {
    const { text: all } = await askPage(page, "/");
    const path = /href="\.(\/camera-[^"]+)">front</.exec(all)?.[1] ?? "";
    const { text } = await askPage(page, path);
    const form = /<details id="replaced-[\s\S]*?<\/details>/.exec(text)?.[0] ?? "";
    expect(words(form)).toMatch(/^Another camera took its place What was learned of 0c:79:55:4b:d4:20 is dropped/);
    expect(form).toMatch(/type="checkbox" name="replace" value="yes" required/);
    const asked = { verb: "adopt", camera: "front", mac: "0c:79:55:4b:d4:77" };
    const answered = async (pressed: Promise<string>): Promise<string> => {
      const done = { yet: false };
      pressed.finally(() => (done.yet = true)).catch(() => undefined);
      while (!done.yet) await home.pass(seconds(1));
      return saidOn(await pressed);
    };
    expect(await answered(press(page, { ...asked, replace: "yes" }))).toMatch(
      /^front \(0c:79:55:4b:d4:20\) still answers at 192\.168\.1\.20/,
    );
    expect(await answered(press(page, { ...asked, mac: at(60), replace: "yes" }))).toMatch(/^That is no MAC address/);
    home.leave(FRONT.address);
    await home.pass(seconds(90));
    expect(await answered(press(page, { ...asked, replace: "yes" }))).toMatch(
      /^front is 0c:79:55:4b:d4:77 from now on, and what was learned of 0c:79:55:4b:d4:20 is dropped/,
    );
  });

  it("forgets a camera that is in no configuration any more, once that was opened, and offers it for no other", async () => {
    expect((await askPage(page, "/")).text).not.toContain("Forget");
    expect(saidOn(await press(page, { verb: "forget", camera: "back" }))).toContain("back still stands in");
    home.document.edit(frigateText([FRONT]));
    await home.pass(seconds(90));
    const { text } = await askPage(page, "/");
    const gone = /<details id="gone-[\s\S]*?<\/details>/.exec(text)?.[0] ?? "";
    expect(words(text)).toMatch(/In no configuration any more back 0c:79:55:4b:d4:21, last proved/);
    expect(gone).toMatch(/name="camera" value="back"[\s\S]*Forget it for good/);
    expect(saidOn(await press(page, { verb: "forget", camera: "back" }))).toBe("back is forgotten");
    expect((await askPage(page, "/")).text).not.toContain("In no configuration any more");
  });

  it("that is none, for a camera that is none", async () => {
    expect(saidOn(await press(page, { verb: "format" }))).toBe("There is no such button.");
    expect(saidOn(await press(page, { verb: "reconnect", camera: "<b>nobody</b>" }))).toBe(
      "no camera is called &lt;b&gt;nobody&lt;/b&gt;. Known: front, back",
    );
  });

  it("counts only where it was on a page of ours, and is not pressed without end", async () => {
    const proof = await proofOf(page);
    const foreign = { verb: "resync", proof };
    for (const asked of [
      { form: { verb: "resync" } },
      { form: { verb: "resync", proof: `${proof.slice(0, -1)}!` } },
      { form: foreign, headers: { "sec-fetch-site": "cross-site" } },
    ])
      expect((await askPage(page, "/", asked)).status).toBe(403);
    expect((await askPage(page, "/", { form: { ...foreign, padding: "x".repeat(9000) } })).status).toBe(413);
    const all = await Promise.all(Array.from({ length: 40 }, () => press(page, { verb: "resync" })));
    expect(all.filter((text) => saidOn(text) === "That was too often; wait a moment.").length).toBeGreaterThan(2);
  });

  it("is not pressed again by loading the page again", async () => {
    const { headers } = await askPage(page, "/", { form: { verb: "resync", proof: await proofOf(page) } });
    expect(headers["location"]).toMatch(/^\.\/\?said=[0-9a-f]{16}$/);
    expect(saidOn((await askPage(page, "/?said=0000000000000000")).text)).toBe("");
    expect((await askPage(page, "/", { method: "DELETE" })).status).toBe(404);
  });
});
