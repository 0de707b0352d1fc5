import type { Duration } from "../../domain/duration.ts";

/** One RTSP client on a stream. Resolves when enough video packets came or the span is over; waits for `beforeClosing` while still connected. */
export type StreamPlayer = (
  request: {
    readonly url: string;
    readonly credentials?: { readonly username: string; readonly password: string };
    readonly allowBasic: boolean;
    readonly enough: number;
    readonly within: Duration;
    readonly beforeClosing: () => Promise<void>;
  },
  signal: AbortSignal,
) => Promise<{ readonly videoPackets: number; readonly status?: number }>;
