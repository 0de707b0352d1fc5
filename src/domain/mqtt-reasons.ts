/** What may come of the MQTT broker: a part of `REASONS`. */
export const MQTT_REASONS = {
  BrokerUnreachable: { title: "The MQTT broker does not answer", severity: "warning", nextStep: "Start the broker, or correct mqtt.url." },
  BrokerRefusesLogin: {
    title: "The MQTT broker refuses the user name or password",
    severity: "error",
    nextStep: "Correct mqtt.username and mqtt.password.",
  },
  BrokerRefuses: {
    title: "The MQTT broker refuses the connection",
    severity: "error",
    nextStep: "Look at what the broker's log says of it.",
  },
  BrokerUntrusted: {
    title: "The MQTT broker's certificate is not to be trusted",
    severity: "error",
    nextStep: "Name the certificate of the authority that signed it under mqtt.ca, or correct the host in mqtt.url.",
  },
  BrokerDenies: {
    title: "The MQTT broker does not let this user use a topic",
    severity: "error",
    nextStep: "Give the user the right to read and write the named topic in the broker's access list.",
  },
  BaseShared: {
    title: "Two copies of the program use the same MQTT base",
    severity: "error",
    nextStep: "Give one of the two another mqtt.base, or stop it.",
  },
  ToldIdentityDiffers: {
    title: "The camera there is another one than another copy of the program tells of",
    severity: "error",
    nextStep:
      "If the camera at the address is the right one, say so by its address; else correct the address. A wrong message is cleared by an empty retained one.",
    ask: "adopt",
  },
  CommandMalformed: {
    title: "A command by MQTT is not understood",
    severity: "error",
    nextStep: "Send it as the answer at bridge/result says.",
  },
  CommandRetained: {
    title: "A command that the MQTT broker had kept was not obeyed",
    severity: "warning",
    nextStep: "Send commands without retain; clear this one by an empty retained message to its topic.",
  },
} as const;
