import { describe, expect, it, vi } from "vitest";
import { type Duration, milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import { VALID } from "../adapters/frigate/frigates.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { app, file, type Joined, joined, nothing } from "./joined.ts";

const [A, B, FA] = ["ccab4aaf_frigate", "local_frigate", "ccab4aaf_frigate-fa"] as const;
const all = { [file(A)]: VALID, [file(B)]: VALID, [file(FA)]: VALID };
const running = (...slugs: readonly string[]) => slugs.map((slug) => app(slug, "started"));
const stopped = (...slugs: readonly string[]) => slugs.map((slug) => app(slug, "stopped", { boot: "manual" }));
const places = ({ documents }: Joined): readonly string[] => documents.targets.map(({ place }) => place);
const named = ({ documents }: Joined) => documents.targets.map(({ name, place }) => [name, place]);

/** The program, joined by a clock that stands still until a test lets time pass. */
async function watched(apps: Joined["fake"]["state"]["apps"], texts: Record<string, string> = all, memory = nothing()) {
  const clock = new FakeClock();
  const here = await joined("{}", { apps }, texts, memory, clock);
  const end = new AbortController();
  let isChanged = false;
  const changed = here.hosted.changed(end.signal).then(
    () => (isChanged = true),
    () => undefined,
  );
  const due = async (): Promise<Duration> => {
    const next = () => clock.pending().find(({ name }) => name === "look which Frigates run")?.dueIn;
    await vi.waitFor(() => expect(isChanged || next() !== undefined).toBe(true), { interval: 1 });
    return next() ?? milliseconds(Infinity);
  };
  return {
    ...here,
    isChanged: () => isChanged,
    /** Every look that is due meanwhile is made, and answered. */
    pass: async (span: Duration): Promise<void> => {
      const until = clock.monotonic() + span;
      for (let next = await due(); clock.monotonic() + next <= until; next = await due()) await clock.advance(next);
      if (!isChanged) await clock.advance(milliseconds(until - clock.monotonic()));
    },
    end: async (): Promise<void> => {
      end.abort(new Error("enough"));
      await changed;
    },
  };
}

describe("a Frigate that comes, goes or stops", () => {
  it("of two, one that is stopped for long stays looked after; it is said that it does not run, and that it runs again", async () => {
    const here = await watched(running(A, B));
    await here.pass(minutes(1));
    here.fake.state.apps = [...stopped(A), ...running(B)];
    await here.pass(minutes(6));
    expect(here.status.get("target/ccab4aaf-frigate/app")).toBeUndefined();
    await here.pass(minutes(3));
    expect(here.status.get("target/ccab4aaf-frigate/app")).toMatchObject({
      status: "problem",
      reason: "FrigateStopped",
      message: "Home Assistant's app ccab4aaf_frigate does not run; its cameras stay known",
    });
    expect(here.status.get("target/local-frigate/app")).toBeUndefined();
    await here.pass(minutes(24 * 60));
    expect(here.isChanged()).toBe(false);
    here.fake.state.apps = running(A, B);
    await here.pass(minutes(6));
    expect(here.status.get("target/ccab4aaf-frigate/app")?.status).toBe("ok");
    await here.end();
  });

  it("that starts after this program, as with the machine, has ten minutes before it is said", async () => {
    const here = await watched([app(A, "stopped", { boot: "auto" })]);
    await here.pass(minutes(9));
    expect(here.status.get("target/frigate/app")).toBeUndefined();
    await here.pass(minutes(2));
    expect(here.status.get("target/frigate/app")?.reason).toBe("FrigateStopped");
    await here.end();
  });

  it("that was stopped stays looked after when this program starts anew meanwhile, under its name", async () => {
    const memory = nothing();
    expect(places(await joined("{}", { apps: running(A, B) }, all, memory))).toEqual([file(A), file(B)]);
    const again = await joined("{}", { apps: [...stopped(A), ...running(B)] }, all, memory);
    expect(named(again)).toEqual([
      ["ccab4aaf-frigate", file(A)],
      ["local-frigate", file(B)],
    ]);
    expect(named(await joined("{}", { apps: stopped(B) }, all, memory))).toEqual([["local-frigate", file(B)]]);
  });

  it("that is not listed for a moment, as by a Supervisor that starts, is taken up again, though it does not run", async () => {
    const memory = nothing();
    await joined("{}", { apps: running(A, B) }, all, memory);
    const here = await watched(running(B), all, memory);
    expect(named(here)).toEqual([["local-frigate", file(B)]]);
    await here.pass(minutes(1));
    here.fake.state.apps = [...stopped(A), ...running(B)];
    await here.pass(minutes(8));
    expect(here.isChanged()).toBe(true);
    expect(named(await joined("{}", { apps: [...stopped(A), ...running(B)] }, all, memory))).toEqual([
      ["local-frigate", file(B)],
      ["ccab4aaf-frigate", file(A)],
    ]);
  });

  it("alone and stopped stays looked after, also over a start of this program, though it does not start with the machine", async () => {
    const memory = nothing();
    const here = await watched(running(A), all, memory);
    await here.pass(minutes(1));
    here.fake.state.apps = stopped(A, FA);
    await here.pass(minutes(60));
    expect(here.status.get("target/frigate/app")?.reason).toBe("FrigateStopped");
    expect(here.isChanged()).toBe(false);
    await here.end();
    expect(places(await joined("{}", { apps: stopped(A, FA) }, all, memory))).toEqual([file(A)]);
    expect(places(await joined("{}", { apps: stopped(A, FA) }, all))).toEqual(["Frigate's configuration"]);
  });

  it("that another variant takes the place of is left, once that has lasted: an update that stops one for a moment is none", async () => {
    const memory = nothing();
    const here = await watched([...running(A), ...stopped(FA)], all, memory);
    here.fake.state.apps = [...stopped(A), ...running(FA)];
    await here.pass(minutes(1));
    here.fake.state.apps = [...running(A), ...stopped(FA)];
    await here.pass(minutes(30));
    here.fake.state.apps = [...stopped(A), ...running(FA)];
    await here.pass(minutes(1));
    expect(here.isChanged()).toBe(false);
    await here.pass(minutes(7));
    expect(here.isChanged()).toBe(true);
    expect(places(await joined("{}", { apps: [...stopped(A), ...running(FA)] }, all, memory))).toEqual([file(FA)]);
  });

  it("that another variant was tried in place of is taken up again, under its name, once it runs for two minutes; nothing runs meanwhile changes nothing", async () => {
    const memory = nothing();
    const tried = await watched([...running(A), ...stopped(FA)], all, memory);
    tried.fake.state.apps = [...stopped(A), ...running(FA)];
    await tried.pass(minutes(8));
    expect(tried.isChanged()).toBe(true);
    const other = await watched([...stopped(A), ...running(FA)], all, memory);
    other.fake.state.apps = stopped(A, FA);
    await other.pass(minutes(30));
    expect(other.isChanged()).toBe(false);
    other.fake.state.apps = [...running(A), ...stopped(FA)];
    await other.pass(minutes(8));
    expect(other.isChanged()).toBe(true);
    expect(named(await joined("{}", { apps: other.fake.state.apps }, all, memory))).toEqual([["frigate", file(A)]]);
  });

  it("in whose place another runs when this program starts is left only when that has lasted", async () => {
    const memory = nothing();
    await joined("{}", { apps: running(A) }, all, memory);
    const here = await watched([...stopped(A), ...running(FA)], all, memory);
    expect(places(here)).toEqual([file(A), file(FA)]);
    await here.pass(minutes(1));
    here.fake.state.apps = running(A, FA);
    await here.pass(minutes(30));
    here.fake.state.apps = [...stopped(A), ...running(FA)];
    await here.pass(minutes(30));
    expect(here.isChanged()).toBe(false);
    await here.end();
    const other = nothing();
    await joined("{}", { apps: running(A) }, all, other);
    const again = await watched([...stopped(A), ...running(FA)], all, other);
    await again.pass(minutes(3));
    expect(again.isChanged()).toBe(true);
    expect(places(await joined("{}", { apps: [...stopped(A), ...running(FA)] }, all, other))).toEqual([file(FA)]);
  });

  it("that is uninstalled is left, and one that comes to run beside another is taken up without a new name for the first", async () => {
    const memory = nothing();
    const one = await watched(running(A), all, memory);
    one.fake.state.apps = running(A, B);
    await one.pass(minutes(3));
    expect(one.isChanged()).toBe(true);
    const both = await watched(running(A, B), all, memory);
    expect(named(both)).toEqual([
      ["frigate", file(A)],
      ["local-frigate", file(B)],
    ]);
    both.fake.state.apps = running(B);
    await both.pass(minutes(8));
    expect(both.isChanged()).toBe(true);
    expect(named(await joined("{}", { apps: running(B) }, all, memory))).toEqual([["local-frigate", file(B)]]);
  });

  it("the first that comes to run is taken up at once", async () => {
    const here = await watched([]);
    here.fake.state.apps = running(A);
    await here.pass(seconds(15));
    expect(here.isChanged()).toBe(true);
  });

  it("whose configuration is made only at its first start is taken up by the file then", async () => {
    const texts: Record<string, string> = {};
    const here = await watched(running(A), texts);
    expect(places(here)).toEqual(["http://ccab4aaf-frigate:5000"]);
    texts[file(A)] = VALID;
    await here.pass(minutes(8));
    expect(here.isChanged()).toBe(true);
  });

  it("that the options name stays looked after while it is stopped, and what runs beside it is taken up", async () => {
    const first = '{name: mine, url: "http://ccab4aaf-frigate:5000"}';
    const here = await joined(`frigate: [${first}, {}]`, { apps: [...stopped(A), ...running(B)] }, all);
    expect(named(here)).toEqual([
      ["mine", file(A)],
      ["local-frigate", file(B)],
    ]);
    expect([...here.hosted.documents.apps].map(([name, { slug }]) => [name, slug])).toEqual([
      ["mine", A],
      ["local-frigate", B],
    ]);
  });
});
