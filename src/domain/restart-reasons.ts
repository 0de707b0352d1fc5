/** What may come of restarting Frigate: a part of `REASONS`. */
export const RESTART_REASONS = {
  Restarting: { title: "Frigate is being restarted", severity: "warning", nextStep: "" },
  RestartLater: {
    title: "Frigate is restarted later for this change",
    severity: "warning",
    nextStep: "Wait: it is restarted by itself. Or restart Frigate, to have it at once.",
  },
  FrigateNotBack: {
    title: "Frigate did not come back after a restart",
    severity: "error",
    nextStep:
      "Start Frigate. Let Docker start it again by itself (restart: unless-stopped), in Home Assistant switch its Watchdog on, or set frigate.restart: never.",
  },
  FrigateNotUp: {
    title: "Frigate does not come up",
    severity: "error",
    nextStep: "Look at what Kubernetes and the log of Frigate's pod say of it.",
  },
  RestartRolledBack: {
    title: "Frigate did not come up with the configuration after a restart; the previous text was restored",
    severity: "error",
    nextStep: "Look at what Frigate's log says of the configuration, and correct it; it is healed again when its text has changed.",
  },
} as const;
