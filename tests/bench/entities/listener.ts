import { connectAsync } from "mqtt";
import type { Mosquitto } from "../../world/mosquitto.ts";
import { eventually } from "../../world/waiting.ts";

/** Somebody who hears everything that is published, as Home Assistant would. */
export interface Listener extends AsyncDisposable {
  count(): number;
  /** In the order in which they came; retained ones from before it listened are not counted. */
  topics(): readonly string[];
  /** Waits until at least so many messages came. */
  has(count: number, within?: number): Promise<void>;
}

export async function listen(broker: Mosquitto, user: string): Promise<Listener> {
  const topics: string[] = [];
  const client = await connectAsync(broker.url, { username: user, password: broker.users[user] ?? "" });
  client.on("message", (topic, _payload, { retain }) => {
    if (!retain) topics.push(topic);
  });
  await client.subscribeAsync(["homeassistant/#", "camera_shepherd/#"], { qos: 0 });
  return {
    count: () => topics.length,
    topics: () => topics,
    has: async (count, within = 30_000) => {
      await eventually(`${String(count)} messages`, () => topics.length >= count, within, 20);
    },
    [Symbol.asyncDispose]: () => client.endAsync(),
  };
}
