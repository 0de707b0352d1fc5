import { eventually } from "./waiting.ts";

/** When a watcher got frames, told read by read. */
export interface Reads {
  /** Notes that frames came now. */
  note(at: number): void;
  /** How many reads so far. */
  count(): number;
  /**
   * The first run of reads that began after `since` and proves that video is decoded: at least 8 reads over at least 1.5 s with no gap above 1 s.
   * FFmpeg 5.1 gives single stray frames from its buffers long after a loss; they are no such run.
   */
  runAfter(since: number): Run | undefined;
  /** @throws where there is no such run within `within` ms */
  decodesAgain(since: number, within: number): Promise<Run>;
}

export interface Run {
  /** The first read of the run, epoch ms. */
  readonly resumedAt: number;
  /** When the run was long enough to be believed; this is the figure to report. */
  readonly confirmedAt: number;
}

const RUN_READS = 8;
const RUN_MS = 1_500;
const GAP_MS = 1_000;
const KEPT = 50_000;

export function reads(): Reads {
  const times: number[] = [];
  let total = 0;
  const runAfter = (since: number): Run | undefined => {
    let first: number | undefined;
    let previous = 0;
    let count = 0;
    for (const at of times) {
      if (at < since) continue;
      if (first === undefined || at - previous > GAP_MS) {
        first = at;
        count = 0;
      }
      previous = at;
      count += 1;
      if (count >= RUN_READS && at - first >= RUN_MS) return { resumedAt: first, confirmedAt: at };
    }
    return undefined;
  };
  return {
    note: (at) => {
      times.push(at);
      total += 1;
      if (times.length > KEPT) times.shift();
    },
    count: () => total,
    runAfter,
    decodesAgain: (since, within) => eventually("frames to be decoded again", () => runAfter(since), within, 50),
  };
}
