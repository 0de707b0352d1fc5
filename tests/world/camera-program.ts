import { createInterface } from "node:readline";
import type { Behaviour, CameraCommand, CameraEvent, CameraSettings } from "./behaviour.ts";
import { soundBehaviour } from "./behaviour.ts";
import { loadClip } from "./h264-clip.ts";
import { serveOnvif } from "./onvif-responder.ts";
import { serveRtsp } from "./rtsp-camera.ts";

/**
 * A camera's servers as one program, run in the camera's namespace: `camera-program.ts SETTINGS`, one JSON argument. Commands come as lines on
 * standard input, events go as lines to standard output. It ends with its standard input. It refuses connections until the first `set`.
 */
async function main(settings: CameraSettings): Promise<void> {
  let behaviour: Behaviour = { ...soundBehaviour, user: "", password: "", realm: "", refuse: true };
  const rtsp = await serveRtsp(settings.rtspPort, await loadClip(settings.clip), behaviour, tell);
  const onvif = settings.onvifPort === 0 ? undefined : await serveOnvif(settings, behaviour, tell);
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line) as CameraCommand;
    if (command.do === "set") {
      behaviour = { ...behaviour, ...command.behaviour };
      await rtsp.set(behaviour);
      onvif?.set(behaviour);
    } else if (command.do === "down") {
      rtsp.down(command.silently);
      onvif?.drop();
    } else {
      await rtsp.up();
      onvif?.announce();
    }
    tell({ type: "done", id: command.id });
  }
  rtsp.down(false);
  onvif?.close();
}

function tell(event: CameraEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

await main(JSON.parse(process.argv[2] ?? "{}") as CameraSettings);
