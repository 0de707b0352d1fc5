/** What may come of asking Home Assistant's Supervisor: a part of `REASONS`. */
export const SUPERVISOR_REASONS = {
  SupervisorUnreachable: { title: "Home Assistant's Supervisor does not answer", severity: "warning", nextStep: "" },
  SupervisorRefuses: {
    title: "Home Assistant's Supervisor does not let this app ask",
    severity: "error",
    nextStep: "Restart the app; where that does not help, update or reinstall it.",
  },
  FrigateStopped: {
    title: "A Frigate app does not run",
    severity: "warning",
    nextStep: "Start the app in Home Assistant, or uninstall it if it is not to come back.",
  },
  BrokerAbsent: {
    title: "Home Assistant has no MQTT broker, so it shows no entities of ours",
    severity: "info",
    nextStep: "Install the app Mosquitto broker, or name a broker under mqtt.url; it is found by itself.",
  },
} as const;
