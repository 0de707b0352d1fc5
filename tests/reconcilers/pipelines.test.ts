import { describe, expect, it } from "vitest";
import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import { TargetError, type TargetName } from "../../src/ports/config-target.ts";
import { FrigateError } from "../../src/ports/running-frigate.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakePipeline } from "../fakes/fake-pipeline.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeRunningFrigate } from "../fakes/fake-running-frigate.ts";
import { at, FakeHome, FRIGATE, movedText } from "./fake-home.ts";
import { directCameras, directText } from "./restart-home.ts";

const SUBJECT = "target/frigate/pipeline";
const CAMERAS = directCameras(2);
const [ONE] = CAMERAS as [(typeof CAMERAS)[number], ...typeof CAMERAS];
const BEFORE = directText(CAMERAS);
const AFTER = movedText(BEFORE, at(20), at(60));

/** A repository, a cluster that has its own copy of the document, and a Frigate that reads that one when it starts. */
function gitHome(
  more: {
    readonly blind?: boolean;
    readonly pipeline?: FakePipeline;
    readonly clock?: FakeClock;
    readonly registry?: FakeRegistry;
    readonly name?: string;
    readonly text?: string;
    /** It is restarted from here once the document has arrived. */
    readonly isRestarted?: true;
    readonly never?: true;
  } = {},
) {
  const { name = "frigate", text = BEFORE } = more;
  const clock = more.clock ?? new FakeClock();
  const target = new FakeConfigTarget({ name, place: "/fake/frigate.yml", format: FRIGATE, text });
  const delivered = new FakeConfigTarget({ name: "delivered", format: FRIGATE, text: BEFORE });
  const frigate = new FakeRunningFrigate({ text: () => delivered.text, clock });
  const pipeline = more.pipeline ?? new FakePipeline();
  const seen = more.blind === true ? {} : { frigate, delivered };
  const registry = more.registry ?? new FakeRegistry();
  const make = (): FakeHome =>
    new FakeHome({
      cameras: CAMERAS,
      targets: [target],
      servers: [],
      clock,
      registry,
      ports: {
        frigates: more.blind === true ? [] : [frigate],
        piped: [
          {
            name: name as TargetName,
            pipelines: [pipeline],
            ...seen,
            ...(more.isRestarted === true ? { isRestarted: more.isRestarted } : {}),
          },
        ],
        ...(more.never === true ? { neverRestarted: new Set([name as TargetName]) } : {}),
      },
    });
  return { home: make(), make, target, delivered, frigate, pipeline, clock, registry };
}

describe("a document that something else brings into use", () => {
  it("has that asked at once, and is seen to arrive; Frigate is not restarted by us", async () => {
    const { home, target, delivered, frigate, pipeline } = gitHome();
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(seconds(4));
    expect(target.text).toBe(AFTER);
    expect(pipeline.asked).toBe(1);
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "unknown", reason: "WaitingForPipeline" });
    expect(home.status.get(SUBJECT)?.message).toContain("still has a document with the former address of cam0");
    await home.pass(minutes(5));
    delivered.edit(AFTER);
    await home.pass(seconds(10));
    expect(home.status.get(SUBJECT)?.message).toContain("Frigate uses the former address for cam0 until it starts anew");
    frigate.start();
    await home.pass(seconds(10));
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "ok", reason: "Healthy" });
    await home.pass(hours(1));
    expect(frigate.restarts).toEqual([]);
    expect(pipeline.asked).toBe(1);
    expect(home.status.get("target/frigate/restart")).toBeUndefined();
    await home.stop();
  });

  describe("and that is restarted from here", () => {
    const moved = async (more: Parameters<typeof gitHome>[0] = {}) => {
      const made = gitHome({ isRestarted: true, ...more });
      await made.home.start();
      made.home.moveByDhcp(ONE, at(20), at(60));
      await made.home.pass(seconds(10));
      expect(made.target.text).toBe(AFTER);
      return made;
    };

    it("is once what it has arrived in has the text and nothing else restarts Frigate, and not before; then it is seen to be in use", async () => {
      const { home, delivered, frigate, registry } = await moved();
      await home.pass(minutes(5));
      expect(home.status.get(SUBJECT)?.message).toContain("still has a document with the former address of cam0");
      expect(frigate.restarts).toEqual([]);
      delivered.edit(AFTER);
      await home.pass(seconds(15));
      expect(home.status.get(SUBJECT)).toMatchObject({ status: "unknown", reason: "WaitingForPipeline" });
      expect(home.status.get(SUBJECT)?.message).toContain("it is restarted unless something else does that within");
      expect(frigate.restarts).toEqual([]);
      await home.pass(seconds(30));
      expect(frigate.restarts).toHaveLength(1);
      await home.pass(minutes(2));
      expect(home.status.get(SUBJECT)).toMatchObject({ status: "ok", reason: "Healthy" });
      await home.pass(hours(1));
      expect(frigate.restarts).toHaveLength(1);
      expect(registry.restarts({ name: "frigate", place: "/fake/frigate.yml" })).toMatchObject([{ kind: "change", state: "up" }]);
      await home.stop();
    });

    it("is by syncs, too, each of which looks once: the next one goes on where an earlier one ended", async () => {
      const { home, make, delivered, frigate } = await moved();
      await home.stop();
      const early = make();
      early.moveSilently(ONE, at(20), at(60));
      await early.once();
      expect(early.status.get(SUBJECT)).toMatchObject({ reason: "WaitingForPipeline" });
      expect(frigate.restarts).toEqual([]);
      delivered.edit(AFTER);
      const next = make();
      next.moveSilently(ONE, at(20), at(60));
      await next.once();
      expect(frigate.restarts).toHaveLength(1);
      expect(next.status.get(SUBJECT)).toMatchObject({ status: "ok", reason: "Healthy" });
      const last = make();
      last.moveSilently(ONE, at(20), at(60));
      await last.once();
      expect(frigate.restarts).toHaveLength(1);
    });

    it("is not where something else restarts it in that time", async () => {
      const { home, delivered, frigate } = await moved();
      delivered.edit(AFTER);
      await home.pass(seconds(15));
      frigate.start();
      await home.pass(minutes(10));
      expect(home.status.get(SUBJECT)).toMatchObject({ status: "ok", reason: "Healthy" });
      expect(frigate.restarts).toEqual([]);
      await home.stop();
    });

    it("is not where Reloader does it, where it cannot be seen whether the document has arrived, and where a person restarts it", async () => {
      const reloaded = await moved();
      const seen = reloaded.frigate.state.bind(reloaded.frigate);
      reloaded.frigate.state = async (signal) => ({ ...(await seen(signal)), restartsAlone: true });
      const blind = await moved();
      blind.delivered.read = () => Promise.reject(new TargetError("ClusterForbids", "allow the verb get"));
      const never = await moved({ never: true });
      for (const { home, delivered, frigate } of [reloaded, blind, never]) {
        delivered.edit(AFTER);
        await home.pass(minutes(20));
        expect(frigate.restarts).toEqual([]);
        expect(home.status.get(SUBJECT)).toMatchObject({ status: "problem", reason: "PipelineLate" });
        await home.stop();
      }
      expect(never.home.status.get(SUBJECT)?.message).toContain("restarting it is left to you");
    });

    it("is within the bounds of every restart: not again for ten minutes, and one that is refused is said", async () => {
      const { home, delivered, frigate, target } = await moved();
      delivered.edit(AFTER);
      await home.pass(minutes(1));
      expect(frigate.restarts).toHaveLength(1);
      home.moveByDhcp(ONE, at(60), at(61));
      await home.pass(seconds(10));
      delivered.edit(target.text);
      await home.pass(minutes(2));
      expect(frigate.restarts).toHaveLength(1);
      expect(home.status.get(SUBJECT)?.message).toContain("it was restarted lately");
      frigate.refuses = new FrigateError("FrigateForbids", "allow the verb patch on deployments");
      await home.pass(minutes(9));
      expect(home.status.get(SUBJECT)?.message).toContain("allow the verb patch on deployments");
      frigate.refuses = undefined;
      await home.pass(minutes(12));
      expect(frigate.restarts).toHaveLength(2);
      expect(home.status.get(SUBJECT)).toMatchObject({ status: "ok" });
      await home.stop();
    });
  });

  it("is not in use in a Frigate that found it invalid, and that is a problem in the end", async () => {
    const { home, delivered, frigate } = gitHome();
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(seconds(10));
    delivered.edit(AFTER);
    frigate.accepts = () => false;
    frigate.start();
    await home.pass(minutes(1));
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "unknown", reason: "WaitingForPipeline" });
    expect(home.status.get(SUBJECT)?.message).toContain("runs in safe mode");
    await home.pass(minutes(16));
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "problem", reason: "PipelineLate" });
    await home.stop();
  });

  it("is a problem after a quarter of an hour, which says how far it came", async () => {
    const { home, delivered, frigate } = gitHome();
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(minutes(16));
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "problem", reason: "PipelineLate" });
    expect(home.status.get(SUBJECT)?.message).toContain("nothing has brought it there");
    delivered.edit(AFTER);
    await home.pass(minutes(2));
    expect(home.status.get(SUBJECT)?.message).toContain("a checksum annotation, or Reloader");
    frigate.start();
    await home.pass(minutes(2));
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "ok" });
    await home.stop();
  });

  it("is late also where several runs of the program waited for it, and begins anew with the next commit", async () => {
    const { home, make, delivered, frigate, target } = gitHome();
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(minutes(9));
    expect(home.reason(SUBJECT)).toBe("WaitingForPipeline");
    await home.stop();
    const next = make();
    next.moveSilently(ONE, at(20), at(60));
    await next.start();
    await next.pass(minutes(4));
    expect(next.reason(SUBJECT)).toBe("WaitingForPipeline");
    await next.pass(minutes(3));
    expect(next.status.get(SUBJECT)).toMatchObject({ status: "problem", reason: "PipelineLate" });
    next.moveByDhcp(ONE, at(60), at(61));
    await next.pass(minutes(5));
    expect(next.reason(SUBJECT)).toBe("WaitingForPipeline");
    delivered.edit(target.text);
    frigate.start();
    await next.pass(minutes(2));
    expect(next.status.get(SUBJECT)).toMatchObject({ status: "ok" });
    await next.stop();
    const last = make();
    last.moveSilently(ONE, at(20), at(61));
    await last.start();
    last.moveByDhcp(ONE, at(61), at(62));
    await last.pass(minutes(10));
    expect(last.reason(SUBJECT)).toBe("WaitingForPipeline");
    await last.stop();
  });

  it("is late also where it has another name since, and where an earlier version kept by name since when it waits", async () => {
    for (const isOld of [false, true]) {
      const { home, clock, registry: before, target } = gitHome();
      const began = clock.now();
      await home.start();
      home.moveByDhcp(ONE, at(20), at(60));
      await home.pass(minutes(9));
      await home.stop();
      const registry = isOld ? new FakeRegistry() : before;
      for (const record of before.devices()) registry.saveDevice(record);
      if (isOld) registry.consents.saveFact("pipeline awaited house", String(began));
      const renamed = gitHome({ clock, registry, name: "house", text: target.text });
      renamed.home.moveSilently(ONE, at(20), at(60));
      await renamed.home.start();
      await renamed.home.pass(minutes(7));
      expect(renamed.home.reason("target/house/pipeline")).toBe("PipelineLate");
      renamed.delivered.edit(target.text);
      renamed.frigate.start();
      await renamed.home.pass(minutes(2));
      expect(renamed.home.reason("target/house/pipeline")).toBe("Healthy");
      for (const kept of ["house", "/fake/frigate.yml"]) expect(registry.consents.fact(`pipeline awaited ${kept}`) ?? "").toBe("");
      await renamed.home.stop();
    }
  });

  it("is seen by what Frigate runs with where it does not show its document, and a Frigate that does not answer is a problem in the end", async () => {
    const { home, delivered, frigate } = gitHome();
    const seen = frigate.state.bind(frigate);
    delivered.read = () => Promise.reject(new TargetError("FrigateForbids", "not for this role"));
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(seconds(10));
    expect(home.status.get(SUBJECT)?.message).toContain("Frigate uses the former address for cam0");
    frigate.state = () => Promise.reject(new FrigateError("FrigateUnreachable", "Frigate does not answer"));
    await home.pass(minutes(16));
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "problem", reason: "PipelineLate" });
    expect(home.status.get(SUBJECT)?.message).toContain("Frigate does not answer");
    frigate.state = seen;
    delivered.edit(AFTER);
    frigate.start();
    await home.pass(minutes(2));
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "ok" });
    await home.stop();
  });

  it("has a pipeline that is away asked again, less and less often, until it answers", async () => {
    const { home, pipeline } = gitHome();
    pipeline.failing = "PipelineUnreachable";
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(minutes(2));
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "problem", reason: "PipelineUnreachable" });
    pipeline.failing = undefined;
    await home.pass(minutes(5));
    expect(pipeline.asked).toBe(1);
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "unknown", reason: "WaitingForPipeline" });
    await home.stop();
  });

  it("is taken up by the next run of the program where an earlier one pushed it", async () => {
    const { home, make, pipeline, delivered, frigate } = gitHome();
    pipeline.failing = "PipelineSuspended";
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(seconds(10));
    await home.stop();
    pipeline.failing = undefined;
    const next = make();
    next.moveSilently(ONE, at(20), at(60));
    await next.start();
    await next.pass(minutes(2));
    expect(pipeline.asked).toBe(1);
    delivered.edit(AFTER);
    frigate.start();
    await next.pass(minutes(2));
    expect(next.status.get(SUBJECT)).toMatchObject({ status: "ok" });
    await next.stop();
  });

  it("says what cannot be seen where Frigate's address is not known", async () => {
    const { home, pipeline } = gitHome({ blind: true });
    await home.start();
    home.moveByDhcp(ONE, at(20), at(60));
    await home.pass(seconds(10));
    expect(pipeline.asked).toBe(1);
    expect(home.status.get(SUBJECT)).toMatchObject({ status: "ok", message: expect.stringContaining("frigate.url") as string });
    expect(home.status.get("target/frigate/restart")).toBeUndefined();
    await home.stop();
  });
});
