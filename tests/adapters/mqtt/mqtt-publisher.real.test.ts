import { MqttPublisher } from "../../../src/adapters/mqtt/mqtt-publisher.ts";
import { publisherContract, type BrokerKit } from "../../contract/publisher.ts";
import { proxyTo, startMosquitto } from "./mosquitto.ts";

const PASSWORDS = { us: "canary-of-ours", other: "canary-of-theirs", stranger: "wrong-password" };

/** The protocol level is the ninth byte of a CONNECT whose length needs one byte (MQTT 5 §3.1.2.2); here it needs one or two. */
function levelOf(first: Buffer): number | undefined {
  return first[first.indexOf("MQTT") + 4];
}

async function kit(version: 4 | 5): Promise<BrokerKit> {
  const mosquitto = await startMosquitto([
    { name: "us", password: PASSWORDS.us, access: ["topic readwrite base/#"] },
    { name: "other", password: PASSWORDS.other, access: ["topic readwrite #"] },
  ]);
  // An old broker answers a newer client "unacceptable protocol version" (MQTT 3.1.1 §3.2.2.3), and closes.
  const isTaken = (first: Buffer): boolean => version === 5 || levelOf(first) === 4;
  const ours = await proxyTo(mosquitto.port, isTaken, Buffer.from([0x20, 0x02, 0x00, 0x01]));
  let count = 0;
  return {
    tellsDenials: version === 5,
    publisher: (as) => {
      const port = as === "other" ? mosquitto.port : ours.port;
      const address = {
        url: `mqtt://127.0.0.1:${String(port)}`,
        username: as === "stranger" ? "us" : as,
        password: { reveal: () => PASSWORDS[as] },
      };
      count += 1;
      return new MqttPublisher({ address: () => Promise.resolve(address), clientId: `test-${as}-${String(count)}` });
    },
    cut: () => ours.cut(),
    stop: async () => {
      await mosquitto.stop();
      ours.cut();
    },
  };
}

for (const version of [5, 4] as const)
  publisherContract(`Mosquitto over MQTT ${version === 5 ? "5" : "3.1.1, fallen back to"}`, () => kit(version));
