/** What may come of asking for a new connection: a part of `REASONS`. */
export const STREAM_REASONS = {
  StreamsLive: {
    title: "The streams deliver video to somebody: they were left as they are",
    severity: "info",
    nextStep:
      "Nothing is wrong with them. To have a new connection all the same, which viewers find once they open the stream anew, ask with force.",
  },
} as const;
