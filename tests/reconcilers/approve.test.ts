import { assert, describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import type { Action, ActionResult } from "../../src/ports/actions.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import { at, BACK, FakeHome, FRONT, movedText, source } from "./fake-home.ts";

const signal = new AbortController().signal;
const unconfirmed = new Set(["frigate" as TargetName]);

async function ask(home: FakeHome, action: Action): Promise<ActionResult> {
  const done = home.engine.actions.perform(action, signal);
  await home.pass(seconds(5));
  return done;
}

/** A home whose document needs approval, with a change of the front camera that waits. */
async function waiting(): Promise<{ readonly home: FakeHome; readonly before: string; readonly id: string }> {
  const home = new FakeHome({ ports: { unconfirmed } });
  const before = home.text;
  await home.start();
  home.moveByDhcp(FRONT, at(20), at(60));
  await home.pass(seconds(30));
  const [proposal] = home.registry.consents.proposals();
  assert.isDefined(proposal);
  return { home, before, id: proposal.id };
}

describe("a document that needs approval", () => {
  it("is not written; the change is proposed with its proof, and go2rtc is told all the same", async () => {
    const { home, before, id } = await waiting();
    expect(home.text).toBe(before);
    expect(home.document.written).toEqual([]);
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    const [proposal] = home.registry.consents.proposals();
    expect(proposal).toMatchObject({ id, target: "frigate", before, after: movedText(before, at(20), at(60)), cameras: ["front"] });
    expect(proposal?.evidence).toHaveLength(1);
    expect(home.told("proposed")).toMatchObject([{ id, target: "frigate", cameras: ["front"] }]);
    expect(home.told("proposed")[0]?.diff).toContain(`+      - rtsp://***@${at(60)}:554/main`);
    expect(home.status.get("target/frigate")).toMatchObject({
      reason: "NeedsApproval",
      message: expect.stringContaining(`change ${id}`),
      ask: { verb: "approve", id },
    });
    await home.pass(minutes(10));
    expect(home.told("proposed")).toHaveLength(1);
    expect(home.document.written).toEqual([]);
    await home.stop();
  });

  it("is written, exactly so, once a person approves, and nothing waits any more", async () => {
    const { home, before, id } = await waiting();
    expect(await ask(home, { verb: "approve", id })).toMatchObject({ kind: "accepted", message: expect.stringContaining(id) });
    expect(home.document.written).toEqual([movedText(before, at(20), at(60))]);
    expect(home.registry.consents.proposals()).toEqual([]);
    expect(home.status.get("target/frigate")?.status).toBe("ok");
    await home.pass(minutes(5));
    expect(home.document.written).toHaveLength(1);
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    await home.stop();
  });

  it("is written where no id is given and one change waits, and never for an id that does not wait", async () => {
    const { home } = await waiting();
    expect(await ask(home, { verb: "approve", id: "00000000" })).toMatchObject({ kind: "refused", reason: "ProposalChanged" });
    expect(home.document.written).toEqual([]);
    expect(await ask(home, { verb: "approve" })).toMatchObject({ kind: "accepted" });
    expect(home.document.written).toHaveLength(1);
    expect(await ask(home, { verb: "approve" })).toMatchObject({ kind: "refused", message: "nothing waits for approval" });
    await home.stop();
  });

  it("is not written where a person edited it since: what would be written now is proposed anew", async () => {
    const { home, before, id } = await waiting();
    home.document.edit(`${before}# mine\n`);
    expect(await ask(home, { verb: "approve", id })).toMatchObject({ kind: "refused", reason: "ProposalChanged" });
    expect(home.text).toBe(`${before}# mine\n`);
    const [now] = home.registry.consents.proposals();
    expect(now?.id).not.toBe(id);
    expect(home.told("proposed").map((told) => told.id)).toEqual([id, now?.id]);
    expect(await ask(home, { verb: "approve", id })).toMatchObject({ kind: "refused" });
    expect(await ask(home, { verb: "approve", id: now?.id ?? "" })).toMatchObject({ kind: "accepted" });
    expect(home.text).toBe(`${movedText(before, at(20), at(60))}# mine\n`);
    await home.stop();
  });

  it("is not written where another camera has moved since", async () => {
    const { home, before, id } = await waiting();
    home.moveByDhcp(BACK, at(21), at(61));
    await home.pass(seconds(30));
    expect(await ask(home, { verb: "approve", id })).toMatchObject({ kind: "refused", reason: "ProposalChanged" });
    expect(home.text).toBe(before);
    const [now] = home.registry.consents.proposals();
    expect(now?.cameras.toSorted()).toEqual(["back", "front"]);
    await home.stop();
  });

  it("keeps its proposal over a restart, under the same id", async () => {
    const { home, before, id } = await waiting();
    await home.stop();
    const next = new FakeHome({
      registry: home.registry,
      targets: [home.document],
      servers: home.servers,
      clock: home.clock,
      ports: { unconfirmed },
    });
    next.moveSilently(FRONT, at(20), at(60));
    await next.start();
    expect(next.told("proposed")).toEqual([]);
    expect(next.registry.consents.proposals().map((one) => one.id)).toEqual([id]);
    expect(await ask(next, { verb: "approve", id })).toMatchObject({ kind: "accepted" });
    expect(next.text).toBe(movedText(before, at(20), at(60)));
    await next.stop();
  });

  it("waits for nothing once the person made the change by hand", async () => {
    const { home, before, id } = await waiting();
    home.document.edit(movedText(before, at(20), at(60)));
    await home.pass(seconds(30));
    expect(home.registry.consents.proposals()).toEqual([]);
    expect(home.status.get("target/frigate")?.status).toBe("ok");
    expect(await ask(home, { verb: "approve", id })).toMatchObject({ kind: "refused" });
    await home.stop();
  });
});

describe("the first write", () => {
  it("is shown whole, once for ever", async () => {
    const home = new FakeHome();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(30));
    expect(home.told("first-write")).toMatchObject([{ target: "frigate", place: home.document.place }]);
    expect(home.told("first-write")[0]?.diff).toContain(`-    webui_url: http://${at(20)}/`);
    home.moveByDhcp(BACK, at(21), at(61));
    await home.pass(seconds(30));
    expect(home.document.written).toHaveLength(2);
    expect(home.told("first-write")).toHaveLength(1);
    await home.stop();
    const next = new FakeHome({ registry: home.registry, targets: [home.document], servers: home.servers, clock: home.clock });
    next.moveSilently(FRONT, at(20), at(60));
    next.moveSilently(BACK, at(21), at(61));
    await next.start();
    next.moveByDhcp(BACK, at(61), at(62));
    await next.pass(seconds(30));
    expect(next.document.written).toHaveLength(3);
    expect(next.told("first-write")).toEqual([]);
    await next.stop();
  });
});
