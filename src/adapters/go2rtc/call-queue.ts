import { StreamServerError } from "../../ports/stream-server.ts";
import { unlessAborted } from "../../runtime/unless-aborted.ts";

/** Far above what a home of a hundred cameras makes wait; beyond it go2rtc hangs and waiting longer is of no use. */
const LONGEST = 512;

/** Runs tasks one after the other, in the order they came. */
export class CallQueue {
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Runs the task when those before it are done. Aborted, the caller is told at once; a task that has begun keeps its turn until it ends, so
   * that the next one does not overlap what go2rtc may still be doing.
   * @throws StreamServerError where too many wait; the signal's reason when aborted; what the task throws
   */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#waiting >= LONGEST) throw new StreamServerError("ServerUnreachable", `${String(LONGEST)} calls already wait for go2rtc`);
    this.#waiting++;
    const turn = this.#last.then(() => {
      signal.throwIfAborted();
      return task();
    });
    const settled = turn.catch(() => undefined).finally(() => void this.#waiting--);
    this.#last = settled;
    return unlessAborted(turn, signal);
  }
}
