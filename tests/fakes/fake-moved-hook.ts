import { type MovedHook, MovedHookError, type ToldMove } from "../../src/ports/moved-hook.ts";

/** A hook that keeps what it is told, and fails as long as it is asked to. */
export class FakeMovedHook implements MovedHook {
  readonly name: string;
  readonly place: string;
  readonly told: ToldMove[] = [];
  /** How often it was called. */
  calls = 0;
  /** Calls that fail from now on. */
  failing = 0;

  constructor(name = "ha.lan:8123") {
    this.name = name;
    this.place = name;
  }

  async call(move: ToldMove, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.calls += 1;
    if (this.failing > 0) {
      this.failing -= 1;
      throw new MovedHookError("answered 500");
    }
    this.told.push(move);
  }
}
