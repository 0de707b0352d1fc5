import { onTestFinished } from "vitest";
import { MqttPublisher } from "../../../src/adapters/mqtt/mqtt-publisher.ts";
import { publisherContract, type BrokerKit } from "../../contract/publisher.ts";
import { freePort } from "../../free-port.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { startMosquitto } from "../../world/mosquitto.ts";
import { oldBroker, proxyTo } from "./proxy.ts";

const PASSWORDS = { us: "canary-of-ours", other: "canary-of-theirs", stranger: "wrong-password" };

async function kit(version: 4 | 5): Promise<BrokerKit> {
  const folder = temporaryFolder();
  const mosquitto = await startMosquitto({
    folder,
    port: await freePort(),
    users: { us: PASSWORDS.us, other: PASSWORDS.other },
    access: ["user us", "topic readwrite base/#", "user other", "topic readwrite #"],
  });
  onTestFinished(() => mosquitto.stop());
  const ours = await (version === 5 ? proxyTo(mosquitto.port) : oldBroker(mosquitto.port));
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
      await mosquitto.down();
      ours.cut();
    },
  };
}

for (const version of [5, 4] as const)
  publisherContract(`Mosquitto over MQTT ${version === 5 ? "5" : "3.1.1, fallen back to"}`, () => kit(version));
