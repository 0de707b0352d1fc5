import { connectAsync } from "mqtt";
import { announceCamera } from "../../../src/domain/entities/discovery.ts";
import { type Account, manyCameras, NAMING } from "./many-cameras.ts";

/** So many messages are on their way at once, as with ours. */
const AT_ONCE = 16;

/**
 * The same cameras in the older way of discovery, which most programs use: a topic for each entity, each with the whole device. Published by the same
 * library, retained, at QoS 1. @returns seconds from the connection until everything was acknowledged
 */
export async function announceClassic(count: number, { url, username, password }: Account): Promise<number> {
  const messages = manyCameras(count).flatMap((camera) => {
    const { device, origin, availability, availability_mode, components } = read(announceCamera(NAMING, camera).payload);
    const configs = Object.entries(components).map(([key, component]) => ({
      topic: `homeassistant/${platformOf(component)}/${camera.id}/${key}/config`,
      payload: JSON.stringify({ ...component, device, origin, availability, availability_mode }),
    }));
    return [...configs, { topic: `classic/${camera.id}/state`, payload: "{}" }];
  });
  const client = await connectAsync(url, { username, password });
  const begun = performance.now();
  for (let index = 0; index < messages.length; index += AT_ONCE)
    await Promise.all(
      messages.slice(index, index + AT_ONCE).map(({ topic, payload }) => client.publishAsync(topic, payload, { qos: 1, retain: true })),
    );
  const took = (performance.now() - begun) / 1000;
  await client.endAsync();
  return took;
}

interface Announced {
  readonly device: object;
  readonly origin: object;
  readonly availability: object;
  readonly availability_mode: string;
  readonly components: Readonly<Record<string, object>>;
}

function read(payload: string): Announced {
  const announced: unknown = JSON.parse(payload);
  return announced as Announced;
}

function platformOf(component: object): string {
  return "platform" in component && typeof component.platform === "string" ? component.platform : "sensor";
}
