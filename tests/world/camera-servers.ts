import { join } from "node:path";
import type { IpAddress } from "../../src/domain/addresses.ts";
import { part } from "../parts.ts";
import {
  soundBehaviour,
  type Behaviour,
  type CameraCommand,
  type CameraEvent,
  type CameraSettings,
  type RequestRecord,
} from "./behaviour.ts";
import { clipFile } from "./h264-clip.ts";
import type { Host } from "./lan.ts";
import { start, type Program } from "./programs.ts";
import { epochMilliseconds, eventually } from "./waiting.ts";

/** Programs that serve in a camera's namespace; they outlive moves, as sessions do not. */
export interface CameraServers {
  /** Everything asked of them so far, the last 20,000; a foreign server tells its connections only. */
  readonly requests: readonly RequestRecord[];
  /** @throws where a foreign server cannot do that */
  set(behaviour: Partial<Behaviour>): Promise<void>;
  /** All sessions end and nothing listens: with FIN as in a restart, or `silently` after the address is gone. */
  down(silently: boolean): Promise<void>;
  /** The camera has this address now: they serve again. */
  up(address: IpAddress): Promise<void>;
  stop(): Promise<void>;
}

const REQUESTS_KEPT = 20_000;

/** Our own RTSP and ONVIF servers, with faults on demand. */
export async function ownServers(host: Host, settings: Omit<CameraSettings, "clip">, first: Partial<Behaviour>): Promise<CameraServers> {
  const requests: RequestRecord[] = [];
  const done = new Set<number>();
  let last = 0;
  const argument = JSON.stringify({ ...settings, clip: await clipFile() } satisfies CameraSettings);
  const program = start(process.execPath, [join(import.meta.dirname, "camera-program.ts"), argument], {
    namespace: host.namespace,
    talk: true,
    onLine: (line) => {
      const event = JSON.parse(line) as CameraEvent;
      if (event.type === "done") done.add(event.id);
      if (event.type === "request") keep(requests, event);
    },
  });
  const tell = async (command: DistributiveOmit<CameraCommand, "id">): Promise<void> => {
    last += 1;
    const id = last;
    program.send(JSON.stringify({ ...command, id }));
    await eventually(`${host.namespace} to ${command.do}`, () => (program.assertRunning(), done.delete(id)), 20_000, 2);
  };
  await tell({ do: "set", behaviour: { ...soundBehaviour, ...first } });
  return {
    requests,
    set: (behaviour) => tell({ do: "set", behaviour }),
    down: (silently) => tell({ do: "down", silently }),
    up: () => tell({ do: "up" }),
    stop: () => program.stop(),
  };
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** GStreamer's RTSP server: foreign code that speaks Digest. It tells who connected and what was asked, not what was offered. */
export async function gstreamerServer(host: Host, port: number, path: string, behaviour: Behaviour): Promise<CameraServers> {
  const requests: RequestRecord[] = [];
  let ready = 0;
  const program = start("/usr/bin/python3", ["-u", join(import.meta.dirname, "gstreamer-camera.py"), String(port), path, behaviour.realm], {
    namespace: host.namespace,
    talk: true,
    onLine: (line) => {
      const [event = "", ...words] = line.split(" ");
      if (event === "ready") ready += 1;
      if (event !== "request") return;
      const [method = "", url = "", peer = ""] = words;
      keep(requests, {
        type: "request",
        at: epochMilliseconds(),
        protocol: "rtsp",
        method,
        url,
        peer,
        status: 0,
        offered: undefined,
        agent: undefined,
      });
    },
  });
  program.send(`${behaviour.user} ${behaviour.password}`);
  await eventually("GStreamer's RTSP server", () => (program.assertRunning(), ready > 0), 20_000, 20);
  const tell = async (command: string): Promise<void> => {
    const before = ready;
    program.send(command);
    await eventually(`GStreamer's RTSP server to go ${command}`, () => (program.assertRunning(), ready > before), 5_000, 2);
  };
  return {
    requests,
    set: () => Promise.reject(new Error("GStreamer's server has no faults on demand")),
    down: () => tell("down"),
    up: () => tell("up"),
    stop: () => program.stop(),
  };
}

/** An ONVIF device that nobody here wrote: the crate `onvif-server`, with WS-Discovery. It names its address, so it restarts with each. */
export function crateOnvif(host: Host, port: number, path: string, endpoint: string): CameraServers {
  let program: Program | undefined;
  const stop = async (): Promise<void> => program?.stop();
  return {
    requests: [],
    set: () => Promise.resolve(),
    down: stop,
    up: async (address) => {
      await stop();
      const uuid = endpoint.replace(/^urn:uuid:/, "");
      const url = `rtsp://${address}:554${path}`;
      program = start(part("onvif-camera", "0.1.1"), [address, String(port), url, uuid, uuid.slice(0, 8)], { namespace: host.namespace });
    },
    stop,
  };
}

function keep(requests: RequestRecord[], request: RequestRecord): void {
  requests.push(request);
  if (requests.length > REQUESTS_KEPT) requests.shift();
}
