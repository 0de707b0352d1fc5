import { describe, expect, it } from "vitest";
import { runAskOfCamera } from "../../src/commands/ask-camera.ts";
import { runAsk } from "../../src/commands/ask-command.ts";
import { EXIT } from "../../src/commands/arguments.ts";
import type { Program } from "../../src/commands/program.ts";
import { after, instant, minutes, seconds } from "../../src/domain/duration.ts";
import type { Action } from "../../src/ports/actions.ts";
import { FakeRunLock, type SharedRun } from "../fakes/fake-run-lock.ts";
import { at, FakeHome, FRONT, movedText } from "./fake-home.ts";

/** A command in another process: it shares memory and clock with the program that runs. */
function command(home: FakeHome, shared: SharedRun): { readonly ask: (action: Action) => Promise<number>; readonly said: () => string } {
  const said: string[] = [];
  const output = { write: (text: string) => void said.push(text), complain: (text: string) => void said.push(text) };
  const { registry, clock, engine, status } = home;
  const runLock = new FakeRunLock(shared);
  const program: Pick<Program, "registry" | "clock" | "engine" | "runLock" | "status"> = { registry, clock, engine, runLock, status };
  return {
    ask: (action) => runAsk(program, action, { json: false, look: { colour: false } }, output, new AbortController().signal),
    said: () => said.join(""),
  };
}

it("a name that is no camera's is told at once with the nearest one, whether or not the program runs", async () => {
  const home = new FakeHome();
  const shared: SharedRun = { holder: undefined };
  new FakeRunLock(shared).take();
  const said: string[] = [];
  const output = { write: (text: string) => void said.push(text), complain: (text: string) => void said.push(text) };
  const { registry, clock, engine, targets } = home;
  const program = { registry, clock, engine, targets, runLock: new FakeRunLock(shared) } as unknown as Program;
  const how = { json: false, look: { colour: false } };
  for (const verb of ["resync", "reconnect"] as const)
    expect(await runAskOfCamera(program, { verb, camera: "frnt" }, how, output, new AbortController().signal)).toBe(EXIT.usage);
  expect(said).toEqual(Array.from({ length: 2 }, () => "no camera is called frnt; did you mean front? Known: front, back\n"));
  expect(registry.consents.openRequests(clock.now())).toEqual([]);
});

const requestsEvery = seconds(1);

describe("a request of another process", () => {
  it("is done by the program that runs within a second or so, and its answer is printed", async () => {
    const home = new FakeHome({ ports: { requestsEvery } });
    const shared: SharedRun = { holder: undefined };
    new FakeRunLock(shared).take();
    const before = home.text;
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    const { ask, said } = command(home, shared);
    const done = ask({ verb: "undo" });
    await home.pass(seconds(4));
    expect(await done).toBe(EXIT.done);
    expect(home.text).toBe(before);
    expect(said()).toMatch(
      /^done {5}\S+frigate\.yml has its earlier text again: 192\.168\.1\.60 → 192\.168\.1\.20; not healed again before a resync: front to 192\.168\.1\.60\.\n$/,
    );
    expect(home.registry.consents.openRequests(home.clock.now())).toEqual([]);
    const refused = ask({ verb: "reconnect", camera: "attic" });
    await home.pass(seconds(1.5));
    expect(await refused).toBe(EXIT.usage);
    await home.stop();
  });

  it("is not kept waiting by resyncs that wait for what they come to", async () => {
    const home = new FakeHome({ ports: { requestsEvery } });
    const shared: SharedRun = { holder: undefined };
    new FakeRunLock(shared).take();
    await home.start();
    home.moveSilently(FRONT, at(20), at(60));
    home.deaf(at(60));
    const { ask, said } = command(home, shared);
    const resyncs = [ask({ verb: "resync" }), ask({ verb: "resync", camera: "front" }), ask({ verb: "resync" })];
    await home.pass(seconds(2));
    const refused = ask({ verb: "undo", target: "attic" });
    await home.pass(seconds(2.5));
    expect(await refused).toBe(EXIT.person);
    expect(said()).not.toContain("looked at");
    await home.pass(seconds(10));
    expect(await Promise.all(resyncs)).toEqual([EXIT.done, EXIT.done, EXIT.done]);
    expect(said().match(/still looked at after 10 s/g)).toHaveLength(3);
    await home.stop();
  });

  it("that nobody answers ends after thirty seconds, and is never begun later", async () => {
    const home = new FakeHome();
    const shared: SharedRun = { holder: undefined };
    new FakeRunLock(shared).take();
    await home.start();
    const { ask, said } = command(home, shared);
    const done = ask({ verb: "resync" });
    await home.pass(seconds(31));
    expect(await done).toBe(EXIT.later);
    expect(said()).toContain("did not answer within 30 s");
    expect(home.registry.consents.openRequests(instant(0))).toEqual([]);
    await home.stop();
  });

  it("that came before the program started and is too old is left", async () => {
    const home = new FakeHome({ ports: { requestsEvery } });
    const id = home.registry.consents.addRequest({ verb: "undo" }, home.clock.now(), after(home.clock.now(), seconds(30)));
    await home.clock.advance(minutes(1));
    await home.start();
    expect(home.registry.consents.answerOf(id)).toBeUndefined();
    await home.stop();
  });

  it("is done here where no program runs, after a look at every camera, and said", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    await home.stop();
    const next = new FakeHome({ registry: home.registry, targets: [home.document], servers: home.servers, clock: home.clock });
    next.moveSilently(FRONT, at(20), at(60));
    expect(next.text).toBe(movedText(before, at(20), at(60)));
    const { ask, said } = command(next, { holder: undefined });
    const done = ask({ verb: "undo" });
    await next.clock.advanceUntilIdle(seconds(200));
    expect(await done).toBe(EXIT.done);
    expect(next.text).toBe(before);
    expect(said()).toContain("No camera-shepherd runs on this database (in /data): it is done here");
  });
});
