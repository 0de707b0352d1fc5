import { connectAsync } from "mqtt";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { DeviceId } from "../../src/domain/camera.ts";
import { BRIDGE_ENTITIES, type BridgeFacts } from "../../src/domain/entities/bridge-entities.ts";
import { CAMERA_ENTITIES, type CameraFacts } from "../../src/domain/entities/camera-entities.ts";
import { announceBridge, announceCamera, bridgeStateTopic, cameraTopic, type Naming } from "../../src/domain/entities/discovery.ts";
import { statesOf } from "../../src/domain/entities/entity.ts";
import type { Mosquitto } from "../world/mosquitto.ts";
import { eventually } from "../world/waiting.ts";

/** The program and one camera as they announce themselves, with no program behind them: a test says what happens. */
export interface Announced extends AsyncDisposable {
  /** Changes what is known of the camera, or of the program. */
  camera(change: Partial<CameraFacts>): Promise<void>;
  bridge(change: Partial<BridgeFacts>): Promise<void>;
  /** The camera's last good picture. */
  picture(bytes: string): Promise<void>;
  /** A live camera of another integration's, and what it shows. */
  live(bytes: string): Promise<void>;
  /** What the broker says of the program. */
  status(word: "online" | "offline"): Promise<void>;
  happens(event: Readonly<Record<string, unknown>> & { readonly event_type: string }): Promise<void>;
  /** Announces both devices once more. */
  again(): Promise<void>;
  /** Topics at which devices of ours stand announced at the broker. */
  configurations(): Promise<readonly string[]>;
  /** Topics at which Home Assistant has commanded something, in order. */
  readonly commands: readonly string[];
}

const naming: Naming = {
  base: "camera_shepherd",
  discoveryPrefix: "homeassistant",
  version: "0.1.0",
  supportUrl: "https://example.org/",
  parts: new Set(["frame-counts", "pictures"]),
};
const front = "front" as DeviceId;

/** Announces the program and the camera “Front door”: all is well, it is at 192.168.50.20. */
export async function announce(broker: Mosquitto): Promise<Announced> {
  const client = await connectAsync(broker.url, { username: "shepherd", password: broker.users["shepherd"] ?? "" });
  const commands: string[] = [];
  client.on("message", (topic) => commands.push(topic));
  await client.subscribeAsync([`${naming.base}/cmd/+`, `${naming.base}/+/cmd/+`], { qos: 1 });
  const publish = async (topic: string, payload: string, retain = true): Promise<void> => {
    await client.publishAsync(topic, payload, { qos: 1, retain });
  };
  let camera: CameraFacts = {
    surface: "page",
    id: front,
    title: "Front door",
    macs: ["0c:79:55:4b:d4:2a" as MacAddress],
    address: "192.168.50.20" as IpAddress,
    proved: true,
    history: [],
    conditions: [],
  };
  let bridge: BridgeFacts = { isReady: true, conditions: [], pending: [], surface: "page" };
  const announced: Announced = {
    commands,
    camera: async (change) => {
      camera = { ...camera, ...change };
      const state = { availability: "online", ...statesOf(CAMERA_ENTITIES, camera) };
      await publish(cameraTopic(naming, front, "state"), JSON.stringify(state));
    },
    bridge: async (change) => {
      bridge = { ...bridge, ...change };
      await publish(bridgeStateTopic(naming), JSON.stringify(statesOf(BRIDGE_ENTITIES, bridge)));
    },
    picture: (bytes) => publish(cameraTopic(naming, front, "picture"), bytes),
    live: (bytes) => publish("elsewhere/front", bytes),
    status: (word) => publish(`${naming.base}/status`, word),
    again: async () => {
      await announced.status("online");
      const programs = announceBridge(naming);
      await publish(programs.topic, programs.payload);
      await announced.bridge({});
      await announced.picture("first picture");
      await announced.camera({});
      const cameras = announceCamera(naming, camera);
      await publish(cameras.topic, cameras.payload);
    },
    configurations: async () => {
      const reader = await connectAsync(broker.url, { username: "owner", password: broker.users["owner"] ?? "" });
      const found: string[] = [];
      reader.on("message", (topic) => void found.push(topic));
      await reader.subscribeAsync(`${naming.discoveryPrefix}/device/+/config`, { qos: 1 });
      // What is retained comes before the answer to what is published after the subscription.
      const own = `${naming.base}/read`;
      await reader.subscribeAsync(own, { qos: 1 });
      await reader.publishAsync(own, "", { qos: 1 });
      await eventually("what is retained", () => found.includes(own));
      await reader.endAsync();
      return found.filter((topic) => topic !== own);
    },
    happens: (event) => publish(cameraTopic(naming, front, "event"), JSON.stringify(event), false),
    [Symbol.asyncDispose]: () => client.endAsync(),
  };
  await announced.again();
  const live = { name: "Live front", unique_id: "live-front", default_entity_id: "camera.live_front", topic: "elsewhere/front" };
  await publish("homeassistant/camera/live_front/config", JSON.stringify(live));
  return announced;
}
