/** What is said of telling others: a part of `REASONS`. */
export const NOTIFY_REASONS = {
  FirstWrite: {
    title: "A document was changed for the first time",
    severity: "info",
    nextStep: "Look at what changed.",
  },
  NotifyFailed: {
    title: "Somebody who should be told could not be",
    severity: "warning",
    nextStep: "Check notify[].url and token, or whether Home Assistant runs; it is tried again by itself.",
  },
} as const;
