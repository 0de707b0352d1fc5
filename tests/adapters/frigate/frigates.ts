import { afterEach } from "vitest";
import { FrigateClient } from "../../../src/adapters/frigate/client.ts";
import type { FrigateConnectionOptions } from "../../../src/adapters/frigate/connection.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { FakeFrigate, type FakeFrigateSettings } from "../../fakes/fake-frigate/fake-frigate.ts";
import { FakePins } from "../../fakes/fake-pins.ts";

export const never = (): AbortSignal => new AbortController().signal;

/** Starts fakes, and stops them after each test. */
export function frigates(): (settings: FakeFrigateSettings) => Promise<FakeFrigate> {
  const started: FakeFrigate[] = [];
  afterEach(async () => {
    for (const frigate of started.splice(0)) await frigate.stop();
  });
  return async (settings) => {
    const frigate = new FakeFrigate(settings);
    await frigate.start();
    started.push(frigate);
    return frigate;
  };
}

/** A login of the fake's. */
export function loginAs(username: string, password = `canary-frigate-${username}`): NonNullable<FrigateConnectionOptions["credentials"]> {
  return { username, password: { reveal: () => password } };
}

/** The real client, at any address. */
export function clientAt(baseUrl: string, options: Partial<FrigateConnectionOptions> = {}): FrigateClient {
  return new FrigateClient({ baseUrl, pins: new FakePins(), clock: createSystemClock(), ...options });
}

/** A document that every version takes. */
export const VALID = `mqtt:
  enabled: false
go2rtc:
  streams:
    front:
      - rtsp://viewer:canary-front@192.168.1.20:554/main  # the front's own
cameras:
  front:
    ffmpeg:
      inputs:
        - path: rtsp://viewer:canary-front@192.168.1.20:554/main
          roles: [detect]
    onvif:
      host: 192.168.1.20
    detect:
      width: 640
      height: 360
    webui_url: http://192.168.1.20/
`;
