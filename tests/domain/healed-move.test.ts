import { describe, expect, it } from "vitest";
import { milliseconds } from "../../src/domain/duration.ts";
import { followMove, type PendingMoves } from "../../src/domain/healed-move.ts";
import type { Notice } from "../../src/domain/notice.ts";
import { at, id, named } from "../reconcilers/fake-home.ts";

type IpAddress = ReturnType<typeof at>;

const movedTo = (to: IpAddress, from: IpAddress | undefined, evidenceId?: number): Notice =>
  ({ kind: "moved", device: id("front"), from, to, ...(evidenceId === undefined ? {} : { evidenceId }) }) as Notice;
const frames = (from: IpAddress, device = "front"): Notice => ({
  kind: "frames",
  device: id(device),
  stream: named("front"),
  from,
  packets: 5,
  after: milliseconds(1),
});
const unwatched: Notice = { kind: "unwatched", device: id("front") };

/** What is told as healed, of a list of notices. */
function healed(...notices: readonly Notice[]): readonly unknown[] {
  let pending: PendingMoves = new Map();
  return notices.flatMap((notice) => {
    const next = followMove(pending, notice);
    pending = next.pending;
    return next.healed ?? [];
  });
}

describe("a move", () => {
  it("is told once video flows from the new address, once", () => {
    expect(healed(movedTo(at(77), at(20), 7), frames(at(77)), frames(at(77)))).toEqual([
      { camera: "front", from: at(20), to: at(77), evidence: 7 },
    ]);
  });

  it("is told where nothing can be watched", () => {
    expect(healed(movedTo(at(77), undefined), unwatched)).toEqual([{ camera: "front", to: at(77) }]);
  });

  it("is not told before, nor by video of another camera or from another address", () => {
    expect(healed(movedTo(at(77), at(20)))).toEqual([]);
    expect(healed(movedTo(at(77), at(20)), frames(at(20)), frames(at(77), "back"))).toEqual([]);
    expect(healed(frames(at(77)), unwatched)).toEqual([]);
  });

  it("that is followed by another before it was healed is told as one, from where it began; back to there it was none", () => {
    expect(healed(movedTo(at(77), at(20), 1), movedTo(at(78), at(77), 2), frames(at(78)))).toEqual([
      { camera: "front", from: at(20), to: at(78), evidence: 2 },
    ]);
    expect(healed(movedTo(at(77), at(20)), movedTo(at(20), at(77)), frames(at(20)))).toEqual([]);
  });
});
