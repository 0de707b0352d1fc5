/** What is wrong with a Frigate that is spoken to by HTTP: a part of `REASONS`. */
export const FRIGATE_REASONS = {
  FrigateUnreachable: { title: "Frigate does not answer", severity: "warning", nextStep: "Start Frigate, or correct url under frigate." },
  FrigateRefusesLogin: {
    title: "Frigate refuses the user name or password",
    severity: "error",
    nextStep: "Correct username and password under frigate, or give the address of its port 5000 as url under frigate.",
  },
  FrigateForbids: {
    title: "Frigate does not let this user write",
    severity: "error",
    nextStep: "Give the user the role admin in Frigate, or give the address of its port 5000 as url under frigate.",
  },
  FrigateRefused: {
    title: "Frigate refuses the text as not valid",
    severity: "error",
    nextStep: "Correct the named line in Frigate's editor; the change is made then.",
  },
  FrigateCertificateChanged: {
    title: "Frigate shows another certificate than before",
    severity: "error",
    nextStep: "If Frigate was updated or its certificate renewed, set certificate under frigate to the named fingerprint.",
  },
  FrigateSafeMode: {
    title: "Frigate found its configuration not valid and runs without cameras",
    severity: "error",
    nextStep: "Correct the configuration in Frigate's editor, which names the line, and restart Frigate.",
  },
  NotFrigate: {
    title: "What answers there is not Frigate",
    severity: "error",
    nextStep: "Give Frigate's own address as url under frigate, such as http://192.168.1.10:5000.",
  },
} as const;
