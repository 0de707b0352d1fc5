import { describe, expect, it } from "vitest";
import { gatherChecks } from "../../src/commands/check.ts";
import { checkApprovals, checkLeases, checkListeners } from "../../src/commands/check-running.ts";
import type { DeviceId } from "../../src/domain/camera.ts";
import { after, minutes } from "../../src/domain/duration.ts";
import type { ConfigTarget } from "../../src/ports/config-target.ts";
import type { ConnectReading } from "../../src/ports/prober.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeLease, type SharedLease } from "../fakes/fake-lease.ts";
import { at, FRIGATE, FRONT, frigateText } from "../reconcilers/fake-home.ts";

const clock = new FakeClock();
const { signal } = new AbortController();
const frigate = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: frigateText([FRONT]), place: "/config/config.yml" });

describe("check of what runs", () => {
  it("names each change that waits for approval, and how to approve it", async () => {
    const edits = [{ path: ["a"], owners: ["camera:front" as const], from: at(20), to: at(77) }];
    const proposal = {
      id: "1f2e3d4c",
      target: "frigate",
      before: "",
      after: "",
      edits,
      cameras: ["front" as DeviceId],
      evidence: [],
      at: clock.now(),
    };
    const now = after(clock.now(), minutes(3));
    expect(await gatherChecks([checkApprovals({ proposals: () => [proposal] }, [frigate], now)], clock, signal)).toEqual([
      {
        part: "document frigate",
        state: "act",
        found: "/config/config.yml: change 1f2e3d4c has waited 3 min for approval: 192.168.1.20 → 192.168.1.77",
        nextStep: "camera-shepherd approve 1f2e3d4c",
      },
    ]);
    expect(await gatherChecks([checkApprovals({ proposals: () => [] }, [frigate], now)], clock, signal)).toEqual([]);
  });

  it("names the copy that looks after a document, and nobody where none does", async () => {
    const shared: SharedLease = { held: undefined };
    const running = new FakeLease(shared, clock, "attic");
    const { name, place, format } = frigate;
    const target = { name, place, format, lease: new FakeLease(shared, clock, "here") } as unknown as ConfigTarget;
    const look = () => gatherChecks([checkLeases([target, frigate], clock.now())], clock, signal);
    expect(await look()).toEqual([]);
    await running.take(signal);
    expect(await look()).toEqual([{ part: "document frigate", state: "info", found: "looked after by process 1 on attic, for 0 ms" }]);
  });

  it("tries the listeners that the options ask for while run runs", async () => {
    const asked: string[] = [];
    const connect = (address: string, port: number): Promise<ConnectReading> => {
      asked.push(`${address}:${String(port)}`);
      return Promise.resolve(port === 8099 ? "open" : "refused");
    };
    const look = (isRunning: boolean, host = "0.0.0.0", port: number | "none" = 8099) =>
      gatherChecks([checkListeners({ host, port, metrics_port: 9090 }, { isTaken: () => isRunning }, connect)], clock, signal);
    expect(await look(false)).toMatchObject([
      { part: "HTTP API", state: "info" },
      { part: "HTTP metrics", state: "info" },
    ]);
    expect(asked).toEqual([]);
    expect(await look(true)).toMatchObject([
      { part: "HTTP API", state: "ok", found: "0.0.0.0:8099 answers" },
      { part: "HTTP metrics", state: "absent", found: "0.0.0.0:9090 does not answer, though run runs" },
    ]);
    expect(asked).toEqual(["127.0.0.1:8099", "127.0.0.1:9090"]);
    expect(await look(true, "camera-box", "none")).toMatchObject([{ part: "HTTP metrics", state: "info" }]);
    expect(asked).toHaveLength(2);
  });
});
