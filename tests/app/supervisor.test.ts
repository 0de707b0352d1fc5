import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { joinSupervisor, withHostInterfaces } from "../../src/app/supervisor.ts";
import type { FrigateError } from "../../src/ports/running-frigate.ts";
import { VALID } from "../adapters/frigate/frigates.ts";
import { options } from "../config/loading.ts";
import { optionFiles } from "../config/option-files.ts";
import { FakeNeighbourSearch, LAN_INTERFACE } from "../fakes/fake-neighbour-search.ts";
import { FakeStatus } from "../fakes/fake-status.ts";
import { failureOf } from "../fakes/failure-of.ts";
import { app, file, hasty, joined, nothing } from "./joined.ts";

const { signal } = new AbortController();

describe("Frigate among the apps of Home Assistant", () => {
  it("is found without a word in the options: its configuration by the file, the rest by its name inside Home Assistant", async () => {
    const slug = "ccab4aaf_frigate-fa";
    const { documents, status } = await joined("{}", { apps: [app(slug, "started")] }, { [file(slug)]: VALID });
    expect(documents.targets.map(({ name, place }) => [name, place])).toEqual([["frigate-fa", file(slug)]]);
    expect(documents.frigates.map(({ name, place }) => [name, place])).toEqual([["frigate-fa", "http://ccab4aaf-frigate-fa:5000"]]);
    expect([...documents.ways.values()]).toEqual([`by the file ${file(slug)}: it is Home Assistant's app ${slug}`]);
    expect(status.get("home-assistant/supervisor")).toMatchObject({ status: "ok" });
  });

  it("the folder of a variant that does not run is stale: nothing of it is read, nor where another Frigate is named", async () => {
    const texts = { [file("ccab4aaf_frigate")]: VALID, [file("ccab4aaf_frigate-beta")]: VALID };
    const apps = [app("ccab4aaf_frigate", "stopped"), app("ccab4aaf_frigate-beta", "started")];
    const { documents } = await joined("{}", { apps }, texts);
    expect(documents.targets.map(({ place }) => place)).toEqual([file("ccab4aaf_frigate-beta")]);
    const elsewhere = await joined('frigate: {url: "http://192.0.2.7:5000"}', { apps }, texts);
    expect(elsewhere.documents.targets.map(({ place }) => place)).toEqual(["http://192.0.2.7:5000"]);
    const none = await joined("{}", { apps: [] }, texts);
    const [target] = none.documents.targets;
    expect((await failureOf(target?.read(signal) ?? Promise.resolve())) as Error).toMatchObject({ reason: "DocumentUnnamed" });
  });

  it("a Frigate whose configuration stands in a repository is that one, whatever else runs here", async () => {
    const slug = "ccab4aaf_frigate";
    const git = "git: {url: 'https://git.example.org/home.git', path: apps/frigate/config.yml}";
    const { documents } = await joined(`frigate: {${git}}`, { apps: [app(slug, "started")] }, { [file(slug)]: VALID });
    expect(documents.targets.map(({ place }) => place)).toEqual(["apps/frigate/config.yml on main of https://git.example.org/home.git"]);
    expect([...documents.ways.values()].join()).toContain("frigate.git is given");
  });

  it("two that run are two targets, with the settings of the one that the options leave open", async () => {
    const slugs = ["ccab4aaf_frigate", "local_frigate"];
    const texts = { [file("ccab4aaf_frigate")]: VALID, [file("local_frigate", "addon_configs")]: VALID };
    const { documents, hosted } = await joined(
      "frigate: {approve: true, restart: never}",
      { apps: slugs.map((one) => app(one, "started")) },
      texts,
    );
    expect(documents.targets.map(({ name, place }) => [name, place])).toEqual([
      ["ccab4aaf-frigate", file("ccab4aaf_frigate")],
      ["local-frigate", file("local_frigate", "addon_configs")],
    ]);
    expect([...documents.unconfirmed]).toEqual(["ccab4aaf-frigate", "local-frigate"]);
    expect(hosted.documents.frigate.map(({ restart }) => restart)).toEqual(["never", "never"]);
  });

  it("by its API where the folders of other apps are not mounted", async () => {
    const { documents } = await joined("{}", { apps: [app("ccab4aaf_frigate", "started")] });
    expect(documents.targets.map(({ place }) => place)).toEqual(["http://ccab4aaf-frigate:5000"]);
  });

  it("what a person named goes before what runs", async () => {
    const apps = [app("ccab4aaf_frigate", "started")];
    const texts = { [file("ccab4aaf_frigate")]: VALID, "/config/mine.yml": VALID };
    const named = await joined("frigate: {file: /config/mine.yml}", { apps }, texts);
    expect(named.documents.targets.map(({ place }) => place)).toEqual(["/config/mine.yml"]);
    const off = await joined("frigate: {via: none}", { apps }, texts);
    expect(off.documents.targets).toEqual([]);
    const both = await joined('frigate: [{name: far, url: "http://192.0.2.7:5000"}, {name: near}]', { apps }, texts);
    expect(both.documents.targets.map(({ name, place }) => [name, place])).toEqual([
      ["far", "http://192.0.2.7:5000"],
      ["near", file("ccab4aaf_frigate")],
    ]);
    const byName = await joined('frigate: {url: "http://ccab4aaf-frigate:5000", name: mine}', { apps }, texts);
    expect(byName.documents.targets.map(({ name, place }) => [name, place])).toEqual([["mine", file("ccab4aaf_frigate")]]);
  });

  it("an app that a person named is not found once more, nor one that is to be left alone", async () => {
    const apps = [app("ccab4aaf_frigate", "started"), app("local_frigate-fa", "started")];
    const texts = { [file("ccab4aaf_frigate")]: VALID, [file("local_frigate-fa")]: VALID };
    const first = '{name: mine, url: "http://ccab4aaf-frigate:5000"';
    const named = await joined(`frigate: [${first}}, {approve: true}]`, { apps }, texts);
    expect(named.documents.targets.map(({ name, place }) => [name, place])).toEqual([
      ["mine", file("ccab4aaf_frigate")],
      ["frigate-fa", file("local_frigate-fa")],
    ]);
    const off = await joined(`frigate: [${first}, via: none}, {approve: true}]`, { apps }, texts);
    expect(off.documents.targets.map(({ place }) => place)).toEqual([file("local_frigate-fa")]);
    const byFile = await joined(`frigate: {file: ${file("ccab4aaf_frigate")}}`, { apps }, texts);
    expect(byFile.documents.frigates.map(({ name, place }) => [name, place])).toEqual([["frigate", "http://ccab4aaf-frigate:5000"]]);
    const byApi = await joined(`frigate: ${first}, via: api}`, { apps }, texts);
    expect(byApi.documents.targets.map(({ place }) => place)).toEqual(["http://ccab4aaf-frigate:5000"]);
  });

  it("before it runs, at the start of the machine, the one that starts with it", async () => {
    const apps = [app("ccab4aaf_frigate", "stopped", { boot: "manual" }), app("ccab4aaf_frigate-fa", "stopped", { boot: "auto" })];
    const { documents } = await joined("{}", { apps }, { [file("ccab4aaf_frigate")]: VALID, [file("ccab4aaf_frigate-fa")]: VALID });
    expect(documents.targets.map(({ place }) => place)).toEqual([file("ccab4aaf_frigate-fa")]);
  });
});

describe("its restart", () => {
  const slug = "ccab4aaf_frigate";
  const restarted = async (watchdog: boolean): Promise<FrigateError> => {
    const { documents } = await joined("{}", { apps: [app(slug, "started", { watchdog })] }, { [file(slug)]: VALID });
    return (await failureOf(documents.frigates[0]?.restart(signal) ?? Promise.resolve())) as FrigateError;
  };

  it("is done by Home Assistant, as an app", async () => {
    const { documents, fake } = await joined("{}", { apps: [app(slug, "started")] }, { [file(slug)]: VALID });
    const asked: string[] = [];
    const core = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (piece: string) => asked.push(`${request.url ?? ""} ${piece}`));
      request.on("end", () => response.end("[]"));
    }).listen(0, "127.0.0.1");
    await once(core, "listening");
    const address = core.address();
    fake.state.core = { url: `http://127.0.0.1:${String(typeof address === "object" ? address?.port : 0)}`, token: "t" };
    await documents.frigates[0]?.restart(signal);
    core.close();
    expect(asked).toEqual(['/api/services/hassio/app_restart {"app":"ccab4aaf_frigate"}']);
  });

  it("is not left to Frigate itself where nothing would start it again: a person is told how", async () => {
    expect(await restarted(false)).toMatchObject({
      reason: "FrigateRefused",
      message:
        "Home Assistant's Supervisor has no running Home Assistant that could restart an app; restart the app ccab4aaf_frigate under Settings > Apps, or switch its Watchdog on",
    });
  });

  it("is not left to Frigate itself where the Watchdog was switched off since this program started, nor where that is not told", async () => {
    const { documents, fake } = await joined("{}", { apps: [app(slug, "started", { watchdog: true })] }, { [file(slug)]: VALID });
    const ask = () => failureOf(documents.frigates[0]?.restart(signal) ?? Promise.resolve());
    fake.state.apps = [app(slug, "started", { watchdog: false })];
    expect((await ask()) as Error).toMatchObject({ reason: "FrigateRefused" });
    fake.state.failing = 502;
    expect((await ask()) as Error).toMatchObject({ reason: "FrigateRefused" });
  });

  it("is asked of Frigate itself where Home Assistant is away and the Watchdog brings it back", async () => {
    expect(await restarted(true)).toMatchObject({
      reason: "FrigateUnreachable",
      message: expect.stringContaining("http://ccab4aaf-frigate:5000"),
    });
  });
});

describe("a Supervisor that answers 502 at the start", () => {
  it("does not hold the program up, is said once, and what it tells later is taken up", async () => {
    const slug = "ccab4aaf_frigate";
    const state = { failing: 502, apps: [app(slug, "started")] };
    const { fake, hosted, status, documents } = await joined("{}", state, { [file(slug)]: VALID });
    expect(documents.targets.map(({ place }) => place)).toEqual(["Frigate's configuration"]);
    expect((await failureOf(documents.targets[0]?.read(signal) ?? Promise.resolve())) as Error).toMatchObject({
      message: expect.stringContaining("Supervisor, which knows what Frigate runs, does not answer yet"),
    });
    let isChanged = false;
    const changed = hosted.changed(signal).then(() => (isChanged = true));
    await vi.waitFor(() => expect(fake.requests.filter(({ path }) => path === "/supervisor/info").length).toBeGreaterThan(5));
    expect([isChanged, status.changes.map(({ reason }) => reason)]).toEqual([false, ["SupervisorUnreachable"]]);
    fake.state.failing = undefined;
    await changed;
    expect(status.changes.map(({ reason }) => reason)).toEqual(["SupervisorUnreachable", "Healthy"]);
  });

  it("disturbs nothing where the options name Frigate", async () => {
    const { hosted, fake, documents } = await joined("frigate: {file: /config/mine.yml}", { failing: 502 }, { "/config/mine.yml": VALID });
    expect(documents.targets.map(({ place }) => place)).toEqual(["/config/mine.yml"]);
    const end = new AbortController();
    const changed = hosted.changed(end.signal);
    fake.state.failing = undefined;
    await vi.waitFor(() => expect(fake.requests.some(({ status }) => status === 200)).toBe(true));
    end.abort(new Error("enough"));
    await expect(changed).rejects.toThrow("enough");
  });
});

describe("outside Home Assistant", () => {
  it("nobody is asked", async () => {
    const status = new FakeStatus();
    const parts = {
      options: await options("{}"),
      files: optionFiles({ SUPERVISOR: "127.0.0.1:9" }),
      clock: hasty(),
      random: () => 0.5,
      status,
      memory: nothing(),
    };
    expect(await joinSupervisor(parts, signal)).toBeUndefined();
    expect(status.all()).toEqual([]);
  });
});

describe("the interfaces of the machine", () => {
  it("that Home Assistant lists are searched, whatever they are called; the others as before", async () => {
    const search = new FakeNeighbourSearch(createSystemClock(), () => []);
    search.on = [
      { ...LAN_INTERFACE, name: "vnet-lan", avoid: "one container's or virtual machine's wire" },
      { ...LAN_INTERFACE, name: "docker0", avoid: "a container engine's bridge" },
      { ...LAN_INTERFACE, name: "end0" },
    ];
    const listed = [
      { name: "vnet-lan", isUp: true },
      { name: "end0", isUp: true },
    ];
    const found = await withHostInterfaces(search, listed).interfaces(signal);
    expect(found.map(({ name, avoid }) => [name, avoid])).toEqual([
      ["vnet-lan", undefined],
      ["docker0", "a container engine's bridge"],
      ["end0", undefined],
    ]);
    expect(await withHostInterfaces(search, []).interfaces(signal)).toEqual(search.on);
  });
});
