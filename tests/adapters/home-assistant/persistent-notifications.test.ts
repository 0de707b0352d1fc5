import { describe, expect, it } from "vitest";
import { PersistentNotifications } from "../../../src/adapters/home-assistant/persistent-notifications.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { homeAssistant, linkTo, until } from "./scene.ts";

const { signal } = new AbortController();

describe("persistent notifications", () => {
  it("are ours alone: those of others, and of another copy of the program, are not seen", async () => {
    const { core, link } = await homeAssistant();
    const board = new PersistentNotifications(link, "0123abcd");
    core.notifications.set("http-login", { title: "Login attempt failed", message: "" });
    core.notifications.set("camera_shepherd_ffffffff/camera/front/offline", { title: "", message: "" });
    await board.put("camera/front/offline", { title: "front", message: "gone", nextStep: "Look." }, signal);
    expect([...(await board.shown(signal)).ids]).toEqual(["camera/front/offline"]);
    expect(core.notifications.get("camera_shepherd_0123abcd/camera/front/offline")).toEqual({
      title: "front",
      message: "gone\n\n**Next:** Look.",
    });
  });

  it("say a list as a list and a difference as it stands, and make of no text from the network a link, a picture or a template", async () => {
    const { core, link } = await homeAssistant();
    const board = new PersistentNotifications(link, "x");
    const evil = "![x](http://192.168.1.9/a) <img src=y> {{ states }} {% for %} **b** `c`";
    await board.put(
      "1",
      { title: `${evil}\n2`, message: `one\n${evil}`, nextStep: evil, verbatim: "-a {{ b }}\n```\n+{FRIGATE_X}" },
      signal,
    );
    const { title = "", message = "" } = core.notifications.get("camera_shepherd_x/1") ?? {};
    expect(title).toBe("![x](http://192.168.1.9/a) <img src=y> { { states }} { % for %} **b** `c` 2");
    const escaped = "\\!\\[x\\]\\(http://192.168.1.9/a\\) \\<img src=y\\> \\{\\{ states \\}\\} \\{\\% for \\%\\} \\*\\*b\\*\\* \\`c\\`";
    expect(message).toBe(`- one\n- ${escaped}\n\n**Next:** ${escaped}\n\n\`\`\`diff\n-a { { b }}\n'''\n+{FRIGATE_X}\n\`\`\``);
    expect(`${title}${message}`).not.toMatch(/\{[{%#]/);
  });

  it("are the same run after the connection was lost and to another program, and another one after a restart of Core", async () => {
    const { core, link } = await homeAssistant();
    const board = new PersistentNotifications(link, "x");
    const { run } = await board.shown(signal);
    const session = await link.session(signal);
    core.cut();
    await until(() => session.lost.aborted);
    core.setUp = core.setUp?.map((one) => (one.domain === "mqtt" ? { ...one, seconds: 7 } : one));
    expect((await board.shown(signal)).run).toBe(run);
    expect((await new PersistentNotifications(linkTo(core.url, core.token), "x").shown(signal)).run).toBe(run);
    const next = await link.session(signal);
    core.restart();
    await until(() => next.lost.aborted);
    expect((await board.shown(signal)).run).not.toBe(run);
  });

  it("are a run of each connection where Core does not say how it was set up", async () => {
    const { core, link } = await homeAssistant();
    core.setUp = undefined;
    const board = new PersistentNotifications(link, "x");
    const { run } = await board.shown(signal);
    expect((await board.shown(signal)).run).toBe(run);
    const session = await link.session(signal);
    core.cut();
    await until(() => session.lost.aborted);
    expect((await board.shown(signal)).run).not.toBe(run);
  });

  it("say why they cannot be had", async () => {
    const away = new PersistentNotifications(linkTo("http://127.0.0.1:1", "x"), "x");
    expect(await failureOf(away.put("1", { title: "", message: "", nextStep: "" }, signal))).toMatchObject({ name: "NotifyError" });
  });
});
