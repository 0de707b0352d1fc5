import { describe, expect, it } from "vitest";
import { PersistentNotifications } from "../../../src/adapters/home-assistant/persistent-notifications.ts";
import type { Session } from "../../../src/adapters/home-assistant/session.ts";
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

  it("are another run after the connection was lost, and say why they cannot be had", async () => {
    const { core, link } = await homeAssistant();
    const board = new PersistentNotifications(link, "x");
    const before = await board.shown(signal);
    core.restart();
    await until(() => (before.run as Session).lost.aborted);
    expect((await board.shown(signal)).run).not.toBe(before.run);
    const away = new PersistentNotifications(linkTo("http://127.0.0.1:1", "x"), "x");
    expect(await failureOf(away.put("1", { title: "", message: "", nextStep: "" }, signal))).toMatchObject({ name: "NotifyError" });
  });
});
