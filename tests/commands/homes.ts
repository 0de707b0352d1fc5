import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { groupDevices } from "../../src/domain/devices.ts";
import type { PlanDocument } from "../../src/commands/plan.ts";

/** A home of two cameras; the front one also stands in places that Frigate reads only at its start. */
export const HOME = `mqtt:
  host: 192.168.1.10
  password: canary-broker
# token: canary-comment
go2rtc:
  streams:
    front:
      - rtsp://viewer:canary@192.168.1.50:554/stream1  # main
      - "ffmpeg:front#audio=opus"
    front_sub: rtsp://viewer:canary@192.168.1.50/stream2
    back: rtsp://viewer:canary@192.168.1.5:554/stream1
    garage: exec:ffmpeg -i rtsp://viewer:canary@192.168.1.50/live -f rtsp {{output}}
cameras:
  front:
    ffmpeg:
      inputs:
        - path: rtsp://127.0.0.1:8554/front
          roles: [detect]
        - path: rtsp://viewer:canary@192.168.1.50/record
          roles: [record]
    onvif: {host: 192.168.1.50, port: 8000, user: viewer, password: canary-onvif}
  back:
    ffmpeg:
      inputs:
        - path: rtsp://127.0.0.1:8554/back
          roles: [detect]
  gate:
    ffmpeg:
      inputs:
        - path: rtsp://gate.lan/stream1
          roles: [detect]
`;

export const format = frigateDocument({ environment: new Map() });

export function documentOf(text: string, place = "/config/frigate.yml"): PlanDocument & { readonly text: string } {
  return { name: "frigate", place, format, text };
}

export function devicesOf(text: string) {
  return groupDevices([format.read(text)], [], new Map()).devices;
}
