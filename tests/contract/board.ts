import { expect, it } from "vitest";
import type { Board } from "../../src/ports/notifier.ts";

const { signal } = new AbortController();
const note = { title: "front: Camera answers nowhere", message: "it is gone", nextStep: "Look." };

/** What every board does. @param make one without notes of ours */
export function boardContract(make: () => Promise<Board>): void {
  it("shows what was hung up, replaces it by its id, and takes it down", async () => {
    const board = await make();
    expect((await board.shown(signal)).ids.size).toBe(0);
    await board.put("camera/front/offline", note, signal);
    await board.put("several/offline", { ...note, message: "one\ntwo" }, signal);
    await board.put("camera/front/offline", { ...note, verbatim: "-a\n+b" }, signal);
    expect([...(await board.shown(signal)).ids].toSorted()).toEqual(["camera/front/offline", "several/offline"]);
    await board.remove("camera/front/offline", signal);
    await board.remove("never/there", signal);
    expect([...(await board.shown(signal)).ids]).toEqual(["several/offline"]);
    await board.remove("several/offline", signal);
    expect((await board.shown(signal)).ids.size).toBe(0);
  });

  it("is the same run for as long as nothing was forgotten", async () => {
    const board = await make();
    const { run } = await board.shown(signal);
    expect((await board.shown(signal)).run).toBe(run);
  });
}
