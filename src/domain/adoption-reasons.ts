/** Devices that may be a camera and wait for a person: a part of `REASONS`. */
export const ADOPTION_REASONS = {
  AdoptionProposed: {
    title: "A camera that moved before it was known was probably found",
    severity: "error",
    nextStep: "Look whether it is right, and confirm it: no password is sent before.",
    ask: "adopt",
  },
  AdoptionUnclear: {
    title: "Which device a camera is cannot be told without a person",
    severity: "error",
    nextStep: "Find out which of the named devices it is, and say so.",
    ask: "adopt",
  },
  SecondMacProposed: {
    title: "A camera was probably found at another network interface of it",
    severity: "error",
    nextStep: "Look whether it is right, and confirm it: the MAC address is added to those that are known.",
    ask: "adopt",
  },
  AddressUnproved: {
    title: "A camera was perhaps found where nothing can prove it",
    severity: "error",
    nextStep: "Look whether it is right, and confirm it by its address: no password is sent before.",
    ask: "adopt",
  },
  StillThere: {
    title: "The camera that is to be replaced still answers",
    severity: "error",
    nextStep: "Look whether the right camera was named; else switch the old one off, and say it again.",
  },
  MacConfigured: {
    title: "The options give the camera another MAC address",
    severity: "error",
    nextStep: "Correct mac under cameras, start the program anew, and say it again.",
  },
  StillConfigured: {
    title: "The camera still stands in a configuration",
    severity: "error",
    nextStep: "Take it out of what is named there, then have it forgotten.",
    ask: "forget",
  },
} as const;
