import { connectAsync, type MqttClient } from "mqtt";
import type { Mosquitto } from "../world/mosquitto.ts";

/** A bridge and a camera as they announce themselves, with nothing behind them: a test publishes what they would say. */
export interface AnnouncedByHand extends AsyncDisposable {
  /** Retained, at QoS 1. */
  says(topic: string, payload: string | Buffer): Promise<void>;
  /** An event of the camera; never retained. */
  happens(event: Readonly<Record<string, unknown>> & { readonly event_type: string }): Promise<void>;
  /** Topics at which Home Assistant has commanded something, in order. */
  readonly commands: readonly string[];
}

export const BASE = "camera_shepherd";
const EVENTS = ["moved", "healed", "stream_lost", "stream_back", "impostor"];

const origin = { name: "Camera Shepherd", sw_version: "0.0.0", support_url: "https://example.org/" };
const status = { topic: `${BASE}/status` };

const bridge = {
  device: { identifiers: ["camera_shepherd_bridge"], name: "Camera Shepherd", manufacturer: "Camera Shepherd", sw_version: "0.0.0" },
  origin,
  availability: [status],
  availability_mode: "all",
  qos: 1,
  components: {
    resync: {
      platform: "button",
      unique_id: "camera_shepherd_bridge-resync",
      default_entity_id: "button.camera_shepherd_resync",
      name: "Resync",
      command_topic: `${BASE}/cmd/resync`,
      payload_press: "PRESS",
    },
  },
};

const camera = {
  device: {
    identifiers: ["camera_shepherd_front"],
    connections: [["mac", "0c:79:55:4b:d4:2a"]],
    name: "Front door",
    via_device: "camera_shepherd_bridge",
  },
  origin,
  availability: [status, { topic: `${BASE}/front/state`, value_template: "{{ value_json.availability }}" }],
  availability_mode: "all",
  qos: 1,
  components: {
    connectivity: {
      platform: "binary_sensor",
      unique_id: "camera_shepherd_front-connectivity",
      default_entity_id: "binary_sensor.front_connectivity",
      device_class: "connectivity",
      entity_category: "diagnostic",
      state_topic: `${BASE}/front/state`,
      value_template: "{{ value_json.connectivity }}",
    },
    address: {
      platform: "sensor",
      unique_id: "camera_shepherd_front-address",
      default_entity_id: "sensor.front_address",
      name: "IP address",
      entity_category: "diagnostic",
      state_topic: `${BASE}/front/state`,
      value_template: "{{ value_json.address }}",
    },
    event: {
      platform: "event",
      unique_id: "camera_shepherd_front-event",
      default_entity_id: "event.front_event",
      name: "Event",
      state_topic: `${BASE}/front/event`,
      event_types: EVENTS,
    },
    picture: {
      platform: "image",
      unique_id: "camera_shepherd_front-picture",
      default_entity_id: "image.front_picture",
      name: "Last good picture",
      image_topic: `${BASE}/front/picture`,
      content_type: "image/jpeg",
    },
    on_impostor: {
      platform: "device_automation",
      automation_type: "trigger",
      topic: `${BASE}/front/event`,
      type: "impostor",
      subtype: "camera",
      payload: "impostor",
      value_template: "{{ value_json.event_type }}",
    },
  },
};

/** Announces the two, available, the camera connected at 192.168.50.20 and with a picture. */
export async function announceByHand(broker: Mosquitto): Promise<AnnouncedByHand> {
  const client: MqttClient = await connectAsync(broker.url, { username: "shepherd", password: broker.users["shepherd"] ?? "" });
  const commands: string[] = [];
  client.on("message", (topic) => commands.push(topic));
  await client.subscribeAsync([`${BASE}/cmd/+`, `${BASE}/+/cmd/+`], { qos: 1 });
  const says = async (topic: string, payload: string | Buffer): Promise<void> => {
    await client.publishAsync(topic, payload, { qos: 1, retain: true });
  };
  await says(status.topic, "online");
  await says("homeassistant/device/camera_shepherd_bridge/config", JSON.stringify(bridge));
  await says(`${BASE}/front/state`, JSON.stringify({ availability: "online", connectivity: "ON", address: "192.168.50.20" }));
  await says(`${BASE}/front/picture`, Buffer.from("first picture"));
  await says("homeassistant/device/camera_shepherd_front/config", JSON.stringify(camera));
  return {
    commands,
    says,
    happens: async (event) => {
      await client.publishAsync(`${BASE}/front/event`, JSON.stringify(event), { qos: 1 });
    },
    [Symbol.asyncDispose]: () => client.endAsync(),
  };
}
