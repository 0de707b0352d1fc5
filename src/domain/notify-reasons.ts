/** What is said of telling others, and of what others do for us: a part of `REASONS`. */
export const NOTIFY_REASONS = {
  FirstWrite: {
    title: "A configuration was changed for the first time",
    severity: "info",
    nextStep: "Look at what changed.",
    ask: "undo",
  },
  PowerCycled: { title: "The power of a camera that stayed dead was cycled", severity: "warning", nextStep: "" },
  PowerRefused: {
    title: "The power of a camera cannot be cycled",
    severity: "error",
    nextStep: "Look at the named switch or button in Home Assistant, and correct power of that camera under cameras.",
  },
  PowerWithheld: {
    title: "The power of a camera is left alone, because the network may be what is away",
    severity: "warning",
    nextStep: "Check the network between this machine and its cameras.",
  },
  PowerStillOff: {
    title: "A camera may be without power: its switch could not be switched on again",
    severity: "error",
    nextStep: "Switch the named switch on in Home Assistant; it is tried again by itself.",
  },
  NotifyFailed: {
    title: "Somebody who should be told could not be",
    severity: "warning",
    nextStep: "Check url and token under notify, or whether Home Assistant runs; it is tried again by itself.",
  },
} as const;
