import type { RunLock } from "../../src/ports/run-lock.ts";

/** What copies of the program in one test share: who runs on a memory. */
export interface SharedRun {
  holder: FakeRunLock | undefined;
}

export class FakeRunLock implements RunLock {
  readonly folder = "/data";
  readonly #shared: SharedRun;

  constructor(shared: SharedRun = { holder: undefined }) {
    this.#shared = shared;
  }

  take(): boolean {
    this.#shared.holder ??= this;
    return this.#shared.holder === this;
  }

  isTaken(): boolean {
    return this.#shared.holder !== undefined && this.#shared.holder !== this;
  }

  release(): void {
    if (this.#shared.holder === this) this.#shared.holder = undefined;
  }
}
