import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { seconds } from "../../../src/domain/duration.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";
import { type FakeSupervisor, INGRESS_TOKEN, startFakeSupervisor } from "../../fakes/fake-supervisor.ts";
import { at, FakeHome, FRONT } from "../../reconcilers/fake-home.ts";
import { PROXY, type ServedPage, servePageOf } from "./page-kit.ts";

let home: FakeHome;
let served: ServedPage;
let supervisor: FakeSupervisor;
let browser: Browser;
const complaints: string[] = [];

beforeAll(async () => {
  home = new FakeHome({ ports: { unconfirmed: new Set(["frigate" as TargetName]) } });
  await home.start();
  served = await servePageOf(home);
  supervisor = await startFakeSupervisor({
    state: { self: { ip_address: "127.0.0.1", ingress_port: served.port }, ingressFrom: PROXY },
  });
  // It runs as root, where its sandbox cannot be made.
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
});

afterAll(async () => {
  await browser.close();
  await supervisor.stop();
  await served[Symbol.asyncDispose]();
  await home.stop();
});

/** The page behind Home Assistant's proxy, in a browser that has a session there. */
async function opened(width: number, colorScheme: "light" | "dark", javaScriptEnabled = true): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme,
    javaScriptEnabled,
    timezoneId: "Europe/Berlin",
  });
  await context.addCookies([{ name: "ingress_session", value: supervisor.state.ingressSession, url: supervisor.url }]);
  const page = await context.newPage();
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  page.on("pageerror", (error) => void complaints.push(error.message));
  await page.clock.install();
  await page.goto(`${supervisor.url}/ingress/${INGRESS_TOKEN}/`);
  return page;
}

const said = (page: Page): Promise<string | null> => page.locator("#said").textContent();

it("every button is pressed in a real browser behind the ingress, and does what it says", async () => {
  const page = await opened(1280, "light");
  expect(await page.locator("header p").first().textContent()).toBe("2 cameras, all well");
  expect(await page.locator("time").first().textContent()).not.toContain("UTC");

  await page.getByRole("button", { name: "Look at everything again" }).click();
  await vi.waitFor(async () => expect(await said(page)).toBe("every camera and document is looked at again"));
  const back = page.locator("li", { has: page.getByRole("heading", { name: "back" }) });
  await back.getByRole("button", { name: "Reconnect" }).click();
  await vi.waitFor(async () => expect(await said(page)).toBe("the streams of back get a new connection"));
  await back.getByRole("button", { name: "Find now" }).click();
  await vi.waitFor(async () => expect(await said(page)).toBe("back is looked at again"));
  expect(new URL(page.url()).search).toBe("");

  const before = home.text;
  home.moveByDhcp(FRONT, at(20), at(77));
  await home.pass(seconds(60));
  await page.reload();
  await page.getByText("What would be written").click();
  expect(await page.locator("pre .added").first().textContent()).toContain("192.168.1.77");
  await page.getByRole("button", { name: "Approve" }).click();
  await vi.waitFor(async () => {
    await home.pass(seconds(10));
    expect(home.text).toBe(before.replaceAll("192.168.1.20", "192.168.1.77"));
  });
  await vi.waitFor(async () => expect(await said(page)).not.toBe("back is looked at again"));
  await home.pass(seconds(60));

  await page.reload();
  await page.getByRole("button", { name: "Undo" }).click();
  await vi.waitFor(async () => {
    await home.pass(seconds(10));
    expect(home.text).toBe(before);
  });

  await page.getByRole("link", { name: "front" }).click();
  await page.getByRole("heading", { name: "192.168.1.77: It is the camera" }).first().waitFor();
  await page.getByRole("button", { name: "Reconnect" }).click();
  await vi.waitFor(async () => expect(await said(page)).toBe("front is not where it should be and is searched for"));
  expect(await page.locator("#said").getAttribute("class")).toBe("refused");
  expect(await page.locator("h1").textContent()).toBe("front");
  await page.getByRole("link", { name: "All cameras" }).click();
  await page.getByRole("heading", { name: "Changes to configurations" }).waitFor();
  expect(await page.content()).not.toContain("canary");
  expect(complaints).toEqual([]);
});

it("what a person opened and typed stays while the page looks again by itself", async () => {
  const page = await opened(1280, "light");
  const summary = page.locator("header p").first();
  expect(await summary.textContent()).toBe("2 cameras, 1 with trouble");
  await page.locator("#other summary").click();
  home.leave(at(21));
  await home.pass(seconds(200));
  await page.clock.fastForward(10_000);
  await vi.waitFor(async () => expect(await summary.textContent()).toBe("2 cameras, 2 with trouble"));
  expect(await page.locator("#other").getAttribute("open")).not.toBeNull();
  expect(complaints).toEqual([]);
});

it("on a phone, in the dark, nothing is wider than the screen", async () => {
  const page = await opened(360, "dark");
  await page.locator("#other summary").click();
  expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
  expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(17, 22, 28)");
  const heights = await page.getByRole("button").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(40);
});

it("works without scripts", async () => {
  const page = await opened(800, "light", false);
  await page.getByRole("button", { name: "Look at everything again" }).click();
  expect(await said(page)).toBe("every camera and document is looked at again");
  expect(page.url()).toMatch(/\/\?said=[0-9a-f]{16}$/);
});
