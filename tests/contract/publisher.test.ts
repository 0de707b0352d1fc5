import { FakeBroker } from "../fakes/fake-broker.ts";
import { publisherContract } from "./publisher.ts";

for (const tellsDenials of [true, false]) {
  publisherContract(`the fake, ${tellsDenials ? "MQTT 5" : "MQTT 3.1.1"}`, () => {
    const broker = new FakeBroker();
    broker.tellsDenials = tellsDenials;
    broker.deniesPublish = (topic) => topic.startsWith("denied/");
    return Promise.resolve({
      tellsDenials,
      publisher: (as) => broker.publisher(as !== "stranger", as === "us"),
      cut: () => broker.drop(),
      stop: () => {
        broker.isAway = true;
        return Promise.resolve();
      },
    });
  });
}
