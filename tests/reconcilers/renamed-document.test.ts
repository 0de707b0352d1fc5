import { assert, describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import type { Action, ActionResult } from "../../src/ports/actions.ts";
import { TargetError, type TargetName } from "../../src/ports/config-target.ts";
import type { EnginePorts } from "../../src/reconcilers/engine-ports.ts";
import { createHomeView } from "../../src/reconcilers/home-view.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, movedText } from "./fake-home.ts";
import { directCameras, restartHome } from "./restart-home.ts";

const signal = new AbortController().signal;
const NEW = "ccab4aaf-frigate";
const unconfirmed = new Set(["frigate" as TargetName, NEW as TargetName]);

async function ask(home: FakeHome, action: Action): Promise<ActionResult> {
  const done = home.engine.actions.perform(action, signal);
  await home.pass(seconds(5));
  return done;
}

/** A home whose front camera has moved. */
async function moved(ports: Partial<EnginePorts> = {}): Promise<FakeHome> {
  const home = new FakeHome({ ports });
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(minutes(1));
  await home.stop();
  return home;
}

/** The same home in the next run of the program: its document under another name at the same place, other documents beside it. */
async function next(
  home: FakeHome,
  settings: { readonly beside?: readonly FakeConfigTarget[]; readonly ports?: Partial<EnginePorts> } = {},
) {
  const { name: _name, place, format } = home.document;
  const renamed = new FakeConfigTarget({ name: NEW, place, format, text: home.text });
  const again = new FakeHome({
    registry: home.registry,
    targets: [renamed, ...(settings.beside ?? [])],
    servers: home.servers,
    clock: home.clock,
    ...(settings.ports === undefined ? {} : { ports: settings.ports }),
  });
  again.moveSilently(FRONT, at(20), at(60));
  await again.start();
  return again;
}

/** Another document, which has the first one's former name. */
const other = (cameras = [BACK]): FakeConfigTarget =>
  new FakeConfigTarget({ name: "frigate", place: "/fake/other.yml", format: FRIGATE, text: frigateText(cameras) });

const viewOf = (home: FakeHome) =>
  createHomeView({ engine: home.engine, registry: home.registry, status: home.status, servers: ["go2rtc"] });

describe("a change that waits for approval", () => {
  it("waits under its id when its document has another name, and is not told of again", async () => {
    const first = await moved({ unconfirmed });
    const [proposal] = first.registry.consents.proposals();
    assert.isDefined(proposal);
    const home = await next(first, { beside: [other()], ports: { unconfirmed } });
    expect(home.told("proposed")).toEqual([]);
    expect(home.registry.consents.proposals()).toMatchObject([{ id: proposal.id, target: NEW, place: "/fake/frigate.yml" }]);
    expect(viewOf(home).pending()).toMatchObject([{ id: proposal.id, target: NEW }]);
    expect(home.status.get(`target/${NEW}`)?.message).toContain(`change ${proposal.id}`);
    expect(await ask(home, { verb: "approve", id: proposal.id })).toMatchObject({ kind: "accepted" });
    expect(home.text).toBe(movedText(frigateText([FRONT, BACK]), at(20), at(60)));
    expect(home.registry.consents.proposals()).toEqual([]);
    await home.stop();
  });

  it("of a document that is gone is dropped: one that waits can be approved without its id", async () => {
    const first = await moved({ unconfirmed });
    const [proposal] = first.registry.consents.proposals();
    assert.isDefined(proposal);
    first.registry.consents.saveProposal({ ...proposal, id: "gone", target: "gone", place: "/fake/gone.yml" });
    const home = await next(first, { ports: { unconfirmed } });
    expect(home.registry.consents.proposals().map(({ id }) => id)).toEqual([proposal.id]);
    expect(await ask(home, { verb: "approve" })).toMatchObject({ kind: "accepted" });
    await home.stop();
  });

  it("of a document that is not known stays while another cannot be read, and is in nobody's way", async () => {
    const first = await moved({ unconfirmed });
    const [proposal] = first.registry.consents.proposals();
    assert.isDefined(proposal);
    first.registry.consents.saveProposal({ ...proposal, id: "away", target: "away", place: "/fake/away.yml" });
    const unread = other();
    unread.failure = new TargetError("DocumentUnnamed", "not known yet");
    const home = await next(first, { beside: [unread], ports: { unconfirmed } });
    expect(home.registry.consents.proposals().map(({ id }) => id)).toEqual(["away", proposal.id]);
    expect(
      viewOf(home)
        .pending()
        .map(({ id }) => id),
    ).toEqual([proposal.id]);
    expect(
      viewOf(home)
        .proposals()
        .map(({ id }) => id),
    ).toEqual([proposal.id]);
    expect(await ask(home, { verb: "approve" })).toMatchObject({ kind: "accepted" });
    await home.stop();
  });

  it("as the first releases kept it, without a place, is its name's", async () => {
    const first = await moved({ unconfirmed });
    const [proposal] = first.registry.consents.proposals();
    assert.isDefined(proposal);
    const { place: _place, ...old } = proposal;
    first.registry.consents.removeProposal(proposal.id);
    first.registry.consents.saveProposal({ ...old, target: NEW });
    const home = await next(first, { ports: { unconfirmed } });
    expect(home.told("proposed")).toEqual([]);
    expect(await ask(home, { verb: "approve", id: proposal.id })).toMatchObject({ kind: "accepted" });
    await home.stop();
  });
});

describe("undo", () => {
  it("puts a document back that has another name now, also where another has its former name", async () => {
    const first = await moved();
    const before = frigateText([FRONT, BACK]);
    expect(first.text).toBe(movedText(before, at(20), at(60)));
    const beside = other([FRONT]);
    const home = await next(first, { beside: [beside] });
    await home.pass(minutes(1));
    expect(
      viewOf(home)
        .changes(10)
        .map(({ target }) => target),
    ).toContain(NEW);
    expect(await ask(home, { verb: "undo", target: NEW })).toMatchObject({ kind: "accepted" });
    expect(home.text).toBe(before);
    expect(await ask(home, { verb: "undo", target: NEW })).toMatchObject({ kind: "refused", reason: "NothingToUndo" });
    await home.stop();
  });

  it("without a word finds what was changed last by its place, and nothing in the document that has its former name", async () => {
    const home = await next(await moved(), { beside: [other()] });
    expect(await ask(home, { verb: "undo", target: "frigate" })).toMatchObject({ kind: "refused", reason: "NothingToUndo" });
    expect(await ask(home, { verb: "undo" })).toMatchObject({ kind: "accepted" });
    expect(home.text).toBe(frigateText([FRONT, BACK]));
    await home.stop();
  });

  it("goes on under its name where the document is reached in another way now", async () => {
    const first = await moved();
    const byApi = new FakeConfigTarget({ name: "frigate", place: "http://frigate:5000", format: FRIGATE, text: first.text });
    const home = new FakeHome({ registry: first.registry, targets: [byApi], servers: first.servers, clock: first.clock });
    home.moveSilently(FRONT, at(20), at(60));
    await home.start();
    expect(await ask(home, { verb: "undo" })).toMatchObject({ kind: "accepted" });
    expect(home.text).toBe(frigateText([FRONT, BACK]));
    await home.stop();
  });
});

it("a change that a crash left open is taken up under the new name, and one of a document that is away waits for it", async () => {
  const first = await moved();
  const { registry, clock } = first;
  registry.beginChange({ name: "frigate", place: first.document.place }, first.text, first.text.replaceAll(at(60), at(61)), clock.now());
  registry.beginChange({ name: "away", place: "/fake/away.yml" }, "a", "b", clock.now());
  const home = await next(first);
  await home.pass(minutes(1));
  expect(registry.openChanges().map(({ target }) => target)).toEqual(["away"]);
  expect(
    viewOf(home)
      .changes(10)
      .map(({ target }) => target),
  ).not.toContain("away");
  await home.stop();
});

it("a text that Frigate refused is not written again under another name", async () => {
  const cameras = directCameras(2);
  const { home, frigate, target, clock } = restartHome({ cameras });
  await home.start();
  const before = target.text;
  frigate.accepts = (text) => !text.includes(at(60));
  const [one] = cameras;
  assert.isDefined(one);
  home.moveByDhcp(one, at(20), at(60));
  await home.pass(minutes(5));
  expect(home.reason("target/frigate")).toBe("RestartRolledBack");
  await home.stop();
  const renamed = new FakeConfigTarget({ name: NEW, place: target.place, format: FRIGATE, text: before });
  const again = new FakeHome({ cameras, registry: home.registry, targets: [renamed], servers: [], clock });
  again.moveSilently(one, at(20), at(60));
  await again.start();
  await again.pass(minutes(10));
  expect(renamed.text).toBe(before);
  expect(again.reason(`target/${NEW}`)).toBe("RestartRolledBack");
  await again.stop();
});
